"""The address of a caller, and the addresses that proxies report."""

import re
from collections.abc import Callable, Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from werkzeug.middleware.proxy_fix import ProxyFix

Wsgi = Callable[..., Iterable[bytes]]

# Loopback, private networks, and the inner networks of carriers and VPNs.
_NEAR = [
    ip_network(each)
    for each in (
        "127.0.0.0/8 10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 169.254.0.0/16 100.64.0.0/10 "
        "::1/128 fc00::/7 fe80::/10"
    ).split()
]
# Split at quotes too, open or closed: a caller may leave one open, and the address that the proxy
# appends would then be inside it.
_ADDRESS = re.compile(r'[^\s,;"]+')
_FOR = re.compile(r'\bfor\s*=\s*"?([^\s,;"]+)', re.IGNORECASE)
_NAMED = {
    "HTTP_X_FORWARDED_FOR": ("X-Forwarded-For", _ADDRESS),
    "HTTP_FORWARDED": ("Forwarded", _FOR),
    "HTTP_X_REAL_IP": ("X-Real-IP", _ADDRESS),
}
# The shortest address is ::.
_FEWEST_SEPARATORS = 2


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return the address in `text`, or None if there is none; brackets and a port are allowed.

    An IPv4 address in IPv6 form, as a socket for both protocols shows it, is returned as IPv4.
    """
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def network_of(text: str) -> str:
    """Return the IPv4 address in `text`, or the /64 of an IPv6 address: one caller gets a /64."""
    address = parse_address(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, 64), strict=False))
    return str(address or "")


def is_forwarded(environ: Mapping[str, Any]) -> bool:
    """Return whether a proxy has added a header to the request, whatever it says."""
    return any(
        key in _NAMED or key == "HTTP_VIA" or key.startswith("HTTP_X_FORWARDED_") for key in environ
    )


def header_from_afar(environ: Mapping[str, Any]) -> str | None:
    """Return the name of the header in which a proxy reports a public address, or None.

    A hidden address (`unknown`, `_name`) and one that cannot be parsed do not count as public.
    """
    for key, (name, pattern) in _NAMED.items():
        # Check each address once: a header may repeat one thousands of times.
        if key in environ and any(map(_is_far, set(pattern.findall(environ[key])))):
            return name
    return None


def _is_far(text: str) -> bool:
    if text.count(".") + text.count(":") < _FEWEST_SEPARATORS:
        # Parsing text that is not an address takes ten times as long.
        return False
    address = parse_address(text)
    return address is not None and not any(address in network for network in _NEAR)


def believe_proxies(app: Wsgi, hops: int) -> Wsgi:
    """Return `app` with the address and scheme that the last `hops` proxies report."""

    def with_known_scheme(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        scheme = environ["wsgi.url_scheme"].lower()
        # It begins the links in answers, and a proxy may pass on what a caller sent.
        own = environ["werkzeug.proxy_fix.orig"]["wsgi.url_scheme"]
        environ["wsgi.url_scheme"] = scheme if scheme in ("http", "https") else own
        return app(environ, start_response)

    # Not host, port and prefix: few proxies set them, so a caller could.
    fixed = ProxyFix(with_known_scheme, x_for=hops, x_proto=hops, x_host=0, x_prefix=0)

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        for header in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO"):
            if '"' in environ.get(header, ""):
                # ProxyFix drops a list with an open quote. A caller who sends one would then seem
                # to be the proxy itself.
                environ[header] = environ[header].replace('"', "")
        return fixed(environ, start_response)

    return application
