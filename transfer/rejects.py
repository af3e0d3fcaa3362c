"""Create the file of rejected rows, under a name that no other file has."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from io import FileIO
from itertools import count
from pathlib import Path
from typing import Self

from leadbook.storage.locked_folders import naming
from leadbook.storage.private_files import (
    PRIVATE,
    Permissions,
    TargetError,
    publish,
    unfinished,
)
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.row import Row
from leadbook.transfer.files.source import Source
from leadbook.transfer.rejected_rows import RejectedRows, format_of_rejects

# In bytes: rows are written together.
_AT_ONCE = 64 * 1024
_ADVICE = "name another file with --rejected"
# What the names of our own files end with.
_OURS = re.compile(r"\.rejected(\.from-[0-9]+)?(-[0-9]+)?\.(csv|jsonl)")


class RejectedFile:
    """A new file of rejected rows, which is created only if a row is rejected.

    It gets its name when the block ends: `path`, or if that exists, the first free one with a
    number, such as `list-2.csv`. `place` then is its path. If the whole import file was refused,
    there is no file. On a full disk, it has the rows that could be written, each of them whole, and
    `is_complete` is false.
    """

    def __init__(self, path: Path, source: Source, permissions: Permissions | None = None) -> None:
        self.path = path
        self.place: Path | None = None
        self.is_complete = True
        self._rows = RejectedRows(source)
        self._permissions = permissions or Permissions(PRIVATE)
        self._stack = ExitStack()
        self._unfinished: Path | None = None
        self._file: FileIO | None = None
        # Rows that are not in the file yet, and where each of them ends.
        self._waiting = bytearray()
        self._ends: list[int] = []
        # How many bytes of whole rows are in the file.
        self._written = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._stack:
            if self._file is None or self._unfinished is None:
                return
            try:
                self._write()
            finally:
                self._file.close()
                if self._written and kind is not FileRefusedError:
                    self._publish(self._unfinished)

    def add(self, row: Row, reason: str) -> None:
        """Add a row. Raises OSError."""
        if self._file is None:
            self._unfinished = self._stack.enter_context(unfinished(self.path.parent))
            self._file = self._unfinished.open("wb", buffering=0)
            self._waiting += self._rows.head(row)
        self._waiting += self._rows.row(row, reason)
        self._ends.append(len(self._waiting))
        if len(self._waiting) > _AT_ONCE:
            self._write()

    def _write(self) -> None:
        """Write the rows that wait; on a full disk, as many as there is room for."""
        waiting, ends = memoryview(bytes(self._waiting)), self._ends
        self._waiting, self._ends = bytearray(), []
        done = 0
        with naming(self.path):
            try:
                while self._file and done < len(waiting):
                    done += self._file.write(waiting[done:])
            except OSError:
                self.is_complete = False
                done = max((end for end in ends if end <= done), default=0)
                if self._file:
                    self._file.truncate(self._written + done)
                raise
            finally:
                self._written += done

    def _publish(self, unfinished: Path) -> None:
        for place in _numbered(self.path):
            # Another import may take the name meanwhile.
            with suppress(TargetError):
                publish(unfinished, place, self._permissions, overwrite=False)
                self.place = place
                return


def require_place(path: Path) -> None:
    """Raise FileRefusedError if no file of rejected rows can be created at `path`."""
    folder = path.absolute().parent
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FileRefusedError(f"Rejected rows cannot be written to {path}; {_ADVICE}.")
    try:
        if path.exists() and not path.is_file():
            raise FileRefusedError(f"{path} is no file for rejected rows; {_ADVICE}.")
        next(each for each in _numbered(path) if not _is_taken(each))
    except OSError as error:
        reason = f"{error.strerror}; {_ADVICE}"
        raise FileRefusedError(f"Rejected rows cannot be written to {path}: {reason}.") from None


def usual_place(file: Path, source: Source, from_line: int) -> Path:
    """Return the path of the rejected rows of `file`, which is read from `from_line`.

    Those of a file of rejected rows, mended and imported again, get the same name with a number.
    """
    part = f".from-{from_line}" if from_line > 1 else ""
    ending = f"{part}.{format_of_rejects(source)}"
    # A pipe has no folder of its own to write to.
    if str(file) == "-" or not file.is_file():
        return Path(f"rejected{ending}")
    found = _OURS.search(file.name)
    name = file.name[: found.start()] if found and found.end() == len(file.name) else file.name
    return file.with_name(f"{name}.rejected{ending}")


def _numbered(path: Path) -> Iterator[Path]:
    yield path
    for number in count(2):
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")


def _is_taken(path: Path) -> bool:
    try:
        # A dead link also occupies its name.
        path.lstat()
    except FileNotFoundError:
        return False
    return True
