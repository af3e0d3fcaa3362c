"""The app of test mode: the normal app with its own clock and the calls under `/_test`."""

from collections.abc import Callable, Mapping
from contextlib import closing
from typing import Any

from flask import Flask, Response, current_app, g, request
from peewee import fn
from werkzeug.exceptions import (
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.http import http_date

from leadbook.access.fronting import ARRIVAL
from leadbook.access.gate import LOCAL, OPEN_TO_ALL, WEBHOOKS, caller
from leadbook.access.keys import replace_key
from leadbook.access.origins import READING
from leadbook.access.rate_limit import Allowance, Rate
from leadbook.access.refusals import RateLimitedError, ReadOnlyKeyError, UnauthorizedError
from leadbook.app import build_app
from leadbook.models import RECORDS
from leadbook.server.listener import loopback_names
from leadbook.settings import resolve
from leadbook.storage.sqlite.opening import open_test_database
from leadbook.testing.clock import LAST_ID, AdjustableClock
from leadbook.testing.controls import Controls
from leadbook.testing.faults import ENVIRON, Fault, encode
from leadbook.testing.routes import blueprint
from leadbook.testing.snapshots import Contents
from leadbook.web.errors import RETRY_SECONDS, envelope
from leadbook.web.openapi import PROBLEMS
from leadbook.web.pages import STATE

DEFAULT_SEED = 1
_HERE = "localhost,127.0.0.1,[::1]"


def defaults_of(*, exposed: bool) -> dict[str, str]:
    """Return the settings whose defaults differ in test mode.

    The receiver of a test's webhooks is on this machine. If other machines can make webhooks, none
    may lead into it.
    """
    return {"SYNCHRONOUS": "off"} | ({} if exposed else {"WEBHOOK_TARGETS": _HERE})


def create_test_app(
    config: Mapping[str, Any] | None = None,
    *,
    seed: int = DEFAULT_SEED,
    api_key: str | None = None,
    exposed: bool = False,
) -> Flask:
    """Return the application in test mode; its file must be new or made by test mode.

    `config` is the same as for create_app. The ids depend on `seed`. If `api_key` is given, every
    call needs it. If it is `exposed`, other machines may use it, by any name. Raises SettingError
    and DatabaseFileError.
    """
    config = {**defaults_of(exposed=exposed), **(config or {})}
    if not exposed and not resolve(config)["TRUSTED_HOSTS"]:
        config["TRUSTED_HOSTS"] = loopback_names()
    clock = AdjustableClock(seed)
    app = build_app(config, clock, open_test_database)
    app.extensions[OPEN_TO_ALL] = exposed
    if exposed:
        del app.extensions[LOCAL][WEBHOOKS]
    database = app.extensions["leadbook"]
    with closing(database), database.use():
        replace_key("test", api_key)
        controls = Controls(app, clock)
        events, _ = database.last_event()
        for model in RECORDS:
            if newest := model.select(fn.MAX(model.id)).where(model.id <= LAST_ID).scalar():
                # An earlier start on this file made the same ids with the same seed.
                clock.skip(newest, events)
    app.extensions["leadbook.controls"] = controls
    app.extensions[STATE] = Contents(database).state
    app.extensions["leadbook.api"].register_blueprint(blueprint)
    app.before_request(_answer_with_fault)

    @app.after_request
    def tell_the_time(response: Response) -> Response:
        response.headers["Date"] = http_date(clock.milliseconds() / 1000)
        return response

    @app.after_request
    def announce_due(response: Response) -> Response:
        # Before the answer: a test need not wait. A time may be past when it is set.
        if request.method not in READING and response.status_code < 400:
            database.time_limit.lift()
            controls.announce_due()
        return response

    app.wsgi_app = controls.wire  # type: ignore[method-assign]  # as Flask says
    app.extensions[ARRIVAL] = controls.wire.arrive
    return app


def _answer_with_fault() -> Response | None:
    """Answer instead of the view if a fault with a status applies."""
    fault: Fault | None = request.environ.get(ENVIRON)
    if fault is None or fault.status is None:
        return None
    if fault.body is not None or fault.status < 400:
        return _as_given(fault)
    if fault.status in _REAL and fault.code is None:
        raise _REAL[fault.status]()
    usual = "INTERNAL_ERROR" if fault.status >= 500 else "VALIDATION_ERROR"
    _, code, message = PROBLEMS.get(str(fault.status), ("", usual, "A test asked for this error."))
    response = envelope(fault.status, fault.code or code, message)
    if fault.status == _UNAVAILABLE:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _as_given(fault: Fault) -> Response:
    """Return an answer with the body of the fault; without one, it has none."""
    body = b"" if fault.body is None else encode(fault.body)
    mimetype = "text/plain" if isinstance(fault.body, str) else "application/json"
    response = Response(body, fault.status, mimetype=mimetype)
    if not body:
        del response.headers["Content-Type"]
    return response


def _rate_limited() -> RateLimitedError:
    rate = current_app.config["RATE_LIMIT"] or _USUAL_RATE
    now = current_app.extensions["leadbook"].clock.milliseconds()
    g.allowance = Allowance.used_up(now, rate)
    return RateLimitedError(g.allowance, caller().name)


_UNAVAILABLE = 503
_USUAL_RATE = Rate.parse("60/minute")
# The exceptions of the real causes, so that the answer gets the right headers.
_REAL: dict[int, Callable[[], Exception]] = {
    401: UnauthorizedError,
    403: ReadOnlyKeyError,
    404: NotFound,
    405: lambda: MethodNotAllowed(["OPTIONS"]),
    413: RequestEntityTooLarge,
    415: UnsupportedMediaType,
    429: _rate_limited,
}
