"""Read dates as other tools write them."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from leadbook.storage.times import milliseconds_of
from leadbook.transfer.values.day_shapes import Days, read_days
from leadbook.transfer.values.time_of_day import without_rare_clock, without_usual_clock
from leadbook.transfer.words.month_words import folded

Order = Literal["dmy", "mdy"]

# The longest date has about 70 characters. On a long text, the patterns could take very long.
_LONGEST = 100
_DAY = 86_400_000
_EPOCH = date(1970, 1, 1).toordinal()
_CLOCK_DAY = milliseconds_of(datetime(2000, 1, 2, tzinfo=UTC))
# Later dates stand for "none", such as 9999-12-31, or are of another calendar.
_AFTER = milliseconds_of(datetime(2101, 1, 1, tzinfo=UTC))

_DIGIT = re.compile(r"\d")
_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ](?:[01][0-9]|2[0-3]):[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?"
    r"(Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
# Seconds and milliseconds from 2001 to 2033. Later ones look like phone numbers: in North America
# they have ten digits, and begin with 2 or more.
_SECONDS = re.compile(r"(1[0-9]{9})(?:\.([0-9]{1,9}))?|(1[0-9]{12})(?:\.[0-9]{1,9})?")
_JOINED = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})(t)?([0-9]{2})([0-9]{2})([0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"(z|[+-][0-9:]{2,5})?"
)
# A time alone, as spreadsheets have it: a part of a day, or with the day on which they begin to
# count. And without a colon: 930.
_PART_OF_DAY = re.compile(r"0|0?[.,][0-9]{1,20}")
_DAY_BEFORE = re.compile(r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}[T ]+(?=[0-9]{1,2}:)")
_NO_COLON = re.compile(r"([01]?[0-9]|2[0-3])([0-5][0-9])")
_EMPTY = re.compile(
    r"(?:0{1,4}([-/.])0{1,2}\1(?:0{4}|0{1,2})|(?:0001|1900)-01-01|1899-12-3[01]|1900-01-00"
    r"|0?1([-/.])0?1\2(?:0001|1900|4501)|4501-01-01|0?1/0?0/1900|3[01][-/.]12[-/.]1899"
    r"|12/3[01]/1899|9999-12-31|31[-/.]12[-/.]9999|12/31/9999)(?:[T ][0-9:. APMZ+-]{0,25})?",
    re.IGNORECASE,
)


class _Readings(NamedTuple):
    """The time of a cell in each order, and without an order, in milliseconds since 1970."""

    dmy: int | None = None
    mdy: int | None = None
    plain: int | None = None


_NONE = _Readings()


def read_date(text: str, order: Order | None = None) -> int | None:
    """Return a date, or a date and time, in milliseconds since 1970.

    Without an offset or a zone, the time is UTC. Returns None if the text is no date from 1970 to
    2100, or if it has two meanings: 2/3/2024 without an order. A date that only the other order can
    read, such as 23/2/2024, needs no order.
    """
    if _ISO.fullmatch(text):
        with suppress(ValueError):
            if len(text) == 10:
                return _in_range((date.fromisoformat(text).toordinal() - _EPOCH) * _DAY)
            moment = datetime.fromisoformat(text)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return _in_range(milliseconds_of(moment))
    readings = _readings_of(text)
    if order is None:
        return readings.plain
    first, other = (readings.dmy, readings.mdy) if order == "dmy" else (readings.mdy, readings.dmy)
    return other if first is None else first


def read_clock(text: str) -> int | None:
    """Return a time of day without a date, in milliseconds since midnight in UTC, or None.

    It may be negative, or over a day: 00:30 +0200 is 22:30 of the day before.
    """
    text = text.strip()
    if _PART_OF_DAY.fullmatch(text):
        return round(float(text.replace(",", ".")) * _DAY / 1000) * 1000
    clock = _NO_COLON.sub(r"\1:\2", text) if _NO_COLON.fullmatch(text) else text
    clock = _DAY_BEFORE.sub("", clock, count=1)
    time = read_date(f"2000-01-02 {clock}")
    return None if time is None or clock == "" else time - _CLOCK_DAY


def proven_order(text: str) -> Order | None:
    """Return the only order in which a date can be read, or None if it has both or neither."""
    # Most files have only such dates.
    if _ISO.fullmatch(text):
        return None
    readings = _readings_of(text)
    if readings.plain is None or (readings.dmy is None) == (readings.mdy is None):
        return None
    return "mdy" if readings.dmy is None else "dmy"


def is_ambiguous(text: str) -> bool:
    """Return whether a date can only be read with an order: 2/3/2024, but not 3/3/2024."""
    readings = _readings_of(text)
    return readings.plain is None and readings != _NONE


def is_empty_date(text: str) -> bool:
    """Return whether a tool wrote this for "no date": 0/0/00, 0000-00-00, 1/1/0001, 1/1/4501."""
    return _EMPTY.fullmatch(text.strip()) is not None


def _readings_of(text: str) -> _Readings:
    return _readings(text) if len(text) <= _LONGEST else _NONE


# An import asks several times about the same cell, and files repeat their dates.
@lru_cache(maxsize=2_048)
def _readings(text: str) -> _Readings:
    if found := _SECONDS.fullmatch(text.strip()):
        seconds, fraction, milliseconds = found.groups()
        time = int(milliseconds or f"{seconds}{(fraction or '')[:3]:0<3}")
        return _Readings(time, time, time)
    words = folded(text)
    if len(words) > _LONGEST or not _DIGIT.search(words):
        return _NONE
    # Without a T, twelve digits may be a phone number.
    if (found := _JOINED.fullmatch(words)) and (found[4] or found[7]):
        year, month, day, _, hour, minute, second, zone = found.groups()
        words = f"{year}-{month}-{day} {hour}:{minute}:{second or '00'}{zone or ''}"
    taken = without_usual_clock(words)
    if taken is None:
        return _NONE
    days = read_days(taken[0])
    if days is None and taken[0] == words and (taken := without_rare_clock(words)):
        days = read_days(taken[0])
    return _at(days, taken[1]) if days and taken else _NONE


def _at(days: Days, time: int) -> _Readings:
    return _Readings(
        *(None if day is None else _in_range((day - _EPOCH) * _DAY + time) for day in days)
    )


def _in_range(time: int) -> int | None:
    return time if 0 <= time < _AFTER else None
