"""The file to import: its format, its encoding and its lines, with a limit on their length."""

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from encodings import normalize_encoding
from encodings.aliases import aliases
from functools import cached_property
from io import BufferedReader, RawIOBase, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, Literal

from leadbook.transfer.dialect import Dialect, find_dialect
from leadbook.transfer.errors import FileRefusedError

Format = Literal["csv", "jsonl"]

# In characters. A record has at most 11,000; other tools may have columns that we leave out.
LONGEST_LINE = 256 * 1024
_SAMPLE_BYTES = 64 * 1024
_CHUNK_BYTES = 1024 * 1024
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    # Before UTF-16, because it begins like UTF-16.
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
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

    `size` is in bytes. `charset` is the encoding that the sender names, if any. Raises
    FileRefusedError if the file is not text.
    """

    def __init__(
        self, file: BinaryIO, name: str, format: Format | None = None, charset: str = ""
    ) -> None:
        self._file = file
        self.name = name
        self.size = file.seek(0, 2)
        file.seek(0)
        start = file.read(_SAMPLE_BYTES)
        self._require_text(start)
        self._bom, found = _encoding(file, start)
        self.encoding = _chosen(found, charset, has_mark=bool(self._bom)) if charset else found
        found = self._format()
        self.format = format or found

    @property
    def position(self) -> int:
        """About how many bytes have been read."""
        return self._file.tell()

    @property
    def has_mark(self) -> bool:
        """Whether the file begins with a byte order mark."""
        return self._bom > 0

    @cached_property
    def dialect(self) -> Dialect:
        """The separator and the quoting of a CSV file."""
        return find_dialect(self.sample())

    def sample(self) -> str:
        """Return the beginning of the text; a long text is cut at the end of a line."""
        text = self._text()
        sample = text.read(_SAMPLE_BYTES)
        return sample if len(sample) < _SAMPLE_BYTES else sample[: sample.rfind("\n") + 1] or sample

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
        self._file.seek(self._bom)
        # surrogateescape fails at invalid bytes that are ASCII, which others than these have.
        is_plain = self.encoding in ("utf-8", "cp1252")
        errors = "surrogateescape" if is_plain else "leadbook.mark"
        buffer = BufferedReader(_Unowned(self._file), _SAMPLE_BYTES)
        return TextIOWrapper(buffer, encoding=self.encoding, errors=errors, newline="")

    def _require_text(self, start: bytes) -> None:
        if not start.strip():
            raise FileRefusedError(f"{self.name} is empty.")
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
    return "\udc80" * (error.end - error.start), error.end


codecs.register_error("leadbook.mark", _mark)


class _Unowned(RawIOBase):
    """The bytes of a file that stays open when this object is deleted."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return int(self._file.readinto(buffer))


def _encoding(file: BinaryIO, start: bytes) -> tuple[int, str]:
    """Return the length of the byte order mark, and the encoding.

    Only four encodings are possible, and the bytes that each allows tell them apart. Libraries
    guess among all encodings and may take the names in a short file for Cyrillic.
    """
    for bom, encoding in _BOMS:
        if start.startswith(bom):
            if encoding == "utf-32-le":
                raise FileRefusedError("UTF-32 is not supported; save the file as UTF-8.")
            return len(bom), encoding
    nuls = start.count(0)
    if nuls > len(start) // 5:
        odd = start[1::2].count(0)
        if odd in (0, nuls):
            return 0, "utf-16-le" if odd else "utf-16-be"
        raise FileRefusedError(f"The file is not text; {_ADVICE}.")
    return 0, _encoding_of(_first_beyond_ascii(file))


def _chosen(found: str, charset: str, *, has_mark: bool) -> str:
    """Return the encoding `found` in the file, unless the sender names a different one.

    Many senders say UTF-8 without knowing it, and then the bytes themselves decide. Raises
    FileRefusedError.
    """
    named = _python_name(charset)
    if named in ("utf-8", "ascii") or found.startswith(named):
        return found
    if has_mark or named in ("utf-16", "utf-32"):
        # These two need a mark: without it, the order of their bytes is not known.
        raise FileRefusedError(f"The charset is {named}, but the file is {found}.")
    return named


def _python_name(charset: str) -> str:
    """Return Python's name for a charset. Raises FileRefusedError."""
    name = normalize_encoding(charset).lower()
    # Look up known names only: Python remembers each unknown one, forever.
    if name in aliases or name in aliases.values():
        # Some codecs, such as base64, are not for text.
        with suppress(LookupError):
            b"a".decode(name, "replace")
            return codecs.lookup(name).name
    raise FileRefusedError(f"The charset {charset[:40]!r} is not known; send the file as UTF-8.")


def _first_beyond_ascii(file: BinaryIO) -> bytes:
    """Return the bytes from the first one that is not ASCII; empty if all are ASCII."""
    file.seek(0)
    while chunk := file.read(_CHUNK_BYTES):
        if not chunk.isascii():
            found = re.search(rb"[\x80-\xff]", chunk)
            file.seek(file.tell() - len(chunk) + (found.start() if found else 0))
            return file.read(_SAMPLE_BYTES)
    return b""


def _encoding_of(sample: bytes) -> str:
    """Return `utf-8`, unless most bytes beyond ASCII are not valid UTF-8."""
    words = re.findall(rb"[\x80-\xff]+", sample)
    if not sample[-1:].isascii():
        # The last word may be cut by the end of the sample.
        words.pop()
    valid = sum(map(_is_utf_8, words))
    return "utf-8" if 2 * valid >= len(words) else "cp1252"


def _is_utf_8(word: bytes) -> bool:
    try:
        word.decode()
    except UnicodeDecodeError:
        return False
    return True


def open_file(path: Path) -> BinaryIO:
    """Open the file. Raises OSError, and FileRefusedError for a folder."""
    if path.is_dir():
        raise FileRefusedError(f"{path} is a folder.")
    return path.open("rb")
