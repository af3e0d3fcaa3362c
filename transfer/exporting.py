"""Export records as CSV or JSON Lines, row by row, from one state of the database."""

import csv
from collections.abc import Generator, Iterable, Iterator
from io import StringIO
from typing import Any

from marshmallow.fields import Boolean

from leadbook.schemas import Text
from leadbook.storage.database import Database
from leadbook.storage.listing import CHANGES, Selection
from leadbook.storage.rendering import Column, columns_of, encode, records, unpacked
from leadbook.transfer import formulas
from leadbook.transfer.formats import Format
from leadbook.transfer.kinds import Kind

# A thousand at once took twice as long: the data of a hundred stays in the processor's cache.
_ROWS_AT_ONCE = 100


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
        sql, values = selection.everything(columns_of(kind.model))
    # Its own connection: the reader may be slow, and the thread may do other work meanwhile.
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
    # Most parts contain nothing to guard, and csv is faster.
    if formulas.needs_care(lines):
        lines = "".join(f"{','.join(map(formulas.cell, row))}\r\n" for row in rows)
    return lines.encode()


def _guarded(kind: Kind, columns: Iterable[Column]) -> Iterator[Column]:
    """Yield the columns, with a quote in front of each cell that begins like a formula.

    An import of a file with our own header removes it.
    """
    for name, column in zip(kind.header, unpacked(kind.model, columns), strict=True):
        field = kind.inputs.get(name)
        # Text written by people; values of other columns never begin like a formula.
        if isinstance(field, Text):
            yield list(map(formulas.guarded, column))
        elif isinstance(field, Boolean):
            yield ["" if value is None else str(value).lower() for value in column]
        else:
            yield column
