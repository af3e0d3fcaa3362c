"""The server: it listens, limits the connections, and ends gracefully."""

import asyncio
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress

from flask import Flask

from leadbook.access.forwarded import network_of
from leadbook.server.acceptor import Acceptor
from leadbook.server.connection import Connection
from leadbook.server.quick import HASTE_SECONDS
from leadbook.server.seats import Seat, Seats
from leadbook.server.service import Service
from leadbook.storage.system import monotonic

LONGEST_FAREWELL_SECONDS = 10
_LOOK_SECONDS = 1
_LONGEST_END_SECONDS = 1
# Turns of the loop, in which it reads what its sockets have already received.
_LOOKS = 5

Beside = Callable[[], AbstractContextManager[None]]


class _Loop(asyncio.SelectorEventLoop):
    """An event loop on the system's clock: a test that freezes time must not stop its timers."""

    def time(self) -> float:
        return monotonic()


class Front:
    """Serves `app` on `listener` with `threads` threads; the loop runs where `run` is called.

    `beside` returns what runs beside it in the same process, as a context.
    """

    def __init__(
        self,
        app: Flask,
        listener: socket.socket,
        threads: int,
        seat: Seat | None = None,
        *,
        beside: Beside = nullcontext,
    ) -> None:
        self.app = app
        self._beside = beside
        self.service = Service(app, threads, seat or Seat(Seats()))
        self._database = app.extensions["leadbook"]
        self._listener = listener
        self.loop: asyncio.AbstractEventLoop = None  # type: ignore[assignment]  # `run` sets it
        self._ends = asyncio.Event()

    def stop(self) -> None:
        """Let `run` finish the running requests and return. Any thread may call this."""
        self.service.is_stopping = True
        # Before the loop starts, `run` checks `is_stopping`; after its end, nothing is to do.
        if self.loop and not self.loop.is_closed():
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._ends.set)

    def end_at_once(self, code: int) -> None:
        """Let `run` raise SystemExit, even during requests; for a signal handler."""
        # If the handler itself raised it, it might end only the current request.
        self.loop.call_soon_threadsafe(sys.exit, code)
        # The loop may hang, for example if no one reads the log.
        timer = threading.Timer(_LONGEST_END_SECONDS, os._exit, (code,))
        timer.daemon = True
        timer.start()

    def run(
        self, ready: Callable[[], None] = lambda: None, look: Callable[[], None] | None = None
    ) -> None:
        """Serve until `stop` is called.

        `ready` is called when the server answers requests; after that, `look` is called every
        second.
        """
        with self._beside(), asyncio.Runner(loop_factory=_Loop) as runner:
            self.loop = runner.get_loop()
            runner.run(self._serve(ready, look))

    async def _serve(self, ready: Callable[[], None], look: Callable[[], None] | None) -> None:
        self.service.open(self.loop)
        try:
            acceptor = Acceptor(self._listener, self.service.crowd, self._take)
            # The loop must not wait for the database, since it serves all connections.
            self._database.hurry(HASTE_SECONDS)
            # Keep the database open, so that `leadbook restore` sees that it is in use.
            self._database.execute_sql("SELECT 1 FROM events LIMIT 1")
            ready()
            if look:
                self._look_again(look)
            if not self.service.is_stopping:
                await self._ends.wait()
            await self._finish(acceptor)
        finally:
            self.service.close()
            self._database.close()

    async def _take(self, client: socket.socket, peer: str) -> None:
        peer = network_of(peer)
        if not self.service.crowd.has_room_for(peer):
            client.close()
            return
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self.loop.connect_accepted_socket(lambda: Connection(self.service, peer), client)
        except OSError:
            client.close()

    def _look_again(self, look: Callable[[], None]) -> None:
        look()
        self.loop.call_later(_LOOK_SECONDS, self._look_again, look)

    async def _finish(self, acceptor: Acceptor) -> None:
        """Refuse new connections, answer the requests received so far, and close."""
        await acceptor.finish()
        # Let the loop read the requests that the sockets have already received.
        for _ in range(_LOOKS):
            await asyncio.sleep(0)
        await self.service.finish(LONGEST_FAREWELL_SECONDS)
