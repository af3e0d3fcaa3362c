"""Serving with waitress: listening, signals, and finishing what is in flight."""

import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

LONGEST_FAREWELL_SECONDS = 10
_POLL_SECONDS = 1


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises OSError."""
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # `localhost` may name ::1 first, and most clients that are told 127.0.0.1 would miss it.
    family, *_, address = min(addresses, key=lambda found: found[0] != socket.AF_INET)
    return socket.create_server(address[:2], family=family)


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
    server = create_server(app, map=sockets, sockets=[listener], threads=threads, ident=None)
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        handle_signals(end_at_once)
        # Python restarts the select() that the signal interrupted; this ends it.
        server.pull_trigger()

    handle_signals(stop)
    ready()
    while not stopping:
        wasyncore.loop(_POLL_SECONDS, map=sockets, count=1)
    _finish(server, sockets)


def _finish(server: BaseWSGIServer, sockets: dict[int, Any]) -> None:
    """Refuse new connections, answer what has come in, and close.

    waitress itself would drop all of it: https://github.com/Pylons/waitress/issues/198
    """
    _accept_the_waiting(server, sockets)
    # BaseWSGIServer.close would close the trigger too, by which answers wake this loop.
    wasyncore.dispatcher.close(server)
    deadline = time.monotonic() + LONGEST_FAREWELL_SECONDS
    while _busy(sockets) and time.monotonic() < deadline:
        wasyncore.loop(0.05, map=sockets, count=1)
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
    wasyncore.loop(0, map=sockets, count=1)


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
