"""The texts that the cells of a workbook share: few in memory, many in a temporary file."""

import re
from array import array
from collections.abc import Callable
from contextlib import ExitStack
from typing import IO

from leadbook.storage.system import temporary_file
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.source import LONGEST_LINE
from leadbook.transfer.xlsx.xml_parts import Attributes, XMLPart

_MOST_TEXTS = 8_000_000
# In bytes, with what Python needs for each text.
_MOST_IN_MEMORY, _OVERHEAD = 24 * 1024**2, 60
# Characters that XML cannot have: ECMA-376, part 1, 22.9.2.19 (ST_Xstring).
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """Return the text with the characters that stand in it as `_x000D_`."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


class Texts:
    """Texts by number. Raises FileRefusedError if there are too many."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._first: list[str] = []
        self._bytes = 0
        self._file: IO[bytes] | None = None
        self._ends = array("Q", [0])

    def read(self, name: str, part: IO[bytes]) -> None:
        """Add the texts of a part."""
        for _ in XMLPart(name, _Reader(self._add)).parse(part):
            if len(self._first) + len(self._ends) > _MOST_TEXTS:
                raise FileRefusedError(f"The workbook has more than {_MOST_TEXTS:,} texts.")

    def get(self, number: int) -> str:
        """Return the text with this number, from 0; empty if there is none."""
        if number < len(self._first):
            return self._first[number] if number >= 0 else ""
        place = number - len(self._first)
        if self._file is None or place >= len(self._ends) - 1:
            return ""
        start, end = self._ends[place], self._ends[place + 1]
        self._file.seek(start)
        return self._file.read(end - start).decode(errors="surrogatepass")

    def _add(self, text: str) -> None:
        if self._bytes < _MOST_IN_MEMORY:
            self._bytes += _OVERHEAD + 4 * len(text)
            self._first.append(text)
            return
        data = text.encode(errors="surrogatepass")
        try:
            if self._file is None:
                self._file = self._stack.enter_context(temporary_file())
            self._file.write(data)
        except OSError as error:
            why = f"The temporary folder has no place for its texts: {error.strerror}."
            raise FileRefusedError(f"The workbook cannot be read. {why}") from None
        self._ends.append(self._ends[-1] + len(data))


class _Reader:
    """Passes each text of the part to a function: its runs, without hints to pronounce them."""

    def __init__(self, take: Callable[[str], None]) -> None:
        self._take = take
        self._pieces: list[str] = []
        self._length = 0
        self._is_hint = self._is_open = False
        self.depth = 0

    def start(self, name: str, _: Attributes) -> None:
        """Begin an element."""
        self.depth += 1
        if name == "t":
            self._is_open = not self._is_hint
        elif name == "rPh":
            self._is_hint = True

    def end(self, name: str) -> None:
        """End an element."""
        self.depth -= 1
        if name == "t":
            self._is_open = False
        elif name == "si":
            self._take(unescaped("".join(self._pieces)))
            self._pieces.clear()
            self._length = 0
        elif name == "rPh":
            self._is_hint = False

    def add(self, piece: str) -> None:
        """Add a piece; no more than LONGEST_LINE + 1 characters are kept."""
        if self._is_open and self._length <= LONGEST_LINE:
            self._pieces.append(piece[: LONGEST_LINE + 1 - self._length])
            self._length += len(piece)
