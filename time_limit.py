"""A limit to the time that a thread's work in the database may take altogether."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import peewee

from leadbook.sqlite import sqlite3

# Steps of SQLite's machine, about a millisecond's worth.
_STEPS_BETWEEN_LOOKS = 10_000


class TimeLimit:
    """A limit of so many seconds, for each thread by itself; 0 is none."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._of_thread = threading.local()

    def watch(self, connection: sqlite3.Connection) -> None:
        """Stop what the thread of `connection` asks of it when its time is over."""
        if self._seconds:
            connection.set_progress_handler(self._is_over, _STEPS_BETWEEN_LOOKS)

    @contextmanager
    def begin(self) -> Iterator[None]:
        """Stop what the block asks of the database when it has taken too long altogether.

        The error is a peewee.OperationalError, "interrupted".
        """
        self._of_thread.deadline = time.monotonic() + self._seconds if self._seconds else None
        try:
            yield
        finally:
            self.lift()

    def require(self) -> None:
        """Raise peewee.OperationalError, "interrupted", where the thread's time is over."""
        if self._is_over():
            raise peewee.OperationalError("interrupted")

    def lift(self) -> None:
        """Let the thread take its time for the rest of the block."""
        self._of_thread.deadline = None

    def _is_over(self) -> bool:
        deadline = getattr(self._of_thread, "deadline", None)
        return deadline is not None and time.monotonic() > deadline
