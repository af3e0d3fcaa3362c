"""The database: its connections, its transactions, and which one the running code means."""

import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import peewee

from leadbook.clock import Clock

LOCK_TIMEOUT_SECONDS = 5


class _ThreadsConnection:
    """Closes a connection when the thread that opened it ends, and never after a fork.

    The connection itself cannot: its statement cache is a reference cycle, which waits for the
    garbage collector.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.process = os.getpid()

    def __del__(self) -> None:
        # "Do not even call sqlite3_close() from a child process":
        # https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_across_a_fork
        if self.process == os.getpid():
            self.connection.close()
        else:
            _inherited.append(self.connection)


_inherited: list[sqlite3.Connection] = []
_all_databases: "weakref.WeakSet[Database]" = weakref.WeakSet()


class Database(peewee.SqliteDatabase):
    """One SQLite file, and the clock that stamps what is written to it.

    `use` makes it the one that the models mean; `write` opens the only kind of transaction in
    which they change anything. Each thread keeps its own connection, opened when first needed.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.clock = clock
        self._writer = threading.Lock()
        self._writing_thread: int | None = None
        self._of_thread = threading.local()
        self.now = ""
        super().__init__(
            # SQLite must see the same file after a change of the working directory.
            str(path.resolve()),
            pragmas={
                "synchronous": "FULL",
                "busy_timeout": LOCK_TIMEOUT_SECONDS * 1000,
                "foreign_keys": 0,
            },
            timeout=LOCK_TIMEOUT_SECONDS,
            # The connection of a thread that ended may be closed by another one.
            check_same_thread=False,
        )
        _all_databases.add(self)

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._connect()  # type: ignore[misc]  # not in the stubs
        self._of_thread.connection = _ThreadsConnection(connection)
        return connection

    @contextmanager
    def use(self) -> Iterator["Database"]:
        """Make this the database that the models mean, in this thread and block."""
        token = _current.set(self)
        try:
            yield self
        finally:
            _current.reset(token)

    @contextmanager
    def read(self) -> Iterator[None]:
        """Show the block one state of the database, whatever is written meanwhile."""
        with self.atomic():
            yield

    @contextmanager
    def write(self) -> Iterator[None]:
        """Run the block as the only writer: all of it is kept, or nothing.

        What it changes is stamped with `now`, the time it began. Raises peewee.OperationalError
        when the lock cannot be had in time.
        """
        # Threads of one process queue here and not at SQLite's lock, which polls.
        if not self._writer.acquire(timeout=LOCK_TIMEOUT_SECONDS):
            raise peewee.OperationalError("database is locked by another request")
        try:
            # A deferred transaction that starts to write fails at once when another wrote
            # meanwhile, whatever the timeout: https://www.sqlite.org/rescode.html#busy_snapshot
            with self.atomic("IMMEDIATE"):
                self._writing_thread = threading.get_ident()
                self.now = self.clock.now()
                yield
        finally:
            self._writing_thread = None
            self._writer.release()

    def require_write(self) -> None:
        """Raise RuntimeError outside `write`: a change without it could be half kept."""
        if self._writing_thread != threading.get_ident():
            raise RuntimeError("A change needs `with database.write():` around it.")

    def forget_connections(self) -> None:
        """Leave behind what a fork has copied; the child opens its own."""
        # Another thread may have held these when the process was copied.
        self._writer = threading.Lock()
        self._lock = threading.Lock()
        self.dispose()
        self._of_thread = threading.local()


def _forget_connections_after_fork() -> None:
    for database in _all_databases:
        database.forget_connections()


os.register_at_fork(after_in_child=_forget_connections_after_fork)

_current: ContextVar[Database | None] = ContextVar("leadbook_database", default=None)


class _CurrentDatabase(peewee.DatabaseProxy):
    """The database in use. A ContextVar, since one process may hold several apps."""

    def initialize(self, obj: object) -> None:
        """Do nothing: `Database.use` says which one."""

    @property
    def obj(self) -> Database | None:
        return _current.get()


current: Any = _CurrentDatabase()
