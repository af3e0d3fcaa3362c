"""The SQLite file: making it, and checking whose it is before SQLite may touch it."""

import fcntl
import logging
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import peewee

from leadbook import derived
from leadbook.clock import Clock
from leadbook.database import Database
from leadbook.idempotency import StoredAnswer
from leadbook.keys import ApiKey
from leadbook.models import Client, Lead
from leadbook.open_databases import is_open_here
from leadbook.search_index import SearchIndex, is_lock
from leadbook.sqlite import sqlite3
from leadbook.upgrade import USER_VERSION, upgrade

# It stands in the header of the file, at offset 68, and the version at 60: https://www.sqlite.org/fileformat.html
APPLICATION_ID = int.from_bytes(b"Lead")
# Of a file that test mode made, and may empty: it is never served as somebody's data.
TEST_APPLICATION_ID = int.from_bytes(b"LeaT")

# The first that has JSON functions in every build.
OLDEST_SQLITE = (3, 38, 0)
TABLES: list[type[peewee.Model]] = [Lead, Client, ApiKey, StoredAnswer]
LOG = logging.getLogger("leadbook")
_HEADER_LENGTH = 100
_MAGIC = b"SQLite format 3\0"
_NEWER = "{} was written by a newer Leadbook; this one cannot read it."


class DatabaseFileError(Exception):
    """The file cannot be used; the message is one line for the person who started us."""


class ForeignDatabaseError(DatabaseFileError):
    """It is somebody else's database."""


def open_database(
    path: Path, clock: Clock, *, application_id: int = APPLICATION_ID, **options: Any
) -> Database:
    """Return the database at `path`: made where there is none, upgraded where it is an older one.

    `options` are those of Database. Raises DatabaseFileError, with the file untouched, for one
    that has another `application_id` or cannot be written.
    """
    _require_sqlite()
    try:
        path = real_path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with only_opener(path.parent):
            if not path.exists() or _is_empty(path):
                _create(path, clock, application_id, options)
            # Closing any descriptor of a file drops all locks that this process has on it:
            # https://www.sqlite.org/howtocorrupt.html (2.2)
            if not is_open_here(path):
                check_header(path, application_id)
                require_writable(path)
            database = Database(path, clock, **options)
            _bring_up_to_date(database, application_id)
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


def real_path(path: Path) -> Path:
    """Return where `path` leads through links, so that nothing made there replaces a link.

    A link may lead to a file that does not exist yet, in a folder that does. Raises
    DatabaseFileError for other links that lead nowhere, such as a loop, and OSError.
    """
    # Path.resolve() raises RuntimeError in a loop before Python 3.13, and nothing from then on.
    found = Path(os.path.realpath(path))
    links = (each for each in (path, *path.parents) if each.is_symlink())
    dead = next((link for link in links if not link.exists()), None)
    if dead and (dead != path or found.is_symlink() or not found.parent.is_dir()):
        raise DatabaseFileError(f"{path} cannot be used: {dead} is a link that leads nowhere.")
    return found


def _require_sqlite() -> None:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise DatabaseFileError(f"SQLite {oldest} is needed; this is {sqlite3.sqlite_version}.")
    with closing(sqlite3.connect(":memory:")) as connection:
        modules = {name for (name,) in connection.execute("PRAGMA module_list")}
    if "fts5" not in modules:
        raise DatabaseFileError("The search needs SQLite with FTS5; that of this Python has none.")


def _is_empty(path: Path) -> bool:
    """Return whether the file holds nothing; what is no file at all is not ours to replace."""
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise DatabaseFileError(f"{path} is not a file.")
    return status.st_size == 0


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


def _create(path: Path, clock: Clock, application_id: int, options: dict[str, Any]) -> None:
    """Make the file beside its place and move it there: nobody ever sees half a database."""
    require_no_log(path)
    with tempfile.TemporaryDirectory(prefix=".leadbook-", dir=path.parent) as folder:
        new = Path(folder) / "new.db"
        new.touch()
        database = Database(new, clock, **options)
        with database.use(), closing(database):
            database.pragma("application_id", application_id)
            database.pragma("user_version", USER_VERSION)
            with database.write():
                database.create_tables(TABLES, safe=False)
                for statement in derived.statements():
                    database.execute_sql(statement)
                for model in (Lead, Client):
                    SearchIndex(database, model).create()
            # Last, so that the header of the main file already says whose it is.
            database.pragma("journal_mode", "wal")
        os.replace(new, path)


def require_no_log(path: Path) -> None:
    """Raise DatabaseFileError for a log without its file: it would be played into the new one."""
    if leftover := next((log for log in companions(path) if log.exists()), None):
        raise DatabaseFileError(
            f"{path} is not there, but {leftover} is: put it back, or remove that."
        )


def companions(path: Path) -> list[Path]:
    """Return where SQLite keeps its logs of the file."""
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-journal")]


def _bring_up_to_date(database: Database, application_id: int) -> None:
    """Upgrade an older database, and refuse a newer one.

    Its header is not enough: what it says of the version may still be in the log.
    """
    with closing(database):
        # A good header says nothing of what is behind it either.
        database.execute_sql("SELECT 1 FROM leads LIMIT 1")
        # A restored copy comes without.
        database.pragma("journal_mode", "wal")
        # Nobody has looked at the header where this process has the file open already.
        _require_ours(database.path, database.pragma("application_id"), application_id)
        version = database.pragma("user_version")
        if version > USER_VERSION:
            raise DatabaseFileError(_NEWER.format(database.path))
        if version < USER_VERSION:
            kept = upgrade(database, version)
            LOG.warning(
                "%s is upgraded to version %d, with a new search index; a copy is kept in %s.",
                database.path,
                USER_VERSION,
                kept.name,
            )
        _prepare_indexes(database)


def _prepare_indexes(database: Database) -> None:
    """Say in one line which index cannot be used; everything but searches and writes works."""
    for model in (Lead, Client):
        try:
            SearchIndex(database, model).prepare()
        except peewee.DatabaseError as error:
            if is_lock(error):
                continue
            LOG.warning(
                "The search index of %s cannot be used: %s. Run `leadbook check --repair`.",
                model._meta.table_name,
                error,
            )


def _require_ours(path: Path, found: int, wanted: int) -> None:
    if found == wanted:
        return
    if found == TEST_APPLICATION_ID:
        raise ForeignDatabaseError(f"{path} was made by test mode, which may empty it at any time.")
    if wanted == TEST_APPLICATION_ID:
        raise ForeignDatabaseError(f"{path} was not made by test mode, which would empty it.")
    raise ForeignDatabaseError(f"{path} is a database of another application.")


def check_header(path: Path, application_id: int = APPLICATION_ID) -> int:
    """Return the version in the header, all that is read: SQLite itself may write to the file.

    Raises DatabaseFileError, or OSError where it may not be read.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_LENGTH)
        size = os.fstat(file.fileno()).st_size
    if len(header) < _HEADER_LENGTH or not header.startswith(_MAGIC):
        raise DatabaseFileError(f"{path} is not a SQLite database.")
    _require_ours(path, int.from_bytes(header[68:72]), application_id)
    version = int.from_bytes(header[60:64])
    if version > USER_VERSION:
        raise DatabaseFileError(_NEWER.format(path))
    # A log may hold the pages that are missing.
    has_log = any(each.exists() and each.stat().st_size for each in companions(path))
    # 64 KiB, the largest size of a page, does not fit in and is written as 1.
    page_size = int.from_bytes(header[16:18]) if header[16:18] != b"\0\1" else 65536
    missing = page_size * int.from_bytes(header[28:32]) - size
    if not has_log and missing > 0:
        raise DatabaseFileError(f"{path} is truncated: {missing} bytes are missing.")
    return version


def require_writable(path: Path) -> None:
    """Raise OSError or DatabaseFileError where the file, or a log beside it, cannot be written."""
    with path.open("r+b"):
        pass
    if not os.access(path.parent, os.W_OK):
        raise DatabaseFileError(f"Cannot write into {path.parent}, where SQLite keeps its log.")
