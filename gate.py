"""Everything before the view: host, origin, key, right, rate limit, in that order."""

import re
from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask, Response, g, request

from leadbook import keys
from leadbook.clock import Clock
from leadbook.rate_limit import Allowance, Rate, RateLimiter

_READING = ("GET", "HEAD", "OPTIONS")
# Readable by anybody: they tell nothing of what is kept here.
PUBLIC = ("health", "docs")
# What a test does to the service counts as nobody's request.
TEST_MODE = "test"
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
_FORWARDING_HEADERS = ("X-Forwarded-For", "Forwarded", "X-Real-IP")
# What may be an address in any of them: 192.0.2.1:80, or for="[2001:db8::1]:80".
_ADDRESSES = re.compile("[0-9A-Fa-f:.]+")
# Loopback, private use, and what carriers and VPNs use within themselves.
_NEAR = [
    ip_network(each)
    for each in (
        "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 100.64.0.0/10 "
        "::1/128 fc00::/7 fe80::/10"
    ).split()
]
_ALLOWED_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match")


class UntrustedHostError(Exception):
    """The Host is not one of this service's: somebody's name may lead to our address."""


class UnauthorizedError(Exception):
    """A key is needed, and there is none, or not a good one."""


class ForbiddenError(Exception):
    """The caller is known and may not do this, or a web page of somebody else asks for it."""


class RateLimitedError(Exception):
    """Too many requests; `allowance` says when there may be more."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__("Too many requests; the Retry-After header says when to come back.")
        self.allowance = allowance


def register_gate(app: Flask, clock: Clock) -> None:
    """Let through to the views of `app` what its settings and keys allow."""
    hosts: tuple[str, ...] = app.config["TRUSTED_HOSTS"]
    # Flask's own check of this setting knows no IPv6 addresses.
    app.config["TRUSTED_HOSTS"] = None
    origins: tuple[str, ...] = app.config["CORS_ORIGINS"]
    rate: Rate | None = app.config["RATE_LIMIT"]
    limiter = RateLimiter(rate, clock) if rate else None
    app.extensions["leadbook.rate_limiter"] = limiter

    has_proxy = bool(app.config["PROXY_HOPS"])

    @app.before_request
    def pass_gate() -> None:
        try:
            _require_trusted_host(hosts)
            _require_own_origin(origins)
            g.api_key_name = _require_key(has_proxy)
        except (UntrustedHostError, ForbiddenError, UnauthorizedError):
            # Trying many keys is what a limit is for, but it must not use up somebody else's.
            count(f"refused {_address()}")
            raise
        if not _is_free():
            count(_identity())

    def count(identity: str) -> None:
        if limiter:
            g.allowance = limiter.count(identity)
            if g.allowance.is_exceeded:
                raise RateLimitedError(g.allowance)

    @app.after_request
    def tell(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        if request.blueprint != "docs":
            response.headers["Cache-Control"] = "no-store"
        if origins:
            # flask-cors leaves it out where one origin alone is named.
            response.vary.add("Origin")
        allowance = g.get("allowance") or (limiter and limiter.look(_identity()))
        if allowance:
            response.headers["X-RateLimit-Limit"] = str(allowance.limit)
            response.headers["X-RateLimit-Remaining"] = str(allowance.remaining)
            response.headers["X-RateLimit-Reset"] = str(allowance.reset)
        return response

    if origins:
        from flask_cors import CORS

        CORS(
            app,
            # Else it takes a name with brackets for a pattern.
            origins=[f"^{re.escape(origin)}$" for origin in origins],
            allow_headers=_ALLOWED_HEADERS,
            expose_headers=EXPOSED_HEADERS,
            max_age=600,
        )


def _require_trusted_host(hosts: tuple[str, ...]) -> None:
    name = request.host.lower()
    # The colons of an IPv6 address stand within brackets.
    if ":" in name.rpartition("]")[2]:
        name = name.rpartition(":")[0]
    if hosts and name not in hosts:
        raise UntrustedHostError("This Host is not ours; see LEADBOOK_TRUSTED_HOSTS.")


def _require_own_origin(origins: tuple[str, ...]) -> None:
    """Refuse a write that a web page of another origin sends: it needs no leave to send one."""
    origin = request.headers.get("Origin")
    if request.method in _READING or origin is None or origin in origins:
        return
    # Either scheme: behind a proxy that ends TLS, ours is another than the page's.
    if origin.lower() not in (f"http://{request.host.lower()}", f"https://{request.host.lower()}"):
        raise ForbiddenError("A web page of another origin may not change anything here.")


def _is_free() -> bool:
    """Return whether the request counts as nobody's: a monitor or a browser asks by itself."""
    is_preflight = request.method == "OPTIONS" and "Origin" in request.headers
    return is_preflight or request.blueprint in ("health", TEST_MODE)


def _require_key(has_proxy: bool) -> str | None:
    """Return the name of the key, if there is one. Raises UnauthorizedError or ForbiddenError."""
    if request.blueprint in PUBLIC or request.method == "OPTIONS":
        return None
    if keys.is_open():
        if not has_proxy:
            _require_near_caller()
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    key = keys.find_key(token.strip()) if scheme.lower() == "bearer" else None
    if key is None:
        raise UnauthorizedError("A valid API key is needed: Authorization: Bearer leadbook_…")
    if key.scope == "read" and request.method not in _READING:
        raise ForbiddenError("This key may only read.")
    return str(key.name)


def _require_near_caller() -> None:
    """Refuse what a proxy brings in from the internet: it would open a service without keys to all.

    A development proxy forwards loopback or private addresses, and goes on working.
    """
    for name in _FORWARDING_HEADERS:
        for header in request.headers.getlist(name):
            if any(map(_is_far, _ADDRESSES.findall(header))):
                raise ForbiddenError(
                    f"{name} names a public address, and this service has no key. Create one with "
                    "`leadbook key create`, or set PROXY_HOPS to the number of your proxies."
                )


def _is_far(text: str) -> bool:
    host, _, port = text.partition(":")
    try:
        # One colon stands before the port of an IPv4 address.
        address = ip_address(text if ":" in port else host)
    except ValueError:
        # Of a name that hides the address, such as `unknown` or `_proxy`.
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return not any(address in network for network in _NEAR)


def _identity() -> str:
    """Return who is counted: the key, or else the address."""
    name = g.get("api_key_name")
    return f"key {name}" if name else _address()


def _address() -> str:
    """Return the address of the caller; of IPv6 its /64, since they are handed out by these."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address)
