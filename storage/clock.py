"""The time and the ids of one app."""

import random
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from leadbook.storage.times import LATEST, text_of

_TIME_BITS = 48
_COUNTER_BITS = 12
_RANDOM_BITS = 62
# The largest value of the time and the counter together.
_LAST = (1 << _TIME_BITS + _COUNTER_BITS) - 1


class Clock:
    """Return the time and new ids.

    `milliseconds` returns the time in milliseconds since the Unix epoch; `source` gives the random
    part of the ids. A demo or a test passes its own, and gets the same times and ids in each run.
    """

    def __init__(
        self,
        milliseconds: Callable[[], int] = lambda: min(time.time_ns() // 1_000_000, LATEST),
        source: random.Random | None = None,
    ) -> None:
        self.milliseconds = milliseconds
        self._source = source or random.SystemRandom()
        self._lock = threading.Lock()
        self._last = 0

    @property
    def is_running(self) -> bool:
        """Whether the time goes on by itself."""
        return True

    def now(self) -> str:
        """Return the time as RFC 3339 in UTC with milliseconds and `Z`."""
        return self.after(timedelta())

    def after(self, delay: timedelta) -> str:
        """Return the time `delay` from now, in the same form. `delay` may be negative.

        The latest time is the end of the year 9999, since the form has only four digits.
        """
        return text_of(min(self.milliseconds() + delay // timedelta(milliseconds=1), LATEST))

    def random_for(self, *use: object) -> random.Random:  # noqa: ARG002 - for a test's clock
        """Return a source of random numbers; a test gets the same ones for the same use."""
        return random.SystemRandom()

    def new_id(self, not_before: int = 0) -> str:
        """Return a UUIDv7 that sorts after every earlier one of this clock.

        Its time is at least `not_before`, in milliseconds since the Unix epoch.

        The 12 bits after the time count within a millisecond (RFC 9562, section 6.2, method 1). If
        they overflow, or the time is set back, the ids run ahead of the time. An id can hold times
        up to the year 10889. After that, ids are still unique, but in no order.
        """
        with self._lock:
            time = max(self.milliseconds(), not_before)
            self._last = min(max(self._last + 1, time << _COUNTER_BITS), _LAST)
            time_and_count = self._last
            tail = self._source.getrandbits(_RANDOM_BITS)
        time_part, count = divmod(time_and_count, 1 << _COUNTER_BITS)
        digits = f"{time_part << 80 | 7 << 76 | count << 64 | 2 << 62 | tail:032x}"
        # As uuid.UUID does it, in half of the time.
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
