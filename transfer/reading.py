"""Read the rows of a file, each with its line number."""

import csv
from collections import deque
from collections.abc import Callable, Iterator

from leadbook.storage.system import monotonic
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.formats import Format
from leadbook.transfer.json_documents import read_json, read_json_lines
from leadbook.transfer.row import Header, Row
from leadbook.transfer.source import LONGEST_LINE, Source
from leadbook.transfer.vcards import read_vcards
from leadbook.transfer.workbooks import read_workbook

__all__ = ["Header", "Row", "read_rows"]

_TOO_LONG = f"The line has more than {LONGEST_LINE} characters."
# A cell may begin in one such line and go on in shorter ones.
_LONGEST_CELL = 2 * LONGEST_LINE
# After a quote that is never closed, lines are read again: at most this many characters for each
# character of the file. Without a limit, a file of such quotes would take quadratic time.
_READ_AGAIN = 4
_PATIENCE_SECONDS = 10
_READERS: dict[Format, Callable[[Source], Iterator[Row | None]]] = {
    "jsonl": read_json_lines,
    "json": read_json,
    "xlsx": read_workbook,
    "vcf": read_vcards,
}


def read_rows(source: Source) -> Iterator[Row]:
    """Yield the rows of the file, without empty ones.

    Raises FileRefusedError, also if no row is found for ten seconds.
    """
    rows = _READERS.get(source.format, _read_csv)(source)
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
