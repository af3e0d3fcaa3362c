"""A clock that tests control, with ids that are the same in every run."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from leadbook.storage.clock import Clock
from leadbook.storage.system import monotonic
from leadbook.storage.times import milliseconds_of, parse_duration, read_time

START = datetime(2026, 1, 1, tzinfo=UTC)
# Well within the range of Python's dates and of the 48 bits of an id.
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2990, 1, 1, tzinfo=UTC)
# Later ids can only come from imported files.
LAST_ID = str(uuid.UUID(int=(milliseconds_of(LATEST) + 1 << 80) - 1))


@dataclass(frozen=True)
class ClockState:
    """The state that determines the next times and ids."""

    milliseconds: int
    is_running: bool
    last: int
    random: Any


class AdjustableClock(Clock):
    """A clock that stands at START until it is set, advanced or started.

    The same seed and the same requests give the same ids and times.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311  # repeatable on purpose
        super().__init__(self._read, self._random)
        self._base = milliseconds_of(START)
        # Called after each change, to do what is due by then.
        self.then: Callable[[], object] = lambda: None
        self._running_since: float | None = None

    @property
    def is_running(self) -> bool:
        """Whether the clock runs."""
        return self._running_since is not None

    def set(self, at: str | datetime) -> None:
        """Set the clock to `at`, a time with a UTC offset. Raises ValueError."""
        self.change(at=at)

    def advance(self, by: str | timedelta) -> None:
        """Move the clock forward by a timedelta or a text such as `36h`. Raises ValueError."""
        self.change(by=by)

    def run(self) -> None:
        """Start the clock."""
        self.change(is_running=True)

    def stop(self) -> None:
        """Stop the clock."""
        self.change(is_running=False)

    def change(
        self,
        at: str | datetime | None = None,
        by: str | timedelta | None = None,
        is_running: bool | None = None,
    ) -> None:
        """Set, move, and start or stop the clock, all or nothing. Raises ValueError."""
        by = parse_duration(by) if isinstance(by, str) else by or timedelta()
        with self._lock:
            moment = self._read() if at is None else _milliseconds(at)
            moment += by // timedelta(milliseconds=1)
            if not milliseconds_of(EARLIEST) <= moment <= milliseconds_of(LATEST):
                raise ValueError(f"between the years {EARLIEST.year} and {LATEST.year}")
            self._go_on(moment, self.is_running if is_running is None else is_running)
        self.then()

    def skip(self, id: str, writes: int) -> None:
        """Make only ids that sort after `id`, and none that an earlier clock of this seed made.

        `id` is the newest id in the file, after this number of `writes`.
        """
        digits = uuid.UUID(id).int
        with self._lock:
            self._last = max(self._last, digits >> 80 << 12 | digits >> 64 & 0xFFF)
            # Imported records may have any ids, which could be equal to new ones.
            self._random.seed(f"{self._seed}/{writes}")

    def random_for(self, *use: object) -> random.Random:
        """Return the same source for the same seed and use."""
        return random.Random(f"{self._seed}/{use}")  # noqa: S311  # repeatable on purpose

    def state(self) -> ClockState:
        """Return the state for `resume`."""
        with self._lock:
            return ClockState(self._read(), self.is_running, self._last, self._random.getstate())

    def resume(self, state: ClockState) -> None:
        """Continue from `state`, with the same next times and ids."""
        with self._lock:
            self._go_on(state.milliseconds, state.is_running)
            self._last = state.last
            self._random.setstate(state.random)

    def _read(self) -> int:
        if self._running_since is None:
            return self._base
        return self._base + int((monotonic() - self._running_since) * 1000)

    def _go_on(self, milliseconds: int, is_running: bool) -> None:
        self._base = milliseconds
        self._running_since = monotonic() if is_running else None


def _milliseconds(at: str | datetime) -> int:
    if isinstance(at, str):
        return read_time(at)
    if at.tzinfo is None:
        raise ValueError("a time with its UTC offset")
    return milliseconds_of(at)
