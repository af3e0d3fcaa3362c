"""Who may write next: threads and processes queue, and get their turns in that order.

SQLite's own lock is polled, and its last owner is the most likely to get it again. SQLite's lock
still decides who writes, since other programs use only that one.
"""

import os
import socket
import time
from contextlib import suppress

from leadbook.storage.stamps import FairLock

# The messages of a worker, each with the number of its turn.
WANTED, DONE = b"WD"
_NUMBERS = 256
# The message takes less than a millisecond.
_SHORTEST_WAIT_SECONDS = 0.05
_LONGEST_WAIT_SECONDS = 3600


class Turns:
    """Gives the workers that ask over their sockets one turn after the other."""

    def __init__(self) -> None:
        # The first worker in the queue has the turn.
        self._queue: list[tuple[socket.socket, int]] = []
        self._told: tuple[socket.socket, int] | None = None

    def want(self, worker: socket.socket, number: int) -> None:
        """Queue a worker for its turn with this number."""
        self._queue.append((worker, number))
        self._tell_first()

    def end(self, worker: socket.socket) -> None:
        """Remove a worker from the queue: it is done, has given up waiting, or has died."""
        self._queue = [turn for turn in self._queue if turn[0] is not worker]
        self._tell_first()

    def _tell_first(self) -> None:
        if self._queue and self._queue[0] is not self._told:
            self._told = worker, number = self._queue[0]
            # If the worker has just died, its socket ends soon, and `end` is called.
            with suppress(OSError):
                worker.send(bytes((number,)))


class Turn:
    """The write lock of a worker, with the methods of threading.Lock; `turns` leads to Turns."""

    def __init__(self, turns: socket.socket) -> None:
        self._turns = turns
        # The queue of this process's threads.
        self._lock = FairLock()
        self._number = 0

    def acquire(self, blocking: bool = True, timeout: float = _LONGEST_WAIT_SECONDS) -> bool:
        """Wait up to `timeout` seconds for the turn; return whether it has come."""
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
        # If the first process has ended, this one ends too.
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
                # The first process has ended, so this one ends at once, even during a request.
                os._exit(0)
            # An earlier turn may have come after its thread gave up waiting.
            if told[-1] == self._number:
                return True
        return False
