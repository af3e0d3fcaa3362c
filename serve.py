"""Serving with waitress: listening, signals, and finishing what is in flight."""

import signal
import socket
import sys
import time
from collections.abc import Callable
from threading import Event
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from flask import Flask
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

from leadbook.dispatcher import PATIENCE_SECONDS, Dispatcher
from leadbook.http_parsing import LARGEST_FILE, Channel

LONGEST_FAREWELL_SECONDS = 10
LONGEST_REQUEST_SECONDS = 30
# Of a file that is sent, in bytes a second.
SLOWEST_RATE = 64 * 1024
_POLL_SECONDS = 1
_LIMITS = {
    # No banner.
    "ident": None,
    "max_request_header_size": 32 * 1024,
    # What is larger than the app allows still gets its envelope, up to here.
    "max_request_body_size": LARGEST_FILE,
    "connection_limit": 1_000,
    "cleanup_interval": 10,
    "channel_timeout": 60,
}


def handle_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    """Have `handler` called for SIGINT and SIGTERM."""
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, handler)


def end_at_once(signal_number: int, _: FrameType | None) -> None:
    """Leave with the exit code of shells for a signal; what is open is cleaned up on the way."""
    sys.exit(128 + signal_number)


class Server:
    """Serves `app` on `listener` with so many `threads`, from the thread that calls `run`."""

    def __init__(self, app: Flask, listener: socket.socket, threads: int) -> None:
        self._database = app.extensions["leadbook"]
        self._sockets: dict[int, Any] = {}
        self._dispatcher = Dispatcher(threads)
        self._is_stopping = False
        self._may_close = Event()
        self._waitress: BaseWSGIServer = create_server(
            app,
            map=self._sockets,
            sockets=[listener],
            _dispatcher=self._dispatcher,
            # The app believes only so many hops of them, and refuses what they give away.
            clear_untrusted_proxy_headers=False,
            **_LIMITS,
        )
        self._waitress.channel_class = Channel

    def stop(self) -> None:
        """Have `run` finish the requests in flight and return; any thread may ask for it."""
        if self._is_stopping:
            return
        self._is_stopping = True
        # Python restarts the select() that a signal interrupted; this ends it.
        self._waitress.pull_trigger()
        self._may_close.set()

    def run(
        self, ready: Callable[[], None] = lambda: None, look: Callable[[], None] = lambda: None
    ) -> None:
        """Serve until `stop` is called.

        `ready` is called when the next request will be answered, and `look` once a second or more
        often after that.
        """
        slow = SlowRequests()
        try:
            # Held open, so that `leadbook restore` sees that the database is in use.
            self._database.execute_sql("SELECT 1 FROM leads LIMIT 1")
            ready()
            while not self._is_stopping:
                _turn(self._sockets, PATIENCE_SECONDS if self._dispatcher.queue else _POLL_SECONDS)
                self._dispatcher.begin_overdue()
                slow.close_overdue(self._sockets)
                look()
            # Or the thread that calls stop writes to the trigger when it is closed, and its
            # descriptor may be that of another file.
            self._may_close.wait()
            _finish(self._waitress, self._sockets)
        finally:
            self._database.close()


def _turn(sockets: dict[int, Any], timeout: float) -> None:
    """Wait for something to do on any connection, and do it."""
    # poll(), since select() knows no descriptor above 1,023.
    wasyncore.loop(timeout, use_poll=True, map=sockets, count=1)


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
            allowed = LONGEST_REQUEST_SECONDS + channel.request.body_bytes_received / SLOWEST_RATE
            if now - self._first_seen.setdefault(channel.request, now) > allowed:
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
    server.task_dispatcher.join(timeout=0.5)
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
