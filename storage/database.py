"""The database: its connections and its transactions."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import peewee

from leadbook.storage.clock import Clock
from leadbook.storage.connections import ThreadsConnection, all_databases
from leadbook.storage.current_database import in_use
from leadbook.storage.fair_lock import FairLock
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.watched_file import WatchedFile
from leadbook.storage.sqlite.write_ahead_log import LARGEST_LOG_BYTES, WriteAheadLog
from leadbook.storage.time_limit import TimeLimit
from leadbook.storage.times import text_of

LOCK_TIMEOUT_SECONDS = 5


class Database(peewee.SqliteDatabase):
    """One SQLite file, and the clock that stamps what is written to it.

    `use` makes it the one that the models mean; `write` opens the only kind of transaction in
    which they change anything. Each thread keeps its own connection, opened when first needed.
    """

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        synchronous: str = "full",
        query_timeout_seconds: float = 0,
    ) -> None:
        self.path = path
        self.clock = clock
        # What SQLite said when a write failed, until one succeeds again.
        self.fault = ""
        self.time_limit = TimeLimit(query_timeout_seconds)
        self._file: WatchedFile | None = None
        self._writer: Any = FairLock()
        self._writing_thread: int | None = None
        # What was drawn for this write: its number, and the time that stamps what it changes.
        self._drawn: tuple[int, int] | None = None
        # The clock of made-up records, which have times of their own.
        self._history: Clock | None = None
        self._last_steps: dict[str, Callable[[], None]] = {}
        self._log = WriteAheadLog(path)
        self._of_thread = threading.local()
        super().__init__(
            # Never created here: a file that has gone must not come back empty.
            f"file:{quote(str(path))}?mode=rw",
            uri=True,
            pragmas={
                "synchronous": synchronous,
                "journal_size_limit": LARGEST_LOG_BYTES,
                # What is erased is overwritten, and not just left out.
                "secure_delete": 1,
            },
            timeout=LOCK_TIMEOUT_SECONDS,  # of SQLite's own lock, in every connection
            # The connection of a thread that ended may be closed by another one.
            check_same_thread=False,
        )
        all_databases.add(self)

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._connect()  # type: ignore[misc]  # not in the stubs
        self._of_thread.connection = ThreadsConnection(connection)
        self.time_limit.watch(connection)
        connection.execute(f"PRAGMA busy_timeout = {self._patience_seconds * 1000}")
        return connection

    @contextmanager
    def use(self) -> Iterator["Database"]:
        """Make this the database that the models mean, in this thread and block."""
        token = in_use.set(self)
        self._of_thread.has_file = False
        try:
            yield self
        finally:
            in_use.reset(token)

    def hurry(self, seconds: float) -> None:
        """Have this thread wait for nobody: what takes longer, or is locked, fails at once."""
        self.time_limit.hurry(seconds)
        self._of_thread.is_in_a_hurry = True

    @property
    def _patience_seconds(self) -> int:
        """How long the thread waits for a lock."""
        return 0 if getattr(self._of_thread, "is_in_a_hurry", False) else LOCK_TIMEOUT_SECONDS

    def queue_at(self, lock: Any) -> None:
        """Have those who write wait at `lock`, used as threading.Lock is, from now on."""
        self._writer = lock

    def watch_file(self) -> None:
        """Notice from now on when the file is removed or replaced."""
        self._file = WatchedFile(self.path)

    def is_file(self, status: os.stat_result) -> bool:
        """Return whether it is the file of that status, as it was when it was opened."""
        return self._file is not None and self._file.has(status)

    def _require_file(self) -> None:
        if self._file:
            self._file.require()

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run one statement. Raises peewee.OperationalError where the file has gone."""
        # Once for each use: write looks again when it ends.
        if not getattr(self._of_thread, "has_file", False):
            self._require_file()
            self._of_thread.has_file = True
        return super().execute_sql(sql, params)

    def execute_many(self, sql: str, rows: Iterable[Any]) -> None:
        """Run one statement for each of `rows`, within a write."""
        self.require_write()
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # not in the stubs
            self.connection().executemany(sql, rows)

    def rollback(self) -> None:
        """Undo the transaction, where SQLite has not done so by itself.

        It has after a full disk, an I/O error or an interruption, and would put the complaint that
        there is nothing to undo in the place of that error:
        https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
        """
        if self.is_closed() or self.connection().in_transaction:
            super().rollback()

    @contextmanager
    def read(self) -> Iterator[None]:
        """Show the block one state of the database, whatever is written meanwhile."""
        with self.atomic():
            yield

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that shows one state of the database, to any thread, for long."""
        self._require_file()
        with closing(super()._connect()) as connection:  # type: ignore[misc]  # not in the stubs
            connection.execute("BEGIN")
            yield connection

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
                self._writing_thread = threading.get_ident()
                self._drawn, self._history, self._last_steps = None, clock, {}
                yield
                for step in self._last_steps.values():
                    step()
            # Else this may have been kept in a file that nobody will find again.
            self._require_file()
            self.fault = ""
            self._log.tidy(self, self._patience_seconds)

    def do_before_commit(self, name: str, step: Callable[[], None]) -> None:
        """Call `step` when the rest of this write is done; once for each name."""
        self.require_write()
        self._last_steps[name] = step

    @property
    def now(self) -> str:
        """The time of this write, which is never before that of an earlier one.

        Whoever follows changes by their time would miss what is stamped by a clock set back.
        """
        return self._history.now() if self._history else text_of(self._draw()[1])

    def new_id(self) -> str:
        """Return an id for a new record of this write."""
        return self._history.new_id() if self._history else self.clock.new_id(self._draw()[1])

    @property
    def change_number(self) -> int:
        """The number of this write, higher than that of any before."""
        return self._draw()[0]

    def _draw(self) -> tuple[int, int]:
        """Return the number and the time of this write; they are drawn when first asked for."""
        self.require_write()
        if self._drawn is None:
            time = 0 if self._history else self.clock.milliseconds()
            drawn = "UPDATE changes SET number = number + 1, time = max(time, ?) RETURNING *"
            [self._drawn] = self.execute_sql(drawn, (time,)).fetchall()
        return self._drawn

    @contextmanager
    def _only_writer(self) -> Iterator[None]:
        # Threads of one process queue here and not at SQLite's lock, which polls.
        if not self._writer.acquire(timeout=self._patience_seconds):
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
            self._writing_thread = None
            self._writer.release()

    def copy_to(self, copy: sqlite3.Connection) -> None:
        """Make `copy` hold what this database holds now."""
        self._require_file()
        self.connection().backup(copy)

    def become(self, copy: sqlite3.Connection, then: Callable[[], None]) -> None:
        """Hold what `copy` holds, and nothing else, from one moment to the next; call `then`.

        It takes a fifth of a millisecond, where to delete a thousand rows takes fifty.
        """
        deadline = time.monotonic() + self._patience_seconds

        def give_up(*_: int) -> None:
            # Another process writes: SQLite would go on trying for ever.
            if time.monotonic() > deadline:
                raise peewee.OperationalError("database is locked")

        with self._only_writer():
            self._require_file()
            copy.backup(self.connection(), progress=give_up, sleep=0.005)
            then()
            self._log.tidy(self, self._patience_seconds)

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
                self._log.tidy(self, self._patience_seconds)
            finally:
                self._writer.release()

    def let_others_write(self) -> None:
        """Wait for as long as SQLite has another process wait between two tries at the lock."""
        time.sleep(0.1)

    def require_write(self) -> None:
        """Raise RuntimeError outside `write`: a change without it could be half kept."""
        if self._writing_thread != threading.get_ident():
            raise RuntimeError("A change needs `with database.write():` around it.")

    def forget_connections(self) -> None:
        """Leave behind what a fork has copied; the child opens its own."""
        # Another thread may have held these when the process was copied.
        self._writer = FairLock()
        self._lock = threading.Lock()
        self.dispose()
        self._of_thread = threading.local()
