"""The URLs in settings: that of the service, and the origins of web pages."""

import re
from typing import Self

# CORS_ORIGINS with this value allows the pages of every origin.
ANY_ORIGIN = "*"
_USUAL_PORTS = {"http": 80, "https": 443}
# Unreserved characters, delimiters and percent-encoded bytes, but no `.` and `..`:
# https://www.rfc-editor.org/rfc/rfc3986#section-3.3
_SEGMENT = r"/(?!\.{1,2}(?:/|$))(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+"
_PUBLIC_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?"
    rf"(?P<path>(?:{_SEGMENT})*)/?",
    re.IGNORECASE | re.ASCII,
)


class PublicUrl(str):
    """The URL at which callers reach the service, without a slash at its end."""

    __slots__ = ("host", "origin")
    # The name that requests have in `Host`, and what browsers send as `Origin`.
    host: str
    origin: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a URL without query and user. Raises ValueError."""
        found = _PUBLIC_URL.fullmatch(text)
        if not found or not 0 < int(found["port"] or 1) <= 65535:
            raise ValueError(text)
        scheme, host = found["scheme"].lower(), found["host"].lower()
        port = int(found["port"] or _USUAL_PORTS[scheme])
        # Browsers leave out the usual port.
        origin = f"{scheme}://{host}" + ("" if port == _USUAL_PORTS[scheme] else f":{port}")
        url = cls(origin + found["path"])
        url.host, url.origin = host, origin
        return url
