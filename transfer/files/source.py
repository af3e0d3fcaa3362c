"""The file to import: its format, its encoding and its lines, with a limit on their length."""

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from io import BufferedReader, RawIOBase, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from leadbook.transfer.delimited.dialect import Dialect, find_dialect
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.encodings import SAMPLE_BYTES, find_encoding
from leadbook.transfer.files.formats import (
    Format,
    binary_format,
    require_agreement,
    text_format,
)

# In characters. A record has at most 11,000; other tools may have columns that we leave out.
LONGEST_LINE = 256 * 1024


class Source:
    """A seekable file to import.

    `size` is in bytes. `charset` is the encoding that the caller names, if any. `sheet` is the name
    or the number of the sheet of a workbook. `is_guess` says that nobody names the `encoding`;
    `example` is then a word of the file. Raises FileRefusedError if the file cannot be imported.
    """

    def __init__(
        self,
        file: BinaryIO,
        name: str,
        format: Format | None = None,
        charset: str = "",
        *,
        sheet: str = "",
    ) -> None:
        self._file = file
        self.sheet = sheet
        # What the reader has to tell the user, such as which sheet it took.
        self.notices: list[str] = []
        # The columns of JSON whose lists are one cell with JSON, if their texts have commas.
        self.lists: frozenset[str] = frozenset()
        # Which part of the file the reader took, such as a sheet.
        self.part = ""
        self.name = name
        self.size = file.seek(0, 2)
        file.seek(0)
        start = file.read(SAMPLE_BYTES)
        self._require_text(start)
        self.is_guess, self.example = False, ""
        if workbook := binary_format(file, start, name):
            self._mark_bytes, self.encoding = 0, ""
            self.format = require_agreement(format or workbook, workbook, "")
            return
        encoding = find_encoding(file, charset)
        self._mark_bytes, self.encoding = encoding.mark_bytes, encoding.name
        self.is_guess, self.example = encoding.is_guess, encoding.example
        text = self.sample()
        found = text_format(text, name, is_whole=len(start) < SAMPLE_BYTES)
        self.format = require_agreement(format or found, found, text)
        if sheet:
            raise FileRefusedError(f"{name} has no sheets, since it is not a workbook.")

    def prepare(self, lists: frozenset[str], *, is_of_people: bool) -> None:
        """Prepare for a kind of record with these lists. Raises FileRefusedError."""
        if self.format == "vcf" and not is_of_people:
            raise FileRefusedError(f"{self.name} is a vCard file, which has only people.")
        self.lists = lists

    @property
    def position(self) -> int:
        """About how many bytes have been read."""
        return self._file.tell()

    @property
    def has_mark(self) -> bool:
        """Whether the file begins with a byte order mark."""
        return self._mark_bytes > 0

    @cached_property
    def dialect(self) -> Dialect:
        """The separator and quoting of a CSV file, and where its header is."""
        return find_dialect(self.sample())

    def sample(self) -> str:
        """Return the beginning of the text; a long text is cut at the end of a line."""
        text = self._text()
        sample = text.read(SAMPLE_BYTES)
        return sample if len(sample) < SAMPLE_BYTES else sample[: sample.rfind("\n") + 1] or sample

    def lines(self) -> Iterator[str]:
        """Yield the lines with their line ends; a line over LONGEST_LINE is cut.

        A cut line still has more than LONGEST_LINE characters. Bytes that are not valid in the
        encoding become lone surrogates, which no field accepts.
        """
        text = self._text()
        while line := text.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE and not line.endswith(("\n", "\r")):
                while (rest := text.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
                    pass
            yield line

    @contextmanager
    def kept_place(self) -> Iterator[None]:
        """Let the block read the file from its beginning while another reading goes on after it."""
        place = self._file.tell()
        try:
            yield
        finally:
            self._file.seek(place)

    def chunks(self) -> Iterator[str]:
        """Yield the text in pieces; each line end is a line feed."""
        text = self._text()
        text.reconfigure(newline=None)
        while chunk := text.read(SAMPLE_BYTES):
            yield chunk

    @property
    def binary(self) -> BinaryIO:
        """The file itself, which the reader of a workbook moves in."""
        return self._file

    def _text(self) -> TextIOWrapper:
        self._file.seek(self._mark_bytes)
        # surrogateescape fails at invalid bytes that are ASCII, which others than these have.
        is_plain = self.encoding in ("utf-8", "cp1252")
        errors = "surrogateescape" if is_plain else "leadbook.mark"
        buffer = BufferedReader(_Unowned(self._file), SAMPLE_BYTES)
        return TextIOWrapper(buffer, encoding=self.encoding, errors=errors, newline="")

    def _require_text(self, start: bytes) -> None:
        if not start.strip():
            is_whole = self.size <= SAMPLE_BYTES
            what = "is empty" if is_whole else f"begins with {SAMPLE_BYTES:,} blank characters"
            raise FileRefusedError(f"{self.name} {what}.")


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Replace invalid bytes by lone surrogates, for example at the end of a truncated file."""
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101  # used for decoding only
    invalid = error.object[error.start : error.end]
    # As surrogateescape does, which writes the same bytes again. It has no place for ASCII.
    return "".join(chr(0xDC00 + max(each, 0x80)) for each in invalid), error.end


codecs.register_error("leadbook.mark", _mark)


class _Unowned(RawIOBase):
    """The bytes of a file that stays open when this object is deleted."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return int(self._file.readinto(buffer))


def open_file(path: Path) -> BinaryIO:
    """Open the file. Raises OSError, and FileRefusedError for a folder."""
    if path.is_dir():
        raise FileRefusedError(f"{path} is a folder.")
    return path.open("rb")
