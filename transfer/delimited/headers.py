"""Find the header of a table below titles, remarks and blank rows."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from leadbook.fields.schema import RecordInput
from leadbook.transfer.words.synonyms import field_of

Cells = Sequence[str]

_ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+")
# Of a row with more columns, the first ones tell enough. The limits keep a hostile file cheap.
_MOST_COLUMNS, _LONGEST_HEADER, _MOST_PLACES = 1_000, 100, 10


class _Place(NamedTuple):
    """Where an address is."""

    row: int
    column: int


def header_of(rows: Sequence[Cells]) -> int | None:
    """Return the place of the header among the first rows of a file; None if there is none.

    It is the first row with a header for addresses above a column of addresses. Without such a
    header, it is the first row that is filled like a table, above the first record. A header of our
    own export is one for certain: a follow-up of the type "email" below it has no such header.
    """
    named: int | None = None
    for place, row in enumerate(rows):
        if RecordInput.ignored <= set(row):
            return place
        if columns := _address_columns(row):
            if _has_addresses(rows[place + 1 :], columns):
                return place
            named = place if named is None else named
    filled = [sum(map(bool, map(str.strip, row))) for row in rows]
    if records := _records(rows):
        return _above(rows, filled, records)
    # Below a header, a cell may say "email", too: what kind of task it is.
    return _fullest(filled) if named is None else min(named, _fullest(filled))


def names_addresses(row: Cells) -> bool:
    """Return whether a row is a header that names a column of addresses."""
    return bool(_address_columns(row))


def _address_columns(row: Cells) -> list[int]:
    # A title may be a pair such as "E-mail;ada@engines.example".
    if any(map(is_address, row)):
        return []
    columns = enumerate(row[:_MOST_COLUMNS])
    return [column for column, cell in columns if _is_for_addresses(cell)][:_MOST_PLACES]


def _is_for_addresses(cell: str) -> bool:
    return 0 < len(cell) <= _LONGEST_HEADER and _field_of(cell) == "email"


@lru_cache(4096)
def _field_of(cell: str) -> str | None:
    return field_of(cell)


def _has_addresses(rows: Sequence[Cells], columns: list[int]) -> bool:
    return any("@" in row[each] for row in rows for each in columns if each < len(row))


def _records(rows: Sequence[Cells]) -> list[_Place]:
    """Return the first address of each row that is as wide as most rows with an address."""
    found: dict[int, _Place] = {}
    for place, row in enumerate(rows):
        for column, cell in enumerate(row):
            if is_address(cell):
                found.setdefault(place, _Place(place, column))
    widths = Counter(len(rows[place]) for place in found)
    width = max(widths, key=lambda width: (widths[width], width), default=0)
    return [each for place, each in found.items() if len(rows[place]) == width]


def _above(rows: Sequence[Cells], filled: list[int], records: list[_Place]) -> int | None:
    """Return the header above the records; None if even the first row of the table is a record."""
    most = max(filled)
    # A row with an address is no header.
    without = [0 if any(map(is_address, row)) else filled[n] for n, row in enumerate(rows)]
    answer: int | None = None
    for number, record in enumerate(records):
        header = _header_over(rows, without, record, filled[record.row])
        if number == 0:
            answer = header
        # A row with far fewer cells is a title, even if a spreadsheet gave it all separators.
        if _is_like(most, filled[record.row if header is None else header]):
            return header
    return answer


def _header_over(
    rows: Sequence[Cells], filled: list[int], record: _Place, cells: int
) -> int | None:
    """Return the header above one record, which has so many filled `cells`."""
    above, column = filled[: record.row], record.column
    with_column = [
        count if column < len(row) and row[column].strip() else 0
        for count, row in zip(above, rows, strict=False)
    ]
    for counts in (with_column, above):
        place = _fullest(counts)
        # Some columns may have no name, but a title is no header of a wider table.
        if any(counts) and 2 * counts[place] >= cells:
            return place if len(rows[record.row]) == 1 or counts[place] > 1 else None
    return None


def _fullest(filled: list[int]) -> int:
    """Return the place of the first row that is nearly as full as the fullest one."""
    most = max(filled, default=0)
    return next((n for n, count in enumerate(filled) if _is_like(most, count)), 0)


def _is_like(most: int, filled: int) -> bool:
    return 3 * filled > 2 * most


def is_address(cell: str) -> bool:
    """Return whether a cell has one address, and nothing else."""
    return "@" in cell and bool(_ADDRESS.fullmatch(cell.strip()))
