"""The server: it listens, keeps the connections within bounds, and ends gracefully."""

import asyncio
import os
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress

from flask import Flask

from leadbook.access.forwarded import network_of
from leadbook.server.acceptor import Acceptor
from leadbook.server.connection import Connection
from leadbook.server.crowd import Seat
from leadbook.server.quick import HASTE_SECONDS
from leadbook.server.service import Service

LONGEST_FAREWELL_SECONDS = 10
_LOOK_SECONDS = 1
_LONGEST_END_SECONDS = 1
# Of the loop at its sockets, until what lies there has been read.
_LOOKS = 5


class Front:
    """Serves `app` on `listener` with so many `threads`, from the thread that calls `run`."""

    def __init__(
        self, app: Flask, listener: socket.socket, threads: int, seat: Seat | None = None
    ) -> None:
        self.app = app
        self.service = Service(app, threads, seat or Seat())
        self._database = app.extensions["leadbook"]
        self._listener = listener
        self.loop: asyncio.AbstractEventLoop = None  # type: ignore[assignment]  # `run` sets it
        self._ends = asyncio.Event()

    def stop(self) -> None:
        """Have `run` finish the requests in flight and return; any thread may ask for it."""
        self.service.is_stopping = True
        # Before it runs, `run` looks; after it has ended, there is nothing to tell.
        if self.loop and not self.loop.is_closed():
            with suppress(RuntimeError):
                self.loop.call_soon_threadsafe(self._ends.set)

    def end_at_once(self, code: int) -> None:
        """Have `run` raise SystemExit, whatever is in flight; for a handler of signals."""
        # Raised by the handler itself, it could end no more than the request of that moment.
        self.loop.call_soon_threadsafe(sys.exit, code)
        # The loop itself may be held up, by a log that nobody reads.
        timer = threading.Timer(_LONGEST_END_SECONDS, os._exit, (code,))
        timer.daemon = True
        timer.start()

    def run(
        self, ready: Callable[[], None] = lambda: None, look: Callable[[], None] | None = None
    ) -> None:
        """Serve until `stop` is called.

        `ready` is called when the next request will be answered, and `look`, where it is given,
        once a second after that.
        """
        with asyncio.Runner() as runner:
            self.loop = runner.get_loop()
            runner.run(self._serve(ready, look))

    async def _serve(self, ready: Callable[[], None], look: Callable[[], None] | None) -> None:
        self.service.open(self.loop)
        try:
            acceptor = Acceptor(self._listener, self.service.crowd, self._take)
            # It has connections to look after.
            self._database.hurry(HASTE_SECONDS)
            # Held open, so that `leadbook restore` sees that the database is in use.
            self._database.execute_sql("SELECT 1 FROM leads LIMIT 1")
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
        """Refuse new connections, answer what has come in, and close."""
        await acceptor.finish()
        # A look at each, for the requests that lie there unread.
        for _ in range(_LOOKS):
            await asyncio.sleep(0)
        await self.service.finish(LONGEST_FAREWELL_SECONDS)
