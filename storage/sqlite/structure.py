"""Checking and repairing the indexes and triggers of a file."""

from contextlib import closing
from functools import cache
from pathlib import Path

from leadbook.storage.clock import Clock
from leadbook.storage.database import Database
from leadbook.storage.sqlite.upgrade import create_tables

_THERE = "SELECT name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql > ''"


def missing_parts(database: Database) -> list[str]:
    """Return the statements of the indexes and triggers that a new file has, and this one lacks.

    Without a unique index, nothing keeps addresses apart. Without the index of reminders, there are
    none, since their query names it.
    """
    there = dict(database.execute_sql(_THERE).fetchall())
    return [sql for name, sql in _parts_of_new().items() if name not in there]


@cache
def _parts_of_new() -> dict[str, str]:
    with closing(Database(Path(":memory:"), Clock())) as new:
        create_tables(new)
        return dict(new.execute_sql(_THERE).fetchall())


def add_parts(database: Database, statements: list[str], _: object) -> None:
    """Create what is missing."""
    for statement in statements:
        with database.repair():
            database.execute_sql(statement)
        database.let_others_write()
