"""Why a file, or one of its rows, is not imported, or no further."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

# Neither a terminal nor JSON carries these as they are.
_UNPRINTABLE = re.compile("[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def printable(text: str) -> str:
    """Return `text` with an escape for each character that cannot be shown."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class FileRefusedError(Exception):
    """The file cannot be imported at all; the message is one line for whoever has it."""

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))


class RowRefusedError(Exception):
    """One row cannot be imported; the message says why."""


class StorageUnavailableError(Exception):
    """There is no room for a file in the temporary folder."""


@contextmanager
def temporary_storage() -> Iterator[None]:
    """Raise StorageUnavailableError where the block cannot write a temporary file."""
    try:
        yield
    except OSError as error:
        message = "The temporary folder of the service cannot be written right now."
        raise StorageUnavailableError(message) from error


class ImportStoppedError(Exception):
    """The import stopped in the middle, for `cause`.

    `rows` are done and stay, up to the one that begins on `line`.
    """

    def __init__(self, cause: Exception, rows: int, line: int) -> None:
        self.cause = cause
        self.rows = rows
        self.line = line
        super().__init__(f"{rows} rows are done and stay." if rows else "Nothing was done.")
