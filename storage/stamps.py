"""A write: who may write next, for whom, at what time, and its last steps."""

from collections import Counter, deque
from collections.abc import Callable
from functools import cached_property
from threading import Lock, get_ident
from typing import NamedTuple

from leadbook.storage.clock import Clock
from leadbook.storage.times import text_of


class FairLock:
    """A lock that threads get in the order in which they wait for it.

    With `threading.Lock`, the thread that has just released it may get it again and again.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._is_held = False
        self._waiting: deque[Lock] = deque()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Wait for the lock, at most `timeout` seconds; return whether this thread has it."""
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
        # The lock was given to this thread at the last moment.
        return True

    def release(self) -> None:
        """Give the lock to the thread that has waited longest, or leave it free."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._is_held = False


class Caller(NamedTuple):
    """For whom something is written: the name of the API key, and the id of the request."""

    actor: str | None = None
    request_id: str | None = None


class Write:
    """One write transaction, as its own thread sees it.

    `last_time` returns the time of the last event, in milliseconds. With `history`, times and ids
    come from that clock, for made-up records.
    """

    def __init__(self, clock: Clock, history: Clock | None, last_time: Callable[[], int]) -> None:
        self.thread = get_ident()
        self._clock = clock
        self._history = history
        self._last_time = last_time
        self._last_steps: dict[str, Callable[[], None]] = {}
        # How many texts it has erased from each search index.
        self.erased: Counter[str] = Counter()

    @property
    def now(self) -> str:
        """The time for records of this write."""
        return self._history.now() if self._history else text_of(self.time)

    def new_id(self) -> str:
        """Return an id for a new record."""
        return self._history.new_id() if self._history else self._clock.new_id(self.time)

    @cached_property
    def time(self) -> int:
        """The time of this write in milliseconds, which is never before that of the last event."""
        return max(self._clock.milliseconds(), self._last_time())

    def do_last(self, name: str, step: Callable[[], None]) -> None:
        """Call `step` at the end of the write; once for each name."""
        self._last_steps[name] = step

    def finish(self) -> None:
        """Run the last steps."""
        for step in self._last_steps.values():
            step()
