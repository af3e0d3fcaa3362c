"""The SQLite file: opening it, making it where there is none, upgrading an older one."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import peewee

from leadbook.storage.clock import Clock
from leadbook.storage.connections import is_open_here
from leadbook.storage.database import Database
from leadbook.storage.private_files import PRIVATE, Permissions, remove_abandoned, unfinished
from leadbook.storage.sqlite import schema
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.file_checks import (
    APPLICATION_ID,
    NEWER,
    TEST_APPLICATION_ID,
    DatabaseFileError,
    check_header,
    is_missing,
    real_path,
    require_no_log,
    require_ours,
    require_writable,
)
from leadbook.storage.sqlite.search_index import SearchIndex, is_lock
from leadbook.storage.sqlite.upgrade import USER_VERSION, add_indexes, upgrade, upgrade_copy

# The first that has JSON functions in every build.
OLDEST_SQLITE = (3, 38, 0)
LOG = logging.getLogger("leadbook")


def open_database(
    path: Path,
    clock: Clock,
    *,
    application_id: int = APPLICATION_ID,
    file_mode: int = PRIVATE,
    **options: Any,
) -> Database:
    """Return the database at `path`: made where there is none, upgraded where it is an older one.

    `file_mode` is the mode of what is made; `options` are those of Database. Raises
    DatabaseFileError, with the file untouched, for one that has another `application_id` or
    cannot be written.
    """
    _require_sqlite()
    try:
        path = real_path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with only_opener(path.parent):
            remove_abandoned(path.parent)
            if is_missing(path):
                require_no_log(path)
                # Beside its place: nobody ever sees half a database.
                with unfinished(path.parent) as new:
                    _fill(Database(new, clock, **options), application_id)
                    Permissions.within(path, file_mode).give(new)
                    os.replace(new, path)
            # Closing any descriptor of a file drops all locks that this process has on it:
            # https://www.sqlite.org/howtocorrupt.html (2.2)
            if not is_open_here(path):
                check_header(path, application_id)
                require_writable(path)
            database = Database(path, clock, **options)
            _bring_up_to_date(database, application_id, file_mode)
            database.watch_file()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DatabaseFileError(f"Cannot open {path}: {reason}.") from error
    except (peewee.DatabaseError, sqlite3.Error) as error:
        raise DatabaseFileError(f"Cannot open {path}: {error}.") from error
    return database


def open_test_database(path: Path, clock: Clock, **options: Any) -> Database:
    """Return the database at `path` as open_database does, if test mode made it, or makes it now.

    Raises DatabaseFileError.
    """
    return open_database(path, clock, application_id=TEST_APPLICATION_ID, **options)


def _require_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise DatabaseFileError(f"SQLite {oldest} is needed; this is {sqlite3.sqlite_version}.")
    with closing(sqlite3.connect(":memory:")) as connection:
        modules = {name for (name,) in connection.execute("PRAGMA module_list")}
    if "fts5" not in modules:
        raise DatabaseFileError("The search needs SQLite with FTS5; that of this Python has none.")


@contextmanager
def only_opener(folder: Path) -> Iterator[None]:
    """Let one process at a time look for a file in `folder` and make it, to last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fill(database: Database, application_id: int) -> None:
    with database.use(), closing(database):
        database.pragma("application_id", application_id)
        with database.write():
            for statement in schema.statements():
                database.execute_sql(statement)
            add_indexes(database)
        if (version := database.pragma("user_version")) < USER_VERSION:
            upgrade_copy(database, version)
        # Last, so that the header of the main file already says whose it is.
        database.pragma("journal_mode", "wal")


def _bring_up_to_date(database: Database, application_id: int, file_mode: int) -> None:
    """Upgrade an older database, and refuse a newer one.

    Its header is not enough: what it says of the version may still be in the log.
    """
    with closing(database):
        # A good header says nothing of what is behind it either.
        database.execute_sql("SELECT 1 FROM leads LIMIT 1")
        # A restored copy comes without.
        if database.pragma("journal_mode", "wal") == "wal":
            # What a killed `leadbook compact` left: nobody needs it from here on.
            database.path.with_name(f"{database.path.name}-journal").unlink(missing_ok=True)
        # Nobody has looked at the header where this process has the file open already.
        require_ours(database.path, database.pragma("application_id"), application_id)
        version = database.pragma("user_version")
        if version > USER_VERSION:
            raise DatabaseFileError(NEWER.format(database.path))
        if version < USER_VERSION:
            kept = upgrade(database, version, file_mode)
            LOG.warning(
                "%s is upgraded to version %d, with a new search index; a copy is kept in %s. "
                "`leadbook compact` makes it smaller.",
                database.path,
                USER_VERSION,
                kept.name,
            )
        _prepare_indexes(database)


def _prepare_indexes(database: Database) -> None:
    """Say in one line which index cannot be used; everything but searches and writes works."""
    for name in schema.indexes(database.execute_sql):
        index = SearchIndex(database, name)
        try:
            index.prepare()
        except peewee.DatabaseError as error:
            if is_lock(error):
                continue
            LOG.warning(
                "The search index of %s cannot be used: %s. Run `leadbook check --repair`.",
                index.of,
                error,
            )
