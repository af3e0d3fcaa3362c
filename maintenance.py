"""Backup and restore of a database file."""

import os
import tempfile
from contextlib import closing
from pathlib import Path

from leadbook.clock import Clock
from leadbook.database_file import (
    DatabaseFileError,
    ForeignDatabaseError,
    check_header,
    companions,
    only_opener,
    open_database,
    real_path,
    require_no_log,
)
from leadbook.sqlite import sqlite3
from leadbook.upgrade import copy

_PLAIN = str.maketrans("", "", ":.-")


def back_up(path: Path, target: Path, *, overwrite: bool) -> None:
    """Copy the database as it is at this moment, checked and safe on the disk, to `target`.

    Whoever writes meanwhile goes on. Raises DatabaseFileError and OSError.
    """
    check_header(path)
    target = target.absolute()
    if real_path(target) in (real_path(path), *companions(real_path(path))):
        raise DatabaseFileError(f"{target} is the database itself.")
    with tempfile.TemporaryDirectory(prefix=".leadbook-", dir=target.parent) as folder:
        fresh = Path(folder) / "backup.db"
        _copy_intact(path, fresh)
        if overwrite:
            os.replace(fresh, target)
        else:
            _link(fresh, target)
    _sync_folder(target.parent)


def _link(fresh: Path, target: Path) -> None:
    """Give the file its name, unless there is one of that name already."""
    try:
        os.link(fresh, target)
    except FileExistsError:
        raise DatabaseFileError(f"{target} is there already; --force overwrites it.") from None


def restore(source: Path, path: Path, clock: Clock) -> Path | None:
    """Put the database `source` at `path`; return where the one it replaces is kept.

    Raises DatabaseFileError where `source` is not intact or the database is in use, and OSError.
    """
    check_header(source)
    path = real_path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        only_opener(path.parent),
        tempfile.TemporaryDirectory(prefix=".leadbook-", dir=path.parent) as folder,
    ):
        fresh = Path(folder) / "restored.db"
        _copy_intact(source, fresh)
        open_database(fresh, clock).close()
        if not path.exists():
            require_no_log(path)
            os.replace(fresh, path)
            return None
        _require_ours_or_damaged(path)
        _require_unused(path)
        _keep_keys(path, fresh)
        fresh.chmod(path.stat().st_mode & 0o777)
        kept = path.with_name(f"{path.name}.replaced-{clock.now().translate(_PLAIN)}")
        # A second name, and not a move: at no moment is there no database.
        os.link(path, kept)
        for log in companions(path):
            if log.exists():
                os.replace(log, f"{kept}{log.name.removeprefix(path.name)}")
        os.replace(fresh, path)
    return kept


def _require_ours_or_damaged(path: Path) -> None:
    """Raise DatabaseFileError for the intact database of another application."""
    try:
        check_header(path)
    except ForeignDatabaseError:
        raise
    except DatabaseFileError:
        # Damaged, then: the very reason for a restore.
        return


def _keep_keys(path: Path, fresh: Path) -> None:
    """Take the keys of the replaced database over, or its backup would revive revoked ones."""
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        try:
            connection.execute("ATTACH ? AS replaced", (str(path),))
            connection.execute("INSERT OR REPLACE INTO api_keys SELECT * FROM replaced.api_keys")
        except sqlite3.DatabaseError:
            # Damaged, or of a version without keys.
            return


def _copy_intact(source: Path, target: Path) -> None:
    """Copy the database. Raises DatabaseFileError where SQLite finds it damaged."""
    try:
        copy(real_path(source), target)
        with closing(sqlite3.connect(target)) as connection:
            [(found,), *_] = connection.execute("PRAGMA integrity_check").fetchall()
    except sqlite3.OperationalError:
        # The disk, and not the database.
        raise
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise DatabaseFileError(f"{source} is damaged: {found}.")


def _require_unused(path: Path) -> None:
    """Raise DatabaseFileError while anybody has the database open; fold its log into it."""
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        try:
            # To leave WAL mode one has to have the file to oneself.
            connection.execute("PRAGMA journal_mode = delete")
        except sqlite3.OperationalError as error:
            raise DatabaseFileError(f"{path} is in use ({error}); stop the server first.") from None
        except sqlite3.DatabaseError:
            # Damaged: its log is kept beside it as it is.
            return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
