"""The file to import: its format, its encoding and its lines, with a limit on their length."""

import codecs
from collections.abc import Iterator
from functools import cached_property
from io import BufferedReader, RawIOBase, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, Literal

from leadbook.transfer.dialect import Dialect, find_dialect
from leadbook.transfer.encodings import SAMPLE_BYTES, find_encoding
from leadbook.transfer.errors import FileRefusedError

Format = Literal["csv", "jsonl"]

# In characters. A record has at most 11,000; other tools may have columns that we leave out.
LONGEST_LINE = 256 * 1024
# File signatures: https://en.wikipedia.org/wiki/List_of_file_signatures
_OTHERS = (
    (b"PK\x03\x04", "a zip archive, as .xlsx files are"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "compressed with gzip"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3\0", "a database"),
)
_ADVICE = "save it as CSV or JSON Lines"


class Source:
    """A seekable file to import.

    `size` is in bytes. `charset` is the encoding that the caller names, if any. `is_guess` says
    that nobody names the `encoding`; `example` is then a word of the file. Raises FileRefusedError
    if the file is not text.
    """

    def __init__(
        self, file: BinaryIO, name: str, format: Format | None = None, charset: str = ""
    ) -> None:
        self._file = file
        self.name = name
        self.size = file.seek(0, 2)
        file.seek(0)
        start = file.read(SAMPLE_BYTES)
        self._require_text(start)
        encoding = find_encoding(file, charset)
        self._mark_bytes, self.encoding = encoding.mark_bytes, encoding.name
        self.is_guess, self.example = encoding.is_guess, encoding.example
        found = self._format()
        self.format = format or found

    @property
    def position(self) -> int:
        """About how many bytes have been read."""
        return self._file.tell()

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
        for signature, what in _OTHERS:
            if start.startswith(signature):
                raise FileRefusedError(f"{self.name} is {what}; {_ADVICE}.")

    def _format(self) -> Format:
        start = self.sample().lstrip()
        if start.startswith("["):
            raise FileRefusedError(
                f"{self.name} is a JSON array; JSON Lines need one object on each line."
            )
        return "jsonl" if start.startswith("{") else "csv"


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
