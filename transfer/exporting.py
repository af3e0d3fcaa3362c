"""The database as a file: CSV or JSON Lines, one state of it, row by row."""

import csv
from collections.abc import Generator, Iterable, Iterator
from io import StringIO
from typing import Any

from leadbook.schemas import Text
from leadbook.storage.database import Database
from leadbook.storage.listing import SORT_COLUMNS
from leadbook.storage.rendering import Column, columns_of, encode, records, unpacked
from leadbook.storage.selection import Selection
from leadbook.transfer import formulas
from leadbook.transfer.kinds import Kind
from leadbook.transfer.source import Format

# A thousand at once took twice as long: what is made for a hundred stays in the processor's cache.
_ROWS_AT_ONCE = 100


def export(
    database: Database, kind: Kind, format: Format, **filters: str | None
) -> Generator[bytes, None, None]:
    """Yield the records that match as a file, in parts; see Selection for `filters`.

    All of it is one state of the database, whatever is written meanwhile, in the order in which
    the records were stored, or changed where `updated_since` is given.
    """
    sort = "change" if filters.get("updated_since") else "createdAt"
    with database.use():
        selection = Selection(kind.model, SORT_COLUMNS[sort], "asc", **filters)
        sql, values = selection.everything(columns_of(kind.model))
    # A connection of its own: who reads the file may take long, and the thread do other things.
    with database.snapshot() as connection:
        rows = connection.execute(sql, values)
        if format == "csv":
            yield _csv([kind.header])
        while some := rows.fetchmany(_ROWS_AT_ONCE):
            columns = zip(*some, strict=True)
            if format == "csv":
                yield _csv(list(zip(*_guarded(kind, columns), strict=True)))
            else:
                yield b"".join(map(encode, records(kind.model, columns)))


def _csv(rows: list[tuple[Any, ...]]) -> bytes:
    text = StringIO()
    csv.writer(text).writerows(rows)
    lines = text.getvalue()
    # Most need none, and csv is faster.
    if formulas.needs_care(lines):
        lines = "".join(f"{','.join(map(formulas.cell, row))}\r\n" for row in rows)
    return lines.encode()


def _guarded(kind: Kind, columns: Iterable[Column]) -> Iterator[Column]:
    """Yield the columns, with a quote in front of each cell that begins like a formula.

    An import of our own header takes it away again.
    """
    for name, column in zip(kind.header, unpacked(kind.model, columns), strict=True):
        # What people have written; no other column begins so.
        is_written = isinstance(kind.inputs.get(name), Text)
        yield list(map(formulas.guarded, column)) if is_written else column
