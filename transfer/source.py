"""The file to import: its format, its encoding and its lines, with a limit on their length."""

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from encodings import normalize_encoding
from encodings.aliases import aliases
from functools import cached_property
from io import BufferedReader, RawIOBase, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from leadbook.transfer.dialect import Dialect, find_dialect
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.formats import (
    ADVICE,
    Format,
    binary_format,
    require_agreement,
    text_format,
)

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


class Source:
    """A seekable file to import.

    `size` is in bytes. `charset` is the encoding that the sender names, if any. `sheet` is the name
    or the number of the sheet of a workbook. Raises FileRefusedError if the file cannot be
    imported.
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
        self.name = name
        self.size = file.seek(0, 2)
        file.seek(0)
        start = file.read(_SAMPLE_BYTES)
        self._require_text(start)
        if workbook := binary_format(file, start, name):
            self._bom, self.encoding = 0, ""
            self.format = require_agreement(format or workbook, workbook, "")
            return
        self._bom, found = _encoding(file, start)
        self.encoding = _chosen(found, charset, has_mark=bool(self._bom)) if charset else found
        text = self.sample()
        found = text_format(text, name, is_whole=len(start) < _SAMPLE_BYTES)
        self.format = require_agreement(format or found, found, text)
        if sheet:
            raise FileRefusedError(f"{name} has no sheets, since it is not a workbook.")

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
        while chunk := text.read(_SAMPLE_BYTES):
            yield chunk

    @property
    def binary(self) -> BinaryIO:
        """The file itself, which the reader of a workbook moves in."""
        return self._file

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
        raise FileRefusedError(f"The file is not text; {ADVICE}.")
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
