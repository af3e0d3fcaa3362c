"""Serving with waitress: listening, signals, and finishing what is in flight."""

import signal
import socket
import sys
import time
from collections.abc import Callable
from ipaddress import ip_address
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

from leadbook import keys
from leadbook.dispatcher import PATIENCE_SECONDS, Dispatcher
from leadbook.http_parsing import Channel

LONGEST_FAREWELL_SECONDS = 10
LONGEST_REQUEST_SECONDS = 30
_POLL_SECONDS = 1
_LIMITS = {
    # No banner.
    "ident": None,
    "max_request_header_size": 32 * 1024,
    # What is larger than the app allows still gets its envelope, up to here.
    "max_request_body_size": 8 * 1024 * 1024,
    "connection_limit": 1_000,
    "cleanup_interval": 10,
    "channel_timeout": 60,
}


class CannotServeError(Exception):
    """It must not, or cannot, listen there; the message is one line for who started it."""


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


def is_loopback(listener: socket.socket) -> bool:
    """Return whether only this machine can reach `listener`."""
    return ip_address(listener.getsockname()[0]).is_loopback


def loopback_names(host: str) -> list[str]:
    """Return what a `Host` may say on loopback: else a name of an attacker could lead there."""
    return ["localhost", "127.0.0.1", "[::1]", f"[{host}]" if ":" in host else host]


def require_key(app: Flask, host: str) -> None:
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


def handle_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    """Have `handler` called for SIGINT and SIGTERM."""
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, handler)


def end_at_once(signal_number: int, _: FrameType | None) -> None:
    """Leave with the exit code of shells for a signal; what is open is cleaned up on the way."""
    sys.exit(128 + signal_number)


def serve(app: Flask, listener: socket.socket, threads: int, ready: Callable[[], None]) -> None:
    """Serve `app` until SIGINT or SIGTERM, then finish the requests in flight.

    Calls `ready` when the next request will be answered. A second signal ends it at once.
    """
    sockets: dict[int, Any] = {}
    dispatcher = Dispatcher(threads)
    server = create_server(
        app, map=sockets, sockets=[listener], _dispatcher=dispatcher, **_LIMITS, **_proxies(app)
    )
    server.channel_class = Channel
    slow = SlowRequests()
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        handle_signals(end_at_once)
        # Python restarts the select() that the signal interrupted; this ends it.
        server.pull_trigger()

    handle_signals(stop)
    # Held open, so that `leadbook restore` sees that the database is in use.
    app.extensions["leadbook"].execute_sql("SELECT 1 FROM leads LIMIT 1")
    ready()
    while not stopping:
        _turn(sockets, PATIENCE_SECONDS if dispatcher.queue else _POLL_SECONDS)
        dispatcher.begin_overdue()
        slow.close_overdue(sockets)
    _finish(server, sockets)
    app.extensions["leadbook"].close()


def _turn(sockets: dict[int, Any], timeout: float) -> None:
    """Wait for something to do on any connection, and do it."""
    # poll(), since select() knows no descriptor above 1,023.
    wasyncore.loop(timeout, use_poll=True, map=sockets, count=1)


def _proxies(app: Flask) -> dict[str, Any]:
    """Let the headers of a proxy through to the app, which believes only so many hops of them."""
    return {"clear_untrusted_proxy_headers": not app.config["PROXY_HOPS"]}


class SlowRequests:
    """Closes connections whose request takes too long to come in.

    waitress only closes those on which nothing comes at all; a byte now and then would keep one
    open for ever.
    """

    def __init__(self) -> None:
        self._first_seen: WeakKeyDictionary[Any, float] = WeakKeyDictionary()
        self._next_look = 0.0

    def close_overdue(self, sockets: dict[int, Any]) -> None:
        """Look, once a second, which requests have been coming in for too long."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + _POLL_SECONDS
        for channel in [each for each in sockets.values() if isinstance(each, HTTPChannel)]:
            if channel.request is None:
                continue
            if now - self._first_seen.setdefault(channel.request, now) > LONGEST_REQUEST_SECONDS:
                channel.will_close = True


def _finish(server: BaseWSGIServer, sockets: dict[int, Any]) -> None:
    """Refuse new connections, answer what has come in, and close.

    waitress itself would drop all of it: https://github.com/Pylons/waitress/issues/198
    """
    _accept_the_waiting(server, sockets)
    # BaseWSGIServer.close would close the trigger too, by which answers wake this loop.
    wasyncore.dispatcher.close(server)
    deadline = time.monotonic() + LONGEST_FAREWELL_SECONDS
    while _busy(sockets) and time.monotonic() < deadline:
        _turn(sockets, PATIENCE_SECONDS)
        server.task_dispatcher.begin_overdue()
    server.task_dispatcher.shutdown(timeout=0.5)
    wasyncore.close_all(sockets)


def _accept_the_waiting(server: BaseWSGIServer, sockets: dict[int, Any]) -> None:
    """Take the connections whose clients already believe that they are connected."""
    for _ in range(server.adj.backlog):
        before = len(sockets)
        server.handle_accept()
        if len(sockets) == before:
            break
    # One look at each, for the requests that lie there unread.
    _turn(sockets, 0)


def _busy(sockets: dict[int, Any]) -> bool:
    """Close the connections that have no work, and say whether any other is left."""
    channels = [each for each in sockets.values() if isinstance(each, HTTPChannel)]
    for channel in channels:
        with channel.requests_lock:
            for request in channel.requests:
                # The answer then says that it is the last one of this connection.
                request.headers["CONNECTION"] = "close"
            has_work = channel.requests or channel.request or channel.total_outbufs_len
            if not has_work:
                channel.will_close = True
    return bool(channels)
