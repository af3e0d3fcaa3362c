"""The database: its connections and its transactions."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path
from typing import Any

import peewee

from leadbook.storage.clock import Clock
from leadbook.storage.group_commit import GroupCommit
from leadbook.storage.sqlite.connected_file import ConnectedFile
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.stamps import Caller, FairLock, Write
from leadbook.storage.sweeping import FEW, MANY, Sweeper
from leadbook.storage.system import monotonic

# The database that the running code uses. A ContextVar, since a process may have several apps.
_in_use: ContextVar[peewee.Database | None] = ContextVar("leadbook_database", default=None)
# Returns for whom the running code writes.
_caller: ContextVar[Callable[[], Caller]] = ContextVar("leadbook_caller", default=Caller)


class _CurrentDatabase(peewee.DatabaseProxy):
    """The database in use."""

    def initialize(self, obj: object) -> None:
        """Do nothing: `Database.use` selects the database."""

    @property
    def obj(self) -> peewee.Database | None:
        return _in_use.get()


current: Any = _CurrentDatabase()


class Database(ConnectedFile):
    """One SQLite file, and the clock for the times and ids of new records.

    `use` makes models use this database. `write` opens a write transaction; models can change
    records only in it.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        synchronous: str = "full",
        query_timeout_seconds: float = 0,
        events_kept: timedelta | None = None,
    ) -> None:
        super().__init__(path, synchronous=synchronous, query_timeout_seconds=query_timeout_seconds)
        self.clock = clock
        self._sweeper = Sweeper(events_kept, clock)
        # SQLite's message when a write failed, until a write succeeds again.
        self.fault = ""
        # Writers wait for it; it has the methods of threading.Lock.
        self.writer: Any = FairLock()
        self._write: Write | None = None
        self.group = GroupCommit(self)

    @contextmanager
    def use(self, caller: Callable[[], Caller] | None = None) -> Iterator["Database"]:
        """Make models use this database, in this thread and block.

        `caller` returns for whom the block writes; the default is that of an outer block.
        """
        token = _in_use.set(self)
        callers = _caller.set(caller or _caller.get())
        self._of_thread.has_file = False
        try:
            yield self
        finally:
            _caller.reset(callers)
            _in_use.reset(token)

    @contextmanager
    def read(self) -> Iterator[None]:
        """Show the block one state of the database, even if others write meanwhile."""
        with self.atomic():
            yield

    @contextmanager
    def write(self, clock: Clock | None = None) -> Iterator[None]:
        """Run the block as the only writer; keep all of its changes, or none.

        Changed records get the time `now`. With a `clock`, times and ids are those of that clock:
        that is for made-up histories. Raises peewee.OperationalError if the lock is not free in
        time, or if the changes cannot be stored.
        """
        with self._only_writer():
            # A deferred transaction fails at its first write if another has written meanwhile, and
            # ignores the timeout: https://www.sqlite.org/rescode.html#busy_snapshot
            with self.atomic("IMMEDIATE"), self._as_one(clock):
                yield
            # If the file was removed or replaced, this write is lost.
            self.require_file()
            self.fault = ""
            self._log.tidy(self, self.patience_seconds)

    @contextmanager
    def part(self) -> Iterator[None]:
        """Run the block as another write in the open transaction; undo only this if it fails."""
        with self.undoing(), self._as_one():
            yield

    @contextmanager
    def _as_one(self, clock: Clock | None = None) -> Iterator[None]:
        # While this thread waited, another may have told it to stop.
        self.time_limit.require()
        outer, self._write = self._write, Write(self.clock, clock, self.last_time)
        try:
            yield
            self._write.finish()
        finally:
            self._write = outer

    @contextmanager
    def repair(self) -> Iterator[None]:
        """Open a write that changes what lists show, but stores no record."""
        with self.write():
            # `state` differs then, as after any change of the schema.
            self.pragma("schema_version", self.pragma("schema_version") + 1)
            yield

    def execute_many(self, sql: str, rows: Iterable[Any]) -> None:
        """Run one statement for each of `rows`, in a write."""
        self.require_write()
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # not in the stubs
            self.connection().executemany(sql, rows)

    def sweep_events(self) -> None:
        """Remove some events that are too old, at the end of this write."""
        if self._sweeper.is_due:
            self.do_before_commit("sweep", lambda: self._sweeper.sweep(self, FEW))

    def do_before_commit(self, name: str, step: Callable[[], None]) -> None:
        """Call `step` at the end of this write; once for each name."""
        self.require_write().do_last(name, step)

    @property
    def now(self) -> str:
        """The time of this write. It is never before the time of an earlier write.

        If a clock is set back, a caller that follows changes by time would miss some.
        """
        return self.require_write().now

    @property
    def time(self) -> int:
        """The time of this write in milliseconds, as events have it."""
        return self.require_write().time

    def new_id(self) -> str:
        """Return an id for a new record of this write."""
        return self.require_write().new_id()

    @property
    def caller(self) -> Caller:
        """For whom the running code writes."""
        return _caller.get()()

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        # Threads of one process queue here, not at SQLite's lock, which polls.
        if not self.writer.acquire(timeout=self.patience_seconds):
            raise peewee.OperationalError("database is locked")
        try:
            yield
        except (peewee.OperationalError, peewee.InterfaceError) as error:
            self.fault = str(error)
            # The next write gets a new connection, since this one may be in any state.
            self.close()
            self._of_thread.has_file = False
            raise
        finally:
            self._write = None
            self.writer.release()

    def become(self, copy: sqlite3.Connection, then: Callable[[], None]) -> None:
        """Replace all contents with those of `copy` at once; then call `then`.

        It takes a fifth of a millisecond; deleting a thousand rows takes fifty.
        """
        deadline = monotonic() + self.patience_seconds

        def give_up(*_: int) -> None:
            # While another process writes, SQLite would try forever.
            if monotonic() > deadline:
                raise peewee.OperationalError("database is locked")

        with self._only_writer():
            self.require_file()
            copy.backup(self.connection(), progress=give_up, sleep=0.005)
            then()
            self._log.tidy(self, self.patience_seconds)

    def probe(self) -> None:
        """Write without changing anything. Raises peewee.OperationalError if that fails."""
        with self.write():
            self.pragma("user_version", self.pragma("user_version"))

    def erase_from_log(self) -> None:
        """Empty the write-ahead log after this write, since it contains the erased data."""
        self.require_write()
        self._log.has_erased = True

    @property
    def has_work(self) -> bool:
        """Whether erased data or old events must be removed, or a failed write tried again."""
        return self._log.has_erased or bool(self.fault) or self._sweeper.is_due

    def tidy_when_quiet(self) -> None:
        """Remove old events, and empty the log of erased data, if no thread writes."""
        is_due = self._sweeper.is_due
        if not (self._log.has_erased or is_due) or not self.writer.acquire(blocking=False):
            return
        try:
            self._log.tidy(self, self.patience_seconds)
        finally:
            self.writer.release()
        if is_due:
            with self.write():
                self._sweeper.sweep(self, MANY)

    def require_write(self) -> Write:
        """Return the write of this thread. Raises RuntimeError if there is none.

        A change outside a write could be stored in part.
        """
        write = self._write
        if write is None or write.thread != threading.get_ident():
            raise RuntimeError("A change needs `with database.write():` around it.")
        return write

    def forget_connections(self) -> None:
        """Forget the connections that a fork has copied; the child opens its own."""
        self.writer = FairLock()
        self.group = GroupCommit(self)
        super().forget_connections()
