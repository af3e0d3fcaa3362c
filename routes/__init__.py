"""The blueprints of all resources."""

from flask import Flask

from leadbook.routes import clients, docs, health, leads
from leadbook.web.api import DocumentedApi
from leadbook.web.operations import RecordId

BLUEPRINTS = tuple(room.blueprint for room in (leads, clients, health, docs))


def register_routes(app: Flask, version: str) -> DocumentedApi:
    """Serve every call of the API from `app`."""
    app.config.update(API_TITLE="Leadbook", API_VERSION=version, OPENAPI_VERSION="3.1.0")
    app.url_map.converters["record"] = RecordId
    api = DocumentedApi(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    return api
