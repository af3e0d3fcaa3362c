"""When a failed webhook is sent again."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# After the first failed try, the second, and so on: more than a day and a half in all.
DELAYS = (
    timedelta(seconds=5),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=10),
    timedelta(hours=14),
)
# Receivers that were down together should not all be tried again in the same second.
_JITTER = 0.1
LONGEST_WISH = timedelta(days=1)
# A larger number of seconds is over the limit anyway, and int() refuses thousands of digits.
_MOST_DIGITS = 9


def delay_after(
    failures: int, source: random.Random, now: datetime, retry_after: str | None = None
) -> timedelta | None:
    """Return how long to wait after so many failed tries, or None if this was the last try.

    `retry_after` is the header of the answer; it counts if it is later, up to a day. `source` gives
    the jitter of ±10 %: the delays are the same for the same seed.
    """
    if failures > len(DELAYS):
        return None
    delay = DELAYS[failures - 1] * source.uniform(1 - _JITTER, 1 + _JITTER)
    return max(delay, min(_wish(retry_after or "", now), LONGEST_WISH))


def _wish(header: str, now: datetime) -> timedelta:
    """Return the delay that Retry-After asks for, or none if it cannot be read.

    It has seconds or a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
    """
    if header.isdecimal() and header.isascii():
        return timedelta(seconds=int(header)) if len(header) <= _MOST_DIGITS else LONGEST_WISH
    try:
        at = parsedate_to_datetime(header)
        # The oldest of its three forms names no zone, and is in UTC like the others.
        return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return timedelta()
