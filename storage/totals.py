"""Which rows of a table match the filters, and how many: the total of a list.

Triggers keep a count for each value of one column, and the search index counts its hits. Only other
filters need a count of the rows.
"""

from functools import cached_property
from typing import Any

from leadbook.storage.columns import comparable, compared
from leadbook.storage.database import current
from leadbook.storage.record import Record
from leadbook.storage.sqlite import search
from leadbook.storage.sqlite.schema import table_of
from leadbook.storage.sqlite.search import Candidates, Search

Values = tuple[Any, ...]


def counts_of(model: type[Record]) -> dict[Any, int]:
    """Return how many records there are of each value by which the model is counted."""
    sql = f"SELECT {model.counted_by}, count FROM {table_of(model, 'counts')}"
    column = model._meta.fields[model.counted_by]
    return {column.python_value(value): count for value, count in current.execute_sql(sql)}


class Matches:
    """The rows of `model` that match every filter.

    `filters` are those of the model ("all" means any), `search`, `created_since` and
    `updated_since`. Every word of `search` must occur in the model's `searched` columns.
    """

    def __init__(self, model: type[Record], **filters: Any) -> None:
        self._model = model
        self._table = model._meta.table_name
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

    @cached_property
    def _source(self) -> Candidates:
        if not self._search.words:
            return Candidates(self._table)
        source = self._search.hits()
        is_counted = source.count is None and self._counted is not None
        if is_counted and self._rows_counted <= search.FEW:
            # For a rare status, reading its rows is faster than finding a common word.
            rows = f"SELECT number FROM {self._table} WHERE {self._model.counted_by} = ?"
            return self._search.among(Candidates(rows, (self._counted,)))
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
