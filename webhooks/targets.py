"""The URL of a webhook, and which hosts webhooks may go to."""

import re
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Self
from urllib.parse import quote

from leadbook.access.urls import a_list
from leadbook.storage.text import ascii_domain
from leadbook.webhooks.networks import Address, is_public

LONGEST_URL = 2000
_PORTS = {"http": 80, "https": 443}
# Python's urlsplit drops tabs and line breaks, and others take a backslash for a slash.
_NO_CHARACTER_OF_A_URL = re.compile(r"[\x00-\x20\x7f\\\s\ud800-\udfff]")
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[^\[\]/?#]*\]|[^\[\]/?#:]*)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?",
    re.IGNORECASE | re.ASCII,
)
_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.ASCII)
_HOST_AND_PORT = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]*)(?::([0-9]{1,5}))?", re.ASCII)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


@dataclass(frozen=True)
class Target:
    """Where a webhook is sent: the parts of its URL.

    `host` is a name in ASCII and lower case without a dot at its end, or an address without
    brackets. A name may still be a number that the system reads as an address.
    """

    scheme: str
    host: str
    port: int
    path: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """Parse the URL of a webhook. Raises ValueError with what it must be."""
        if len(url) > LONGEST_URL:
            raise ValueError(f"at most {LONGEST_URL:,} characters")
        if _NO_CHARACTER_OF_A_URL.search(url):
            raise ValueError("a URL without spaces, control characters and backslashes")
        if "#" in url:
            raise ValueError("a URL without a fragment (#)")
        if "@" in url.partition("//")[2].partition("/")[0].partition("?")[0]:
            raise ValueError("a URL without user name and password")
        found = _URL.fullmatch(url)
        if not found:
            raise ValueError("a URL such as https://hooks.example/crm, with http or https")
        scheme = found["scheme"].lower()
        return cls(
            scheme,
            _host(found["host"]),
            _port(found["port"]) or _PORTS[scheme],
            # The rest stays as it is, escapes included: it is the receiver's.
            _BEYOND_ASCII.sub(_escape, (found["path"] or "/") + (found["query"] or "")),
        )

    @property
    def host_header(self) -> str:
        """Return the value of `Host`, which leaves out the usual port of the scheme."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def _escape(found: re.Match[str]) -> str:
    return quote(found[0])


def _host(text: str) -> str:
    """Return a host as it is looked up. Raises ValueError."""
    if text.startswith("["):
        with suppress(ValueError):
            address = IPv6Address(text[1:-1])
            if not address.scope_id:
                return str(address)
        raise ValueError("a URL with an IPv6 address without a zone in its brackets")
    name = ascii_domain(text).removesuffix(".")
    if not _NAME.fullmatch(name):
        raise ValueError("a URL with a valid host")
    return name


def _port(text: str | None) -> int | None:
    """Return a port, or None if there is none. Raises ValueError."""
    if text is None:
        return None
    if not 0 < int(text) <= 65535:
        raise ValueError("a URL with a port from 1 to 65535")
    return int(text)


@dataclass(frozen=True)
class Policy:
    """Which targets are allowed: public addresses, and also these hosts, or all.

    `hosts` has names and addresses; each with a port, or None for all ports.
    """

    hosts: frozenset[tuple[str, int | None]] = frozenset()
    allows_all: bool = False

    def allows(self, target: Target, address: Address) -> bool:
        """Return whether a target may be reached at one of its addresses."""
        allowed = {
            (host, port) for host in (target.host, str(address)) for port in (target.port, None)
        }
        return self.allows_all or not self.hosts.isdisjoint(allowed) or is_public(address)

    def __str__(self) -> str:
        if self.allows_all:
            return "any"
        hosts = ((f"[{host}]" if ":" in host else host, port) for host, port in self.hosts)
        return ",".join(sorted(f"{host}:{port}" if port else host for host, port in hosts))


PUBLIC = Policy()


def a_policy(value: object) -> Policy:
    """Parse a setting: empty for public addresses only, `any`, or hosts that are allowed too."""
    if isinstance(value, Policy):
        return value
    try:
        items = a_list(value)
        if items == ("any",):
            return Policy(allows_all=True)
        return Policy(frozenset(map(_host_and_port, items)))
    except ValueError:
        raise ValueError(
            "`any`, or a comma-separated list of hosts such as hooks.internal, 10.0.0.5:8080 or "
            "[fd00::5]:8080"
        ) from None


def _host_and_port(item: str) -> tuple[str, int | None]:
    found = _HOST_AND_PORT.fullmatch(item)
    # As a host, it would allow nothing, and somebody meant all.
    if not found or item == "any":
        raise ValueError(item)
    return _host(found[1]), _port(found[2])
