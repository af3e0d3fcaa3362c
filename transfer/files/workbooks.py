"""Read rows from a sheet of an .xlsx workbook, one at a time, in bounded memory.

python-calamine keeps a whole sheet: two cells in opposite corners end the process. openpyxl keeps
the elements of a row, and all texts. Only its knowledge of formats and dates is used here.
"""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain, islice

from leadbook.transfer.delimited.headers import header_of, is_address, names_addresses
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.row import Row
from leadbook.transfer.files.source import LONGEST_LINE, Source
from leadbook.transfer.xlsx.cells import number_reader
from leadbook.transfer.xlsx.parts import Parts, Sheet
from leadbook.transfer.xlsx.worksheet import SheetRow, read_rows_of_sheet

MOST_COLUMNS = 1_000
# The header is one of the first so many rows that are not empty.
_HEADER_WITHIN = 50
_MOST_SHOWN = 20
_NUMBER = re.compile(r"[0-9]{1,7}")
_TOO_LONG = f"The row has more than {LONGEST_LINE} characters."


def read_workbook(source: Source) -> Iterator[Row | None]:
    """Yield the rows below the header of a sheet; None for an empty one.

    The sheet is the one that the caller names, or the first one with addresses, or with rows.
    Raises FileRefusedError.
    """
    with ExitStack() as stack:
        workbook = _Workbook(source, stack)
        sheet = workbook.named(source.sheet) if source.sheet else workbook.first_with_rows()
        rows = workbook.rows(sheet)
        first = list(islice(filter(_is_filled, rows), _HEADER_WITHIN))
        if not first:
            raise FileRefusedError(f"The sheet {sheet.name!r} has no rows.")
        place = header_of([cells for _, cells in first])
        if place is None:
            line = next((line for line, cells in first if any(map(is_address, cells))), 1)
            raise FileRefusedError(
                f"The sheet {sheet.name!r} has no header: row {line} is already a record. Add a "
                "row with the names of the columns above it, such as name, email, phone."
            )
        header = tuple(name.strip() for name in first[place][1])
        if len(header) > MOST_COLUMNS:
            raise FileRefusedError(
                f"The header of the sheet {sheet.name!r} has {len(header):,} columns; at most "
                f"{MOST_COLUMNS:,} can be imported."
            )
        source.part = f"the sheet {sheet.name!r}"
        source.notices[:] = workbook.notices(sheet, first[place][0] if place else 0)
        for line, cells in chain(first[place + 1 :], rows):
            yield _row(line, header, cells) if cells else None


def _is_filled(row: SheetRow) -> bool:
    return bool(row[1])


def _row(line: int, header: tuple[str, ...], cells: list[str]) -> Row:
    if sum(map(len, cells)) > LONGEST_LINE:
        return Row(line, header, [], " ".join(cells)[:LONGEST_LINE], _TOO_LONG)
    if len(cells) > len(header):
        problem = f"The row has {len(cells)} cells, but the header has {len(header)}."
        return Row(line, header, cells[: _MOST_SHOWN + len(header)], "", problem)
    return Row(line, header, cells + [""] * (len(header) - len(cells)))


class _Workbook:
    """A workbook: its sheets, and what their cells refer to."""

    def __init__(self, source: Source, stack: ExitStack) -> None:
        self._name = source.name
        self._parts = Parts(source.binary)
        self._sheets = self._parts.sheets
        if not self._sheets:
            raise FileRefusedError(f"{self._name} has no sheets with cells.")
        self._texts = self._parts.texts(stack)
        is_1904 = self._parts.begins_1904
        formats = self._parts.formats()
        readers = {code: number_reader(code, begins_1904=is_1904) for code in {*formats}}
        self._readers = [readers[code] for code in formats]

    def named(self, wanted: str) -> Sheet:
        """Return the sheet with this name, or this number from 1. Raises FileRefusedError."""
        for sheet in self._sheets:
            if sheet.name == wanted:
                return sheet
        for sheet in self._sheets:
            if sheet.name.strip().casefold() == wanted.strip().casefold():
                return sheet
        if _NUMBER.fullmatch(wanted) and 1 <= int(wanted) <= len(self._sheets):
            return self._sheets[int(wanted) - 1]
        raise FileRefusedError(f"There is no sheet {wanted!r}. The sheets are: {self._shown()}.")

    def first_with_rows(self) -> Sheet:
        """Return the first sheet with a column of addresses; if there is none, with rows."""
        shown = [each for each in self._sheets if each.is_shown]
        found: Sheet | None = None
        for sheet in (shown or self._sheets)[:_MOST_SHOWN]:
            rows = islice(filter(_is_filled, self.rows(sheet)), _HEADER_WITHIN)
            first = [cells for _, cells in rows]
            if any(map(names_addresses, first)):
                return sheet
            if first and found is None:
                found = sheet
        if found is None:
            raise FileRefusedError(f"{self._name} has no rows in its sheets: {self._shown()}.")
        return found

    def notices(self, sheet: Sheet, header_line: int) -> Iterator[str]:
        """Yield what the user must know about the choice of the sheet and of its header."""
        if others := [each.name for each in self._sheets if each != sheet]:
            shown = ", ".join(map(repr, others[:_MOST_SHOWN]))
            yield f"These are the rows of the sheet {sheet.name!r}; other sheets: {shown}."
        if header_line:
            yield f"The header is in row {header_line}; the rows above it are left out."

    def rows(self, sheet: Sheet) -> Iterator[SheetRow]:
        """Yield the rows of a sheet."""
        with self._parts.open(sheet.part) as part:
            yield from read_rows_of_sheet(sheet.part, part, self._texts, self._readers)

    def _shown(self) -> str:
        names = [each.name for each in self._sheets]
        more = f" and {len(names) - _MOST_SHOWN} more" if len(names) > _MOST_SHOWN else ""
        return ", ".join(map(repr, names[:_MOST_SHOWN])) + more
