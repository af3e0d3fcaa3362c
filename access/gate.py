"""The checks before a view: host, origin, key, right and rate limit, in this order."""

import re
from collections.abc import Callable
from functools import cache
from logging import Logger

from flask import Flask, Response, current_app, g, request

from leadbook.access import keys
from leadbook.access.forwarded import header_from_afar, network_of
from leadbook.access.fronting import (
    UnreadableError,
    has_passed,
    look_at_head,
    pass_on,
    require_readable,
)
from leadbook.access.rate_limit import Allowance, Rate, RateLimiter
from leadbook.storage.clock import Clock

_READING = ("GET", "HEAD", "OPTIONS")
# Everybody may read these: they show no records.
PUBLIC = ("health", "docs")
TEST_MODE = "test"
UNLIMITED = ("health", TEST_MODE)
# The extension that is true if the user opened the service on purpose.
OPEN_TO_ALL = "leadbook.is_open_to_all"
EXPOSED_HEADERS = (
    "ETag",
    "Idempotency-Replayed",
    "Link",
    "Location",
    "Retry-After",
    "WWW-Authenticate",
    "X-RateLimit-Limit",
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-Request-Id",
)
_ALLOWED_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match")


class UntrustedHostError(Exception):
    """The Host header is not allowed (guards against DNS rebinding)."""


class UnauthorizedError(Exception):
    """A valid key is required, and the request has none."""

    def __init__(self) -> None:
        super().__init__("A valid API key is required: Authorization: Bearer leadbook_…")


class ForbiddenError(Exception):
    """The caller may not do this, or a web page of another origin asks for it."""


class ReadOnlyKeyError(ForbiddenError):
    """The key may only read."""

    def __init__(self) -> None:
        super().__init__("This key may only read.")


class RateLimitedError(Exception):
    """Too many requests; `allowance` says when the caller may try again."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__("Too many requests; the Retry-After header says when to try again.")
        self.allowance = allowance


def register_gate(app: Flask, clock: Clock) -> None:
    """Let requests through to the views of `app` if its settings and keys allow them."""
    hosts: tuple[str, ...] = app.config["TRUSTED_HOSTS"]
    # Flask's own check of this setting does not support IPv6 addresses.
    app.config["TRUSTED_HOSTS"] = None
    origins: tuple[str, ...] = app.config["CORS_ORIGINS"]
    rate: Rate | None = app.config["RATE_LIMIT"]
    # Refused requests are counted separately: guessing keys must not use up the limit of others.
    accepted, refused = (RateLimiter(rate, clock) if rate else None for _ in range(2))
    app.extensions["leadbook.rate_limiters"] = [each for each in (accepted, refused) if each]

    @app.before_request
    def pass_gate() -> Response | None:
        if has_passed():
            # The first call has counted it.
            require_readable()
            return None
        try:
            require_readable()
            _require_trusted_host(hosts)
            _require_own_origin(origins)
            g.api_key_name = _require_key()
        except (UnreadableError, UntrustedHostError, ForbiddenError, UnauthorizedError):
            _count(refused, _address)
            raise
        _count(accepted, _identity)
        pass_on()
        return look_at_head()

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        if request.blueprint != "docs":
            response.headers["Cache-Control"] = _keeping(response)
        if origins:
            # flask-cors leaves it out if there is only one origin.
            response.vary.add("Origin")
        allowance = g.get("allowance") or (accepted and accepted.look(_identity()))
        if allowance:
            response.headers["X-RateLimit-Limit"] = str(allowance.limit)
            response.headers["X-RateLimit-Remaining"] = str(allowance.remaining)
            response.headers["X-RateLimit-Reset"] = str(allowance.reset)
        return response

    if origins:
        from flask_cors import CORS  # noqa: PLC0415  # few need it, and it slows the start

        CORS(
            app,
            # flask-cors would take a name with brackets for a pattern.
            origins=[f"^{re.escape(origin)}$" for origin in origins],
            allow_headers=_ALLOWED_HEADERS,
            expose_headers=EXPOSED_HEADERS,
            max_age=600,
        )


def _keeping(response: Response) -> str:
    """Return whether a cache may keep the answer.

    An ETag is of use only if the caller may keep what it stands for, and must ask each time if that
    is still current: https://www.rfc-editor.org/rfc/rfc9111#name-no-cache-2
    """
    is_current = request.method in ("GET", "HEAD") and "ETag" in response.headers
    return "private, no-cache" if is_current else "no-store"


def _require_trusted_host(hosts: tuple[str, ...]) -> None:
    name = request.host.lower()
    # The colons of an IPv6 address are inside brackets.
    if ":" in name.rpartition("]")[2]:
        name = name.rpartition(":")[0]
    if hosts and name not in hosts:
        raise UntrustedHostError("The Host header is not allowed; see LEADBOOK_TRUSTED_HOSTS.")


def _require_own_origin(origins: tuple[str, ...]) -> None:
    """Refuse a write from a web page of another origin, which browsers send without asking."""
    origin = request.headers.get("Origin")
    if request.method in _READING or origin is None or origin in origins:
        return
    # Either scheme: behind a proxy that ends TLS, the scheme differs from that of the page.
    if origin.lower() not in (f"http://{request.host.lower()}", f"https://{request.host.lower()}"):
        raise ForbiddenError("A web page of another origin must not change records.")


def _count(limiter: RateLimiter | None, identify: Callable[[], str]) -> None:
    """Count the request for its identity. Raises RateLimitedError over the limit."""
    if limiter is None:
        return
    # Not counted: health checks and preflights, which nobody chose to send, and test controls.
    is_preflight = request.method == "OPTIONS" and "Origin" in request.headers
    if is_preflight or request.blueprint in UNLIMITED:
        return
    g.allowance = limiter.count(identify())
    if g.allowance.is_exceeded:
        raise RateLimitedError(g.allowance)


def _require_key() -> str | None:
    """Return the name of the key, or None. Raises UnauthorizedError or ForbiddenError."""
    if request.blueprint in PUBLIC or request.method == "OPTIONS":
        return None
    if keys.is_open():
        _require_near_caller()
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    key = keys.find_key(token.strip()) if scheme.lower() == "bearer" else None
    if key is None:
        raise UnauthorizedError
    if key.scope == "read" and request.method not in _READING:
        raise ReadOnlyKeyError
    return str(key.name)


def _require_near_caller() -> None:
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


@cache
def _warn_of_proxy(logger: Logger) -> None:
    """Warn once: such requests may arrive again and again."""
    logger.warning(
        "Leadbook refuses requests that a proxy forwards from the internet, because this service "
        "has no key. Create a key with `leadbook key create`, or set PROXY_HOPS."
    )


def _identity() -> str:
    """Return who is counted: the key, or the address without a key."""
    name = g.get("api_key_name")
    return f"key {name}" if name else _address()


def _address() -> str:
    return network_of(request.remote_addr or "")
