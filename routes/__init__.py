"""The blueprints of all resources."""

from itertools import chain

from flask import Flask

from leadbook.routes import (
    clients,
    comments,
    docs,
    events,
    follow_ups,
    health,
    leads,
    tickets,
    webhooks,
)
from leadbook.settings import SettingError
from leadbook.web.api import DocumentedApi, record_id

_ROOMS = (leads, clients, follow_ups, tickets, comments, events, webhooks, health, docs)
BLUEPRINTS = tuple(room.blueprint for room in _ROOMS)


def register_routes(app: Flask, version: str) -> DocumentedApi:
    """Serve every call of the API from `app`."""
    app.config.update(API_TITLE="Leadbook", API_VERSION=version, OPENAPI_VERSION="3.1.0")
    paths = chain.from_iterable(each.paths for each in BLUEPRINTS)
    app.url_map.converters["record"] = record_id(paths)
    api = DocumentedApi(app)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    return api


def register_metrics(app: Flask) -> None:
    """Serve /metrics from `app`, if the setting is on. Raises SettingError without the library."""
    if not app.config["METRICS"]:
        return
    try:
        from leadbook.routes import metrics  # noqa: PLC0415  # few need it, and it slows the start
        from leadbook.web.tallies import count_requests  # noqa: PLC0415  # as above
    except ModuleNotFoundError as error:
        if error.name != "prometheus_client":
            raise
        raise SettingError("METRICS needs a library: pip install 'leadbook[metrics]'.") from None
    count_requests(app)
    app.register_blueprint(metrics.blueprint)
