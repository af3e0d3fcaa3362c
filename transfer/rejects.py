"""Write rejected rows to a file, unchanged, with their line and the reason."""

import csv
import json
import os
from collections.abc import Iterable
from contextlib import ExitStack
from io import StringIO
from pathlib import Path
from typing import BinaryIO, Self

from leadbook.storage.private_files import PRIVATE, Permissions, publish, unfinished
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.formats import Format, format_of_rejects
from leadbook.transfer.mapping import NOTES_ON_ROWS
from leadbook.transfer.reading import Row

_BEGINNINGS = ("leadbook line,", '{"leadbook line"')


class RejectedFile:
    """The file at `path`, which is created only if a row is rejected.

    It replaces the file of an earlier run when the block ends, unless the whole import file was
    refused. Raises FileRefusedError if `path` cannot be written or is another file.
    """

    def __init__(self, path: Path, format: Format, permissions: Permissions | None = None) -> None:
        self.path = path
        self._format = format_of_rejects(format)
        self._permissions = permissions or Permissions(PRIVATE)
        self._stack = ExitStack()
        self._unfinished: Path | None = None
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        # Checked now, not in the middle of the import.
        if not os.access(self.path.absolute().parent, os.W_OK):
            raise FileRefusedError(
                f"Rejected rows cannot be written to {self.path}; name another file with "
                "--rejected."
            )
        if self.path.exists() and not _is_ours(self.path):
            raise FileRefusedError(
                f"{self.path} exists and is not a file of rejected rows; name another file with "
                "--rejected."
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._stack:
            if self._file:
                self._file.close()
            if kind is FileRefusedError:
                return
            if self._unfinished:
                publish(self._unfinished, self.path, self._permissions, overwrite=True)
            else:
                # The file of an earlier run would be misleading.
                self.path.unlink(missing_ok=True)

    def add(self, row: Row, reason: str) -> None:
        """Add a row."""
        if self._file is None:
            self._unfinished = self._stack.enter_context(unfinished(self.path.parent))
            self._file = self._unfinished.open("wb")
            if self._format == "csv":
                self._write(_csv((*NOTES_ON_ROWS, *row.header)))
        if self._format == "csv":
            self._write(_csv((row.line, reason, *(row.cells or [row.raw]))))
        else:
            self._write(_json_line(row, reason))

    def _write(self, text: str) -> None:
        try:
            # Bytes that were not valid in the encoding are written unchanged.
            encoded = text.encode(errors="surrogateescape")
        except UnicodeEncodeError:
            encoded = text.encode(errors="backslashreplace")
        if self._file:
            self._file.write(encoded)


def _is_ours(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(len(_BEGINNINGS[0])).startswith(tuple(each[:14] for each in _BEGINNINGS))


def _csv(cells: Iterable[object]) -> str:
    text = StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _json_line(row: Row, reason: str) -> str:
    notes = dict(zip(NOTES_ON_ROWS, (row.line, reason), strict=True))
    if not row.header:
        return f"{json.dumps(notes | {'raw': row.raw})}\n"
    # The text after the opening brace stays unchanged.
    rest = row.raw.strip().removeprefix("{").lstrip()
    separator = "" if rest.startswith("}") else ", "
    return f"{json.dumps(notes, ensure_ascii=False)[:-1]}{separator}{rest}\n"
