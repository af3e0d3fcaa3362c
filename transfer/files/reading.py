"""Read the rows of a file, each with its line number."""

import csv
from collections.abc import Callable, Iterator

from leadbook.storage.system import monotonic
from leadbook.transfer.delimited.dialect import Dialect
from leadbook.transfer.delimited.quoting import (
    has_backslashes,
    has_stray_quotes,
    is_glued,
    read_otherwise,
)
from leadbook.transfer.delimited.records import Lines, allow_cells
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.formats import Format
from leadbook.transfer.files.json_documents import read_json, read_json_lines
from leadbook.transfer.files.row import Header, Row
from leadbook.transfer.files.source import LONGEST_LINE, Source
from leadbook.transfer.files.vcards import read_vcards
from leadbook.transfer.files.workbooks import read_workbook
from leadbook.transfer.values.formulas import header_name

__all__ = ["Header", "Row", "read_rows"]

_TOO_LONG = f"The line has more than {LONGEST_LINE} characters."
# A cell may begin in one such line and go on in shorter ones.
_LONGEST_CELL = 2 * LONGEST_LINE
# As many as a sheet of Excel has. Each may become a rule of the import.
_MOST_COLUMNS = 16_384
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


def _read_csv(source: Source) -> Iterator[Row | None]:
    allow_cells(_LONGEST_CELL)
    dialect = source.dialect
    if dialect.is_headless:
        raise FileRefusedError(_headless(source.name, dialect))
    lines = Lines(source.lines(), LONGEST_LINE)
    above = lines.skip(dialect.lines_before)
    if any(_says_something(each) for each in above):
        line = dialect.lines_before + 1
        source.notices[:] = [f"The header is on line {line}; the lines above it are left out."]
    reader = csv.reader(lines, strict=True, **dialect.options)
    header: Header = ()
    try:
        while not any(header):
            lines.begin_record()
            header = tuple(header_name(cell.strip()) for cell in next(reader))
            yield None
    except csv.Error as error:
        raise FileRefusedError(f"{source.name} has no header that can be read: {error}.") from None
    except StopIteration:
        raise FileRefusedError(f"{source.name} has no header.") from None
    width = len(header)
    if width > _MOST_COLUMNS:
        told = f"{width:,} columns; at most {_MOST_COLUMNS:,} are read"
        raise FileRefusedError(f"{source.name} has {told}.")
    yield from _rows(lines, reader, header, dialect)


def _says_something(line: str) -> bool:
    """Return whether a line above a header has a text that is not for spreadsheets."""
    text = line.strip('",;|\t ')
    return bool(text) and not text.lower().startswith("sep=")


def _headless(name: str, dialect: Dialect) -> str:
    example = dialect.options["delimiter"].join(("name", "email", "phone"))
    return (
        f"{name} has no header: line {dialect.lines_before + 1} is already a record. "
        f"Add a line with the names of the columns above it, such as {example!r}."
    )


def _rows(
    lines: Lines, reader: Iterator[list[str]], header: Header, dialect: Dialect
) -> Iterator[Row | None]:
    width = len(header)
    has_other_quotes = has_backslashes(dialect.options)
    while True:
        lines.begin_record()
        first = lines.line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield _broken(lines, first, header, dialect, str(error))
            continue
        if len(cells) == width and len(lines.taken) == 1 and not has_other_quotes:
            yield Row(first, header, cells) if any(cells) else None
        else:
            yield _checked(lines, first, header, dialect, cells)


def _broken(lines: Lines, first: int, header: Header, dialect: Dialect, problem: str) -> Row:
    """Return a row of the first line only: a quote that is never closed would swallow the rest."""
    raw = lines.taken[0]
    lines.take_back_all_but_one()
    if len(raw) > LONGEST_LINE:
        return Row(first, header, [], raw, _TOO_LONG)
    if cells := read_otherwise(raw, dialect.options, len(header)):
        return Row(first, header, cells)
    return Row(first, header, [], raw, f"Not valid CSV: {problem}.")


def _checked(
    lines: Lines, first: int, header: Header, dialect: Dialect, cells: list[str]
) -> Row | None:
    """Return a row of several lines or of another width than the header."""
    raw = "".join(lines.taken)
    if len(lines.taken) > 1:
        if is_glued(lines.taken, cells, len(header), dialect.options):
            return _broken(lines, first, header, dialect, "a quote is not closed")
        if lines.length > LONGEST_LINE:
            return Row(first, header, [], raw, _TOO_LONG)
    if has_stray_quotes(raw, cells, dialect.options):
        return _broken(lines, first, header, dialect, "a quote has no backslash")
    return _fitted(first, header, cells) if any(map(str.strip, cells)) else None


def _fitted(first: int, header: Header, cells: list[str]) -> Row:
    width = len(header)
    if any(cells[width:]):
        # Often a separator without quotes, which moves all cells after it.
        problem = f"The row has {len(cells)} cells, but the header has {width}."
        return Row(first, header, cells, "", problem)
    return Row(first, header, cells[:width] + [""] * (width - len(cells)))
