"""The search text of each record, in a table of its own, which the search index indexes.

Only kinds with `searched` columns have one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from leadbook.storage.database import current
from leadbook.storage.naming import sql_name_of
from leadbook.storage.sqlite.schema import table_of
from leadbook.storage.sqlite.search_index import ERASES_ENTRIES, SearchIndex
from leadbook.storage.text import fold_for_search

_NUMBER = re.compile("#[0-9]+")
# FTS5 takes 4 to 12 ms to remove the entries of a text of 340 characters, and 20 µs for each such
# text of an index to write the whole index again. So a write that erases many texts begins with the
# first, and ends with the second.
_MANY = 50
_TEXTS_PURGED_MEANWHILE = 400


@dataclass(frozen=True)
class TextsOf:
    """The texts in a column of the rows of `table` that link to the record."""

    table: str
    column: str

    def sql(self, model: Any) -> str:
        """Return the SELECT of the texts for a row of `model`'s table."""
        own = model._meta.table_name
        where = f"{self.table}.{sql_name_of(model)}_id = {own}.id"
        texts = f"SELECT {self.column} FROM {self.table} WHERE {where} ORDER BY number"
        return f"SELECT group_concat({self.column}, char(10)) FROM ({texts})"


@dataclass(frozen=True)
class Hashed:
    """The number in a column of the record, which a search for `#12` finds."""

    column: str
    table: str = ""
    # At its end, so that #1 does not find #12.
    end = "#"

    def sql(self, model: Any) -> str:
        """Return the SELECT of the number for a row of `model`'s table."""
        return f"SELECT '#' || {model._meta.table_name}.{self.column} || '{self.end}'"


def searched(record: Any) -> str:
    """Return the search text of a stored record."""
    model = type(record)
    values = [getattr(record, name) for name in record.searched]
    if model.searched_also:
        also = ", ".join(also_searched(model))
        sql = f"SELECT {also} FROM {model._meta.table_name} WHERE number = ?"
        [found] = current.execute_sql(sql, (record.number,)).fetchall()
        values += found
    return joined_text(values)


def also_searched(model: Any) -> list[str]:
    """Return the expressions of what a search reads besides the columns of a row."""
    return [f"({each.sql(model)})" for each in model.searched_also.values()]


def word_in_text(model: Any, word: str) -> str:
    """Return a word of a search as the texts have it."""
    is_number = _NUMBER.fullmatch(word) and any(
        isinstance(each, Hashed) for each in model.searched_also.values()
    )
    return f"{word}{Hashed.end}" if is_number else word


def joined_text(values: Iterable[str | None]) -> str:
    """Return the search text of the values of the searched columns."""
    # A word has no line break, so a search cannot match across two fields.
    return fold_for_search("\n".join(each or "" for each in values))


def add(record: Any) -> None:
    """Add a new record to the search."""
    if not record.searched:
        return
    sql = f"INSERT INTO {table_of(type(record), 'texts')} (text, number) VALUES (?, ?)"
    current.execute_sql(sql, (searched(record), record.number))


def add_many(model: Any, records: Iterable[Mapping[str, Any]]) -> None:
    """Add new rows to the search, after rows.insert_many has stored them."""
    if not model.searched:
        return
    sql = f"INSERT INTO {table_of(model, 'texts')} (text, number) VALUES (?, ?)"
    current.execute_many(sql, _texts_of(model, records))


def _texts_of(model: Any, records: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, int]]:
    """Return the search text and the number of each stored row."""
    if not model.searched_also:
        return (
            (joined_text(each.get(name) for name in model.searched), each["number"])
            for each in records
        )
    shown = ", ".join((*model.searched, *also_searched(model)))
    sql = f"SELECT number, {shown} FROM {model._meta.table_name} WHERE number = ?"
    found = (current.execute_sql(sql, (each["number"],)).fetchone() for each in records)
    return [(joined_text(values), number) for number, *values in found]


def change(record: Any) -> None:
    """Update the search text of a changed record, unless it is the same."""
    text, table = searched(record), table_of(type(record), "texts")
    # Not an UPDATE: if FTS5 erases and adds entries of a text in one step, some old ones of a long
    # text stay (seen with SQLite 3.53.4). It takes the same time.
    erase = f"DELETE FROM {table} WHERE number = ? AND text <> ?"
    if current.execute_sql(erase, (record.number, text)).rowcount:
        current.execute_sql(
            f"INSERT INTO {table} (text, number) VALUES (?, ?)", (text, record.number)
        )


def purge(model: Any) -> None:
    """Remove all traces of an erased text from the index of a model before this write ends."""
    if not model.searched:
        return
    index = SearchIndex(current, table_of(model, "search"))
    if not ERASES_ENTRIES:
        # Once for each write, since it takes the same time for one record and for many.
        current.do_before_commit(index.name, index.purge)
        return
    erased = current.require_write().erased
    erased[index.name] += 1
    if erased[index.name] % _MANY == 0 and _is_worth_a_purge(index, erased[index.name]):
        # From now on, this write does the same.
        erased[index.name] = 0
        index.keep_entries()
        current.do_before_commit(index.name, index.purge)


def _is_worth_a_purge(index: SearchIndex, erased: int) -> bool:
    texts, *_ = index.totals() or [0]
    return erased * _TEXTS_PURGED_MEANWHILE >= texts
