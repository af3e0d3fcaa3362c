"""The rows of one table that match the filters, in one order.

SQLite fetches a page of 20 in 60 µs; Peewee takes longer than that to build the SQL.
"""

from functools import cached_property
from typing import Any

from leadbook.storage import search
from leadbook.storage.columns import comparable, compared
from leadbook.storage.cursors import Cursor
from leadbook.storage.database import current
from leadbook.storage.record import Record
from leadbook.storage.rendering import Json, columns_of, records
from leadbook.storage.search import Search, Source
from leadbook.storage.sqlite.schema import table_of

CHANGES = "change_number"
_OPPOSITE = {"asc": "desc", "desc": "asc"}
# Without the plus, a newer SQLite compiles the statement again for each value, which takes as
# long as running it: https://www.sqlite.org/c3ref/prepare.html
_LIMIT = "LIMIT +?"

Values = tuple[Any, ...]
# The record, and its place in the order: its sort value, and its id as stored.
Row = tuple[Json, tuple[Any, bytes]]


class Selection:
    """The rows of `model` that match every filter, ordered by `column` and the id.

    `filters` are those of the model ("all" means any), `search`, `created_since` and
    `updated_since`. Every word of `search` must occur in the model's `searched` columns.
    """

    def __init__(self, model: type[Record], column: str, order: str, **filters: Any) -> None:
        self._model = model
        self._table = model._meta.table_name
        self._column = column
        self._order = order
        exact = {name: value for name, value in filters.items() if name in model.filters}
        # The database has a total for each value of this filter.
        counted = exact.pop(model.counted_by, None)
        self._counted = None if counted == "all" else counted
        columns = {name: model._meta.fields[model.filters[name]] for name in exact}
        self._exact = {
            f"{compared(columns[name])} =": comparable(columns[name], value)
            for name, value in exact.items()
            if value is not None
        }
        self._created_since = model.created_at.db_value(filters.get("created_since"))
        self._updated_since = model.updated_at.db_value(filters.get("updated_since"))
        self._search = Search(model, filters.get("search"))

    @cached_property
    def total(self) -> int:
        """How many rows match."""
        is_narrowed = self._exact or self._created_since or self._updated_since
        if not (self._search.words or is_narrowed):
            return self._rows_counted
        if self._search.words and self._counted is None and not is_narrowed:
            return self._search.count() if self._source.count is None else self._source.count
        where, values = self._filters()
        sql = f"SELECT count(*) FROM {self._source.sql} WHERE {where}"
        [(count,)] = current.execute_sql(sql, (*self._source.values, *values))
        return int(count)

    @property
    def newest(self) -> str:
        """The id of the newest row, or the number of the last change, in hexadecimal digits."""
        if self._column != CHANGES:
            return self._overview[0]
        [(last,)] = current.execute_sql(f"SELECT ifnull(max({CHANGES}), 0) FROM {self._table}")
        return int(last).to_bytes(8).hex()

    @property
    def _rows_counted(self) -> int:
        """How many rows have the counted value; other filters are ignored."""
        return self._overview[1]

    @cached_property
    def _overview(self) -> tuple[str, int]:
        where = "" if self._counted is None else f"WHERE {self._model.counted_by} = ?"
        counted = f"SELECT ifnull(sum(count), 0) FROM {table_of(self._model, 'counts')} {where}"
        [(newest, count)] = current.execute_sql(
            f"SELECT max(id), ({counted}) FROM {self._table}",
            () if self._counted is None else (self._counted,),
        )
        return (newest or b"").hex().upper(), count

    def rows_at(self, offset: int, limit: int) -> list[Row]:
        """Return up to `limit` rows after the first `offset`, counted from the nearer end."""
        if offset >= self.total:
            return []
        limit = min(limit, self.total - offset)
        from_end = self.total - offset - limit
        where, values = self._filters()
        if offset <= from_end:
            return self._choose(where, values, self._order, limit, offset)
        return self._choose(where, values, _OPPOSITE[self._order], limit, from_end)[::-1]

    def rows_after(self, cursor: Cursor, limit: int) -> list[Row]:
        """Return up to `limit` rows after the place of `cursor`, without later records."""
        if not self.total:
            return []
        where, values = self._filters()
        sign = "<" if self._order == "desc" else ">"
        where += f" AND ({self._column}, id) {sign} (?, ?)"
        values += (cursor.value, bytes.fromhex(cursor.id))
        newest = bytes.fromhex(cursor.newest)
        if self._column == CHANGES:
            where += f" AND {CHANGES} <= ?"
            return self._choose(where, (*values, _number(newest)), self._order, limit, 0)
        # Without the plus, SQLite would walk the table by id and sort all of it.
        where, values = f"{where} AND +id <= ?", (*values, newest)
        return self._choose(where, values, self._order, limit, 0)

    def _choose(self, where: str, values: Values, order: str, limit: int, offset: int) -> list[Row]:
        """Return rows in order, in the way that reads fewer of them.

        Sorting 130,000 hits of a search takes 0.6 s. If there are many hits, a walk through the
        list soon finds enough for the first page. The walk reads twice as many rows as it needs if
        hits are spread evenly. If it does not find enough, the hits are sorted.
        """
        source = self._source
        if self._search.words and source.count is None:
            steps = 200 + 2 * (offset + limit) * self._rows_counted // self.total
            if steps < self.total and not self._exact:
                ordered = f"ORDER BY {self._order_by(order)} {_LIMIT}"
                walk = f"SELECT number FROM {self._table} WHERE {where} {ordered}"
                walked = self._search.among(Source(walk, (*values, steps)))
                rows = self._select(walked, "TRUE", (), order, limit, offset)
                if len(rows) == limit or self._is_shorter(walk, values, steps):
                    return rows
        return self._select(source, where, values, order, limit, offset)

    def _is_shorter(self, walk: str, values: Values, steps: int) -> bool:
        """Return whether the walk reached the end of the list before its last step."""
        [(gone,)] = current.execute_sql(f"SELECT count(*) FROM ({walk})", (*values, steps))
        return bool(gone < steps)

    def _select(
        self, source: Source, where: str, values: Values, order: str, limit: int, offset: int
    ) -> list[Row]:
        """Return rows of `source`, in order."""
        # A sort copies all selected columns, so it runs before the shown ones are fetched.
        chosen = (
            f"SELECT {self._table}.number AS chosen FROM {source.sql} WHERE {where}"
            f" ORDER BY {self._order_by(order)} {_LIMIT} OFFSET +?"
        )
        sql = (
            f"SELECT {self._column}, id, {columns_of(self._model)}"
            f" FROM ({chosen}) CROSS JOIN {self._table} ON number = chosen"
        )
        found = current.execute_sql(sql, (*source.values, *values, limit, offset)).fetchall()
        if not found:
            return []
        # SQLite does not guarantee the order of joined rows. Ids are unique, so the sort never
        # compares the columns after them.
        found.sort(reverse=order == "desc")
        column, ids, *shown = zip(*found, strict=True)
        places = zip(column, ids, strict=True)
        return list(zip(records(self._model, shown), places, strict=True))

    def everything(self, shown: str) -> tuple[str, Values]:
        """Return the SELECT of `shown` for all rows, and its values, without running it."""
        where, values = self._filters()
        if self._search.words:
            numbers, words = self._search.numbers()
            where, values = f"{where} AND number IN ({numbers})", (*values, *words)
        # By default in the order of storing: an import of the file keeps that order.
        ordered = self._order_by("asc") if self._column == CHANGES else "number"
        return f"SELECT {shown} FROM {self._table} WHERE {where} ORDER BY {ordered}", values

    @cached_property
    def _source(self) -> Source:
        if not self._search.words:
            return Source(self._table)
        source = self._search.hits()
        is_counted = source.count is None and self._counted is not None
        if is_counted and self._rows_counted <= search.FEW:
            # For a rare status, reading its rows is faster than finding a common word.
            rows = f"SELECT number FROM {self._table} WHERE {self._model.counted_by} = ?"
            return self._search.among(Source(rows, (self._counted,)))
        return source

    def _filters(self) -> tuple[str, Values]:
        """Return the WHERE condition of all filters except the search, and its values."""
        # With the plus, SQLite uses the index of the sort column.
        plus = "" if self._is_recent else "+"
        named = {
            f"{self._model.counted_by} =": self._counted,
            **self._exact,
            "created_at >=": self._created_since,
            f"{plus}updated_at >=": self._updated_since,
        }
        given = {column: value for column, value in named.items() if value is not None}
        return " AND ".join(["TRUE", *(f"{each} ?" for each in given)]), tuple(given.values())

    @cached_property
    def _is_recent(self) -> bool:
        """Whether there are so few updated rows that sorting is faster than an ordered walk.

        SQLite does not know how many there are.
        """
        if self._updated_since is None:
            return True
        first = f"SELECT 1 FROM {self._table} WHERE updated_at >= ? LIMIT {search.FEW + 1}"
        counted = f"SELECT count(*) FROM ({first})"
        [(count,)] = current.execute_sql(counted, (self._updated_since,))
        return bool(count <= search.FEW)

    def _order_by(self, order: str) -> str:
        is_sorted = self._column == CHANGES and self._is_recent
        return f"{'+' if is_sorted else ''}{self._column} {order}, id {order}"


def _number(digits: bytes) -> int:
    # Seven bytes, which SQLite can compare; a token may be made by hand.
    return int.from_bytes(digits[-7:])
