"""How many requests one caller may send in a stretch of time."""

import re
from dataclasses import dataclass
from hashlib import blake2b
from secrets import token_bytes
from struct import Struct
from threading import Lock

from leadbook.clock import Clock

_MILLISECONDS = {"second": 1_000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
# 4 MiB. Of 10,000 identities that use up their limits, none in a million then looks like another.
CELLS = 2**20
_CELL_BYTES = 4
_PLACES = Struct("<5I")


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

    It keeps no identities but a fixed number of counters, of which each identity has five, drawn
    by a keyed hash; the lowest of the five is its count. Others can only raise it. So nobody gets
    rid of a count by sending from more addresses than a table could hold, and nobody can choose
    addresses that raise the count of a victim. It is a count-min sketch with conservative update:
    https://en.wikipedia.org/wiki/Count-min_sketch
    """

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = Lock()
        self._secret = token_bytes(16)
        self._window = 0
        # None while nothing has been counted in the window.
        self._counters: memoryview[int] | None = None

    def count(self, identity: str) -> Allowance:
        """Count one request of `identity` and return what is left to it."""
        places = self._places(identity)
        with self._lock:
            now = self._turn()
            if self._counters is None:
                self._counters = memoryview(bytearray(CELLS * _CELL_BYTES)).cast("I")
            counters = self._counters
            # More than one over the limit says nothing new, and might not fit in.
            count = min(*(counters[place] for place in places), self._rate.limit) + 1
            for place in places:
                counters[place] = max(counters[place], count)
        return self._allowance(count, now)

    def look(self, identity: str) -> Allowance:
        """Return what is left to `identity`, without counting anything."""
        places = self._places(identity)
        with self._lock:
            now = self._turn()
            counters = self._counters
            count = min(counters[place] for place in places) if counters else 0
        return self._allowance(count, now)

    def forget(self) -> None:
        """Begin to count anew."""
        with self._lock:
            self._counters = None

    def _places(self, identity: str) -> tuple[int, ...]:
        """Return which counters are those of `identity`."""
        key = identity.encode(errors="surrogatepass")
        digest = blake2b(key, key=self._secret, digest_size=_PLACES.size).digest()
        return tuple(number % CELLS for number in _PLACES.unpack(digest))

    def _turn(self) -> int:
        """Forget the counts of a window that is over; return the time in milliseconds."""
        now = self._clock.milliseconds()
        window = now // self._rate.window_milliseconds
        if window != self._window:
            self._window = window
            self._counters = None
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
