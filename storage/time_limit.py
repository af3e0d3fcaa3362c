"""A limit to the time that a thread's work in the database may take altogether."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import peewee

from leadbook.storage.sqlite.driver import sqlite3

# Steps of SQLite's machine, about a millisecond's worth of most of them; of a search, 100 ms.
_STEPS_BETWEEN_LOOKS = 10_000
_STEPS_IN_A_HURRY = 100


class TimeLimit:
    """A limit of so many seconds, for each thread by itself; 0 is none."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._of_thread = threading.local()
        # Work of an earlier generation has been told to stop.
        self._generation = 0

    def hurry(self, seconds: float) -> None:
        """Give this thread no more than so many seconds for each block."""
        self._of_thread.seconds = seconds

    def watch(self, connection: sqlite3.Connection) -> None:
        """Stop what the thread of `connection` asks of it when its time is over."""
        is_hurried = hasattr(self._of_thread, "seconds")
        steps = _STEPS_IN_A_HURRY if is_hurried else _STEPS_BETWEEN_LOOKS
        connection.set_progress_handler(self._is_over, steps)

    @contextmanager
    def begin(self) -> Iterator[None]:
        """Stop what the block asks of the database when it has taken too long altogether.

        The error is a peewee.OperationalError, "interrupted".
        """
        seconds = getattr(self._of_thread, "seconds", self._seconds)
        self._of_thread.deadline = time.monotonic() + seconds if seconds else None
        self._of_thread.generation = self._generation
        try:
            yield
        finally:
            self.lift()
            self._of_thread.generation = None

    def require(self) -> None:
        """Raise peewee.OperationalError, "interrupted", where the thread's time is over."""
        if self._is_over():
            raise peewee.OperationalError("interrupted")

    def lift(self) -> None:
        """Let the thread take its time for the rest of the block."""
        self._of_thread.deadline = None

    def stop_others(self) -> None:
        """Let nothing more be written by what other threads have begun."""
        self._generation += 1
        if getattr(self._of_thread, "generation", None) is not None:
            self._of_thread.generation = self._generation

    def _is_over(self) -> bool:
        deadline = getattr(self._of_thread, "deadline", None)
        if deadline is not None and time.monotonic() > deadline:
            return True
        return getattr(self._of_thread, "generation", None) not in (None, self._generation)
