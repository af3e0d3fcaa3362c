"""Zip archives: what they are, and their parts, in bounded memory."""

import zipfile
import zlib
from collections.abc import Iterable
from typing import Any, BinaryIO

from leadbook.transfer.errors import FileRefusedError

# In bytes, of the list of the parts; a workbook has some dozens. `zipfile` reads it as a whole, and
# needs about fifteen times its size.
_LARGEST_DIRECTORY = 1024 * 1024
_LARGEST_TYPES = 1024 * 1024
_TYPES = "[Content_Types].xml"
_WORKBOOK = (b"spreadsheetml.sheet.main+xml", b"sheet.macroEnabled.main+xml")
_OTHER_WORKBOOKS = (b"spreadsheetml.template.main+xml", b"template.macroEnabled.main+xml")
_OFFICE = (
    (b"sheet.binary.macroEnabled", "a binary Excel workbook (.xlsb)"),
    (b"wordprocessingml", "a Word document"),
    (b"presentationml", "a PowerPoint presentation"),
)
# The part `mimetype` of OpenDocument files and of books.
_TYPES_OF_OTHERS = (
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet (.ods)"),
    (b"opendocument", "an OpenDocument file"),
    (b"epub", "a book"),
)
_APPLE = "a Numbers, Pages or Keynote document"
_PARTS = (("Index/Document.iwa", _APPLE), ("Index.zip", _APPLE))
# What zipfile raises for a damaged archive, an unknown compression, or a password.
BAD_ARCHIVE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
    KeyError,
)


_DAMAGED = "The file is a zip archive, as .xlsx files are, but it is damaged."


class _Bounded:
    """A file that refuses to read a large part of itself at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        """Read `size` bytes. Raises FileRefusedError."""
        most = _LARGEST_DIRECTORY + 1
        data = self._file.read(most if size < 0 else min(size, most))
        if len(data) > _LARGEST_DIRECTORY:
            raise FileRefusedError("The archive has too many parts.")
        return data

    def seekable(self) -> bool:
        """Return true: `zipfile` asks."""
        return True


def open_archive(file: BinaryIO) -> zipfile.ZipFile:
    """Open a zip archive. Raises FileRefusedError."""
    file.seek(0)
    bounded: Any = _Bounded(file)
    try:
        return zipfile.ZipFile(bounded)
    except FileRefusedError:
        raise
    except BAD_ARCHIVE:
        raise FileRefusedError(_DAMAGED) from None


def kind_of_archive(file: BinaryIO) -> str | None:
    """Return what a zip archive is, or None for a workbook. Raises FileRefusedError."""
    with open_archive(file) as archive:
        names = archive.namelist()
        types = _start_of(archive, _TYPES)
        if any(each in types for each in _WORKBOOK + _OTHER_WORKBOOKS):
            return None
        mimetype = _start_of(archive, "mimetype")
    kinds = [*_known(_OFFICE, types), *_known(_TYPES_OF_OTHERS, mimetype)]
    kinds += [what for part, what in _PARTS if part in names]
    return kinds[0] if kinds else _contents(names)


def _known(kinds: Iterable[tuple[bytes, str]], text: bytes) -> list[str]:
    return [what for sign, what in kinds if sign in text]


def _contents(names: list[str]) -> str:
    files = [name for name in names if not name.endswith("/")]
    if not files:
        return "an empty zip archive"
    more = f" and {len(files) - 1:,} more" if len(files) > 1 else ""
    return f"a zip archive of {files[0][:100]}{more}; unpack it first"


def _start_of(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the beginning of a part; empty if there is none, or if it cannot be read."""
    try:
        with archive.open(name) as part:
            return part.read(_LARGEST_TYPES)
    except BAD_ARCHIVE:
        return b""
