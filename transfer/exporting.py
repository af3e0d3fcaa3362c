"""The database as a file: CSV or JSON Lines, one state of it, row by row."""

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
    """Yield the records that match as a file, in parts; see Selection for `filters`.

    All of it is one state of the database, whatever is written meanwhile, in the order in which
    the records were stored, or changed where `updated_since` is given.
    """
    column = CHANGES if filters.get("updated_since") else "created_at"
    with database.use():
        selection = Selection(kind.model, column, "asc", **filters)
        shown = _cells(kind) if format == "csv" else f"{record_json(kind.model)} || char(10)"
        sql, values = selection.everything(shown)
    # A connection of its own: who reads the file may take long, and the thread do other things.
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
    # Most need none, and csv is faster.
    if formulas.needs_care(lines):
        lines = "".join(f"{','.join(map(formulas.cell, row))}\r\n" for row in rows)
    return lines.encode()


@cache
def _cells(kind: Kind) -> str:
    """Return the SQL for the cells of a row.

    What begins like a formula gets a quote in front, which an import of our own header takes away.
    """
    columns = kind.model._meta.fields
    texts = {field.name for field in kind.inputs.values() if isinstance(field, Text)}
    cells = []
    for name in kind.model.schema().fields:
        field = columns[name]
        if shown := getattr(field, "as_text", None):
            cells.append(shown.format(name))
        elif name in texts:
            # All of these come before the letters or far behind: most cells are done with at once.
            is_far = f"({name} < 'A' OR {name} > char({ord(_FIRST_WIDE) - 1}))"
            is_formula = f"{is_far} AND substr({name}, 1, 1) IN ({_FORMULA})"
            cells.append(f"iif({is_formula}, char(39) || {name}, {name})")
        else:
            cells.append(name)
    return ", ".join(cells)
