"""Times that a record may lack, so that lists can be sorted by them: those without come last."""

from collections.abc import Sequence
from typing import Any

from leadbook.storage.columns import TimeText
from leadbook.storage.times import milliseconds_of, text_of

# More than any time: a record without one comes after all that have one.
NEVER = 2**53


def is_there(column: str) -> str:
    """Return the condition that a TimeOrNever has a time. A partial index has exactly this one."""
    return f"{column} < {NEVER}"


def is_missing(column: str) -> str:
    """Return the condition that a TimeOrNever has no time, as a partial index has it."""
    return f"{column} = {NEVER}"


def halves(column: str) -> tuple[str, str]:
    """Return the conditions of two partial indexes that together have all rows.

    They are for an order by another column. With `is_there`, SQLite would choose the index of the
    times, and sort.
    """
    return f"{column} <> {NEVER}", is_missing(column)


class TimeOrNever(TimeText):
    """A time, or None, which sorts after every time."""

    def db_value(self, value: str | None) -> int:
        """Return its milliseconds, or NEVER."""
        return NEVER if value is None else milliseconds_of(value)

    def python_value(self, value: Any) -> Any:
        """Return its text, or None."""
        return None if value == NEVER else super().python_value(value)

    def unpack_all(self, column: Sequence[Any]) -> list[Any]:
        """Return the texts of many rows."""
        if column.count(NEVER) == len(column):
            return [None] * len(column)
        return [None if each == NEVER else text_of(each) for each in column]
