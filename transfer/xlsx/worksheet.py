"""Read the rows of a worksheet from its XML.

https://learn.microsoft.com/en-us/dotnet/api/documentformat.openxml.spreadsheet.cell
"""

import re
from collections.abc import Callable, Iterator
from typing import IO

from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.source import LONGEST_LINE
from leadbook.transfer.xlsx.cells import date_text, number_text
from leadbook.transfer.xlsx.shared_texts import Texts, unescaped
from leadbook.transfer.xlsx.xml_parts import Attributes, XMLPart

# The number of a row of the sheet, and its texts, of which the last one is not empty.
SheetRow = tuple[int, list[str]]

# The limits of the format.
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384
_LETTERS = re.compile(r"[A-Za-z]{1,3}")
_NUMBER = re.compile(r"[0-9]{1,7}")
_WORDS = {"1": "true", "0": "false"}


def read_rows_of_sheet(
    name: str, part: IO[bytes], texts: Texts, readers: list[Callable[[str], str]]
) -> Iterator[SheetRow]:
    """Yield the rows of a part of a workbook.

    `texts` has the texts that cells share, and `readers` a function for the numbers of each style.
    Raises FileRefusedError.
    """
    sheet = _Worksheet(texts, readers)
    for _ in XMLPart(name, sheet).parse(part):
        yield from sheet.rows
        sheet.rows.clear()


class _Worksheet:
    """Collects the rows, as the XML is parsed. Its functions run several times for each cell."""

    def __init__(self, texts: Texts, readers: list[Callable[[str], str]]) -> None:
        self.rows: list[SheetRow] = []
        self.depth = 0
        self._texts = texts
        self._readers = {str(style): reader for style, reader in enumerate(readers)}
        self._columns: dict[str, int] = {}
        self._row = self._column = self._count = 0
        self._cells: list[str] = []
        self._cell: Attributes = {}
        self._pieces: list[str] = []
        self._length = 0
        self._is_hint = self._is_open = False

    def start(self, name: str, attributes: Attributes) -> None:
        """Begin an element."""
        self.depth += 1
        if name == "c":
            self._cell = attributes
        elif name in ("v", "t"):
            # The value, or an inline text without the hints to pronounce it.
            self._is_open = not self._is_hint
        elif name == "rPh":
            self._is_hint = True
        elif name == "row":
            number = attributes.get("r", "")
            self._row = int(number) if _NUMBER.fullmatch(number) else self._row + 1
            self._column = 0
            self._cells = []

    def add(self, piece: str) -> None:
        """Add a piece of text; no more than LONGEST_LINE + 1 characters of a cell are kept."""
        if self._is_open and self._length <= LONGEST_LINE:
            self._pieces.append(piece[: LONGEST_LINE + 1 - self._length])
            self._length += len(piece)

    def end(self, name: str) -> None:
        """End an element."""
        self.depth -= 1
        if name in ("v", "t"):
            self._is_open = False
        elif name == "c":
            letters = self._cell.get("r", "").rstrip("0123456789")
            self._column = column = self._columns.get(letters) or self._column_of(letters)
            if self._pieces and (text := self._text()):
                cells = self._cells
                if column == len(cells) + 1:
                    cells.append(text)
                else:
                    cells += [""] * (column - len(cells))
                    cells[column - 1] = text
        elif name == "row":
            self._count += 1
            if max(self._row, self._count) > _MOST_ROWS:
                raise FileRefusedError(f"The sheet has more than {_MOST_ROWS:,} rows.")
            self.rows.append((self._row, self._cells))
        elif name == "rPh":
            self._is_hint = False

    def _column_of(self, letters: str) -> int:
        """Return the column with these letters, from 1; without letters, the next one."""
        if not _LETTERS.fullmatch(letters):
            return min(self._column + 1, _MOST_COLUMNS)
        column = 0
        for letter in letters.upper():
            column = 26 * column + ord(letter) - ord("A") + 1
        if column > _MOST_COLUMNS:
            raise FileRefusedError(f"The sheet has a cell in column {letters}, beyond XFD.")
        self._columns[letters] = column
        return column

    def _text(self) -> str:
        """Return the text of the cell that ends."""
        value = self._pieces[0] if len(self._pieces) == 1 else "".join(self._pieces)
        self._pieces.clear()
        self._length = 0
        kind = self._cell.get("t", "n")
        if kind == "s":
            return self._texts.get(int(value)) if _NUMBER.fullmatch(value) else ""
        if kind == "n":
            return self._readers.get(self._cell.get("s", ""), number_text)(value)
        if kind == "e":
            # An error, such as #N/A.
            return ""
        if kind == "b":
            return _WORDS.get(value, value)
        return date_text(value) if kind == "d" else unescaped(value)
