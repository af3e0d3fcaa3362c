"""Where the service listens: sockets, loopback, and what must not be open to others."""

import socket
from ipaddress import ip_address
from typing import TYPE_CHECKING

from leadbook.access import keys

if TYPE_CHECKING:
    # Every command imports this file, and Flask takes longer than most of them.
    from flask import Flask


class CannotServeError(Exception):
    """It must not, or cannot, serve there; the message is one line for who started it."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises CannotServeError."""
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        # `localhost` may name ::1 first, and most clients that are told 127.0.0.1 would miss it.
        family, *_, address = min(addresses, key=lambda found: found[0] != socket.AF_INET)
        return socket.create_server(address[:2], family=family)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise CannotServeError(f"Cannot listen on {host} port {port}: {reason}.") from error


def listen_on_loopback(host: str, port: int) -> socket.socket:
    """Return a socket that only this machine can reach. Raises CannotServeError."""
    listener = listen(host, port)
    if not is_loopback(listener):
        listener.close()
        raise CannotServeError("Test mode listens on loopback only: anybody may empty it.")
    return listener


def is_loopback(listener: socket.socket) -> bool:
    """Return whether only this machine can reach `listener`."""
    return ip_address(listener.getsockname()[0]).is_loopback


def loopback_names(host: str = "127.0.0.1") -> list[str]:
    """Return what a `Host` may say on loopback: else a name of an attacker could lead there."""
    return ["localhost", "127.0.0.1", "[::1]", f"[{host}]" if ":" in host else host]


def require_key(app: "Flask", host: str) -> None:
    """Raise CannotServeError where everybody who can reach `host` could read and write."""
    with app.extensions["leadbook"].use() as database:
        is_open = keys.is_open()
        database.close()
    if is_open:
        raise CannotServeError(
            f"{host} can be reached from other machines, and there is no key yet: "
            "`leadbook key create NAME` makes one, --open does without."
        )


def url_of(listener: socket.socket) -> str:
    """Return the URL of what `listener` serves."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
