"""Bringing an older file to the version that this code reads, by the scripts in migrations/."""

import os
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import peewee

from leadbook.database import Database
from leadbook.sqlite import sqlite3

USER_VERSION = 5
_SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(database: Database, version: int) -> Path:
    """Run the scripts after number `version` in one write; return the backup made before.

    The number of the last one is the file's version: there is no second record of what was run.
    """
    # Only an older file needs it, and it takes longer to import than all the rest of this.
    from playhouse.migrations import Runner  # type: ignore[import-untyped]

    backup = _free_name(database.path.with_name(f"{database.path.name}.version-{version}"))
    copy(database.path, backup)
    runner = Runner(database, str(_SCRIPTS))
    done = [script.name for script in runner.migrations() if script.idx <= version]
    with database.use(), database.write():
        if done:
            runner.fake(done[-1])
        runner.up()
        runner.History.drop_table()
        database.pragma("user_version", USER_VERSION)
    # The old tables leave room behind. It can wait where somebody reads, or where there is no more.
    with suppress(peewee.OperationalError):
        database.execute_sql("VACUUM")
    return backup


def _free_name(path: Path) -> Path:
    """Return `path`, or it with a number behind it: an earlier backup is never overwritten."""
    names = (path.with_name(f"{path.name}.{number}") for number in count(2))
    return path if not path.exists() else next(name for name in names if not name.exists())


def copy(source: Path, target: Path) -> None:
    """Copy a database as it is at this moment, whoever is writing to it, and see it on the disk.

    In one step: a copy in several would begin anew whenever somebody writes in between
    (https://www.sqlite.org/backup.html#using_the_sqlite_online_backup_api).
    """
    # To read alone would do, but leaves an empty log behind where there was none.
    mode = "rw" if os.access(source, os.W_OK) else "ro"
    origin = sqlite3.connect(f"{source.as_uri()}?mode={mode}", uri=True)
    with closing(origin), closing(sqlite3.connect(target)) as copied:
        origin.backup(copied)
        # Not in the mode of its origin, or reading it would leave a log beside it.
        copied.execute("PRAGMA journal_mode = delete")
    # Nobody may read the copy who may not read the original.
    status = source.stat()
    target.chmod(status.st_mode & 0o777)
    with suppress(PermissionError):
        os.chown(target, status.st_uid, status.st_gid)
    for path in (target, target.parent):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
