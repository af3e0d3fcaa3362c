"""The tables of a file: what makes them in a new one, and what stands beside those of records."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from leadbook.storage.sqlite.driver import sqlite3


def statements() -> Iterator[str]:
    """Yield what makes the tables of a new file, but for its search indexes."""
    statement = ""
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    for line in script.splitlines(keepends=True):
        statement += line
        # A line break after each: those of a trigger's own statements do not end it.
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


def table_of(model: type, what: str) -> str:
    """Return the name of what stands beside a model's table: its "texts", "search" or "counts"."""
    return f"{model.__name__.lower()}_{what}"


def indexes(execute: Callable[[str], Any]) -> list[str]:
    """Return the names of the search indexes that a file should have, one for each of its texts."""
    texts = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB '*_texts'"
    return [name.removesuffix("texts") + "search" for (name,) in execute(texts).fetchall()]
