"""The rows that match the filters of a list, in its order, from any place on.

SQLite fetches a page of 20 in 60 µs; Peewee takes longer than that to build the SQL.
"""

from typing import Any

from leadbook.storage.cursors import Cursor
from leadbook.storage.database import current
from leadbook.storage.filters import Condition, Values, any_of
from leadbook.storage.optional_times import halves
from leadbook.storage.record import Record
from leadbook.storage.rendering import Json, columns_of, records
from leadbook.storage.sqlite import search
from leadbook.storage.sqlite.search import Candidates, Known
from leadbook.storage.totals import Matches, where_of

_OPPOSITE = {"asc": "desc", "desc": "asc"}
# Without the plus, a newer SQLite compiles the statement again for each value, which takes as
# long as running it: https://www.sqlite.org/c3ref/prepare.html
_LIMIT = "LIMIT +?"

# Testing the text of a row takes as long as marking so many hits that are fetched.
_HITS_FOR_A_STEP = 10

# The record, and its place in the order: its sort value, and its id as stored.
Row = tuple[Json, tuple[Any, bytes]]


class Selection(Matches):
    """The rows of `model` that match every filter, ordered by `column` and the id."""

    def __init__(self, model: type[Record], column: str, order: str, **filters: Any) -> None:
        super().__init__(model, column, **filters)
        self._order = order

    @property
    def newest(self) -> str:
        """What ends a walk through the list: the id of the newest row, in hexadecimal digits."""
        return self._overview[0]

    def rows_at(self, offset: int, limit: int) -> list[Row]:
        """Return up to `limit` rows after the first `offset`, counted from the nearer end."""
        if offset >= self.total:
            return []
        limit = min(limit, self.total - offset)
        from_end = self.total - offset - limit
        if offset <= from_end:
            return self._choose([], self._order, limit, offset)
        return self._choose([], _OPPOSITE[self._order], limit, from_end)[::-1]

    def rows_after(self, cursor: Cursor, limit: int) -> list[Row]:
        """Return up to `limit` rows after the place of `cursor`, without later records."""
        if not self.total:
            return []
        return self._choose(self._after(cursor), self._order, limit, 0)

    def _after(self, cursor: Cursor) -> list[Condition]:
        """Return the conditions that a row comes after the place of `cursor`, and is not newer."""
        sign = "<" if self._order == "desc" else ">"
        place = (cursor.value, bytes.fromhex(cursor.id))
        return [
            Condition(self._column, f"({self._column}, id) {sign} (?, ?)", place),
            # Without the plus, SQLite would walk the table by id and sort all of it.
            Condition("id", "+id <= ?", (bytes.fromhex(cursor.newest),)),
        ]

    def _choose(self, after: list[Condition], order: str, limit: int, offset: int) -> list[Row]:
        """Return rows in order, in the way that reads fewer of them.

        Sorting 130,000 hits of a search takes 0.6 s. If there are many, a walk through the list
        soon finds enough for the first page. The walk reads twice as many rows as it needs if hits
        are spread evenly. If it does not find enough, the rows that match are fetched, and another
        walk reads only the index of the order: without this limit, `updatedBefore` would read all
        newer records first, for a second.
        """
        source = self._source
        if isinstance(source, Known) and self.total <= search.FEW:
            return self._select(self._in_order(source, [after], order), order, limit, offset)
        if not (self._search.words or self._aside):
            walk = self._in_order(Candidates(self._table), self._parts(after), order)
            return self._select(walk, order, limit, offset)
        if steps := self._steps(offset + limit):
            rows, is_whole = self._first(steps, after, order, limit, offset)
            if is_whole:
                return rows
        is_one = Condition("number", *self._all.has(f"{self._table}.number"))
        parts = [[*part, is_one] for part in self._parts(after)]
        hits = self._in_order(Candidates(self._table), parts, order)
        return self._select(hits, order, limit, offset)

    def _steps(self, count: int) -> int:
        """Return how many rows a walk may read for so many that match; 0 if that is too slow."""
        steps = 200 + 2 * count * self._rows_counted // max(self.total, 1)
        is_fetched = isinstance(self._source, Known)
        return steps if steps * (_HITS_FOR_A_STEP if is_fetched else 1) < self.total else 0

    def _first(
        self, steps: int, after: list[Condition], order: str, limit: int, offset: int
    ) -> tuple[list[Row], bool]:
        """Return the rows among the first ones of a walk, and whether there are no others to find.

        The walk ends after so many steps.
        """
        walk = self._in_order(Candidates(self._table), self._parts(after), order)
        walked = Candidates(f"({walk.sql} {_LIMIT})", (*walk.values, steps))
        tested = self._search.among(walked)
        rows = self._select(self._in_order(tested, [self._aside], order), order, limit, offset)
        return rows, len(rows) == limit or _count(walked) < steps

    def _in_order(self, source: Candidates, parts: list[list[Condition]], order: str) -> Candidates:
        """Return the SELECT of the numbers of the rows of `source`, in order.

        Each of `parts` has the conditions of some of the rows; SQLite merges them in order.
        """
        selects = []
        values: Values = ()
        for part in parts:
            where, given = where_of(part)
            # A compound SELECT can be ordered only by what it selects.
            shown = ", ".join((f"{self._table}.number AS hit", *self._keys))
            selects.append(f"SELECT {shown} FROM {source.sql} WHERE {where}")
            values += (*source.values, *given)
        # By their places, since the parts have no common table.
        by = ", ".join(f"{place} {order}" for place, _ in enumerate(self._keys, 2))
        return Candidates(f"{' UNION ALL '.join(selects)} ORDER BY {by}", values)

    @property
    def _keys(self) -> tuple[str, ...]:
        """What orders the rows."""
        return f"{self._table}.{self._column}", f"{self._table}.id"

    def _parts(self, after: list[Condition]) -> list[list[Condition]]:
        """Return the conditions for a walk along the index of the order, one part for each index.

        An index has the rows of one counted value in order. For all values in one part, SQLite
        would sort the rows.
        """
        along = [*(each for each in self._narrowing if each not in self._aside), *after]
        counted_by = self._model.counted_by
        parts = [along]
        if self._counted is not None:
            parts = [[any_of(counted_by, (value,)), *along] for value in self._counted]
        by = self._model.halved.get(self._column)
        if by is None or self._counted is None:
            return parts
        return [[Condition(by, half, ()), *part] for part in parts for half in halves(by)]

    @property
    def _aside(self) -> list[Condition]:
        """The filters whose columns the index of the order does not have."""
        return [each for each in self._narrowing if each.column != self._column]

    def _select(self, chosen: Candidates, order: str, limit: int, offset: int) -> list[Row]:
        """Return the rows of `chosen`, a SELECT of their numbers in order."""
        # A sort copies all selected columns, so it runs before the shown ones are fetched.
        keys = self._keys
        sql = (
            f"SELECT {', '.join((*keys, columns_of(self._model)))}"
            f" FROM ({chosen.sql} {_LIMIT} OFFSET +?) CROSS JOIN {self._table}"
            # With its table, since the order may be that of the number.
            f" ON {self._table}.number = hit"
        )
        found = current.execute_sql(sql, (*chosen.values, limit, offset)).fetchall()
        if not found:
            return []
        # SQLite does not guarantee the order of joined rows. Ids are unique, so the sort never
        # compares the columns after them.
        found.sort(reverse=order == "desc")
        columns = list(zip(*found, strict=True))
        places = zip(columns[0], columns[len(keys) - 1], strict=True)
        shown = columns[len(keys) :]
        return list(zip(records(self._model, shown), places, strict=True))

    def everything(self, shown: str) -> tuple[str, Values]:
        """Return the SELECT of `shown` for all rows, and its values, without running it."""
        where, values = where_of(self._conditions)
        if self._search.words:
            numbers, words = self._search.numbers()
            where, values = f"{where} AND number IN ({numbers})", (*values, *words)
        return f"SELECT {shown} FROM {self._table} WHERE {where} ORDER BY {self._exported}", values

    @property
    def _exported(self) -> str:
        """What orders an export: the order of storing, which an import of the file keeps."""
        return "number"


def _count(rows: Candidates) -> int:
    [(count,)] = current.execute_sql(f"SELECT count(*) FROM {rows.sql}", rows.values)
    return int(count)
