"""Accepting connections, while there is room for more."""

import asyncio
import errno
import socket
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from leadbook.server.crowd import Crowd

# Connections to accept at once, so that the open ones get their turn.
_AT_ONCE = 64
_PAUSE_SECONDS = 0.5
# The process, or the system, has too many files open.
_NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)
# A pause that leaves a connection to a process with fewer, unless that one is too busy.
_STEP_BACK_SECONDS = 0.005

Take = Callable[[socket.socket, str], Coroutine[Any, Any, None]]


class Acceptor:
    """Accepts the connections of `listener`; calls `take` with each socket and its address."""

    def __init__(self, listener: socket.socket, crowd: Crowd, take: Take) -> None:
        self._loop = asyncio.get_running_loop()
        self._listener = listener
        self._crowd = crowd
        self._has_stepped_back = False
        self._take = take
        self._taking: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        listener.setblocking(False)
        self.resume()

    def resume(self) -> None:
        """Begin to accept, at the start or after a pause."""
        self._pause = None
        self._loop.add_reader(self._listener, self._accept, _AT_ONCE)

    async def finish(self) -> None:
        """Accept the connections that clients have already opened, and refuse any later ones."""
        if self._pause:
            self._pause.cancel()
        self._loop.remove_reader(self._listener)
        with suppress(OSError):
            while True:
                self._accept_one()
        self._listener.close()
        while self._taking:
            await asyncio.gather(*self._taking)

    def _accept(self, most: int) -> None:
        try:
            for _ in range(most):
                if not self._crowd.has_room():
                    self._pause_for(_PAUSE_SECONDS)
                    return
                if not self._has_stepped_back and not self._crowd.is_next(len(self._taking)):
                    self._has_stepped_back = True
                    self._pause_for(_STEP_BACK_SECONDS)
                    return
                descriptor = self._accept_one()
                self._has_stepped_back = False
                if self._crowd.is_last(descriptor):
                    self._crowd.give_up_idle()
                    # The loop closes that connection in its next turn.
                    self._pause_for(0)
                    return
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            self._has_stepped_back = False
        except OSError as error:
            has_way = error.errno in _NO_DESCRIPTOR and self._make_way()
            self._pause_for(0 if has_way else _PAUSE_SECONDS)

    def _make_way(self) -> bool:
        """Close a connection, but not a busy one while new ones may turn out to be idle."""
        crowd = self._crowd
        return crowd.give_up_idle() or bool(self._taking) or crowd.give_up_any()

    def _accept_one(self) -> int:
        client, address = self._listener.accept()
        taking = self._loop.create_task(self._take(client, address[0]))
        self._taking.add(taking)
        taking.add_done_callback(self._taking.discard)
        return client.fileno()

    def _pause_for(self, seconds: float) -> None:
        self._loop.remove_reader(self._listener)
        self._pause = self._loop.call_later(seconds, self.resume)
