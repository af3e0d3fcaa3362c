"""A copy of a database as it is at one moment, whoever writes to it."""

import os
from contextlib import closing
from pathlib import Path

from leadbook.storage.sqlite.driver import sqlite3

# Pages of one step, and steps of SQLite's machine: Python sees signals in between.
_PAGES = 2_048
STEPS = 100_000


def copy(source: Path, target: Path) -> None:
    """Copy the database `source` into the empty file `target`; whoever writes to it goes on.

    Raises sqlite3.Error.
    """
    # To read alone would do, but leaves an empty log behind where there was none.
    mode = "rw" if os.access(source, os.W_OK) else "ro"
    origin = sqlite3.connect(f"{source.as_uri()}?mode={mode}", uri=True, isolation_level=None)
    with closing(origin), closing(sqlite3.connect(target)) as copied:
        # Nothing is lost with an unfinished copy.
        copied.execute("PRAGMA journal_mode = off")
        copied.execute("PRAGMA synchronous = off")
        # Without a transaction, the copy would begin anew whenever somebody writes in between:
        # https://www.sqlite.org/backup.html#using_the_sqlite_online_backup_api
        origin.execute("BEGIN")
        origin.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        origin.backup(copied, pages=_PAGES, progress=lambda *_: None)
        # Not in the mode of its origin, or reading it would leave a log beside it.
        copied.execute("PRAGMA journal_mode = delete")


def let_signals_in(connection: sqlite3.Connection) -> None:
    """Have Python look for signals while a long statement of `connection` runs.

    The exception of a signal's handler becomes a sqlite3.OperationalError, "interrupted".
    """
    connection.set_progress_handler(lambda: 0, STEPS)
