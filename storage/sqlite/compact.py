"""Making a database file as small as possible."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from leadbook.storage.locked_folders import naming
from leadbook.storage.private_files import sync, sync_folder, unfinished
from leadbook.storage.sqlite.backup import alone_with, fault_of, give_those_of
from leadbook.storage.sqlite.copying import STEPS, let_signals_in
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.file_checks import DatabaseFileError, check_header, real_path
from leadbook.storage.sqlite.file_system import only_opener, require_replaceable
from leadbook.storage.sqlite.schema import indexes
from leadbook.storage.sqlite.upgrade import USER_VERSION

_SECONDS_BETWEEN_LINES = 2

Tell = Callable[[str], None]


def compact(path: Path, tell: Tell) -> tuple[int, int]:
    """Merge the search index and drop empty pages; return the bytes before and after.

    The new file is made beside the old one, and replaces it when it is complete and checked, so
    that one of them always exists. `tell` is called with lines of progress. Raises OSError,
    sqlite3.Error, and DatabaseFileError if the database is in use, damaged or of an older version,
    or if there is not enough room.
    """
    if check_header(path) < USER_VERSION:
        raise DatabaseFileError(f"{path} has an older version; start the server to upgrade it.")
    path = real_path(path)
    require_replaceable(path)
    with (
        only_opener(path.parent),
        unfinished(path.parent) as fresh,
        naming(path),
        alone_with(path) as connection,
    ):
        let_signals_in(connection)
        # The log of a merge is as large as the index, and the copy needs this room.
        connection.execute("PRAGMA journal_size_limit = 0")
        before = path.stat().st_size
        _require_room(path, connection)
        for index in indexes(connection.execute):
            tell(f"Merging the search index of {index.removesuffix('_search')}s.")
            _merge(connection, index)
        tell("Copying the records.")
        # A plain VACUUM would copy into memory if SQLite is built to keep temporary files there, as
        # pysqlite3 is.
        _tell_size(connection, fresh, _used_bytes(connection), tell)
        # A URL, since a parameter must be UTF-8, which a name need not be.
        connection.execute("VACUUM INTO ?", (fresh.as_uri(),))
        tell("Checking the copy.")
        if fault := fault_of(fresh):
            raise DatabaseFileError(f"{path} is damaged: {fault}; see `leadbook check`.")
        give_those_of(path, fresh)
        sync(fresh)
        os.replace(fresh, path)
        sync_folder(path.parent)
    return before, path.stat().st_size


def _merge(connection: sqlite3.Connection, index: str) -> None:
    try:
        connection.execute(f"INSERT INTO {index} ({index}) VALUES ('optimize')")
    except sqlite3.Error as error:
        message = f"{index} cannot be merged: {error}; `leadbook check --repair` rebuilds it."
        raise DatabaseFileError(message) from error


def _used_bytes(connection: sqlite3.Connection) -> int:
    pages, unused, size = (
        connection.execute(f"PRAGMA {each}").fetchone()[0]
        for each in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - unused) * size)


def _require_room(path: Path, connection: sqlite3.Connection) -> None:
    """Raise DatabaseFileError without room for the copy and, before that, the merged index."""
    needed, free = 2 * _used_bytes(connection), shutil.disk_usage(path.parent).free
    if needed > free:
        raise DatabaseFileError(
            f"Compacting {path} needs {needed / 1e6:,.0f} MB of free space; {path.parent} has "
            f"{free / 1e6:,.0f} MB."
        )


def _tell_size(connection: sqlite3.Connection, fresh: Path, size: int, tell: Tell) -> None:
    """Tell every two seconds how much of `size` bytes is in the file `fresh`."""
    told = time.monotonic()

    def look() -> int:
        nonlocal told
        if time.monotonic() - told >= _SECONDS_BETWEEN_LINES:
            told = time.monotonic()
            tell(f"{fresh.stat().st_size / 1e6:,.0f} of at most {size / 1e6:,.0f} MB are copied.")
        return 0

    connection.set_progress_handler(look, STEPS)
