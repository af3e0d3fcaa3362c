"""A limit to the total time that a thread may spend in the database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import peewee

from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.system import monotonic

# Steps of SQLite's virtual machine: usually about a millisecond; in a search, 100 ms.
_STEPS_BETWEEN_LOOKS = 10_000
_STEPS_IN_A_HURRY = 100


class TimeLimit:
    """A limit in seconds for each thread; 0 means no limit."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._of_thread = threading.local()
        # Work of an earlier generation must stop.
        self._generation = 0

    def hurry(self, seconds: float) -> None:
        """Give this thread at most `seconds` for each block."""
        self._of_thread.seconds = seconds

    def watch(self, connection: sqlite3.Connection) -> None:
        """Stop statements of `connection` when the time of its thread is over."""
        is_hurried = hasattr(self._of_thread, "seconds")
        steps = _STEPS_IN_A_HURRY if is_hurried else _STEPS_BETWEEN_LOOKS
        connection.set_progress_handler(self._is_over, steps)

    @contextmanager
    def begin(self) -> Iterator[None]:
        """Limit the total time of the block's statements.

        After it, they raise peewee.OperationalError, "interrupted".
        """
        seconds = getattr(self._of_thread, "seconds", self._seconds)
        self._of_thread.deadline = monotonic() + seconds if seconds else None
        self._of_thread.generation = self._generation
        try:
            yield
        finally:
            self.lift()
            self._of_thread.generation = None

    def require(self) -> None:
        """Raise peewee.OperationalError, "interrupted", if the thread's time is over."""
        if self._is_over():
            raise peewee.OperationalError("interrupted")

    def lift(self) -> None:
        """Remove the limit for the rest of the block."""
        self._of_thread.deadline = None

    def stop_others(self) -> None:
        """Stop the blocks that other threads have begun, so that they write nothing more."""
        self._generation += 1
        if getattr(self._of_thread, "generation", None) is not None:
            self._of_thread.generation = self._generation

    def _is_over(self) -> bool:
        deadline = getattr(self._of_thread, "deadline", None)
        if deadline is not None and monotonic() > deadline:
            return True
        return getattr(self._of_thread, "generation", None) not in (None, self._generation)
