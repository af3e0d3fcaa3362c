"""A copy of one state of a database, while others write to it."""

import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from leadbook.storage.sqlite.driver import sqlite3

# Pages of one step, and steps of SQLite's virtual machine. Python sees signals in between.
_PAGES = 2_048
STEPS = 100_000


def copy(source: Path, target: Path, look: Callable[[], object] = lambda: None) -> None:
    """Copy the database `source` into the empty file `target`; others can write meanwhile.

    `look` is called now and then. Raises sqlite3.Error.
    """
    # Read-only access would be enough, but may leave a new empty log behind.
    mode = "rw" if os.access(source, os.W_OK) else "ro"
    origin = sqlite3.connect(f"{source.as_uri()}?mode={mode}", uri=True, isolation_level=None)
    with closing(origin), closing(sqlite3.connect(target)) as copied:
        # An unfinished copy has no value, so it needs no protection.
        copied.execute("PRAGMA journal_mode = off")
        copied.execute("PRAGMA synchronous = off")
        # Without a transaction, the copy would start again after each write by others:
        # https://www.sqlite.org/backup.html#using_the_sqlite_online_backup_api
        origin.execute("BEGIN")
        origin.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        origin.backup(copied, pages=_PAGES, progress=lambda *_: look())
        # The mode of the source is copied too; in WAL mode, a reader would leave a log beside it.
        copied.execute("PRAGMA journal_mode = delete")


def let_signals_in(connection: sqlite3.Connection) -> None:
    """Let Python handle signals while a long statement of `connection` runs.

    If a signal handler raises, the statement raises sqlite3.OperationalError, "interrupted".
    """
    connection.set_progress_handler(lambda: 0, STEPS)
