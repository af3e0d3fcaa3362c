"""The filters of lists and exports: the column of each, and how it compares.

A model names its filters. Queries, exports, commands and the document follow from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any, ClassVar, NamedTuple

import peewee

from leadbook.storage.columns import comparable, compared
from leadbook.storage.sqlite.comparing import ANY_CASE, having_text
from leadbook.storage.sqlite.entries import holding
from leadbook.storage.text import fold

Values = tuple[Any, ...]
# Joins the words of AnyOf, and means all of them.
COMMA, ALL = ",", "all"


class Condition(NamedTuple):
    """A condition of a WHERE clause, the column that it is about, and its values.

    The index of the column may also have the columns `covers`. If few rows do not match, `others`
    is the condition that they meet. `total` is a SELECT of how many rows match, and its values, if
    there is a faster one than counting them.
    """

    column: str
    sql: str
    values: Values
    is_indexed: bool = True
    covers: tuple[str, ...] = ()
    others: str = ""
    total: tuple[str, Values] | None = None


@cache
def any_of(column: str, values: Values) -> Condition:
    """Return the condition that a column has one of the values, which are words of its schema."""
    # For a single value, "=": then every SQLite knows that an index has the rows in order.
    marks = ", ".join("?" * len(values))
    sql = f"{column} = ?" if len(values) == 1 else f"{column} IN ({marks})"
    return Condition(column.removeprefix("+"), sql, values)


@dataclass(frozen=True)
class Filter:
    """A filter by a column. The subclasses say how it compares, and what the document says.

    The index of the column, if it has one, may also have the columns `covers`.
    """

    column: str
    is_indexed: bool = field(default=True, kw_only=True)
    covers: tuple[str, ...] = field(default=(), kw_only=True)
    description: ClassVar[str]
    # Whether other records may meet it later, although none has changed.
    is_of_clock: ClassVar[bool] = False

    def field(self, model: Any) -> str:
        """Return the name of the schema's field that the filter is about."""
        column = model._meta.fields[self.column]
        return str(getattr(column, "source", column.name))

    def condition(self, column: peewee.Field, value: Any) -> Condition | None:
        """Return the condition on `column` for a value of the query; None if any row meets it."""
        raise NotImplementedError

    def among(
        self,
        column: peewee.Field,
        value: Any,
        given: Mapping[str, Any],  # noqa: ARG002 - for filters that others complete
    ) -> Condition | None:
        """Return the condition, for a query with the filters `given`."""
        return self.condition(column, value)


class _Compared(Filter):
    """A comparison by an operator."""

    operator: ClassVar[str]

    def condition(self, column: peewee.Field, value: Any) -> Condition:
        """Return the comparison."""
        sql = f"{compared(column)} {self.operator} ?"
        found = (comparable(column, value),)
        return Condition(self.column, sql, found, self.is_indexed, self.covers)


class Is(_Compared):
    """The same value; of an AddressKey, in any spelling."""

    operator = "="
    description = "Only records with this `{field}`."


class AtLeast(_Compared):
    """The same value or a higher one; of times, a later one."""

    operator = ">="
    description = "Only records whose `{field}` is at least this."


class AtMost(_Compared):
    """The same value or a lower one; of times, an earlier one."""

    operator = "<="
    description = "Only records whose `{field}` is at most this."


class Before(_Compared):
    """A lower value; of times, an earlier one."""

    operator = "<"
    description = "Only records whose `{field}` is before this."


class AnyOf(Filter):
    """One of several words, which the value joins by commas; `all` means any."""

    description = "Only records with this `{field}`, or one of several."

    def condition(self, column: peewee.Field, value: Any) -> Condition | None:
        """Return the condition that the column has one of the words."""
        if value == ALL:
            return None
        found = any_of(column.name, tuple(map(column.db_value, value.split(COMMA))))
        return found._replace(is_indexed=self.is_indexed, covers=self.covers)


class AnyCase(Filter):
    """The same text in any case. It needs no index, and so costs the writes nothing."""

    description = "Only records with exactly this `{field}`. Case is ignored."

    def condition(self, column: peewee.Field, value: Any) -> Condition:
        """Return the comparison of the folded texts."""
        key = fold(value)
        sql = ANY_CASE.format(column=column.name)
        return Condition(self.column, sql, (key, key), is_indexed=False)


class HasText(Filter):
    """One text of a column with a list of them, in any case. It needs no index, as AnyCase."""

    description = "Only records with this text in `{field}`. Case is ignored."

    def condition(self, column: peewee.Field, value: Any) -> Condition:
        """Return the condition that the list has the folded text."""
        return Condition(column.name, *having_text(column.name, fold(value)), is_indexed=False)


class HasEntries(Filter):
    """Entries of a column of JSON, by their names. It needs no index, as AnyCase."""

    description = (
        "Only records whose `{field}` has this value: `{field}.Region=North`. The name must be the "
        'same, the case of the value is ignored. `12` finds 12 and "12", `true` finds true and '
        '"true". All of several names must match. Leadbook reads every record: that takes up to a '
        "second for a million."
    )

    def condition(self, column: peewee.Field, value: Any) -> Condition:
        """Return the condition that the column has all entries of `value`, a mapping."""
        found = [holding(column.name, *each) for each in value.items()]
        sql = " AND ".join(each for each, _ in found)
        return Condition(
            self.column, f"({sql})", tuple(chain(*(each for _, each in found))), is_indexed=False
        )
