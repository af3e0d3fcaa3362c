"""The bodies of requests: read whole before a thread runs, within a common budget."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO, Any

from leadbook.access.fronting import UnreadableError
from leadbook.storage.system import temporary_file

# A larger body goes to an unnamed file.
LARGEST_IN_MEMORY = 128 * 1024
_ALL_IN_MEMORY = 24 * 1024 * 1024
_MOST_FILES = 32

Receive = Callable[[], Awaitable[Any]]


class Budget:
    """What all bodies together may use: bytes of memory, and files."""

    def __init__(self) -> None:
        self._bytes = _ALL_IN_MEMORY
        self._files = _MOST_FILES

    @contextmanager
    def body(self) -> Iterator["Body"]:
        """Yield an empty body; at the end of the block, return what it used."""
        body = Body(self)
        try:
            yield body
        finally:
            body.close()

    def take(self, size: int, files: int = 0) -> None:
        """Take a part of the budget. Raises UnreadableError, a 503, if too little is left."""
        if size > self._bytes or files > self._files:
            message = "Too many bodies are being sent at once; try again in a moment."
            raise UnreadableError(503, "TOO_BUSY", message)
        self._bytes -= size
        self._files -= files


class Body:
    """The bytes received so far, in memory or, if there are many, in a file."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._file: IO[bytes] = BytesIO()
        self._taken, self._files = 0, 0
        self.length = 0

    @property
    def file(self) -> IO[bytes]:
        """The whole body, as a file at its beginning."""
        self._file.seek(0)
        return self._file

    def add(self, part: bytes) -> None:
        """Add received bytes. Raises UnreadableError."""
        try:
            if not self._files:
                if self.length + len(part) > LARGEST_IN_MEMORY:
                    self._move_to_disk()
                else:
                    self._budget.take(len(part))
                    self._taken += len(part)
            self._file.write(part)
        except OSError:
            message = "The disk has no room for the body; try again later."
            raise UnreadableError(503, "STORAGE_UNAVAILABLE", message) from None
        self.length += len(part)

    def close(self) -> None:
        """Return what the body used to the budget."""
        self._file.close()
        self._budget.take(-self._taken, -self._files)

    def _move_to_disk(self) -> None:
        self._budget.take(0, files=1)
        self._files = 1
        in_memory, self._file = self.file, temporary_file()
        self._file.write(in_memory.read())
        self._budget.take(-self._taken)
        self._taken = 0
