"""The tables of a file: the statements that create them, and the names of derived tables."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from leadbook.storage.naming import sql_name_of
from leadbook.storage.sqlite.driver import sqlite3


def statements() -> Iterator[str]:
    """Yield the statements that create the tables of a new file, except its search indexes."""
    statement = ""
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for line in script.splitlines(keepends=True):
        statement += line
        # Splitting at semicolons would cut triggers, which have statements of their own.
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


def table_of(model: type, what: str) -> str:
    """Return the name of a model's derived table: its "texts", "search", "counts" or "days"."""
    return f"{sql_name_of(model)}_{what}"


def indexes(execute: Callable[[str], Any]) -> list[str]:
    """Return the names of the search indexes that a file should have, one for each texts table."""
    texts = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB '*_texts'"
    return [name.removesuffix("texts") + "search" for (name,) in execute(texts).fetchall()]
