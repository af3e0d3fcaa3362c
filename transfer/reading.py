"""The rows of a CSV or JSON Lines file, one after the other, each with its place."""

import csv
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from leadbook.strict_json import MalformedJSONError, parse_json
from leadbook.transfer.dialect import find_dialect
from leadbook.transfer.refused import FileRefusedError
from leadbook.transfer.source import LONGEST_LINE, Source

_TOO_LONG = f"The line has more than {LONGEST_LINE} characters."
Header = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the file has it: `cells` under `header`, or the `problem` that there is with it.

    `line` counts from 1; `raw` is the text where there are no cells.
    """

    line: int
    header: Header
    cells: list[str]
    raw: str = ""
    problem: str = ""


def read_rows(source: Source) -> Iterator[Row]:
    """Yield the rows of the file; empty ones are passed over. Raises FileRefusedError."""
    return _read_csv(source) if source.format == "csv" else _read_json_lines(source)


class _Lines(Iterator[str]):
    """The lines of a file, of which some may be taken back and read again."""

    def __init__(self, source: Source, skipped: int) -> None:
        self._lines = source.lines()
        self._again: deque[str] = deque()
        # Those of the record that is being read.
        self.taken: list[str] = []
        self.line = 0
        for _ in range(skipped):
            next(self)
        self.taken = []

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.line += 1
        self.taken.append(line)
        return line

    def take_back_all_but_one(self) -> None:
        """Have the lines of the record read again, except for its first."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.line -= len(self.taken) - 1


def _read_csv(source: Source) -> Iterator[Row]:
    dialect = find_dialect(source.sample())
    lines = _Lines(source, dialect.lines_before)
    reader = csv.reader(lines, strict=True, **dialect.options)
    try:
        header = tuple(cell.strip() for cell in next(filter(any, reader)))
    except csv.Error as error:
        raise FileRefusedError(f"{source.name} has no header that can be read: {error}.") from None
    except StopIteration:
        raise FileRefusedError(f"{source.name} has no header.") from None
    while True:
        lines.taken = []
        first = lines.line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # A quote that is never closed would swallow the rest: what follows is read again.
            raw = lines.taken[0]
            lines.take_back_all_but_one()
            problem = _TOO_LONG if len(raw) > LONGEST_LINE else f"Not valid CSV: {error}."
            yield Row(first, header, [], raw, problem)
            continue
        if any(cells):
            yield _of_csv(first, header, cells, lines.taken[0])


def _of_csv(line: int, header: Header, cells: list[str], raw: str) -> Row:
    if len(raw) > LONGEST_LINE:
        return Row(line, header, [], raw, _TOO_LONG)
    if len(cells) > len(header) and not any(cells[len(header) :]):
        # Separators at the end of each line, but for the header.
        cells = cells[: len(header)]
    if len(cells) != len(header):
        problem = f"The row has {len(cells)} cells, and the header {len(header)}."
        return Row(line, header, cells, "", problem)
    return Row(line, header, cells)


def _read_json_lines(source: Source) -> Iterator[Row]:
    for line, text in enumerate(source.lines(), 1):
        if not text.strip():
            continue
        if len(text) > LONGEST_LINE:
            yield Row(line, (), [], text, _TOO_LONG)
            continue
        try:
            item = parse_json(text.encode(errors="surrogateescape"))
            if not isinstance(item, dict):
                raise MalformedJSONError("There is no object on the line.")
            yield Row(line, tuple(item), [_as_text(value) for value in item.values()], text)
        except MalformedJSONError as error:
            yield Row(line, (), [], text, str(error).replace("The body", "The line"))


def _as_text(value: object) -> str:
    """Return the value of a field as a cell of a table would have it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
