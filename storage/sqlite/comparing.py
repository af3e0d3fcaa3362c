"""Comparison of texts in any case, which SQLite itself ignores for ASCII only."""

import re

import peewee

from leadbook.storage.text import fold

# Texts whose JSON is the text itself, and the marks of a pattern of LIKE.
_PLAIN, _MARKS = re.compile(r'[^"\\,\x00-\x1f\x7f]+'), re.compile(r"[%_]")
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
    """Return the condition that a JSON list of texts has the folded one, and its values.

    Reading the JSON of a row takes 4 µs, and a pattern 0.2 µs. In ASCII without escapes, a pattern
    alone decides: a quote is where a text begins or ends, and a text that is only a comma would
    also be what is between two others.
    """
    texts = f"iif(json_valid({column}), {column}, '[]')"
    exactly = f"EXISTS (SELECT 1 FROM json_each({texts}) WHERE fold(value) = ?)"
    is_escaped = f"instr({column}, '\\') OR length({column}) < length(CAST({column} AS BLOB))"
    if not folded.isascii() or not _PLAIN.fullmatch(folded):
        return exactly, (folded,)
    pattern = _MARKS.sub(r"\\\g<0>", folded)
    sql = f"iif({is_escaped}, {exactly}, {column} LIKE ? ESCAPE '\\')"
    return sql, (folded, f'%"{pattern}"%')
