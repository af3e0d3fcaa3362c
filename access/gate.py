"""The checks before a view: host, origin, key, right and rate limit, in this order."""

from collections.abc import Callable
from functools import cache
from logging import Logger
from typing import NamedTuple

from flask import Flask, Request, Response, current_app, g

from leadbook.access import keys
from leadbook.access.forwarded import (
    header_from_afar,
    is_forwarded,
    network_of,
    parse_address,
)
from leadbook.access.fronting import (
    UnreadableError,
    has_passed,
    look_at_head,
    pass_on,
    require_readable,
    this_request,
)
from leadbook.access.origins import READING, Callers, is_preflight
from leadbook.access.query_key import opens_by_url, take_key
from leadbook.access.rate_limit import Rate, RateLimiter
from leadbook.access.refusals import (
    ForbiddenError,
    RateLimitedError,
    ReadOnlyKeyError,
    UnauthorizedError,
    UntrustedHostError,
)
from leadbook.access.scopes import ADMIN, CALENDAR, READ
from leadbook.storage.clock import Clock

# Everybody may read these: they show no records.
HEALTH = "health"
PUBLIC = (HEALTH, "docs")
TEST_MODE = "test"
METRICS = "metrics"
WEBHOOKS = "webhooks"
# The extension with the blueprints that only programs on this machine may call while the service
# has no keys; each with what they do, and the scope of a key for it.
LOCAL = "leadbook.local"
_LOCAL = {METRICS: ("read the metrics", READ), WEBHOOKS: ("manage webhooks", ADMIN)}
UNLIMITED = (HEALTH, TEST_MODE)
# The extension that is true if the user opened the service on purpose.
OPEN_TO_ALL = "leadbook.is_open_to_all"


class Bucket(NamedTuple):
    """What requests are counted together: for the limiter, and in the words of the message."""

    identity: str
    name: str


def register_gate(app: Flask, clock: Clock) -> None:
    """Let requests through to the views of `app` if its settings and keys allow them."""
    callers = Callers.of(app)
    # Flask's own check of this setting does not support IPv6 addresses.
    app.config["TRUSTED_HOSTS"] = None
    rate: Rate | None = app.config["RATE_LIMIT"]
    # Refused requests are counted separately: guessing keys must not use up the limit of others.
    accepted, refused = (RateLimiter(rate, clock) if rate else None for _ in range(2))
    app.extensions[LOCAL] = dict(_LOCAL)
    app.extensions["leadbook.rate_limiters"] = [each for each in (accepted, refused) if each]

    @app.before_request
    def pass_gate() -> Response | None:
        request = this_request()
        environ = request.environ
        # Before anything can log the query; for each call, since each has its own environ.
        key_of_url = take_key(request)
        if has_passed(environ):
            # The first call has counted it.
            require_readable(environ)
            return None
        try:
            require_readable(environ)
            _require_allowed(request, callers)
            g.api_key_name = _require_key(request, key_of_url)
        except (UnreadableError, UntrustedHostError, ForbiddenError, UnauthorizedError):
            _count(refused, _refused)
            raise
        _count(accepted, caller)
        pass_on(environ)
        return look_at_head(environ)

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = _keeping(response)
        callers.inform(this_request(), response)
        allowance = g.get("allowance") or (accepted and accepted.look(caller().identity))
        if allowance:
            response.headers["X-RateLimit-Limit"] = str(allowance.rate.limit)
            response.headers["X-RateLimit-Remaining"] = str(allowance.remaining)
            response.headers["X-RateLimit-Reset"] = str(allowance.reset)
        return response


def _keeping(response: Response) -> str:
    """Return whether a cache may keep the answer.

    An ETag is of use only if the caller may keep what it stands for, and must ask each time if that
    is still current: https://www.rfc-editor.org/rfc/rfc9111#name-no-cache-2
    """
    is_current = this_request().method in ("GET", "HEAD") and "ETag" in response.headers
    return "private, no-cache" if is_current else "no-store"


def _require_allowed(request: Request, callers: Callers) -> None:
    """Raise UntrustedHostError or ForbiddenError, by the `Host` and the `Origin`."""
    # Monitors call the address itself, and health shows no records.
    if request.blueprint != HEALTH and not callers.know_host(request):
        raise UntrustedHostError("The Host header is not allowed; see LEADBOOK_TRUSTED_HOSTS.")
    if not callers.may_change_records(request):
        raise ForbiddenError("A web page of another origin must not change records.")


def _count(limiter: RateLimiter | None, find: Callable[[], Bucket]) -> None:
    """Count the request in its bucket. Raises RateLimitedError over the limit."""
    if limiter is None:
        return
    # Not counted: health checks and preflights, which nobody chose to send, and test controls.
    request = this_request()
    if is_preflight(request) or request.blueprint in UNLIMITED:
        return
    bucket = find()
    g.allowance = limiter.count(bucket.identity)
    if g.allowance.is_exceeded:
        raise RateLimitedError(g.allowance, bucket.name)


def _require_key(request: Request, key_of_url: str | None) -> str | None:
    """Return the name of the key, or None. Raises UnauthorizedError or ForbiddenError."""
    called = request.blueprint
    if called in PUBLIC or request.method == "OPTIONS":
        return None
    if keys.is_open():
        if purpose := current_app.extensions[LOCAL].get(called):
            _require_local_caller(request, *purpose)
        else:
            _require_near_caller(request)
        return None
    key = _find_key(request, key_of_url)
    if key is None:
        raise UnauthorizedError
    if key.scope == CALENDAR and not opens_by_url(request):
        raise ForbiddenError("This key may only read the calendar.")
    if called == WEBHOOKS and key.scope != ADMIN:
        raise ForbiddenError("This key may not manage webhooks; that needs the scope admin.")
    if key.scope == READ and request.method not in READING:
        raise ReadOnlyKeyError
    return str(key.name)


def _find_key(request: Request, key_of_url: str | None) -> keys.ApiKey | None:
    if key_of_url is not None:
        key = keys.find_key(key_of_url)
        return key if key and key.scope == CALENDAR else None
    scheme, _, token = _authorization(request)
    return keys.find_key(token) if scheme.lower() == "bearer" else None


def _authorization(request: Request) -> tuple[str, str, str]:
    scheme, space, token = request.headers.get("Authorization", "").partition(" ")
    return scheme, space, token.strip()


def admission() -> Callable[[], None]:
    """Return a function that raises UnauthorizedError once the caller's key is not valid any more.

    An answer that takes minutes may outlive the key.
    """
    name, (_, _, token) = g.get("api_key_name"), _authorization(this_request())

    def require() -> None:
        if not (keys.is_open() if name is None else keys.find_key(token)):
            raise UnauthorizedError

    return require


def _require_near_caller(request: Request) -> None:
    """Refuse requests from the internet through a proxy while the service has no keys.

    A development proxy still works, since it forwards loopback or private addresses.
    """
    if current_app.config["PROXY_HOPS"] or current_app.extensions.get(OPEN_TO_ALL):
        return
    if name := header_from_afar(request.environ):
        _warn_of_proxy(current_app.logger)
        raise ForbiddenError(
            f"{name} has a public address, and this service has no key. Create one with "
            "`leadbook key create`, or set PROXY_HOPS to the number of your proxies."
        )


def _require_local_caller(request: Request, purpose: str, scope: str) -> None:
    """Refuse all callers but programs on this machine while the service has no keys.

    A proxy on this machine has a local address too. So the service must not be open on purpose, and
    the request must not have a header of a proxy.
    """
    is_exposed = current_app.config["PROXY_HOPS"] or current_app.extensions.get(OPEN_TO_ALL)
    address = parse_address(request.remote_addr or "")
    if is_exposed or is_forwarded(request.environ) or not (address and address.is_loopback):
        raise ForbiddenError(
            f"Without a key, only programs on this machine may {purpose}, and only if no others "
            f"are let in. Create a key with `leadbook key create NAME --scope {scope}`."
        )


@cache
def _warn_of_proxy(logger: Logger) -> None:
    """Warn once: such requests may arrive again and again."""
    logger.warning(
        "Leadbook refuses requests that a proxy forwards from the internet, because this service "
        "has no key. Create a key with `leadbook key create`, or set PROXY_HOPS."
    )


def caller() -> Bucket:
    """Return the bucket of the caller: the key, or the address without a key."""
    name = g.get("api_key_name")
    return Bucket(f"key {name}", "with this key") if name else _address("from this address")


def _refused() -> Bucket:
    """Return the bucket of refused requests, which is that of the address."""
    return _address("from this address were refused")


def _address(name: str) -> Bucket:
    return Bucket(network_of(this_request().remote_addr or ""), name)
