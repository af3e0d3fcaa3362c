"""The app of test mode: the very same one, with a clock of its own and `/_test` beside it."""

from collections.abc import Mapping
from contextlib import closing
from typing import Any

from flask import Flask, Response, current_app, g, request
from peewee import fn
from werkzeug.http import http_date

from leadbook.app import create_app
from leadbook.database_file import open_test_database
from leadbook.errors import RETRY_SECONDS, envelope
from leadbook.gate import RateLimitedError
from leadbook.keys import replace_key
from leadbook.listener import loopback_names
from leadbook.models import Client, Lead
from leadbook.rate_limit import Allowance
from leadbook.routes.openapi import PROBLEMS
from leadbook.settings import resolve
from leadbook.testmode.clock import AdjustableClock
from leadbook.testmode.controls import Controls
from leadbook.testmode.faults import ENVIRON, Fault
from leadbook.testmode.routes import blueprint
from leadbook.testmode.wire import Wire

DEFAULT_SEED = 1
_RATE_LIMITED, _UNAVAILABLE = 429, 503


def create_test_app(
    config: Mapping[str, Any] | None = None, *, seed: int = DEFAULT_SEED, api_key: str | None = None
) -> Flask:
    """Return the application in test mode, on a file that is new or that test mode made.

    `config` is that of create_app. Its ids follow from `seed`; with an `api_key` every call needs
    it. Raises SettingError and DatabaseFileError.
    """
    config = {"SYNCHRONOUS": "off", **(config or {})}
    if not resolve(config)["TRUSTED_HOSTS"]:
        config["TRUSTED_HOSTS"] = loopback_names()
    clock = AdjustableClock(seed)
    app = create_app(config, clock, open_test_database)
    database = app.extensions["leadbook"]
    with closing(database), database.use():
        if api_key:
            replace_key("test", api_key)
        controls = Controls(database, clock, app.extensions["leadbook.rate_limiter"])
        for model in (Lead, Client):
            if newest := model.select(fn.MAX(model.id)).scalar():
                # Of an earlier start on this file, whose ids began as these do.
                clock.skip(newest)
    app.extensions["leadbook.controls"] = controls
    app.extensions["leadbook.api"].register_blueprint(blueprint)
    app.before_request(_answer_with_fault)

    @app.after_request
    def tell_the_time(response: Response) -> Response:
        response.headers["Date"] = http_date(clock.milliseconds() / 1000)
        return response

    wire = Wire(app.wsgi_app, controls.faults, controls.journal)
    app.wsgi_app = wire  # type: ignore[method-assign]
    return app


def _answer_with_fault() -> Response | None:
    """Answer in place of the view, where a fault with a status has struck."""
    fault: Fault | None = request.environ.get(ENVIRON)
    if fault is None or fault.status is None:
        return None
    if fault.status == _RATE_LIMITED and fault.code is None:
        clock = current_app.extensions["leadbook"].clock
        g.allowance = Allowance.used_up(clock.milliseconds())
        raise RateLimitedError(g.allowance)
    usual = "INTERNAL_ERROR" if fault.status >= 500 else "VALIDATION_ERROR"
    _, code, message = PROBLEMS.get(str(fault.status), ("", usual, "Asked for by a test."))
    response = envelope(fault.status, fault.code or code, message)
    if fault.status == _UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
