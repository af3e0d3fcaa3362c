"""Bringing an older file to the version that this code reads, by the scripts in migrations/."""

import os
from itertools import chain, count
from pathlib import Path

from leadbook.storage.database import Database
from leadbook.storage.private_files import PRIVATE, Permissions, new_file
from leadbook.storage.sqlite import schema
from leadbook.storage.sqlite.copying import copy
from leadbook.storage.sqlite.search_index import SearchIndex

_SCRIPTS = Path(__file__).parent / "migrations"
# That of a file is the number of the last script that it has been through.
USER_VERSION = max(int(path.name[:4]) for path in _SCRIPTS.glob("[0-9]*.py"))


def upgrade(database: Database, version: int, file_mode: int = PRIVATE) -> Path:
    """Run the scripts after number `version` in one write; return the backup made before.

    The number of the last one is the file's version: there is no second record of what was run.
    The old tables leave room in the file, which later records use.
    """
    backup = _free_name(database.path.with_name(f"{database.path.name}.version-{version}"))
    permissions = Permissions.within(database.path, file_mode)
    with new_file(backup, permissions, overwrite=False) as unfinished:
        copy(database.path, unfinished)
    try:
        _run_scripts(database, version)
    except BaseException:
        # Each attempt would leave another copy of what has not changed.
        if database.pragma("user_version") == version:
            backup.unlink()
        raise
    return backup


def upgrade_copy(database: Database, version: int) -> None:
    """Run the scripts after number `version` in one write, and make no backup of what is one."""
    _run_scripts(database, version)


def _run_scripts(database: Database, version: int) -> None:
    # Only an older file needs it, and it takes longer to import than all the rest of this.
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
    """Make the search indexes that are missing, of tables that are still empty."""
    there = "SELECT name FROM sqlite_master WHERE type = 'table'"
    tables = {name for (name,) in database.execute_sql(there).fetchall()}
    for name in schema.indexes(database.execute_sql):
        if name not in tables:
            SearchIndex(database, name).create()


def _free_name(path: Path) -> Path:
    """Return `path`, or it with a number behind it: an earlier backup is never overwritten."""
    names = chain([path], (path.with_name(f"{path.name}.{number}") for number in count(2)))
    # A link that leads nowhere has its name too.
    return next(name for name in names if not os.path.lexists(name))
