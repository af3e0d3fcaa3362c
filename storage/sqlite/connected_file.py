"""A SQLite file, and the connection that each thread has to it."""

import os
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import peewee

from leadbook.storage.connections import ThreadsConnection, all_databases
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.watched_file import WatchedFile
from leadbook.storage.sqlite.write_ahead_log import LARGEST_LOG_BYTES
from leadbook.storage.time_limit import TimeLimit

LOCK_TIMEOUT_SECONDS = 5


class ConnectedFile(peewee.SqliteDatabase):
    """The file at `path`. Each thread keeps its own connection, opened when first needed."""

    def __init__(self, path: Path, *, synchronous: str, query_timeout_seconds: float) -> None:
        self.path = path
        self.time_limit = TimeLimit(query_timeout_seconds)
        self._file: WatchedFile | None = None
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
        connection.execute(f"PRAGMA busy_timeout = {self.patience_seconds * 1000}")
        return connection

    def hurry(self, seconds: float) -> None:
        """Have this thread wait for nobody: what takes longer, or is locked, fails at once."""
        self.time_limit.hurry(seconds)
        self._of_thread.is_in_a_hurry = True

    @property
    def patience_seconds(self) -> int:
        """How long the thread waits for a lock."""
        return 0 if getattr(self._of_thread, "is_in_a_hurry", False) else LOCK_TIMEOUT_SECONDS

    def watch_file(self) -> None:
        """Notice from now on when the file is removed or replaced."""
        self._file = WatchedFile(self.path)

    def is_file(self, status: os.stat_result) -> bool:
        """Return whether it is the file of that status, as it was when it was opened."""
        return self._file is not None and self._file.has(status)

    def require_file(self) -> None:
        """Raise peewee.OperationalError where the file that is watched has gone."""
        if self._file:
            self._file.require()

    def execute_sql(self, sql: str, params: Any = None) -> Any:
        """Run one statement. Raises peewee.OperationalError where the file has gone."""
        # Once for each use: write looks again when it ends.
        if not getattr(self._of_thread, "has_file", False):
            self.require_file()
            self._of_thread.has_file = True
        return super().execute_sql(sql, params)

    def rollback(self) -> None:
        """Undo the transaction, where SQLite has not done so by itself.

        It has after a full disk, an I/O error or an interruption, and would put the complaint that
        there is nothing to undo in the place of that error:
        https://www.sqlite.org/lang_transaction.html#response_to_errors_within_a_transaction
        """
        if self.is_closed() or self.connection().in_transaction:
            super().rollback()

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection that shows one state of the database, to any thread, for long."""
        self.require_file()
        with closing(super()._connect()) as connection:  # type: ignore[misc]  # not in the stubs
            connection.execute("BEGIN")
            yield connection

    def copy_to(self, copy: sqlite3.Connection) -> None:
        """Make `copy` hold what this database holds now."""
        self.require_file()
        self.connection().backup(copy)

    def forget_connections(self) -> None:
        """Leave behind what a fork has copied; the child opens its own."""
        # Another thread may have held this when the process was copied.
        self._lock = threading.Lock()
        self.dispose()
        self._of_thread = threading.local()
