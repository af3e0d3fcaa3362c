"""The database: its connections and its transactions."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import peewee

from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.connected_file import ConnectedFile
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.write_ahead_log import WriteAheadLog
from leadbook.storage.stamps import FairLock, Write

# Which database the running code means. A ContextVar, since one process may hold several apps.
_in_use: ContextVar[peewee.Database | None] = ContextVar("leadbook_database", default=None)


class _CurrentDatabase(peewee.DatabaseProxy):
    """The database in use."""

    def initialize(self, obj: object) -> None:
        """Do nothing: `Database.use` says which one."""

    @property
    def obj(self) -> peewee.Database | None:
        return _in_use.get()


current: Any = _CurrentDatabase()


class Database(ConnectedFile):
    """One SQLite file, and the clock that stamps what is written to it.

    `use` makes it the one that the models mean; `write` opens the only kind of transaction in
    which they change anything.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        synchronous: str = "full",
        query_timeout_seconds: float = 0,
    ) -> None:
        super().__init__(path, synchronous=synchronous, query_timeout_seconds=query_timeout_seconds)
        self.clock = clock
        # What SQLite said when a write failed, until one succeeds again.
        self.fault = ""
        self._writer: Any = FairLock()
        self._write: Write | None = None
        self._log = WriteAheadLog(path)

    @contextmanager
    def use(self) -> Iterator["Database"]:
        """Make this the database that the models mean, in this thread and block."""
        token = _in_use.set(self)
        self._of_thread.has_file = False
        try:
            yield self
        finally:
            _in_use.reset(token)

    def queue_at(self, lock: Any) -> None:
        """Have those who write wait at `lock`, used as threading.Lock is, from now on."""
        self._writer = lock

    @contextmanager
    def read(self) -> Iterator[None]:
        """Show the block one state of the database, whatever is written meanwhile."""
        with self.atomic():
            yield

    @contextmanager
    def write(self, clock: Clock | None = None) -> Iterator[None]:
        """Run the block as the only writer: all of it is kept, or nothing.

        What it changes is stamped with `now`. With a `clock`, times and ids are those of that
        clock, as a history has them that is made up. Raises peewee.OperationalError
        when the lock cannot be had in time, and when it cannot be kept.
        """
        with self._only_writer():
            # Who waited for its turn may have been told to stop.
            self.time_limit.require()
            # A deferred transaction that starts to write fails at once when another wrote
            # meanwhile, whatever the timeout: https://www.sqlite.org/rescode.html#busy_snapshot
            with self.atomic("IMMEDIATE"):
                self._write = Write(self.clock, clock, self._draw)
                yield
                self._write.finish()
            # Else this may have been kept in a file that nobody will find again.
            self.require_file()
            self.fault = ""
            self._log.tidy(self, self.patience_seconds)

    def execute_many(self, sql: str, rows: Iterable[Any]) -> None:
        """Run one statement for each of `rows`, within a write."""
        self.require_write()
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # not in the stubs
            self.connection().executemany(sql, rows)

    def do_before_commit(self, name: str, step: Callable[[], None]) -> None:
        """Call `step` when the rest of this write is done; once for each name."""
        self.require_write().do_last(name, step)

    @property
    def now(self) -> str:
        """The time of this write, which is never before that of an earlier one.

        Whoever follows changes by their time would miss what is stamped by a clock set back.
        """
        return self.require_write().now

    def new_id(self) -> str:
        """Return an id for a new record of this write."""
        return self.require_write().new_id()

    @property
    def change_number(self) -> int:
        """The number of this write, higher than that of any before."""
        return self.require_write().number

    def _draw(self, time: int) -> Any:
        sql = "UPDATE changes SET number = number + 1, time = max(time, ?) RETURNING *"
        [stamp] = self.execute_sql(sql, (time,)).fetchall()
        return stamp

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        # Threads of one process queue here and not at SQLite's lock, which polls.
        if not self._writer.acquire(timeout=self.patience_seconds):
            raise peewee.OperationalError("database is locked")
        try:
            yield
        except (peewee.OperationalError, peewee.InterfaceError) as error:
            self.fault = str(error)
            # The next write starts afresh, whatever state SQLite or the file has been left in.
            self.close()
            self._of_thread.has_file = False
            raise
        finally:
            self._write = None
            self._writer.release()

    def become(self, copy: sqlite3.Connection, then: Callable[[], None]) -> None:
        """Hold what `copy` holds, and nothing else, from one moment to the next; call `then`.

        It takes a fifth of a millisecond, where to delete a thousand rows takes fifty.
        """
        deadline = time.monotonic() + self.patience_seconds

        def give_up(*_: int) -> None:
            # Another process writes: SQLite would go on trying for ever.
            if time.monotonic() > deadline:
                raise peewee.OperationalError("database is locked")

        with self._only_writer():
            self.require_file()
            copy.backup(self.connection(), progress=give_up, sleep=0.005)
            then()
            self._log.tidy(self, self.patience_seconds)

    def probe(self) -> None:
        """Write something that changes nothing. Raises peewee.OperationalError if that fails."""
        with self.write():
            self.pragma("user_version", self.pragma("user_version"))

    def erase_from_log(self) -> None:
        """Have the write-ahead log emptied after this write, since it holds what was before."""
        self.require_write()
        self._log.has_erased = True

    @property
    def has_work(self) -> bool:
        """Whether there is a log to rid of what was erased, or a fault to try again."""
        return self._log.has_erased or bool(self.fault)

    def tidy_when_quiet(self) -> None:
        """Empty the log of what was erased, if it could not be done at once and nobody writes."""
        if self._log.has_erased and self._writer.acquire(blocking=False):
            try:
                self._log.tidy(self, self.patience_seconds)
            finally:
                self._writer.release()

    def let_others_write(self) -> None:
        """Wait for as long as SQLite has another process wait between two tries at the lock."""
        time.sleep(0.1)

    def require_write(self) -> Write:
        """Return the write of this thread. Raises RuntimeError where there is none.

        A change without one could be half kept.
        """
        write = self._write
        if write is None or write.thread != threading.get_ident():
            raise RuntimeError("A change needs `with database.write():` around it.")
        return write

    def forget_connections(self) -> None:
        """Leave behind what a fork has copied; the child opens its own."""
        self._writer = FairLock()
        super().forget_connections()
