"""Parse dates as other tools write them."""

import re
from datetime import UTC, datetime

from leadbook.storage.times import LATEST, milliseconds_of

_SLASHED = re.compile(
    r"(?P<first>\d{1,2})[/.](?P<second>\d{1,2})[/.](?P<year>\d{4})"
    r"(?:,? +(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<seconds>\d{2}))?(?: *(?P<half>[AaPp])\.?[Mm]\.?)?)?"
)
_ISO = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ]+(\S.*))?")
_MONTHS = 12
# The longest date has about 30 characters. On a long text, the patterns could take very long.
_LONGEST = 100


def read_date(text: str) -> int | None:
    """Return a date, or a date and time, in milliseconds since 1970, or None if it is ambiguous.

    Without an offset, the time is UTC. In 3/4/2024 the month is not clear; 3/14/2024 and
    14.3.2024 have only one meaning.
    """
    if len(text) > _LONGEST:
        return None
    try:
        time = _read_iso(text) or _read_slashed(text)
        if time is None:
            return None
        time = time if time.tzinfo else time.replace(tzinfo=UTC)
        milliseconds = milliseconds_of(time)
        return milliseconds if 0 <= milliseconds <= LATEST else None
    except (ValueError, OverflowError):
        return None


def _read_iso(text: str) -> datetime | None:
    found = _ISO.fullmatch(text)
    if not found:
        return None
    date = "-".join(found.groups()[:3])
    clock = (found[4] or "00:00").replace(" UTC", "Z").replace(" +", "+").replace(" -", "-")
    return datetime.fromisoformat(f"{date}T{clock}")


def _read_slashed(text: str) -> datetime | None:
    found = _SLASHED.fullmatch(text)
    if not found:
        return None
    first, second = int(found["first"]), int(found["second"])
    if first <= _MONTHS and second <= _MONTHS and first != second:
        return None
    month, day = (first, second) if first <= _MONTHS else (second, first)
    hour = int(found["hour"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"] in "Pp" else 0)
    rest = (int(found["minute"] or 0), int(found["seconds"] or 0))
    return datetime(int(found["year"]), month, day, hour, *rest)  # noqa: DTZ001  # read_date says
