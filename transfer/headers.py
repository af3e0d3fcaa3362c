"""Find the header of a table below titles, remarks and blank rows."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from leadbook.transfer.synonyms import field_of

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
    header, it is the first row that is filled like a table, above the first record.
    """
    known: int | None = None
    for place, row in enumerate(rows):
        if columns := _address_columns(row):
            if _has_addresses(rows[place + 1 :], columns):
                return place
            known = place if known is None else known
    record = _first_record(rows)
    if known is not None and (record is None or known < record.row):
        return known
    return _fullest(rows) if record is None else _above(rows, record)


def names_addresses(row: Cells) -> bool:
    """Return whether a row is a header that names a column of addresses."""
    return bool(_address_columns(row))


def _address_columns(row: Cells) -> list[int]:
    # A title may be a pair such as "E-mail;ada@engines.example".
    if any("@" in cell and _ADDRESS.fullmatch(cell.strip()) for cell in row):
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


def _first_record(rows: Sequence[Cells]) -> _Place | None:
    """Return the first row with an address that is as wide as most of these rows."""
    found = [
        _Place(place, column)
        for place, row in enumerate(rows)
        for column, cell in enumerate(row)
        if "@" in cell and _ADDRESS.fullmatch(cell.strip())
    ]
    widths = Counter({len(rows[each.row]): 0 for each in found})
    widths.update(len(rows[place]) for place in {each.row for each in found})
    width = max(widths, key=lambda width: (widths[width], width), default=0)
    return next((each for each in found if len(rows[each.row]) == width), None)


def _above(rows: Sequence[Cells], record: _Place) -> int | None:
    """Return the header above a record; None if even the first row of the table is a record."""
    above = rows[: record.row]
    # A pair such as "Month;May" is no header of a wider table.
    least = min(2, len(rows[record.row]))
    with_column = [
        row if record.column < len(row) and row[record.column].strip() else () for row in above
    ]
    for some in (with_column, above):
        place = _fullest(some)
        if place is not None and 2 * _filled(some[place]) >= _filled(rows[record.row]):
            return place if _filled(some[place]) >= least else None
    return None


def _fullest(rows: Sequence[Cells]) -> int | None:
    """Return the first row with at least half as many filled cells as the fullest one."""
    most = max(map(_filled, rows), default=0)
    return next((n for n, row in enumerate(rows) if 0 < most <= 2 * _filled(row)), None)


def _filled(row: Cells) -> int:
    return sum(map(bool, map(str.strip, row)))
