"""Upgrading an older file to the version of this code, with the scripts in migrations/."""

import os
from itertools import chain, count
from pathlib import Path

from leadbook.storage.database import Database
from leadbook.storage.private_files import PRIVATE, Permissions, new_file
from leadbook.storage.sqlite import schema
from leadbook.storage.sqlite.copying import copy
from leadbook.storage.sqlite.search_index import SearchIndex

_SCRIPTS = Path(__file__).parent / "migrations"
# The version of a file is the number of the last script that was run on it.
USER_VERSION = max(int(path.name[:4]) for path in _SCRIPTS.glob("[0-9]*.py"))


def upgrade(database: Database, version: int, file_mode: int = PRIVATE) -> Path:
    """Back the file up, and run the scripts after number `version` in one write.

    Returns the backup. The version of the file is the only record of which scripts were run. The
    old tables leave free space in the file, which later records use.
    """
    backup = _free_name(database.path.with_name(f"{database.path.name}.version-{version}"))
    permissions = Permissions.within(database.path, file_mode)
    with new_file(backup, permissions, overwrite=False) as unfinished:
        copy(database.path, unfinished)
    try:
        _run_scripts(database, version)
    except BaseException:
        # Otherwise each attempt would leave another copy of an unchanged file.
        if database.pragma("user_version") == version:
            backup.unlink()
        raise
    return backup


def upgrade_copy(database: Database, version: int) -> None:
    """Run the scripts after number `version` in one write, without a backup."""
    _run_scripts(database, version)


def _run_scripts(database: Database, version: int) -> None:
    # Only an older file needs this import, and it takes longer than the rest of the start.
    from playhouse.migrations import Runner  # noqa: PLC0415  # see above

    runner = Runner(database, str(_SCRIPTS))
    done = [script.name for script in runner.migrations() if script.idx <= version]
    with database.use(), database.write():
        if done:
            runner.fake(done[-1])
        runner.up()
        runner.History.drop_table()
        add_indexes(database)
        database.pragma("user_version", USER_VERSION)


def add_indexes(database: Database) -> None:
    """Create the missing search indexes, for tables that are still empty."""
    there = "SELECT name FROM sqlite_master WHERE type = 'table'"
    tables = {name for (name,) in database.execute_sql(there).fetchall()}
    for name in schema.indexes(database.execute_sql):
        if name not in tables:
            SearchIndex(database, name).create()
            # A script may have filled its texts already.
            database.execute_sql(f"INSERT INTO {name} ({name}) VALUES ('rebuild')")


def _free_name(path: Path) -> Path:
    """Return `path`, with a number added if it exists: an earlier backup is never overwritten."""
    names = chain([path], (path.with_name(f"{path.name}.{number}") for number in count(2)))
    # A dead link also occupies its name.
    return next(name for name in names if not os.path.lexists(name))
