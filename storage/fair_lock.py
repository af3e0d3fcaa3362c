"""A lock that is given to threads in the order in which they wait for it."""

from collections import deque
from threading import Lock


class FairLock:
    """Used as threading.Lock is, at which whoever has just had it may get it again and again."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._is_held = False
        self._waiting: deque[Lock] = deque()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Wait for the lock, or for so many seconds; return whether it is ours."""
        with self._guard:
            if not self._is_held:
                self._is_held = True
                return True
            if not blocking:
                return False
            turn = Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=timeout):
            return True
        with self._guard:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        # It was given to us in the last moment.
        return True

    def release(self) -> None:
        """Give the lock to who has waited for the longest time, or let it go."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_held = False
