"""Upgrading an older file to the version of this code, with the scripts in migrations/."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain, count
from pathlib import Path
from runpy import run_path

from leadbook.storage.columns import UuidText
from leadbook.storage.database import Database
from leadbook.storage.private_files import PRIVATE, Permissions, new_file
from leadbook.storage.sqlite import schema
from leadbook.storage.sqlite.copying import STEPS, copy
from leadbook.storage.sqlite.search_index import SearchIndex
from leadbook.storage.system import monotonic

_SCRIPTS = Path(__file__).parent / "migrations"
# The version of a file is the number of the last script that was run on it.
USER_VERSION = max(int(path.name[:4]) for path in _SCRIPTS.glob("[0-9]*.py"))
_SECONDS_BETWEEN_LINES = 5
_PROGRESS = (
    "The upgrade has taken %.0f seconds so far, and is at step %d of %d; a million records take "
    "about a minute."
)
_SHARED = (
    "The active clients {} have the same e-mail address. Change the address of all but one, or "
    "archive them."
)
_MOST_SHOWN = 20
LOG = logging.getLogger("leadbook")


def upgrade(database: Database, version: int, file_mode: int = PRIVATE) -> Path:
    """Back the file up, and run the scripts after number `version` in one write.

    Returns the backup. The version of the file is the only record of which scripts were run. The
    old tables leave free space in the file, which later records use.
    """
    backup = _free_name(database.path.with_name(f"{database.path.name}.version-{version}"))
    permissions = Permissions.within(database.path, file_mode)
    with new_file(backup, permissions, overwrite=False) as unfinished:
        # The copy is the first step.
        steps = _Steps(1 + len(_newer_scripts(version)))
        copy(database.path, unfinished, steps.look)
    steps.done += 1
    try:
        _run_scripts(database, version, steps)
    except BaseException:
        # Otherwise each attempt would leave another copy of an unchanged file.
        if database.pragma("user_version") == version:
            backup.unlink()
        raise
    return backup


def create_tables(database: Database) -> None:
    """Create the tables of this code's version in a database that has none."""
    with database.use(), database.write():
        for statement in schema.statements():
            database.execute_sql(statement)
        add_indexes(database)
    if (version := database.pragma("user_version")) < USER_VERSION:
        upgrade_copy(database, version)


def upgrade_copy(database: Database, version: int) -> None:
    """Run the scripts after number `version` in one write, without a backup."""
    _run_scripts(database, version, _Steps(len(_newer_scripts(version))))


def _newer_scripts(version: int) -> list[Path]:
    return [each for each in sorted(_SCRIPTS.glob("[0-9]*.py")) if int(each.name[:4]) > version]


def _run_scripts(database: Database, version: int, steps: "_Steps") -> None:
    with database.use(), database.write(), _looking(database, steps.look):
        for script in _newer_scripts(version):
            # Not by Peewee's runner: its import takes longer than all scripts of a new file. It
            # would pass its migrator first, which no script needs.
            run_path(str(script))["up"](None, database)
            steps.done += 1
        add_indexes(database)
        database.pragma("user_version", USER_VERSION)
        shared = shared_addresses(database)
    for line in shared[:_MOST_SHOWN]:
        LOG.warning(line)
    if len(shared) > _MOST_SHOWN:
        LOG.warning("`leadbook check` lists %d more such addresses.", len(shared) - _MOST_SHOWN)


class _Steps:
    """The steps of an upgrade. Nobody should take a long one for a stuck one."""

    def __init__(self, count: int) -> None:
        self.done = 0
        self._count = count
        self._began = self._told = monotonic()

    def look(self) -> int:
        """Log a line every few seconds; this is called more often."""
        now = monotonic()
        if now - self._told >= _SECONDS_BETWEEN_LINES:
            self._told = now
            # What follows the last script is part of it.
            at = min(self.done + 1, self._count)
            LOG.warning(_PROGRESS, now - self._began, at, self._count)
        # Any other value would interrupt a statement.
        return 0


@contextmanager
def _looking(database: Database, look: Callable[[], int]) -> Iterator[None]:
    """Call `look` now and then while statements run."""
    connection = database.connection()
    connection.set_progress_handler(look, STEPS)
    try:
        yield
    finally:
        database.time_limit.watch(connection)


def shared_addresses(database: Database) -> list[str]:
    """Return a line for each address of several active clients.

    An upgrade that compares addresses in a new way keeps all clients. A person has to decide.
    """
    key = "coalesce(email_key, email)"
    of_sharing = f"SELECT {key} FROM clients WHERE shares_address AND status = 'active'"
    found = database.execute_sql(
        f"SELECT {key}, id FROM clients WHERE status = 'active' AND {key} IN ({of_sharing})"
        " ORDER BY created_at, id"
    )
    ids: dict[str, list[str]] = {}
    for address, stored in found.fetchall():
        ids.setdefault(address, []).append(UuidText.unpack(stored))
    return [_SHARED.format(" and ".join(each)) for each in ids.values() if len(each) > 1]


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
