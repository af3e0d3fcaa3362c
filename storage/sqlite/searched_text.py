"""What is searched of each record: a text beside it, which the search index follows."""

from collections.abc import Iterable, Mapping
from typing import Any

from leadbook.storage.database import current
from leadbook.storage.sqlite.schema import table_of
from leadbook.storage.sqlite.search_index import ERASES_ENTRIES, SearchIndex
from leadbook.storage.text import fold_for_search


def searched(record: Any) -> str:
    """Return what a search looks into."""
    return text_of([getattr(record, name) for name in record.searched])


def text_of(values: Iterable[str | None]) -> str:
    """Return what a search looks into, of the columns that are searched."""
    # Words hold no line break, so none can be found across two fields.
    return fold_for_search("\n".join(each or "" for each in values))


def add(record: Any) -> None:
    """Have a new record found."""
    sql = f"INSERT INTO {table_of(type(record), 'texts')} (text, number) VALUES (?, ?)"
    current.execute_sql(sql, (searched(record), record.number))


def add_many(model: Any, records: Iterable[Mapping[str, Any]]) -> None:
    """Have new rows found, as rows.insert_many has stored them."""
    sql = f"INSERT INTO {table_of(model, 'texts')} (text, number) VALUES (?, ?)"
    texts = (
        (text_of(each.get(name) for name in model.searched), each["number"]) for each in records
    )
    current.execute_many(sql, texts)


def change(record: Any) -> None:
    """Have a record found by what it says now."""
    sql = f"UPDATE {table_of(type(record), 'texts')} SET text = ? WHERE number = ?"
    current.execute_sql(sql, (searched(record), record.number))


def purge(record: Any) -> None:
    """Have nothing of an erased record left in the index when this write ends."""
    if not ERASES_ENTRIES:
        index = SearchIndex(current, table_of(type(record), "search"))
        # Once for each write, whatever it erases: it takes the same for one and for many.
        current.do_before_commit(index.name, index.purge)
