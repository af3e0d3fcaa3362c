"""The write-ahead log of a database: empty it when it is large or contains erased data."""

from contextlib import suppress
from pathlib import Path

import peewee

from leadbook.storage.system import stat

# SQLite empties the log from this size on. A new lead writes 24 pages, and emptying waits for the
# disk: after each thousand pages, it took a fifth of the time of writes with SYNCHRONOUS=normal.
PAGES_OF_LOG = 4_000
LARGEST_LOG_BYTES = 20 * 1024 * 1024


class WriteAheadLog:
    """The log beside the file at `path`; `has_erased` while it contains erased data."""

    def __init__(self, path: Path) -> None:
        self._name = f"{path}-wal"
        self.has_erased = False

    @property
    def size(self) -> int:
        """How many bytes it has; 0 if there is no log."""
        try:
            return stat(self._name).st_size
        except FileNotFoundError:
            return 0

    def tidy(self, database: peewee.SqliteDatabase, lock_timeout_seconds: int) -> None:
        """Empty the log if it is large or has erased data, and no one reads from it."""
        # The write is already safe, so a failure here does not matter.
        with suppress(OSError, peewee.DatabaseError):
            if self.has_erased or stat(self._name).st_size > LARGEST_LOG_BYTES:
                self._empty(database, lock_timeout_seconds)

    def _empty(self, database: peewee.SqliteDatabase, lock_timeout_seconds: int) -> None:
        # Without waiting for readers: the next request tries again.
        database.pragma("busy_timeout", 0)
        try:
            busy = database.execute_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            database.pragma("busy_timeout", lock_timeout_seconds * 1000)
        self.has_erased = self.has_erased and bool(busy)
