"""Which rows of a table match the filters, and how many: the total of a list.

Triggers keep a count for each value of one column, and the search index counts its hits. Only other
filters need a count of the rows.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from leadbook.storage.database import current
from leadbook.storage.filters import Condition, Values
from leadbook.storage.record import Record
from leadbook.storage.sqlite import search
from leadbook.storage.sqlite.schema import table_of
from leadbook.storage.sqlite.search import Candidates, Known, Search

Where = tuple[str, Values]
# An index is read as fast as one row of the table for so many of its entries.
_ENTRIES_FOR_A_ROW = 12
# If at least one row in so many matches, a walk soon fills a page.
_LEAST_FOR_A_WALK = 8


def where_of(conditions: Iterable[Condition]) -> Where:
    """Return the WHERE condition that all of `conditions` hold, and its values."""
    found = list(conditions)
    sql = " AND ".join(["TRUE", *(each.sql for each in found)])
    return sql, tuple(value for each in found for value in each.values)


def counts_of(model: type[Record]) -> dict[Any, int]:
    """Return how many records there are of each value by which the model is counted."""
    sql = f"SELECT {model.counted_by}, count FROM {table_of(model, 'counts')}"
    column = model._meta.fields[model.counted_by]
    return {column.python_value(value): count for value, count in current.execute_sql(sql)}


class Matches:
    """The rows of `model` that match every filter, for a list in the order of `column`.

    `filters` are those of the model and `search`; None means any. Every word of `search` must occur
    in the model's `searched` columns.
    """

    def __init__(self, model: type[Record], column: str, **filters: Any) -> None:
        self._model = model
        self._table = model._meta.table_name
        self._column = column
        self._conditions = _conditions(model, filters)
        by_count = [each for each in self._conditions if each.column == model.counted_by]
        # The database has a total for each of these values.
        self._counted: Values | None = by_count[0].values if by_count else None
        self._narrowing = [each for each in self._conditions if each not in by_count]
        self._search = Search(model, filters.get("search"))

    @cached_property
    def total(self) -> int:
        """How many rows match."""
        if not (self._search.words or self._narrowing):
            return self._rows_counted
        if (only := self._only) and only.total and self._counted is None:
            [(count,)] = current.execute_sql(*only.total)
            return int(count)
        if others := self._others:
            few = self._found_few
            return few.count if few else self._rows_counted - self._counted_of(others)
        if self._source.count is not None:
            return self._source.count
        if not self._conditions:
            return self._search.count()
        return self._counted_of(self._matching(self._source))

    def _counted_of(self, rows: Candidates) -> int:
        [(count,)] = current.execute_sql(f"SELECT count(*) FROM ({rows.sql})", rows.values)
        return int(count)

    @property
    def _only(self) -> Condition | None:
        """The one filter besides that by the counted column; None with others or a search."""
        is_alone = len(self._narrowing) == 1 and not self._search.words
        return self._narrowing[0] if is_alone else None

    @property
    def _others(self) -> Candidates | None:
        """The rows of the counted values that do not match, if an index has only these."""
        if not self._only or not self._only.others:
            return None
        others = Condition(self._only.column, self._only.others, ())
        counted = [each for each in self._conditions if each not in self._narrowing]
        return self._numbers(Candidates(self._table), [*counted, others])

    @property
    def _rows_counted(self) -> int:
        """How many rows have the counted values; other filters are ignored."""
        return self._overview[1]

    @cached_property
    def _overview(self) -> tuple[str, int]:
        values = self._counted or ()
        marks = ", ".join("?" * len(values))
        where = f"WHERE {self._model.counted_by} IN ({marks})" if values else ""
        counted = f"SELECT ifnull(sum(count), 0) FROM {table_of(self._model, 'counts')} {where}"
        [(newest, count)] = current.execute_sql(
            f"SELECT max(id), ({counted}) FROM {self._table}", values
        )
        return (newest or b"").hex().upper(), count

    @cached_property
    def _source(self) -> Candidates:
        """Where to look for the rows; with a count, exactly all rows that match.

        SQLite does not know how many rows a filter leaves. If they are few, sorting them is faster
        than a walk in order, which might find them at its end.
        """
        table = Candidates(self._table)
        if not self._search.words:
            if not all(each.is_indexed for each in self._narrowing):
                # It reads every row, and should do so once.
                return self._fetched(table)
            return (self._found_few if self._may_be_few else None) or table
        reads_texts = self._search.reads_texts
        if not self._conditions:
            return self._search.hits() if reads_texts else self._search.few_hits() or table
        if self._narrowing or self._rows_counted <= search.FEW:
            if not reads_texts and (few := self._search.few_hits()):
                return self._fetched(few)
            # Testing the texts of few rows is faster than finding a common word.
            if few := self._few(table):
                return self._fetched(self._search.among(few))
        return self._many

    @property
    def _may_be_few(self) -> bool:
        """Whether a walk in order may find few of the rows that it reads."""
        if self._others and self.total * _LEAST_FOR_A_WALK >= self._rows_counted:
            return False
        return any(each.column != self._column for each in self._narrowing)

    def fetch_hits(self) -> None:
        """Fetch all hits of a search before they are counted, since a far page needs them."""
        if self._search.words and not self._conditions:
            self._source = self._search.hits()

    @property
    def _many(self) -> Known:
        """The rows that match, if the filters have many rows.

        One side is fetched, and each row of the other is looked up in it. An entry of an index
        takes 0.06 µs, the row of a hit 0.8 µs.
        """
        table = Candidates(self._table)
        if not self._is_covered:
            return self._fetched(self._search.rows())
        if self._search.reads_all_texts:
            return self._search.among_known(self._fetched(table))
        hits = self._search.hits()
        if self._rows_counted > _ENTRIES_FOR_A_ROW * hits.count:
            return self._fetched(hits)
        is_hit = Condition("number", *hits.has("number"))
        rows = self._numbers(table, [*self._conditions, is_hit])
        return self._search.scanned(rows.sql, rows.values)

    @cached_property
    def _all(self) -> Known:
        """All rows that match."""
        if isinstance(self._source, Known):
            return self._source
        return self._fetched(self._source) if self._conditions else self._search.hits()

    def _fetched(self, rows: Candidates) -> Known:
        """Fetch those of `rows` that match all filters but the search."""
        matching = self._matching(rows)
        return self._search.scanned(matching.sql, matching.values)

    @cached_property
    def _found_few(self) -> Known | None:
        """All rows that match all filters but the search, or None if they are many."""
        return self._few(Candidates(self._table))

    def _few(self, rows: Candidates) -> Known | None:
        """Return those of `rows` that match all filters but the search, or None if they are many.

        `rows` has the table, or the table joined with something.
        """
        matching = self._matching(rows)
        return self._search.fetched(matching.sql, matching.values)

    def _matching(self, rows: Candidates) -> Candidates:
        """Return the SELECT of the numbers of those of `rows` that match all filters."""
        if rows.sql != self._table or self._is_covered:
            return self._numbers(rows, self._conditions)
        if few := self._few_of_one_column:
            return self._numbers(few, self._conditions)
        # Reading the whole table is faster than finding many of its rows by an index.
        apart = [each._replace(sql=f"+{each.sql}") for each in self._conditions]
        return self._numbers(rows, apart)

    @property
    def _is_covered(self) -> bool:
        """Whether one index has all columns of the filters, and so no row is read."""
        columns = {each.column for each in self._narrowing}
        indexed = [each for each in self._narrowing if each.is_indexed]
        return not columns or any(columns <= {each.column, *each.covers} for each in indexed)

    @cached_property
    def _few_of_one_column(self) -> Candidates | None:
        """The rows that match the filters by one column and by the counted one, if they are few."""
        counted = [each for each in self._conditions if each not in self._narrowing]
        columns = dict.fromkeys(each.column for each in self._narrowing if each.is_indexed)
        tried = [[each for each in self._narrowing if each.column == column] for column in columns]
        if self._rows_counted <= search.FEW:
            tried.insert(0 if self._counted else len(tried), [])
        for conditions in tried:
            rows = self._numbers(Candidates(self._table), counted + conditions)
            if few := self._search.fetched(rows.sql, rows.values):
                return few
        return None

    def _numbers(self, rows: Candidates, conditions: list[Condition]) -> Candidates:
        where, values = where_of(conditions)
        sql = f"SELECT {self._table}.number AS hit FROM {rows.sql} WHERE {where}"
        return Candidates(sql, (*rows.values, *values))


def _conditions(model: type[Record], filters: dict[str, Any]) -> list[Condition]:
    columns = model._meta.fields
    given = [
        (model.filters[name], value)
        for name, value in filters.items()
        if name in model.filters and value is not None
    ]
    found = [each.among(columns[each.column], value, filters) for each, value in given]
    return [each for each in found if each is not None]
