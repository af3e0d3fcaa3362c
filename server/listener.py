"""Where the service listens: sockets, loopback, and no access from other machines without a key."""

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

from leadbook.access import keys

if TYPE_CHECKING:
    # Every command imports this file, and importing Flask takes longer than most of them.
    from flask import Flask


# Every IPv4 address of this machine.
EVERYWHERE = "0.0.0.0"  # noqa: S104  # only for those who ask to be exposed


class CannotServeError(Exception):
    """The server must not or cannot listen there; the message is one line for the user."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on `host` and `port`. Raises CannotServeError.

    `::` stands for all addresses, those of IPv4 included.
    """
    try:
        addresses = socket.getaddrinfo(_bare(host), port, type=socket.SOCK_STREAM)
        # `localhost` may give ::1 first; clients that connect to 127.0.0.1 would then fail.
        family, *_, address = min(addresses, key=lambda found: found[0] != socket.AF_INET)
        is_both = address[0] == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(address[:2], family=family, dualstack_ipv6=is_both)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotServeError(f"Cannot listen on {host} port {port}: {reason}.") from error


def listen_on_loopback(host: str, port: int) -> socket.socket:
    """Return a socket that only this machine can reach. Raises CannotServeError."""
    listener = listen(host, port)
    if not is_loopback(listener):
        listener.close()
        raise CannotServeError(
            "Test mode listens on loopback only, since any caller may empty it. "
            "To let others in, use --expose, or exposed=True in Python."
        )
    return listener


def is_loopback(listener: socket.socket) -> bool:
    """Return whether only this machine can reach `listener`."""
    return ip_address(listener.getsockname()[0]).is_loopback


def loopback_names(host: str = "127.0.0.1") -> list[str]:
    """Return the allowed `Host` names on loopback (guards against DNS rebinding)."""
    return ["localhost", "127.0.0.1", "[::1]", in_brackets(host)]


def in_brackets(host: str) -> str:
    """Return `host` as it stands in a URL: an IPv6 address has brackets."""
    return f"[{_bare(host)}]" if ":" in host else host


def _bare(host: str) -> str:
    is_in_brackets = host.startswith("[") and host.endswith("]")
    return host[1:-1] if is_in_brackets else host


def require_key(app: "Flask", host: str) -> None:
    """Raise CannotServeError if everybody who can reach `host` could read and write."""
    with app.extensions["leadbook"].use() as database:
        is_open = keys.is_open()
        database.close()
    if is_open:
        raise CannotServeError(
            f"Other machines can reach {in_brackets(host)}, and there is no key yet. "
            "Create one with `leadbook key create NAME`, or use --open."
        )


def url_of(listener: socket.socket) -> str:
    """Return the URL of the service on `listener`."""
    host, port = listener.getsockname()[:2]
    return f"http://{in_brackets(host)}:{port}"
