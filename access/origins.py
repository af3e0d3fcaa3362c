"""Where callers come from: allowed hosts, web pages of other origins, and CORS."""

from dataclasses import dataclass
from typing import Self

from flask import Flask, Request, Response

from leadbook.access.urls import ANY_ORIGIN, PublicUrl

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
_MAX_AGE_SECONDS = 600
READING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Callers:
    """Who may call an app, by the `Host` and the `Origin` of the request."""

    hosts: tuple[str, ...]
    origins: tuple[str, ...]
    headers: tuple[str, ...]
    public_url: PublicUrl | None

    @classmethod
    def of(cls, app: Flask) -> Self:
        """Return the callers that the settings of `app` allow."""
        names = ("TRUSTED_HOSTS", "CORS_ORIGINS", "CORS_HEADERS", "PUBLIC_URL")
        return cls(*(app.config[name] for name in names))

    def know_host(self, request: Request) -> bool:
        """Return whether the `Host` of the request is allowed."""
        if not self.hosts:
            return True
        name = request.host.lower()
        # The colons of an IPv6 address are inside brackets.
        if ":" in name.rpartition("]")[2]:
            name = name.rpartition(":")[0]
        is_public = self.public_url is not None and name == self.public_url.host
        return name in self.hosts or is_public

    def may_change_records(self, request: Request) -> bool:
        """Return whether the request only reads, or comes from a page that may also write.

        Browsers send a write of a foreign page without asking first.
        """
        origin = request.headers.get("Origin")
        if request.method in READING or origin is None or self._allow(origin):
            return True
        # Either scheme: behind a proxy that ends TLS, the scheme differs from that of the page.
        host = request.host.lower()
        own = {f"http://{host}", f"https://{host}"}
        own |= {self.public_url.origin} if self.public_url else set()
        return origin.lower() in own

    def inform(self, request: Request, response: Response) -> None:
        """Add the CORS headers to an answer: https://fetch.spec.whatwg.org/#http-cors-protocol."""
        if not self.origins:
            return
        response.vary.add("Origin")
        origin = request.headers.get("Origin")
        if origin is None or not self._allow(origin):
            return
        headers, is_any = response.headers, ANY_ORIGIN in self.origins
        headers["Access-Control-Allow-Origin"] = ANY_ORIGIN if is_any else origin
        headers["Access-Control-Expose-Headers"] = ", ".join(EXPOSED_HEADERS)
        if is_preflight(request) and response.allow:
            headers["Access-Control-Allow-Methods"] = ", ".join(sorted(response.allow))
            headers["Access-Control-Allow-Headers"] = ", ".join((*_ALLOWED_HEADERS, *self.headers))
            headers["Access-Control-Max-Age"] = str(_MAX_AGE_SECONDS)

    def _allow(self, origin: str) -> bool:
        return origin in self.origins or ANY_ORIGIN in self.origins


def is_preflight(request: Request) -> bool:
    """Return whether a browser asks if a page of another origin may send a request."""
    return request.method == "OPTIONS" and "Origin" in request.headers
