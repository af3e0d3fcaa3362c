"""The SQLite file: opening it, creating a new one, upgrading an older one."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import peewee

from leadbook.storage.clock import Clock
from leadbook.storage.connections import is_open_here
from leadbook.storage.database import Database
from leadbook.storage.locked_folders import remove_abandoned
from leadbook.storage.private_files import PRIVATE, Permissions, temporary_folder, unfinished
from leadbook.storage.sqlite import schema
from leadbook.storage.sqlite.copying import (
    copy,
    copy_unchanged,
    is_writable,
    stays_unchanged,
)
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.file_checks import (
    APPLICATION_ID,
    NEWER,
    TEST_APPLICATION_ID,
    DatabaseFileError,
    check_header,
    is_lock,
    is_missing,
    real_path,
    require_no_log,
    require_ours,
    require_writable,
    telling_of,
)
from leadbook.storage.sqlite.file_system import (
    explained,
    is_mount_point,
    only_opener,
    require_replaceable,
)
from leadbook.storage.sqlite.search_index import SearchIndex
from leadbook.storage.sqlite.upgrade import USER_VERSION, create_tables, upgrade, upgrade_copy

# The first version that has JSON functions in every build.
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
    """Open the database at `path`; create it if it is missing, and upgrade it if it is older.

    `file_mode` is the mode of new files; `options` are those of Database. Raises DatabaseFileError
    if the file has another `application_id` or cannot be written; the file is not changed then.
    """
    _require_sqlite()
    try:
        path = real_path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with only_opener(path.parent):
            remove_abandoned(path.parent)
            if is_missing(path):
                require_no_log(path)
                require_replaceable(path)
                # Created beside its place, so that no one ever sees half a database.
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
        raise DatabaseFileError(f"Cannot open {path}: {explained(error, path)}.") from error
    if is_mount_point(path):
        LOG.warning(
            "%s is a mount of its own, but its log %s-wal is not on that mount. A crash or a new "
            "container loses what is only in the log. Mount the folder instead.",
            path,
            path.name,
        )
    return database


@contextmanager
def open_to_read(path: Path, clock: Clock, **options: Any) -> Iterator[Database]:
    """Open the database in order to read it; `options` are those of open_database.

    If this user may not write there, open a private copy, upgraded if it is older. Raises OSError
    and DatabaseFileError.
    """
    path = real_path(path)
    if is_missing(path) or is_writable(path):
        with closing(open_database(path, clock, **options)) as database:
            yield database
        return
    with _private_copy(path, copy, clock, **options) as database:
        yield database


@contextmanager
def open_unchanged(path: Path, clock: Clock, **options: Any) -> Iterator[Database]:
    """Open the database in order to read it, and leave its folder as it is.

    A missing database is an empty one. If opening would change the file, open a private copy, for
    example of an older database. Raises OSError and DatabaseFileError.
    """
    path = real_path(path)
    if is_missing(path):
        require_no_log(path)
        with (
            temporary_folder() as folder,
            closing(open_database(folder / path.name, clock, **options)) as database,
        ):
            yield database
    elif check_header(path) == USER_VERSION and stays_unchanged(path):
        with closing(open_database(path, clock, **options)) as database:
            yield database
    else:
        with _private_copy(path, copy_unchanged, clock, **options) as database:
            yield database


@contextmanager
def _private_copy(
    path: Path, copy: Callable[[Path, Path], None], clock: Clock, **options: Any
) -> Iterator[Database]:
    check_header(path)
    with temporary_folder() as folder, telling_of(path, folder / path.name):
        try:
            copy(path, folder / path.name)
        except sqlite3.Error as error:
            place = folder.parent.parent
            raise DatabaseFileError(f"Cannot copy {path} to {place}: {error}.") from error
        with closing(open_copy(folder / path.name, clock, **options)) as database:
            yield database


def open_copy(path: Path, clock: Clock, **options: Any) -> Database:
    """Open a database that nobody else uses. An older one is upgraded, and not kept.

    Raises DatabaseFileError.
    """
    if (version := check_header(path)) < USER_VERSION:
        with closing(Database(path, clock)) as older:
            upgrade_copy(older, version)
    return open_database(path, clock, **options)


def open_test_database(path: Path, clock: Clock, **options: Any) -> Database:
    """Open or create a database of test mode at `path`, as open_database does.

    Raises DatabaseFileError.
    """
    return open_database(path, clock, application_id=TEST_APPLICATION_ID, **options)


def _require_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise DatabaseFileError(f"Leadbook needs SQLite {oldest}, not {sqlite3.sqlite_version}.")
    with closing(sqlite3.connect(":memory:")) as connection:
        modules = {name for (name,) in connection.execute("PRAGMA module_list")}
    if "fts5" not in modules:
        raise DatabaseFileError("The search needs SQLite with FTS5; this Python's SQLite has none.")


def _fill(database: Database, application_id: int) -> None:
    with database.use(), closing(database):
        database.pragma("application_id", application_id)
        create_tables(database)
        # Last, so that the application id is in the header of the file, not in the log.
        database.pragma("journal_mode", "wal")


def _bring_up_to_date(database: Database, application_id: int, file_mode: int) -> None:
    """Upgrade an older database, and refuse a newer one.

    The header of the file is not enough, since the log may have a newer one.
    """
    with closing(database):
        # Even with a good header, the rest may be damaged.
        database.execute_sql("SELECT 1 FROM leads LIMIT 1")
        # A restored copy is not in WAL mode.
        if database.pragma("journal_mode", "wal") == "wal":
            # A killed `leadbook compact` may leave this file; it is not needed now.
            database.path.with_name(f"{database.path.name}-journal").unlink(missing_ok=True)
        # If this process has the file open already, check_header was skipped.
        require_ours(database.path, database.pragma("application_id"), application_id)
        version = database.pragma("user_version")
        if version > USER_VERSION:
            raise DatabaseFileError(NEWER.format(database.path))
        if version < USER_VERSION:
            kept = upgrade(database, version, file_mode)
            LOG.warning(
                "%s is upgraded to version %d. The copy %s has the old version. `leadbook compact` "
                "makes the file smaller.",
                database.path,
                USER_VERSION,
                kept.name,
            )
        _prepare_indexes(database)


def _prepare_indexes(database: Database) -> None:
    """Log each index that cannot be used; then only searches and writes fail."""
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
