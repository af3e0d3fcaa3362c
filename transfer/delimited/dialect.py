"""Find the separator, the quoting and the header of a CSV file, by trying what splits it best."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from itertools import product
from typing import Any, NamedTuple

from leadbook.transfer.delimited.headers import header_of, names_addresses
from leadbook.transfer.delimited.quoting import has_stray_quotes, with_backslashes
from leadbook.transfer.delimited.records import Lines, allow_cells

_SEPARATORS = (",", ";", "\t", "|")
_MOST_ROWS = 200
_BLANK_LINES = re.compile(r"(?:[ \t]*(?:\r\n|\n|\r))*")
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Dialect:
    """The options for csv.reader, and the number of lines before the header.

    If `is_headless`, the line after these is already a record.
    """

    options: dict[str, Any]
    lines_before: int = 0
    is_headless: bool = False


def find_dialect(sample: str) -> Dialect:
    """Return the dialect of a file that begins with `sample`.

    It tries each candidate, as the Sniffer of newer Python versions does. The Sniffer of 3.11 looks
    at the characters next to quotes and sometimes takes a letter for the separator.
    """
    allow_cells(len(sample))
    start = _end_of_blank_lines(sample, 0)
    separators: tuple[str, ...] = _SEPARATORS
    # Some exports of Excel name the separator in their first line.
    if told := re.compile(r"(?i)\"?sep=([^\w\s\"'\0]|\t)\"?(?:\r\n|\n|\r)").match(sample, start):
        separators, start = (told[1],), _end_of_blank_lines(sample, told.end())
    before = len(_LINE_END.findall(sample, 0, start)) if start else 0
    text = sample[start:]
    candidates = [
        {"delimiter": separator, **quoting}
        for quoting, separator in product(_quotings(text), separators)
    ]
    return max((_Trial.of(text, each, before) for each in candidates), key=_merit).dialect


def _end_of_blank_lines(sample: str, start: int) -> int:
    found = _BLANK_LINES.match(sample, start)
    return found.end() if found else start


def _quotings(sample: str) -> Iterator[dict[str, Any]]:
    # Only if the header has such quotes, which is checked later: in rows they are apostrophes.
    if re.search(r"^'", sample, re.MULTILINE):
        yield {"quotechar": "'"}
    yield {}
    if '\\"' in sample:
        yield with_backslashes({})


class _Record(NamedTuple):
    line: int
    raw: str
    cells: list[str]
    is_good: bool


class _Trial(NamedTuple):
    """What the first rows are with one candidate.

    `even` counts the rows that are as wide as the header.
    """

    dialect: Dialect
    names_addresses: bool
    even: int
    width: int

    @classmethod
    def of(cls, sample: str, options: dict[str, Any], before: int) -> "_Trial":
        """Return the trial of `options` on a sample that begins after `before` lines."""
        records = list(_records(sample, options))
        place = header_of([each.cells for each in records])
        is_headless = place is None
        if place is None:
            place = next((n for n, each in enumerate(records) if _is_record(each)), 0)
        if not records:
            return cls(Dialect(options, before), False, 0, 0)
        if "quotechar" in options and not records[place].raw.startswith("'"):
            return cls(Dialect(options, before), False, -1, 0)
        header = records[place]
        dialect = Dialect(options, before + header.line, is_headless)
        width = len(header.cells)
        if width == 1:
            return cls(dialect, False, 0, 0)
        even = sum(each.is_good and len(each.cells) == width for each in records[place:])
        return cls(dialect, names_addresses(header.cells), even, width)


def _is_record(record: _Record) -> bool:
    return any("@" in cell for cell in record.cells)


def _merit(trial: _Trial) -> tuple[bool, int, int]:
    return trial.names_addresses, trial.even, trial.width


def _records(sample: str, options: dict[str, Any]) -> Iterator[_Record]:
    """Yield the first records with the number of lines before each; a broken one is no good."""
    lines = Lines(StringIO(sample, newline=""), len(sample))
    reader = csv.reader(lines, strict=True, **options)
    count = 0
    while count < _MOST_ROWS:
        lines.begin_record()
        before = lines.line
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            lines.take_back_all_but_one()
            yield _Record(before, lines.taken[0], [], False)
        else:
            if not any(cells):
                continue
            raw = "".join(lines.taken)
            yield _Record(before, raw, cells, not has_stray_quotes(raw, cells, options))
        count += 1
