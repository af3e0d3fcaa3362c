"""Comparison of texts in any case, which SQLite itself ignores for ASCII only."""

import peewee

from leadbook.storage.text import fold

# Calling Python for each of a million rows takes a second, so it folds only texts with other
# characters: those have more bytes than characters. The two values are the folded text.
ANY_CASE = (
    "({column} = ? COLLATE NOCASE OR"
    " iif(length({column}) < length(CAST({column} AS BLOB)), fold({column}) = ?, 0))"
)


def register_fold(database: peewee.SqliteDatabase) -> None:
    """Let the statements of `database` call `fold`."""
    database.register_function(fold, "fold", 1, deterministic=True)


def having_text(column: str, folded: str) -> tuple[str, tuple[str, ...]]:
    """Return the condition that a JSON list of texts has the folded one, and its values."""
    texts = f"iif(json_valid({column}), {column}, '[]')"
    return f"EXISTS (SELECT 1 FROM json_each({texts}) WHERE fold(value) = ?)", (folded,)
