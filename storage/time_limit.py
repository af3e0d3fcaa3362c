"""A limit to the total time that a request may spend in the database."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import peewee

from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.system import monotonic

# Steps of SQLite's virtual machine: usually about a millisecond; in a search, 100 ms.
_STEPS_BETWEEN_LOOKS = 10_000
_STEPS_IN_A_HURRY = 100


@dataclass
class _Block:
    """A running block of a limit: when its time is over, if ever.

    Work of an earlier generation must stop.
    """

    limit: "TimeLimit"
    deadline: float | None
    generation: int


# A ContextVar, since another thread may run a part of the block.
_running: ContextVar[_Block | None] = ContextVar("leadbook_time_limit", default=None)


class TimeLimit:
    """A limit in seconds for each block; 0 means no limit."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._of_thread = threading.local()
        self._generation = 0

    def hurry(self, seconds: float) -> None:
        """Give this thread at most `seconds` for each block."""
        self._of_thread.seconds = seconds

    def watch(self, connection: sqlite3.Connection) -> None:
        """Stop statements of `connection` when the time of the running block is over."""
        is_hurried = hasattr(self._of_thread, "seconds")
        steps = _STEPS_IN_A_HURRY if is_hurried else _STEPS_BETWEEN_LOOKS
        connection.set_progress_handler(self._is_over, steps)

    @contextmanager
    def begin(self) -> Iterator[None]:
        """Limit the total time of the block's statements.

        After it, they raise peewee.OperationalError, "interrupted".
        """
        seconds = self._limit_of_thread
        deadline = monotonic() + seconds if seconds else None
        outer = _running.set(_Block(self, deadline, self._generation))
        try:
            yield
        finally:
            _running.reset(outer)

    def require(self) -> None:
        """Raise peewee.OperationalError, "interrupted", if the block's time is over."""
        if self._is_over():
            raise peewee.OperationalError("interrupted")

    def lift(self) -> None:
        """Remove the limit for the rest of the block."""
        if block := self._running_block():
            block.deadline = None

    def renew(self) -> None:
        """Give the block its whole time again, unless it must stop."""
        block = self._running_block()
        if block and block.deadline is not None:
            block.deadline = monotonic() + self._limit_of_thread

    def stop_others(self) -> None:
        """Stop the other blocks that have begun, so that they write nothing more."""
        self._generation += 1
        if block := self._running_block():
            block.generation = self._generation

    @property
    def _limit_of_thread(self) -> float:
        return float(getattr(self._of_thread, "seconds", self._seconds))

    def _running_block(self) -> _Block | None:
        block = _running.get()
        # A dry run opens another database within its request.
        return block if block and block.limit is self else None

    def _is_over(self) -> bool:
        block = self._running_block()
        if block is None:
            return False
        is_late = block.deadline is not None and monotonic() > block.deadline
        return is_late or block.generation != self._generation
