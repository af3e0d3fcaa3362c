"""A write: who may write next, the time and number of its changes, and its last steps."""

from collections import deque
from collections.abc import Callable
from threading import Lock, get_ident
from typing import Any

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


class Write:
    """One write transaction, as its own thread sees it.

    `draw` increments the number of the last write in the database. It returns the number and a
    time in milliseconds, which is at least the given one and that of the write before. With
    `history`, times and ids come from that clock, for made-up records.
    """

    def __init__(self, clock: Clock, history: Clock | None, draw: Callable[[int], Any]) -> None:
        self.thread = get_ident()
        self._clock = clock
        self._history = history
        self._draw = draw
        self._drawn: tuple[int, int] | None = None
        self._last_steps: dict[str, Callable[[], None]] = {}

    @property
    def number(self) -> int:
        """The number of this write, higher than that of any before."""
        return self._stamp[0]

    @property
    def now(self) -> str:
        """The time of this write."""
        return self._history.now() if self._history else text_of(self._stamp[1])

    def new_id(self) -> str:
        """Return an id for a new record."""
        return self._history.new_id() if self._history else self._clock.new_id(self._stamp[1])

    @property
    def _stamp(self) -> tuple[int, int]:
        if self._drawn is None:
            self._drawn = self._draw(0 if self._history else self._clock.milliseconds())
        return self._drawn

    def do_last(self, name: str, step: Callable[[], None]) -> None:
        """Call `step` at the end of the write; once for each name."""
        self._last_steps[name] = step

    def finish(self) -> None:
        """Run the last steps."""
        for step in self._last_steps.values():
            step()
