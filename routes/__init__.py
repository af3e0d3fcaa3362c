"""The blueprints, and the document that describes them."""

from flask import Flask
from flask_smorest import Api

from leadbook.routes import clients, docs, health, leads


class _Api(Api):
    """flask-smorest's extension, with errors left to errors.py and the document to openapi.py."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Register none: flask-smorest's own drops the Allow header, and has another envelope."""

    def _register_nothing(self) -> None:
        """Leave answers and headers out: openapi.py puts ours into the document."""

    _register_responses = _register_etag_headers = _register_pagination_header = _register_nothing


def register_routes(app: Flask, version: str) -> None:
    """Serve every call of the API from `app`."""
    app.config.update(API_TITLE="Leadbook", API_VERSION=version, OPENAPI_VERSION="3.1.0")
    api = _Api(app)
    for room in (leads, clients, health, docs):
        api.register_blueprint(room.blueprint)
