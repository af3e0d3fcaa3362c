"""Export records as CSV or JSON Lines, row by row, from one state of the database."""

import csv
from collections.abc import Generator
from functools import cache
from io import StringIO
from typing import Any

from leadbook.schemas import Text
from leadbook.storage.database import Database
from leadbook.storage.rendering import record_json
from leadbook.storage.selection import CHANGES, Selection
from leadbook.transfer import formulas
from leadbook.transfer.kinds import Kind
from leadbook.transfer.source import Format

_ROWS_AT_ONCE = 1_000
_FIRST_WIDE = min(each for each in formulas.FIRST if not each.isascii())
_FORMULA = ", ".join(f"char({ord(character)})" for character in formulas.FIRST)


def export(
    database: Database, kind: Kind, format: Format, **filters: Any
) -> Generator[bytes, None, None]:
    """Yield the matching records as a file, in parts; see Selection for `filters`.

    The file shows one state of the database, even while others write. Records come in the order of
    creation, or in the order of change if `updated_since` is given.
    """
    column = CHANGES if filters.get("updated_since") else "created_at"
    with database.use():
        selection = Selection(kind.model, column, "asc", **filters)
        shown = _cells(kind) if format == "csv" else f"{record_json(kind.model)} || char(10)"
        sql, values = selection.everything(shown)
    # Its own connection: the reader may be slow, and the thread may do other work meanwhile.
    with database.snapshot() as connection:
        rows = connection.execute(sql, values)
        if format == "csv":
            yield _csv([kind.header])
        while some := rows.fetchmany(_ROWS_AT_ONCE):
            yield _csv(some) if format == "csv" else "".join(line for (line,) in some).encode()


def _csv(rows: list[tuple[object, ...]]) -> bytes:
    text = StringIO()
    csv.writer(text).writerows(rows)
    lines = text.getvalue()
    # Most parts contain nothing to guard, and csv is faster.
    if formulas.needs_care(lines):
        lines = "".join(f"{','.join(map(formulas.cell, row))}\r\n" for row in rows)
    return lines.encode()


@cache
def _cells(kind: Kind) -> str:
    """Return the SQL for the cells of a row.

    A cell that begins like a formula gets a quote in front. An import of a file with our own header
    removes it.
    """
    columns = kind.model._meta.fields
    texts = {field.name for field in kind.inputs.values() if isinstance(field, Text)}
    cells = []
    for name in kind.model.schema().fields:
        field = columns[name]
        if shown := getattr(field, "as_text", None):
            cells.append(shown.format(name))
        elif name in texts:
            # These characters sort before or far after the letters: most cells need one comparison.
            is_far = f"({name} < 'A' OR {name} > char({ord(_FIRST_WIDE) - 1}))"
            is_formula = f"{is_far} AND substr({name}, 1, 1) IN ({_FORMULA})"
            cells.append(f"iif({is_formula}, char(39) || {name}, {name})")
        else:
            cells.append(name)
    return ", ".join(cells)
