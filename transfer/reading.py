"""Read the rows of a CSV or JSON Lines file, each with its line number."""

import csv
import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from leadbook.storage.system import monotonic
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.source import LONGEST_LINE, Source
from leadbook.transfer.strict_json import MalformedJSONError, parse_json

_TOO_LONG = f"The line has more than {LONGEST_LINE} characters."
# A cell may begin in one such line and go on in shorter ones.
_LONGEST_CELL = 2 * LONGEST_LINE
# After a quote that is never closed, lines are read again: at most this many characters for each
# character of the file. Without a limit, a file of such quotes would take quadratic time.
_READ_AGAIN = 4
_PATIENCE_SECONDS = 10
Header = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: its `cells` under the `header`, or the `problem` with it.

    `line` counts from 1. `raw` is the text of a row without cells.
    """

    line: int
    header: Header
    cells: list[str]
    raw: str = ""
    problem: str = ""

    @property
    def is_remark(self) -> bool:
        """Whether it is a title, a footer or a total: its only filled cell is no address."""
        if self.problem or len(self.header) < 2:
            return False
        filled = [cell for cell in self.cells if cell.strip()]
        return len(filled) == 1 and "@" not in filled[0]


def read_rows(source: Source) -> Iterator[Row]:
    """Yield the rows of the file, without empty ones.

    Raises FileRefusedError, also if no row is found for ten seconds.
    """
    rows = _read_csv(source) if source.format == "csv" else _read_json_lines(source)
    asked = monotonic()
    for row in rows:
        if row is not None:
            yield row
            asked = monotonic()
        elif monotonic() - asked > _PATIENCE_SECONDS:
            raise FileRefusedError(f"{source.name} has too many empty lines in a row.")


class _Lines(Iterator[str]):
    """The lines of a file; the lines of a broken record can be read again.

    A record may be only as long as the lines that could still be read again.
    """

    def __init__(self, source: Source, skipped: int) -> None:
        self._lines = source.lines()
        self._again: deque[str] = deque()
        # The lines of the current record, and the number of characters after its first line.
        self.taken: list[str] = []
        self._following = 0
        # How many characters may still be read again.
        self._credit = LONGEST_LINE
        self.line = 0
        for _ in range(skipped):
            next(self)

    def begin_record(self) -> None:
        """Start the next record."""
        self._credit = min(LONGEST_LINE, self._credit + _READ_AGAIN * self.length)
        self.taken, self._following = [], 0

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.line += 1
        self.taken.append(line)
        if len(self.taken) > 1:
            self._following += len(line)
            if self._following > self._credit:
                raise csv.Error("a quote is not closed")
        elif len(line) > LONGEST_LINE:
            # It was cut, perhaps inside quotes, which would swallow the next rows.
            raise csv.Error(f"the line has more than {LONGEST_LINE} characters")
        return line

    @property
    def length(self) -> int:
        """How many characters of the current record have been read, and are not read again."""
        return self._following + sum(map(len, self.taken[:1]))

    def take_back_all_but_one(self) -> None:
        """Put all lines of the record except the first back, so that they are read again."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.line -= len(self.taken) - 1
        self._credit = max(0, self._credit - self._following)
        self._following = 0


def _read_csv(source: Source) -> Iterator[Row | None]:
    _allow_long_cells()
    dialect = source.dialect
    lines = _Lines(source, dialect.lines_before)
    reader = csv.reader(lines, strict=True, **dialect.options)
    header: Header = ()
    try:
        while not any(header):
            lines.begin_record()
            header = tuple(cell.strip() for cell in next(reader))
            yield None
    except csv.Error as error:
        raise FileRefusedError(f"{source.name} has no header that can be read: {error}.") from None
    except StopIteration:
        raise FileRefusedError(f"{source.name} has no header.") from None
    while True:
        lines.begin_record()
        first = lines.line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # A quote that is never closed would swallow the rest, so the next lines are read again.
            raw = lines.taken[0]
            lines.take_back_all_but_one()
            problem = _TOO_LONG if len(raw) > LONGEST_LINE else f"Not valid CSV: {error}."
            yield Row(first, header, [], raw, problem)
            continue
        if lines.length > LONGEST_LINE:
            yield Row(first, header, [], "".join(lines.taken), _TOO_LONG)
            continue
        yield _of_csv(first, header, cells) if any(cells) else None


def _allow_long_cells() -> None:
    """Raise the limit of the csv module, which all threads of the process share; never lower it."""
    # Before each file, since the host of an app may have set another limit meanwhile.
    if csv.field_size_limit() < _LONGEST_CELL:
        csv.field_size_limit(_LONGEST_CELL)


def _of_csv(line: int, header: Header, cells: list[str]) -> Row:
    if len(cells) > len(header) and not any(cells[len(header) :]):
        # Each line except the header ends with separators.
        cells = cells[: len(header)]
    if len(cells) != len(header):
        problem = f"The row has {len(cells)} cells, but the header has {len(header)}."
        return Row(line, header, cells, "", problem)
    return Row(line, header, cells)


def _read_json_lines(source: Source) -> Iterator[Row | None]:
    for line, text in enumerate(source.lines(), 1):
        if not text.strip():
            yield None
            continue
        if len(text) > LONGEST_LINE:
            yield Row(line, (), [], text, _TOO_LONG)
            continue
        try:
            item = parse_json(text.encode(errors="surrogateescape"))
            if not isinstance(item, dict):
                raise MalformedJSONError("The line is not a JSON object.")
            yield Row(line, tuple(item), [_as_text(value) for value in item.values()], text)
        except MalformedJSONError as error:
            yield Row(line, (), [], text, str(error).replace("The body", "The line"))


def _as_text(value: object) -> str:
    """Return the value of a field as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
