"""Export records as CSV or JSON Lines, row by row, from one state of the database."""

import csv
from collections.abc import Callable, Generator, Iterator
from io import StringIO
from typing import Any

from marshmallow.fields import Boolean, Field

from leadbook.fields.custom import CustomFields
from leadbook.fields.values import Tags, Text
from leadbook.storage.custom_values import as_cell
from leadbook.storage.database import Database
from leadbook.storage.json_text import decode, encode
from leadbook.storage.listing import BY_CHANGE, selection_of
from leadbook.storage.rendering import Column, columns_of, keys_of, records, unpacked
from leadbook.storage.selection import Selection
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.transfer.columns.kinds import Kind
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.formats import Format
from leadbook.transfer.values import formulas
from leadbook.transfer.values.cells import list_cell

# A thousand at once took twice as long: the data of a hundred stays in the processor's cache.
_ROWS_AT_ONCE = 100
# Excel shows 16,384 columns: https://support.microsoft.com/office/1672b34d-7043-467e-8e27-269d656771c3
_MOST_COLUMNS = 16_000


def export(
    database: Database, kind: Kind, format: Format, **filters: Any
) -> Generator[bytes, None, None]:
    """Yield the matching records as a file, in parts; see Selection for `filters`.

    The file shows one state of the database, even while others write. Records come in the order of
    creation, or in the order of change if `updated_since` is given. Raises FileRefusedError if the
    records have too many names of custom fields for the columns of a CSV file.
    """
    sort = BY_CHANGE if filters.get("updated_since") else "createdAt"
    with database.use():
        selection = selection_of(kind.model, sort, "asc", **filters)
        sql, values = selection.everything(columns_of(kind.model))
    # Its own connection: the reader may be slow, and the thread may do other work meanwhile.
    with database.snapshot() as connection:
        if format == "csv":
            table = _Table(kind, _names(connection, kind, selection))
            yield _csv([table.header])
        rows = connection.execute(sql, values)
        while some := rows.fetchmany(_ROWS_AT_ONCE):
            columns = zip(*some, strict=True)
            if format == "csv":
                cells = table.cells(unpacked(kind.model, columns))
                yield _csv(list(zip(*cells, strict=True)))
            else:
                yield b"".join(map(encode, records(kind.model, columns)))


def _names(
    connection: sqlite3.Connection, kind: Kind, selection: Selection
) -> dict[str, list[str]]:
    """Return the names in use in each field with entries, in order. Raises FileRefusedError."""
    named: dict[str, list[str]] = {}
    for name, field in kind.model.schema().fields.items():
        if not isinstance(kind.model.new().fields.get(name), CustomFields):
            continue
        found: set[str] = set()
        sql, values = selection.everything(name)
        filled = f"SELECT {name} FROM ({sql}) WHERE {name} <> '{{}}'"
        for (entries,) in connection.execute(filled, values):
            found.update(decode(entries))
            if len(found) > _MOST_COLUMNS:
                raise FileRefusedError(
                    f"The {kind.name} have more than {_MOST_COLUMNS:,} names in {field.data_key}, "
                    "too many for the columns of CSV; export JSON Lines."
                )
        named[str(field.data_key)] = sorted(found)
    return named


class _Table:
    """The columns of a CSV file. A field with entries has a column for each of its names."""

    def __init__(self, kind: Kind, names: dict[str, list[str]]) -> None:
        keys = keys_of(kind.model)
        self._fields = [
            (place, _cells_of(kind.inputs.get(key)))
            for place, key in enumerate(keys)
            if key not in names
        ]
        self._entries = [
            (place, name) for place, key in enumerate(keys) for name in names.get(key, ())
        ]
        plain = (keys[place] for place, _ in self._fields)
        self.header = (*plain, *(f"{keys[place]}.{name}" for place, name in self._entries))

    def cells(self, columns: list[Column]) -> Iterator[Column]:
        """Yield the cells of each column of the file, for the columns of some records."""
        for place, written in self._fields:
            yield written(columns[place])
        for place, name in self._entries:
            yield [_entry(each.get(name)) for each in columns[place]]


def _entry(value: Any) -> str | None:
    if value is None:
        return None
    # A number that begins with a minus is no formula.
    return formulas.guarded(as_cell(value)) if isinstance(value, str) else as_cell(value)


def _cells_of(field: Field[Any] | None) -> Callable[[Column], Column]:
    """Return the function that writes the cells of a column.

    It puts a quote in front of each text that begins like a formula; an import of a file with our
    own header removes it. Values of other columns never begin like a formula.
    """
    if isinstance(field, Text):
        return lambda column: list(map(formulas.guarded, column))
    if isinstance(field, Tags):
        return lambda column: [formulas.guarded(list_cell(each)) for each in column]
    if isinstance(field, Boolean):
        return lambda column: ["" if each is None else str(each).lower() for each in column]
    return lambda column: column


def _csv(rows: list[tuple[Any, ...]]) -> bytes:
    text = StringIO()
    csv.writer(text).writerows(rows)
    lines = text.getvalue()
    # Most parts contain nothing to guard, and csv is faster.
    if formulas.needs_care(lines):
        cells = map(formulas.cells, zip(*rows, strict=True))
        lines = "".join(f"{','.join(row)}\r\n" for row in zip(*cells, strict=True))
    return lines.encode()
