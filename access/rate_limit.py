"""Limit how many requests a caller may send in a window of time."""

import re
from dataclasses import dataclass
from hashlib import blake2b
from secrets import token_bytes
from struct import Struct

from leadbook.storage.clock import Clock
from leadbook.storage.shared_memory import ForkedLock, shared_cells

_MILLISECONDS = {"second": 1_000, "minute": 60_000, "hour": 3_600_000, "day": 86_400_000}
# 8 MiB at most; unused pages take no memory. If 10,000 identities use up their limits, fewer than
# one in a million other identities seems to have done so too.
CELLS = 2**20
# A cell has the number of a window, and in its lower bits the count in that window.
_COUNT_BITS = 32
_COUNT = (1 << _COUNT_BITS) - 1
_PLACES = Struct("<5I")


@dataclass(frozen=True)
class Rate:
    """At most `limit` requests in each window; a window begins at a multiple of its length."""

    limit: int
    window_milliseconds: int

    @classmethod
    def parse(cls, text: str) -> "Rate":
        """Parse a rate such as `500/minute`. Raises ValueError."""
        found = re.fullmatch(r"([1-9][0-9]{0,8})/(second|minute|hour|day)", text)
        if not found:
            raise ValueError(text)
        return cls(int(found[1]), _MILLISECONDS[found[2]])

    def __str__(self) -> str:
        [unit] = [
            name for name, length in _MILLISECONDS.items() if length == self.window_milliseconds
        ]
        return f"{self.limit}/{unit}"


def a_rate(value: object) -> Rate | None:
    """Parse a rate such as 500/minute; an empty value means no limit."""
    try:
        return Rate.parse(str(value)) if value not in ("", None) else None
    except ValueError:
        raise ValueError("a rate such as 500/minute, 20/second, 10000/hour or 5/day") from None


@dataclass(frozen=True)
class Allowance:
    """How many requests of a rate a caller has left, and until when (Unix seconds)."""

    rate: Rate
    remaining: int
    reset: int
    retry_after_seconds: int
    is_exceeded: bool

    @classmethod
    def used_up(cls, now: int, rate: Rate) -> "Allowance":
        """Return the allowance of a caller who must wait a second; `now` is in milliseconds."""
        return cls(rate, 0, now // 1000 + 1, 1, is_exceeded=True)


class RateLimiter:
    """Counts the requests of each identity in the current window, on the clock of the app.

    It stores a fixed number of counters and no identities. A keyed hash gives each identity five
    counters, and the lowest of them is its count. Others can only raise it. So a caller cannot
    lose a count by using more addresses than a table could hold, and cannot choose addresses that
    raise the count of a victim. This is a count-min sketch with conservative update:
    https://en.wikipedia.org/wiki/Count-min_sketch

    Processes that are forked later share the counters.
    """

    def __init__(self, rate: Rate, clock: Clock) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = ForkedLock()
        self._secret = token_bytes(16)
        self._cells = shared_cells(CELLS)

    def count(self, identity: str) -> Allowance:
        """Count one request of `identity` and return its allowance."""
        places = self._places(identity)
        with self._lock.held():
            now = self._clock.milliseconds()
            counts = self._counts(places, now)
            # A higher count than limit + 1 means nothing new and might not fit.
            count = min(*counts, self._rate.limit) + 1
            window = self._window(now) << _COUNT_BITS
            for place, counted in zip(places, counts, strict=True):
                self._cells[place] = window | max(counted, count)
        return self._allowance(count, now)

    def look(self, identity: str) -> Allowance:
        """Return the allowance of `identity` without counting a request."""
        now = self._clock.milliseconds()
        return self._allowance(min(self._counts(self._places(identity), now)), now)

    def forget(self) -> None:
        """Reset all counts in this process."""
        self._cells = shared_cells(CELLS)

    def _places(self, identity: str) -> tuple[int, ...]:
        """Return the places of the counters of `identity`."""
        key = identity.encode(errors="surrogatepass")
        digest = blake2b(key, key=self._secret, digest_size=_PLACES.size).digest()
        return tuple(number % CELLS for number in _PLACES.unpack(digest))

    def _counts(self, places: tuple[int, ...], now: int) -> list[int]:
        """Return the counts at these places in the current window."""
        window = self._window(now)
        cells = (self._cells[place] for place in places)
        return [cell & _COUNT if cell >> _COUNT_BITS == window else 0 for cell in cells]

    def _window(self, now: int) -> int:
        return now // self._rate.window_milliseconds & _COUNT

    def _allowance(self, count: int, now: int) -> Allowance:
        length = self._rate.window_milliseconds
        end = (now // length + 1) * length
        return Allowance(
            rate=self._rate,
            remaining=max(0, self._rate.limit - count),
            reset=end // 1000,
            retry_after_seconds=-(-(end - now) // 1000),
            is_exceeded=count > self._rate.limit,
        )
