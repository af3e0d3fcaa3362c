"""Errors of a file, or of one of its rows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

# Characters that are not safe on a terminal or not allowed in JSON.
_UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return `text` with an escape for each character that cannot be shown."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class FileRefusedError(Exception):
    """The file cannot be imported at all; the message is one line for the user.

    `advice` is for users of the command only: calls of the API have no such options.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(printable(message))
        self.advice = advice

    @classmethod
    def without_records(cls, name: str, remark: tuple[int, str] | None) -> Self:
        """Return the error for a file `name` without records; a `remark` is a line and its text."""
        if remark is None:
            return cls(f"{name} has no rows.")
        line, text = remark
        return cls(f"{name} has no records, only remarks such as {text!r} on line {line}.")


class RowRefusedError(Exception):
    """One row cannot be imported; the message says why."""


class StorageUnavailableError(Exception):
    """The temporary folder has no space for a file."""


@contextmanager
def temporary_storage() -> Iterator[None]:
    """Raise StorageUnavailableError if the block cannot write a temporary file."""
    try:
        yield
    except OSError as error:
        message = "The service cannot write to its temporary folder right now."
        raise StorageUnavailableError(message) from error


class ImportStoppedError(Exception):
    """The import stopped early because of `cause`.

    `rows` rows are stored; the last one begins on `line`.
    """

    def __init__(self, cause: Exception, rows: int, line: int) -> None:
        self.cause = cause
        self.rows = rows
        self.line = line
        stored = "1 row is stored." if rows == 1 else f"{rows:,} rows are stored."
        super().__init__(stored if rows else "Nothing was imported.")
