"""The search text of each record, in a table of its own, which the search index indexes."""

from collections.abc import Iterable, Mapping
from typing import Any

from leadbook.storage.database import current
from leadbook.storage.sqlite.schema import table_of
from leadbook.storage.sqlite.search_index import ERASES_ENTRIES, SearchIndex
from leadbook.storage.text import fold_for_search


def searched(record: Any) -> str:
    """Return the search text of a record."""
    return joined_text([getattr(record, name) for name in record.searched])


def joined_text(values: Iterable[str | None]) -> str:
    """Return the search text of the values of the searched columns."""
    # A word has no line break, so a search cannot match across two fields.
    return fold_for_search("\n".join(each or "" for each in values))


def add(record: Any) -> None:
    """Add a new record to the search."""
    sql = f"INSERT INTO {table_of(type(record), 'texts')} (text, number) VALUES (?, ?)"
    current.execute_sql(sql, (searched(record), record.number))


def add_many(model: Any, records: Iterable[Mapping[str, Any]]) -> None:
    """Add new rows to the search, after rows.insert_many has stored them."""
    sql = f"INSERT INTO {table_of(model, 'texts')} (text, number) VALUES (?, ?)"
    texts = (
        (joined_text(each.get(name) for name in model.searched), each["number"]) for each in records
    )
    current.execute_many(sql, texts)


def change(record: Any) -> None:
    """Update the search text of a changed record."""
    sql = f"UPDATE {table_of(type(record), 'texts')} SET text = ? WHERE number = ?"
    current.execute_sql(sql, (searched(record), record.number))


def purge(record: Any) -> None:
    """Remove all traces of an erased record from the index before this write ends."""
    if not ERASES_ENTRIES:
        index = SearchIndex(current, table_of(type(record), "search"))
        # Once for each write, since it takes the same time for one record and for many.
        current.do_before_commit(index.name, index.purge)
