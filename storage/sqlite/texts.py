"""What is searched of each record: a text beside it, which the search index follows."""

from collections.abc import Iterable, Mapping
from typing import Any

from leadbook.storage.current_database import current
from leadbook.storage.sqlite.schema import table_of
from leadbook.storage.sqlite.search_index import ERASES_ENTRIES, SearchIndex
from leadbook.storage.text import fold_for_search

SEARCHED = {"name", "email", "company"}


def searched(record: Any) -> str:
    """Return what a search looks into."""
    return text_of(record.name, record.email, record.company)


def text_of(name: str, email: str, company: str | None) -> str:
    """Return what a search looks into, of a record with these."""
    # Words hold no line break, so none can be found across two fields.
    return fold_for_search("\n".join((name, email, company or "")))


def add(record: Any) -> None:
    """Have a new record found."""
    sql = f"INSERT INTO {table_of(type(record), 'texts')} (text, number) VALUES (?, ?)"
    current.execute_sql(sql, (searched(record), record.number))


def add_many(model: type, records: Iterable[Mapping[str, Any]]) -> None:
    """Have new rows found, as rows.insert_many has stored them."""
    sql = f"INSERT INTO {table_of(model, 'texts')} (text, number) VALUES (?, ?)"
    texts = (
        (text_of(each["name"], each["email"], each.get("company")), each["number"])
        for each in records
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
