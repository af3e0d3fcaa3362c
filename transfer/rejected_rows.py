"""Rejected rows as the bytes of a file: in the form of their source, with line and reason.

The rows of a CSV file keep its separator, quoting and encoding, those of JSON Lines their text and
encoding. The rows of a workbook become CSV in UTF-8 with a mark, those of a JSON document and of
vCards become JSON Lines.
"""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from io import StringIO
from typing import Any, Protocol

from leadbook.transfer.columns.plans import NOTES_ON_ROWS
from leadbook.transfer.files.formats import TABLES, Format
from leadbook.transfer.files.row import Row
from leadbook.transfer.files.source import Source

# An import finds these separators by itself; any other one must be named in the first line.
_USUAL_SEPARATORS = ",;\t|"
_QUOTING = ("delimiter", "quotechar", "escapechar", "doublequote")
_MARK = "\ufeff"
# Python writes a mark before each text in these encodings; a file needs only one.
_WITHOUT_MARK = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}
_SURROGATE = re.compile("([\udc80-\udcff])")
_LINE_BREAKS = re.compile(r"[\r\n]+")
_SPACE = re.compile(r"[ \t\r\n]*")


def format_of_rejects(source: Source) -> Format:
    """Return the format of the file with the rejected rows of `source`."""
    return "csv" if source.format in TABLES else "jsonl"


class RejectedRows:
    """The rejected rows of a source as bytes: `head` comes first, then each row."""

    def __init__(self, source: Source) -> None:
        keeps_form = source.format in ("csv", "jsonl")
        found = source.encoding if keeps_form else "utf-8"
        self._encoding = _WITHOUT_MARK.get(found, found)
        is_marked = source.has_mark if keeps_form else source.format in TABLES
        self._mark = _MARK if is_marked or found.startswith(("utf-16", "utf-32", "utf-8-")) else ""
        self._form: _Form = _JsonLines(self._encoding)
        if format_of_rejects(source) == "csv":
            self._form = _Table(source.dialect.options if source.format == "csv" else {})

    def head(self, row: Row) -> bytes:
        """Return the beginning of a file in which `row` is the first one."""
        return self._encoded(self._mark + self._form.head(row))

    def row(self, row: Row, reason: str) -> bytes:
        """Return the row with its line and the reason, instead of those of an earlier import."""
        return self._encoded(self._form.row(row, reason))

    def _encoded(self, text: str) -> bytes:
        if _can_encode(text, self._encoding):
            return text.encode(self._encoding)
        parts = _SURROGATE.split(text)
        return b"".join(_unchanged(part, self._encoding) for part in parts)


def _can_encode(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _unchanged(part: str, encoding: str) -> bytes:
    """Return `part` with escapes for what the encoding lacks.

    A byte that was not valid in the encoding was read as a lone surrogate, and stays as it was.
    """
    if _SURROGATE.fullmatch(part) and "a".encode(encoding) == b"a":
        byte = part.encode("ascii", "surrogateescape")
        try:
            byte.decode(encoding)
        except UnicodeDecodeError:
            return byte
    return part.encode(encoding, "backslashreplace")


class _Form(Protocol):
    def head(self, row: Row) -> str: ...

    def row(self, row: Row, reason: str) -> str: ...


class _Table:
    """CSV with the `options` of a dialect."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = {name: options[name] for name in _QUOTING if name in options}
        self._separator: str = self._options.get("delimiter", ",")
        # An import knows other quotes by the first character, and other escapes within quotes.
        is_usual = self._options.get("quotechar", '"') == '"' and "escapechar" not in self._options
        self._quoting: Any = csv.QUOTE_MINIMAL if is_usual else csv.QUOTE_ALL

    def head(self, row: Row) -> str:
        told = "" if self._separator in _USUAL_SEPARATORS else f"sep={self._separator}\r\n"
        cells = [*NOTES_ON_ROWS, *_own_cells(row.header, row.header)]
        return told + self._line(cells, self._quoting)

    def row(self, row: Row, reason: str) -> str:
        # Always in quotes, so that its commas make no import take them for the separator.
        quoted = self._line([reason], csv.QUOTE_ALL).rstrip("\r\n")
        cells = _own_cells(row.header, row.cells) if row.cells else [row.raw]
        return self._separator.join((str(row.line), quoted, self._line(cells, self._quoting)))

    def _line(self, cells: Sequence[str], quoting: Any) -> str:
        text = StringIO()
        csv.writer(text, quoting=quoting, **self._options).writerow(cells)
        return text.getvalue()


def _own_cells(header: Sequence[str], cells: Sequence[str]) -> list[str]:
    """Return the cells without the notes of an earlier import."""
    if NOTES_ON_ROWS[0] not in header and NOTES_ON_ROWS[1] not in header:
        return list(cells)
    places = {place for place, name in enumerate(header) if name in NOTES_ON_ROWS}
    return [cell for place, cell in enumerate(cells) if place not in places]


class _JsonLines:
    """An object on each line; everything after the notes is as it was."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding

    def head(self, _: Row) -> str:
        return ""

    def row(self, row: Row, reason: str) -> str:
        notes: dict[str, Any] = dict(zip(NOTES_ON_ROWS, (row.line, reason), strict=True))
        if not row.cells:
            return self._json(notes | {"raw": row.raw}) + "\n"
        # In strict JSON, line breaks are never within a string.
        raw = _LINE_BREAKS.sub(" ", row.raw.strip())
        if any(name in row.header for name in NOTES_ON_ROWS):
            raw = f"{{{', '.join(_own_members(raw))}}}"
        rest = raw.removeprefix("{").lstrip()
        separator = "" if rest.startswith("}") else ", "
        return f"{self._json(notes)[:-1]}{separator}{rest}\n"

    def _json(self, values: dict[str, Any]) -> str:
        text = json.dumps(values, ensure_ascii=False)
        return text if _can_encode(text, self._encoding) else json.dumps(values)


def _own_members(text: str) -> Iterator[str]:
    """Yield each member of a JSON object as it is written, without the notes."""
    decoder = json.JSONDecoder()
    at = _after_space(text, 1)
    while text[at] != "}":
        name, end = decoder.raw_decode(text, at)
        value = _after_space(text, _after_space(text, end) + len(":"))
        _, end = decoder.raw_decode(text, value)
        if name not in NOTES_ON_ROWS:
            yield text[at:end]
        at = _after_space(text, end)
        if text[at] == ",":
            at = _after_space(text, at + 1)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at
