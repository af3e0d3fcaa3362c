"""Removing events that are older than a setting allows, some at a time."""

from datetime import timedelta
from typing import Any

from leadbook.storage.clock import Clock
from leadbook.storage.times import parse_duration

# With each write, so that no write takes long; and in a quiet moment.
FEW, MANY = 20, 1_000

_SWEEP = """DELETE FROM events
WHERE number IN (SELECT number FROM events ORDER BY number LIMIT ?)
AND time < ? AND number < (SELECT max(number) FROM events)"""
_OLDEST = "SELECT time FROM events ORDER BY number LIMIT 1"


class Age(timedelta):
    """How long something is kept, printed as it was written."""

    text = ""

    def __str__(self) -> str:
        return self.text


def an_age(value: object) -> Age | None:
    """Parse how long something is kept; `all`, which means forever, is None."""
    if value in ("all", None):
        return None
    try:
        age = Age(seconds=parse_duration(str(value)).total_seconds())
    except ValueError as error:
        raise ValueError(f"{error}, or `all`") from None
    age.text = str(value)
    return age


class Sweeper:
    """Removes the events of a database that are older than `kept`; None keeps all.

    The last event always stays, so that its number is not given again.
    """

    def __init__(self, kept: timedelta | None, clock: Clock) -> None:
        self._kept: int | None = None if kept is None else kept // timedelta(milliseconds=1)
        self._clock = clock
        # When the oldest event will be too old, in milliseconds.
        self._next = 0

    @property
    def is_due(self) -> bool:
        """Whether an event may be too old."""
        return self._kept is not None and self._clock.milliseconds() > self._next

    def sweep(self, database: Any, most: int) -> None:
        """Remove up to `most` events, in a write."""
        if not self.is_due or self._kept is None:
            return
        now = self._clock.milliseconds()
        swept = database.execute_sql(_SWEEP, (most, now - self._kept)).rowcount
        if swept < most:
            [oldest] = database.execute_sql(_OLDEST).fetchone() or [now]
            # The last event may be too old already, and stays.
            self._next = max(oldest, now - self._kept) + self._kept
