"""A clock that a test sets, and ids that are the same every time."""

import random
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from leadbook.storage.clock import Clock
from leadbook.storage.times import milliseconds_of, parse_duration, read_time

START = datetime(2026, 1, 1, tzinfo=UTC)
# Far enough from what Python's dates and the 48 bits of an id can hold.
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2990, 1, 1, tzinfo=UTC)
# Later ids come out of imported files alone.
LAST_ID = str(uuid.UUID(int=(milliseconds_of(LATEST) + 1 << 80) - 1))


@dataclass(frozen=True)
class ClockState:
    """All that decides which times and ids come next."""

    milliseconds: int
    is_running: bool
    last: int
    random: Any


class AdjustableClock(Clock):
    """A clock that stands still at START until it is set, advanced or let run.

    Ids and times are then the same for the same seed and the same requests.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311  # the same ones every time, on purpose
        super().__init__(self._read, self._random)
        self._base = milliseconds_of(START)
        self._running_since: float | None = None

    @property
    def is_running(self) -> bool:
        """Whether time passes by itself."""
        return self._running_since is not None

    def set(self, at: str | datetime) -> None:
        """Make it `at`, a time with a UTC offset. Raises ValueError."""
        self.change(at=at)

    def advance(self, by: str | timedelta) -> None:
        """Let `by` pass at once: a timedelta, or as in `36h`. Raises ValueError."""
        self.change(by=by)

    def run(self) -> None:
        """Let time pass by itself from now on."""
        self.change(is_running=True)

    def stop(self) -> None:
        """Make time stand still."""
        self.change(is_running=False)

    def change(
        self,
        at: str | datetime | None = None,
        by: str | timedelta | None = None,
        is_running: bool | None = None,
    ) -> None:
        """Do several of these at once, in this order, or nothing. Raises ValueError."""
        by = parse_duration(by) if isinstance(by, str) else by or timedelta()
        with self._lock:
            moment = self._read() if at is None else _milliseconds(at)
            moment += by // timedelta(milliseconds=1)
            if not milliseconds_of(EARLIEST) <= moment <= milliseconds_of(LATEST):
                raise ValueError(f"between the years {EARLIEST.year} and {LATEST.year}")
            self._go_on(moment, self.is_running if is_running is None else is_running)

    def skip(self, id: str, writes: int) -> None:
        """Let only ids come that sort after `id`, and none of an earlier clock of this seed.

        `id` is the newest that a clock like this has made, in so many `writes`.
        """
        digits = uuid.UUID(id).int
        with self._lock:
            self._last = max(self._last, digits >> 80 << 12 | digits >> 64 & 0xFFF)
            # Ids of imported records may lie anywhere, and so in the way of those to come.
            self._random.seed(f"{self._seed}/{writes}")

    def state(self) -> ClockState:
        """Return what `resume` goes on from."""
        with self._lock:
            return ClockState(self._read(), self.is_running, self._last, self._random.getstate())

    def resume(self, state: ClockState) -> None:
        """Go on from `state`: the same times and ids come next as came then."""
        with self._lock:
            self._go_on(state.milliseconds, state.is_running)
            self._last = state.last
            self._random.setstate(state.random)

    def _read(self) -> int:
        if self._running_since is None:
            return self._base
        return self._base + int((time.monotonic() - self._running_since) * 1000)

    def _go_on(self, milliseconds: int, is_running: bool) -> None:
        self._base = milliseconds
        self._running_since = time.monotonic() if is_running else None


def _milliseconds(at: str | datetime) -> int:
    if isinstance(at, str):
        return read_time(at)
    if at.tzinfo is None:
        raise ValueError("a time with its UTC offset")
    return milliseconds_of(at)
