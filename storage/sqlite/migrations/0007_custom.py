"""Give leads and clients `custom`: fields of one's own, as JSON text."""

from typing import Any


def up(_migrator: Any, database: Any) -> None:
    """Add an empty column; SQLite writes no row for its default."""
    for table in ("leads", "clients"):
        database.execute_sql(f"ALTER TABLE {table} ADD COLUMN custom TEXT NOT NULL DEFAULT '{{}}'")
