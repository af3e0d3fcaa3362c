"""Save and restore the content of the database in a fraction of a millisecond."""

import hashlib
from contextlib import closing
from dataclasses import dataclass
from threading import Lock

from leadbook.models import RECORDS
from leadbook.storage.connections import close_with
from leadbook.storage.database import Database
from leadbook.storage.private_files import temporary_folder
from leadbook.storage.refusals import NotFoundError
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import open_test_database
from leadbook.testing.clock import AdjustableClock, ClockState

MOST_SNAPSHOTS = 100
# SQLite remembers the last number of a ticket in a table of its own.
_ROWS = (
    *(model._meta.table_name for model in RECORDS),
    *("stored_answers", "webhooks", "sqlite_sequence"),
)


class TooManySnapshotsError(Exception):
    """There are too many snapshots; each takes memory."""


@dataclass(frozen=True)
class Snapshot:
    """A copy of all rows, and the state of clock and ids at that moment."""

    rows: sqlite3.Connection
    clock: ClockState

    def __post_init__(self) -> None:
        close_with(self, self.rows)


class Snapshots:
    """The snapshots of one database, by name."""

    def __init__(self, database: Database, clock: AdjustableClock) -> None:
        self._database = database
        self._clock = clock
        self._lock = Lock()
        self._empty = Snapshot(_empty_rows(database), clock.state())
        self._taken: dict[str, Snapshot] = {}

    def empty(self) -> None:
        """Remove all records and restart time and ids; keys stay."""
        self._put_back(self._empty)

    def take(self, name: str) -> None:
        """Save the current state under `name`. Raises TooManySnapshotsError."""
        with self._lock:
            if len(self._taken) >= MOST_SNAPSHOTS and name not in self._taken:
                raise TooManySnapshotsError(f"There are already {MOST_SNAPSHOTS} snapshots.")
            rows = _in_memory()
            self._database.copy_to(rows)
            replaced = self._taken.pop(name, None)
            self._taken[name] = Snapshot(rows, self._clock.state())
        if replaced:
            replaced.rows.close()

    def restore(self, name: str) -> None:
        """Return to the snapshot `name`. Raises NotFoundError."""
        with self._lock:
            if name not in self._taken:
                raise NotFoundError("No snapshot has this name.")
            self._put_back(self._taken[name])

    def names(self) -> set[str]:
        """Return the names of all snapshots."""
        with self._lock:
            return set(self._taken)

    def forget(self, name: str) -> None:
        """Delete the snapshot `name`. Raises NotFoundError."""
        with self._lock:
            if name not in self._taken:
                raise NotFoundError("No snapshot has this name.")
            self._taken.pop(name).rows.close()

    def close(self) -> None:
        """Free the memory of all snapshots."""
        for snapshot in (self._empty, *self._taken.values()):
            snapshot.rows.close()

    def _put_back(self, snapshot: Snapshot) -> None:
        # In one step: a write in between would take an id that is given again later.
        self._database.become(snapshot.rows, then=lambda: self._clock.resume(snapshot.clock))


class Contents:
    """Names the state of a database by the records in it: the same name means the same records.

    After a reset, another write may have the number and the time of an earlier one.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = ("", "")

    def state(self) -> str:
        """Return the same text for the same records only."""
        seen, name = self._known
        if seen != (now := self._database.state()):
            name = self._hash()
            self._known = now, name
        return name

    def _hash(self) -> str:
        found = hashlib.blake2b(digest_size=8)
        for model in RECORDS:
            rows = self._database.execute_sql(f"SELECT * FROM {model._meta.table_name}")
            found.update(repr(rows.fetchall()).encode())
        return found.hexdigest()


def _in_memory() -> sqlite3.Connection:
    # Any thread that answers a request may use it, but only one at a time.
    return sqlite3.connect(":memory:", check_same_thread=False)


def _empty_rows(database: Database) -> sqlite3.Connection:
    """Return the rows of a new file, and the keys of `database`."""
    rows = _in_memory()
    if not any(database.execute_sql(f"SELECT 1 FROM {each} LIMIT 1").fetchone() for each in _ROWS):
        # The database is itself empty, as it almost always is.
        database.copy_to(rows)
        return rows
    with temporary_folder() as folder:
        path = folder / "empty.db"
        with closing(open_test_database(path, database.clock, synchronous="off")) as new:
            new.copy_to(rows)
    keys = database.execute_sql("SELECT * FROM api_keys").fetchall()
    with rows:
        rows.executemany("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?)", keys)
    return rows
