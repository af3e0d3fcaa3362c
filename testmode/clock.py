"""A clock that a test sets, and ids that are the same every time."""

import random
import time
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from leadbook.clock import Clock
from leadbook.durations import parse_duration

START = datetime(2026, 1, 1, tzinfo=UTC)
# Far enough from what Python's dates and the 48 bits of an id can hold.
EARLIEST, LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2990, 1, 1, tzinfo=UTC)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class ClockState:
    """All that decides which times and ids come next."""

    base: int
    running_since: float | None
    last: int
    random: Any


class AdjustableClock(Clock):
    """A clock that stands still at START until it is set, advanced or let run.

    Ids and times are then the same for the same seed and the same requests.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # the same ones every time, on purpose
        super().__init__(self._read, self._random)
        self._base = (START - _EPOCH) // _MILLISECOND
        self._running_since: float | None = None
        self._first = self.state()

    @property
    def is_running(self) -> bool:
        """Whether time passes by itself."""
        return self._running_since is not None

    def set(self, at: str | datetime) -> None:
        """Make it `at`, a time with a UTC offset. Raises ValueError."""
        time = datetime.fromisoformat(at) if isinstance(at, str) else at
        if time.tzinfo is None or not EARLIEST <= time <= LATEST:
            raise ValueError("a time between 1990 and 2990 with its offset: 2026-01-01T00:00:00Z")
        self._move_to((time - _EPOCH) // _MILLISECOND)

    def advance(self, by: str | timedelta) -> None:
        """Let `by` pass at once: a timedelta, or as in `36h`. Raises ValueError."""
        by = parse_duration(by) if isinstance(by, str) else by
        self.set(_EPOCH + self._read() * _MILLISECOND + by)

    def run(self) -> None:
        """Let time pass by itself from now on."""
        self._move_to(self._read())
        self._running_since = time.monotonic()

    def stop(self) -> None:
        """Make time stand still."""
        self._move_to(self._read())
        self._running_since = None

    def rewind(self) -> None:
        """Begin again at the first time and the first id."""
        self.resume(self._first)

    def skip(self, id: str) -> None:
        """Let only ids come that sort after `id`, one that was made before."""
        digits = uuid.UUID(id).int
        with self._lock:
            self._last = max(self._last, digits >> 80 << 12 | digits >> 64 & 0xFFF)

    def state(self) -> ClockState:
        """Return what `resume` goes on from."""
        return ClockState(self._base, self._running_since, self._last, self._random.getstate())

    def resume(self, state: ClockState) -> None:
        """Go on from `state`: the same times and ids come next as came then."""
        with self._lock:
            self._base, self._running_since = state.base, state.running_since
            self._last = state.last
            self._random.setstate(state.random)

    def _read(self) -> int:
        if self._running_since is None:
            return self._base
        return self._base + int((time.monotonic() - self._running_since) * 1000)

    def _move_to(self, milliseconds: int) -> None:
        if self._running_since is not None:
            self._running_since = time.monotonic()
        self._base = milliseconds
