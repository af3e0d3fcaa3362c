"""Filters by a time that is to come or is past, on the clock of the app and in a time zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from itertools import chain
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo, available_timezones

import peewee

from leadbook.storage.database import current
from leadbook.storage.filters import Condition, Filter, Values
from leadbook.storage.optional_times import is_missing, is_there
from leadbook.storage.sqlite.schema import table_of
from leadbook.storage.times import milliseconds_of

OVERDUE, TODAY, WEEK, LATER = DUE = ("overdue", "today", "week", "later")
PLANNED, NONE = "planned", "none"
_DAYS_OF_WEEK = 7
_DAY_MS = 86_400_000
# After all days that a time can be on.
_NO_DAY = 2**62


class Chosen(Filter):
    """A filter by the time of the clock, whose value is one of `words`."""

    words: ClassVar[tuple[str, ...]]
    is_of_clock = True


@dataclass(frozen=True)
class Due(Chosen):
    """Whether the time of a row that has the values `having` is past, today, soon or later.

    `covers` has the other columns of the partial index of such rows.
    """

    having: Mapping[str, str | bool] = field(default_factory=dict)

    words = DUE
    description = (
        "Only what is to be done: `overdue`, later `today`, in the six days after today (`week`), "
        "or `later`. Each open record is in one of these, unless its client is archived."
    )

    def among(self, column: peewee.Field, value: Any, given: Mapping[str, Any]) -> Condition:
        """Return the condition that the time is in the part that `value` names."""
        now = current.clock.milliseconds()
        since, before = bounds(value, now, given.get("time_zone") or "UTC")
        tests = {f"{column.name} >= ?": since, f"{column.name} < ?": before}
        kept = {test: each for test, each in tests.items() if each is not None}
        conditions = [*literally(self.having), *kept]
        sql = " AND ".join(conditions)
        total = DayCounts.of(column.model, self).total(since, before)
        return Condition(column.name, sql, tuple(kept.values()), covers=self.covers, total=total)


@dataclass(frozen=True)
class DayCounts:
    """How many rows of `table` are to do on each day of UTC: triggers keep these in `days`.

    `time` is the column of when, and `to_do` the condition of what is to do.
    """

    table: str
    days: str
    time: str
    to_do: str

    @classmethod
    def of(cls, model: Any, due: Due) -> Self:
        """Return the counts for the filter `due` of a model."""
        to_do = " AND ".join(literally(due.having))
        return cls(model._meta.table_name, table_of(model, "days"), due.column, to_do)

    @property
    def counted(self) -> str:
        """The SELECT of the days and what their counts should be."""
        day = f"{self.time} / {_DAY_MS}"
        return f"SELECT {day}, count(*) FROM {self.table} WHERE {self.to_do} GROUP BY {day}"

    def total(self, since: int | None, before: int | None) -> tuple[str, Values] | None:
        """Return the SELECT of how many rows are to do between two times, and its values.

        Without a whole day between them it is None: counting the rows is as fast.
        """
        first = 0 if since is None else -(-since // _DAY_MS)
        end = _NO_DAY if before is None else before // _DAY_MS
        if first >= end:
            return None
        days = f"SELECT ifnull(sum(count), 0) FROM {self.days} WHERE day >= ? AND day < ?"
        edges = [] if since is None else [(since, first * _DAY_MS)]
        edges += [] if before is None else [(end * _DAY_MS, before)]
        read = f"{self.to_do} AND {self.time} >= ? AND {self.time} < ?"
        parts = [days, *[f"SELECT count(*) FROM {self.table} WHERE {read}"] * len(edges)]
        return f"SELECT {' + '.join(f'({each})' for each in parts)}", (first, end, *chain(*edges))


class InTimeZone(Filter):
    """The time zone in which other filters tell days apart."""

    description = "The time zone of `today` and `week`, by its IANA name. By default, UTC."

    def condition(self, column: peewee.Field, value: Any) -> None:
        """Return None: any row meets it."""


class Planned(Chosen):
    """Whether a time is past, is to come, or is not there."""

    words = (OVERDUE, PLANNED, NONE)
    description = "Only records whose `{field}` is past, to come, or null."

    def condition(self, column: peewee.Field, value: Any) -> Condition:
        """Return the comparison of the time."""
        name, planned = column.name, is_there(column.name)
        if value == NONE:
            return Condition(name, is_missing(name), (), others=planned)
        sign = "<" if value == OVERDUE else ">="
        return Condition(name, f"{planned} AND {name} {sign} ?", (current.clock.milliseconds(),))


def literally(having: Mapping[str, str | bool]) -> list[str]:
    """Return the SQL conditions of values as a partial index has them: without parameters."""
    return [
        f"{name} = {each!r}" if isinstance(each, str) else f"{name} = {int(each)}"
        for name, each in having.items()
    ]


# The first is another zone on each machine; the second says that none is set.
_NO_PLACES = {"localtime", "Factory"}


@cache
def time_zones() -> frozenset[str]:
    """Return the IANA names of all time zones."""
    # Only when one is asked for: it takes 20 ms.
    return frozenset(available_timezones() - _NO_PLACES)


def bounds(word: str, now: int, zone: str) -> tuple[int | None, int | None]:
    """Return the first time of one of DUE and the first one after it, in milliseconds."""
    if word == OVERDUE:
        return None, now
    tomorrow = _midnight(now, zone, 1)
    if word == TODAY:
        return now, tomorrow
    after = _midnight(now, zone, _DAYS_OF_WEEK)
    return (tomorrow, after) if word == WEEK else (after, None)


def _midnight(now: int, zone: str, days: int) -> int:
    """Return when the day begins that comes so many days after today."""
    place = ZoneInfo(zone)
    today = datetime.fromtimestamp(now / 1000, place).date()
    return milliseconds_of(datetime.combine(today + timedelta(days), time(), place))
