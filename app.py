"""The application: configuration, database, API, blueprints."""

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from importlib.metadata import version
from typing import Any

from flask import Flask, Response, g
from werkzeug.exceptions import NotFound

from leadbook.access.forwarded import believe_proxies
from leadbook.access.fronting import id_of_request, this_request
from leadbook.access.gate import register_gate
from leadbook.access.urls import ANY_ORIGIN
from leadbook.routes import register_metrics, register_routes
from leadbook.settings import SETTINGS, SettingError, resolve
from leadbook.storage.clock import Clock
from leadbook.storage.database import Database
from leadbook.storage.sqlite.opening import open_database
from leadbook.storage.stamps import Caller
from leadbook.web.compression import register_compression
from leadbook.web.errors import register_errors
from leadbook.web.logs import register_request_log

LARGEST_BODY = 256 * 1024
_VERSION = version("leadbook")


def create_app(config: Mapping[str, Any] | None = None, clock: Clock | None = None) -> Flask:
    """Return the application as a Flask app, to serve or mount.

    `config` overrides the environment (`LEADBOOK_…`), which overrides the defaults. It may have
    Flask's own settings too. Raises SettingError and DatabaseFileError.
    """
    config = config or {}
    if resolve(config)["CORS_ORIGINS"] == (ANY_ORIGIN,):
        # The page of any website could then read and change the records.
        raise SettingError("CORS_ORIGINS must name the origins; * works in test mode only.")
    return build_app(config, clock or Clock(), open_database)


def build_app(config: Mapping[str, Any], clock: Clock, open_file: Callable[..., Database]) -> Flask:
    """Return the application of create_app, or of test mode; `open_file` opens its database."""
    app = Flask("leadbook", static_folder=None)
    unknown = set(config) - {setting.name for setting in SETTINGS} - set(app.config)
    if unknown:
        raise SettingError(f"There is no setting {', '.join(sorted(unknown))}.")
    app.config.from_mapping({"MAX_CONTENT_LENGTH": LARGEST_BODY, **config, **resolve(config)})
    # Only Flask's default provider has these attributes.
    app.json.sort_keys = False  # type: ignore[attr-defined]  # see above
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # see above
    app.url_map.merge_slashes = False
    # Flask checks ten functions per request for coroutines, 6 % of a GET; we have none.
    app.ensure_sync = lambda func: func  # type: ignore[method-assign]  # see above
    # Before the file is opened: without the library, no new file is left behind.
    register_metrics(app)
    database = open_file(
        app.config["DATABASE"],
        clock,
        file_mode=app.config["FILE_MODE"],
        synchronous=app.config["SYNCHRONOUS"],
        query_timeout_seconds=app.config["QUERY_TIMEOUT"],
        events_kept=app.config["EVENTS_KEPT"],
    )
    app.extensions["leadbook"] = database
    _serve_requests_from(app, database)
    register_request_log(app)
    register_gate(app, clock)
    register_compression(app)
    app.extensions["leadbook.api"] = register_routes(app, _VERSION)
    register_errors(app)
    # Flask's documentation adds a middleware like this.
    app.wsgi_app = _also_under_v1(app.wsgi_app)  # type: ignore[method-assign]  # see above
    if hops := app.config["PROXY_HOPS"]:
        app.wsgi_app = believe_proxies(app.wsgi_app, hops)  # type: ignore[method-assign]  # as above
    return app


def _serve_requests_from(app: Flask, database: Database) -> None:
    """Give each request an id, and make its models use `database`."""

    @app.before_request
    def enter() -> None:
        request = this_request()
        g.request_id = id_of_request(request.environ, database.clock.new_id)
        g.exit_stack = stack = ExitStack()
        stack.enter_context(database.use(_caller))
        stack.enter_context(database.time_limit.begin())
        if request.environ.get("PATH_INFO", "").startswith("//"):
            # Werkzeug ignores these slashes, but a resource has one path only.
            request.url_rule, request.routing_exception = None, NotFound()

    @app.after_request
    def name(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.request_id
        return response

    @app.teardown_request
    def leave(_: BaseException | None) -> None:
        # A host may push its own context, for which `enter` did not run.
        if stack := g.pop("exit_stack", None):
            stack.close()
            database.tidy_when_quiet()


def _caller() -> Caller:
    return Caller(g.get("api_key_name"), g.request_id)


def _also_under_v1(wsgi_app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Serve all paths also with the prefix `/v1`."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        # We accept no offer of a WebSocket. Werkzeug would look for a route for one, and fail.
        environ.pop("HTTP_UPGRADE", None)
        path = environ.get("PATH_INFO", "")
        if path == "/v1" or path.startswith("/v1/"):
            environ["leadbook.is_v1"] = True
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + "/v1"
            path = path.removeprefix("/v1")
        # A mount without a slash behind it has an empty path.
        environ["PATH_INFO"] = path or "/"
        return wsgi_app(environ, start_response)

    return application


if __name__ == "__main__":
    from leadbook.cli.main import main

    main(["serve", *sys.argv[1:]])
