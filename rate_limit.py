"""How many requests one caller may send in a stretch of time."""

import re
from dataclasses import dataclass
from threading import Lock

from leadbook.clock import Clock

MOST_IDENTITIES = 10_000
_MILLISECONDS = {"second": 1_000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000}


@dataclass(frozen=True)
class Rate:
    """So many requests in each window, which begins at a multiple of its length."""

    limit: int
    window_milliseconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Return the rate that is written as, say, `500/minute`. Raises ValueError."""
        found = re.fullmatch(r"([1-9][0-9]{0,8})/(second|minute|hour|day)", text)
        if not found:
            raise ValueError(text)
        return cls(int(found[1]), _MILLISECONDS[found[2]])


@dataclass(frozen=True)
class Allowance:
    """What is left to somebody, and until when (Unix seconds)."""

    limit: int
    remaining: int
    reset: int
    retry_after_seconds: int
    is_exceeded: bool

    @classmethod
    def used_up(cls, now: int, limit: int) -> "Allowance":
        """Return what is left to somebody who has to wait a second; `now` is in milliseconds."""
        return cls(limit, 0, now // 1000 + 1, 1, is_exceeded=True)


class RateLimiter:
    """Counts the requests of each identity in the running window, on the clock of the app.

    It knows at most MOST_IDENTITIES of them. Then the oldest leave first, and those that have used
    up their requests last: whoever has many addresses could make room for one of them otherwise.
    """

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = Lock()
        self._window = 0
        self._counts: dict[str, int] = {}
        # The counts of those that have nothing left.
        self._exhausted: dict[str, int] = {}

    def count(self, identity: str) -> Allowance:
        """Count one request of `identity` and return what is left to it."""
        with self._lock:
            now = self._turn()
            count = self._known(identity) + 1
            if count == 1:
                self._make_room()
            if count < self._rate.limit:
                self._counts[identity] = count
            else:
                self._counts.pop(identity, None)
                self._exhausted[identity] = count
        return self._allowance(count, now)

    def look(self, identity: str) -> Allowance:
        """Return what is left to `identity`, without counting anything."""
        with self._lock:
            now = self._turn()
            count = self._known(identity)
        return self._allowance(count, now)

    def forget(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._counts, self._exhausted = {}, {}

    def _known(self, identity: str) -> int:
        return self._exhausted.get(identity) or self._counts.get(identity, 0)

    def _make_room(self) -> None:
        if len(self._counts) + len(self._exhausted) >= MOST_IDENTITIES:
            # A dict keeps the order in which its keys came.
            crowd = self._counts or self._exhausted
            del crowd[next(iter(crowd))]

    def _turn(self) -> int:
        """Forget the counts of a window that is over; return the time in milliseconds."""
        now = self._clock.milliseconds()
        window = now // self._rate.window_milliseconds
        if window != self._window:
            self._window = window
            self._counts, self._exhausted = {}, {}
        return now

    def _allowance(self, count: int, now: int) -> Allowance:
        length = self._rate.window_milliseconds
        end = (now // length + 1) * length
        return Allowance(
            limit=self._rate.limit,
            remaining=max(0, self._rate.limit - count),
            reset=end // 1000,
            retry_after_seconds=-(-(end - now) // 1000),
            is_exceeded=count > self._rate.limit,
        )
