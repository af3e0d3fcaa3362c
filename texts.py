"""What is searched of each record: a text beside it, which the search index follows."""

from typing import Any

from leadbook.current_database import current
from leadbook.derived import table_of
from leadbook.folding import fold_for_search

SEARCHED = {"name", "email", "company"}
# About 2 MB: a file of ten thousand records is done with at once, a larger one step by step.
_MERGED_PAGES = 500


def searched(record: Any) -> str:
    """Return what a search looks into."""
    # Words hold no line break, so none can be found across two fields.
    return fold_for_search("\n".join((record.name, record.email, record.company or "")))


def add(record: Any) -> None:
    """Have a new record found."""
    sql = f"INSERT INTO {table_of(type(record), 'texts')} (text, number) VALUES (?, ?)"
    current.execute_sql(sql, (searched(record), record.number))


def change(record: Any) -> None:
    """Have a record found by what it says now."""
    sql = f"UPDATE {table_of(type(record), 'texts')} SET text = ? WHERE number = ?"
    current.execute_sql(sql, (searched(record), record.number))


def clean_index(record: Any) -> None:
    """Merge the index, which only notes that the entries of an erased record are void.

    https://www.sqlite.org/fts5.html#the_merge_command
    """
    index = table_of(type(record), "search")
    sql = f"INSERT INTO {index} ({index}, rank) VALUES ('merge', ?)"
    current.execute_sql(sql, (-_MERGED_PAGES,))
