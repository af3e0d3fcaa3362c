"""Whose turn it is to write: threads and processes queue, and get their turns in that order.

At SQLite's own lock they would poll, and whoever had it last would be the likeliest to get it
again. That lock still decides who writes, since other programs know no other.
"""

import os
import socket
import time
from contextlib import suppress

from leadbook.storage.stamps import FairLock

# What a worker says, each time with the number of its turn.
WANTED, DONE = b"WD"
_NUMBERS = 256
# To be told takes a part of a millisecond.
_SHORTEST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 3600


class Turns:
    """Gives the workers that ask over their sockets one turn after the other."""

    def __init__(self) -> None:
        # The first has its turn.
        self._queue: list[tuple[socket.socket, int]] = []
        self._told: tuple[socket.socket, int] | None = None

    def want(self, worker: socket.socket, number: int) -> None:
        """Have a worker wait for its turn, of this number."""
        self._queue.append((worker, number))
        self._tell_first()

    def end(self, worker: socket.socket) -> None:
        """Go on without a worker: it is done, or tired of waiting, or has died."""
        self._queue = [turn for turn in self._queue if turn[0] is not worker]
        self._tell_first()

    def _tell_first(self) -> None:
        if self._queue and self._queue[0] is not self._told:
            self._told = worker, number = self._queue[0]
            # Of one that has just died, the end is soon noticed.
            with suppress(OSError):
                worker.send(bytes((number,)))


class Turn:
    """The lock of a worker's writers, used as threading.Lock is; `turns` leads to the Turns."""

    def __init__(self, turns: socket.socket) -> None:
        self._turns = turns
        # Of the threads of this process.
        self._lock = FairLock()
        self._number = 0

    def acquire(self, blocking: bool = True, timeout: float = _LONGEST_WAIT_SECONDS) -> bool:
        """Wait for the turn, but no longer than so many seconds; return whether it has come."""
        seconds = timeout if blocking else _SHORTEST_WAIT_SECONDS
        deadline = time.monotonic() + seconds
        if not self._lock.acquire(timeout=seconds):
            return False
        self._number = (self._number + 1) % _NUMBERS
        self._say(WANTED)
        if self._has_come(deadline):
            return True
        self.release()
        return False

    def release(self) -> None:
        """End the turn."""
        self._say(DONE)
        self._lock.release()

    def _say(self, what: int) -> None:
        # Where nobody listens any more, this process ends too.
        with suppress(OSError):
            self._turns.send(bytes((what, self._number)))

    def _has_come(self, deadline: float) -> bool:
        while (left := deadline - time.monotonic()) > 0:
            self._turns.settimeout(left)
            try:
                told = self._turns.recv(_NUMBERS)
            except TimeoutError:
                return False
            except OSError:
                told = b""
            if not told:
                # The first process has gone, and this one ends with it, in the midst of a request.
                os._exit(0)
            # An earlier one may have come too late for who waited for it.
            if told[-1] == self._number:
                return True
        return False
