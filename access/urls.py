"""The URLs, hosts and headers in settings: of the service, of its callers and of web pages."""

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


def a_list(value: object) -> tuple[str, ...]:
    """Parse comma-separated names, or a list of names, in lower case."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise ValueError("a comma-separated list of names")
    return tuple(item.strip().lower() for item in items if item.strip())


def origins(value: object) -> tuple[str, ...]:
    """Parse origins, each with a scheme, a host and optionally a port, or `*` for all."""
    found = a_list(value)
    if found != (ANY_ORIGIN,) and not all(
        re.fullmatch(r"https?://([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", each)
        for each in found
    ):
        raise ValueError("a comma-separated list of origins such as https://app.example")
    return found


def hosts(value: object) -> tuple[str, ...]:
    """Parse host names without ports; an IPv6 address needs brackets."""
    found = a_list(value)
    if not all(re.fullmatch(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]", each) for each in found):
        raise ValueError("a comma-separated list of host names without ports")
    return found


def header_names(value: object) -> tuple[str, ...]:
    """Parse names of headers; `*` would not be one."""
    found = a_list(value)
    if not all(re.fullmatch(r"[a-z0-9!#$%&'+.^_`|~-]+", each) for each in found):
        raise ValueError("a comma-separated list of header names such as traceparent")
    return found


def a_public_url(value: object) -> PublicUrl | None:
    """Parse the URL of the service; an empty value means that callers use the address itself."""
    try:
        return PublicUrl.parse(str(value).strip()) if value not in ("", None) else None
    except ValueError:
        raise ValueError(
            "a URL such as https://crm.example.com/leadbook, without query and user"
        ) from None
