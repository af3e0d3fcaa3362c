"""A SQLite file, and each thread's connection to it."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import peewee

from leadbook.storage.connections import ThreadsConnection, all_databases
from leadbook.storage.sqlite.comparing import register_fold
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.entries import register_holds
from leadbook.storage.sqlite.watched_file import WatchedFile
from leadbook.storage.sqlite.write_ahead_log import (
    LARGEST_LOG_BYTES,
    PAGES_OF_LOG,
    WriteAheadLog,
)
from leadbook.storage.system import sleep, stat
from leadbook.storage.time_limit import TimeLimit

LOCK_TIMEOUT_SECONDS = 5
_LAST_EVENT = "SELECT number, time FROM events ORDER BY number DESC LIMIT 1"


class ConnectedFile(peewee.SqliteDatabase):
    """The file at `path`. Each thread keeps its own connection, opened when first needed."""

    def __init__(self, path: Path, *, synchronous: str, query_timeout_seconds: float) -> None:
        self.path = path
        self.time_limit = TimeLimit(query_timeout_seconds)
        self._file: WatchedFile | None = None
        self._log = WriteAheadLog(path)
        self._of_thread = threading.local()
        super().__init__(
            # Without creating it: a file that was removed must not come back empty.
            # The bytes of the name, which need not be UTF-8.
            f"file:{quote(os.fsencode(path))}?mode=rw",
            uri=True,
            pragmas={
                "synchronous": synchronous,
                "journal_size_limit": LARGEST_LOG_BYTES,
                "wal_autocheckpoint": PAGES_OF_LOG,
                # Overwrite what is erased, instead of only marking it as free.
                "secure_delete": 1,
            },
            timeout=LOCK_TIMEOUT_SECONDS,  # of SQLite's own lock, in every connection
            # Another thread may close the connection of a thread that has ended.
            check_same_thread=False,
        )
        register_fold(self)
        register_holds(self)
        all_databases.add(self)

    def _connect(self) -> sqlite3.Connection:
        connection: sqlite3.Connection = super()._connect()  # type: ignore[misc]  # not in the stubs
        self._of_thread.connection = ThreadsConnection(connection)
        self.time_limit.watch(connection)
        connection.execute(f"PRAGMA busy_timeout = {self.patience_seconds * 1000}")
        return connection

    def hurry(self, seconds: float) -> None:
        """Let this thread fail at once if a statement takes longer or a lock is held."""
        self.time_limit.hurry(seconds)
        self._of_thread.is_in_a_hurry = True

    @property
    def patience_seconds(self) -> int:
        """How long this thread waits for a lock."""
        return 0 if getattr(self._of_thread, "is_in_a_hurry", False) else LOCK_TIMEOUT_SECONDS

    def watch_file(self) -> None:
        """From now on, notice if the file is removed or replaced."""
        self._file = WatchedFile(self.path)

    def is_file(self, status: os.stat_result) -> bool:
        """Return whether `status` is that of the file that was opened."""
        return self._file is not None and self._file.has(status)

    def require_file(self) -> None:
        """Raise peewee.OperationalError if the watched file was removed or replaced."""
        if self._file:
            self._file.require()

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run one statement. Raises peewee.OperationalError if the file is gone."""
        self._require_file_once()
        return super().execute_sql(sql, params)

    def _require_file_once(self) -> None:
        # Once for each `use`: `write` checks again at its end.
        if not getattr(self._of_thread, "has_file", False):
            self.require_file()
            self._of_thread.has_file = True

    def state(self) -> str:
        """Return a text that differs after each change of a record, as one look at the file shows.

        Each change has an event with its own number. If other content replaces all of this one, its
        number and time may have been used before, but SQLite counts up the version of the schema:
        https://www.sqlite.org/pragma.html#pragma_schema_version
        """
        number, time = self.last_event()
        return f"{number:x}-{time:x}-{self.pragma('schema_version'):x}"

    def last_event(self) -> tuple[int, int]:
        """Return the number of the last event and its time, or zeros if there is none.

        Each write needs it, and each list that has not changed; Peewee would take twice as long.
        """
        self._require_file_once()
        with peewee.__exception_wrapper__:  # type: ignore[attr-defined]  # not in the stubs
            found = self.connection().execute(_LAST_EVENT).fetchone()
        number, time = found or (0, 0)
        return number, time

    def last_time(self) -> int:
        """Return the time of the last event, in milliseconds, or 0."""
        return self.last_event()[1]

    def sizes(self) -> tuple[int, int]:
        """Return how many bytes the file and its log have. Raises OSError if the file is gone."""
        return stat(str(self.path)).st_size, self._log.size

    def let_others_write(self) -> None:
        """Wait as long as SQLite lets another process wait between two tries for the lock."""
        sleep(0.1)

    def rollback(self) -> None:
        """Roll the transaction back, unless SQLite has done so itself.

        SQLite does so after a full disk, an I/O error or an interruption. Another rollback would
        fail and hide the first error:
        https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
        """
        if self.is_closed() or self.connection().in_transaction:
            super().rollback()

    @contextmanager
    def undoing(self) -> Iterator[None]:
        """Undo the changes of the block if it fails, and keep the transaction open.

        After some errors there is none any more, as after those of `rollback`.
        """
        self.execute_sql("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self.connection().in_transaction:
                self.execute_sql("ROLLBACK TO part")
                self.execute_sql("RELEASE part")
            raise
        self.execute_sql("RELEASE part")

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection with one state of the database, for any thread and any time."""
        self.require_file()
        with closing(super()._connect()) as connection:  # type: ignore[misc]  # not in the stubs
            connection.execute("BEGIN")
            yield connection

    def copy_to(self, copy: sqlite3.Connection) -> None:
        """Copy the current contents of this database into `copy`."""
        self.require_file()
        self.connection().backup(copy)

    def forget_connections(self) -> None:
        """Forget the connections that a fork has copied; the child opens its own."""
        # Another thread may have held the copied lock.
        self._lock = threading.Lock()
        self.dispose()
        self._of_thread = threading.local()
