"""A copy of one state of a database, while others write to it or from where nobody can write."""

import fcntl
import os
import shutil
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

from leadbook.storage.connections import is_open_here
from leadbook.storage.sqlite.driver import sqlite3

# Pages of one step, and steps of SQLite's virtual machine. Python sees signals in between.
_PAGES = 2_048
STEPS = 100_000
_LOGS = ("-wal", "-journal")
# The write format of WAL mode, at offset 18: https://www.sqlite.org/fileformat.html
_WAL, _WAL_AT = 2, 18
# The bytes that SQLite locks in a file: https://www.sqlite.org/fileformat.html#the_lock_byte_page
_LOCK_BYTES, _LOCKS = 1 << 30, 512
# How often a file may change while its bytes are copied.
_TRIES = 5


def copy(source: Path, target: Path, look: Callable[[], object] = lambda: None) -> None:
    """Copy the database `source` into the empty file `target`; others can write meanwhile.

    If this user may only read `source`, nothing is created beside it. `look` is called now and
    then. Raises sqlite3.Error and OSError.
    """
    if is_writable(source):
        _copy_pages(source, target, "rw", look)
    elif _needs_no_log(source):
        _copy_pages(source, target, "ro", look)
    else:
        _copy_bytes(source, target)


def copy_unchanged(source: Path, target: Path) -> None:
    """Copy the database `source` into the empty file `target`, and change not even its log.

    Raises sqlite3.Error and OSError.
    """
    if is_writable(source) and not is_used(source):
        # The last connection that SQLite closes moves the log into the file.
        _copy_bytes(source, target)
    else:
        copy(source, target)


def is_writable(path: Path) -> bool:
    """Return whether this user may write to the database, and create its log."""
    return os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)


def is_used(path: Path) -> bool:
    """Return whether a process has the file open as a database, or if that cannot be known."""
    # Opening and closing it here would drop the locks that this process has on it.
    if is_open_here(path):
        return True
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return True
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCKS, _LOCK_BYTES)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def stays_unchanged(path: Path) -> bool:
    """Return whether a reader's connection that opens and closes the database changes nothing."""
    has_log = any(path.with_name(path.name + end).exists() for end in (*_LOGS, "-shm"))
    return is_writable(path) and _is_in_wal_mode(path) and (not has_log or is_used(path))


def _needs_no_log(path: Path) -> bool:
    """Return whether SQLite can read the database without creating a log or writing to it.

    The log of a reader would belong to this user, and the owner could not write to it.
    """
    wal, shm, journal = (path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))
    # A journal that is left must be played back. In WAL mode, a writer has both other files.
    return wal.exists() and shm.exists() if _is_in_wal_mode(path) else not journal.exists()


def _is_in_wal_mode(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(_WAL_AT + 1)[_WAL_AT:] == bytes([_WAL])


def _copy_pages(source: Path, target: Path, mode: str, look: Callable[[], object]) -> None:
    origin = sqlite3.connect(f"{source.as_uri()}?mode={mode}", uri=True, isolation_level=None)
    with closing(origin), closing(sqlite3.connect(target)) as copied:
        # An unfinished copy has no value, so it needs no protection.
        copied.execute("PRAGMA journal_mode = off")
        copied.execute("PRAGMA synchronous = off")
        # Without a transaction, the copy would start again after each write by others:
        # https://www.sqlite.org/backup.html#using_the_sqlite_online_backup_api
        origin.execute("BEGIN")
        origin.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchall()
        origin.backup(copied, pages=_PAGES, progress=lambda *_: look())
        # The mode of the source is copied too; in WAL mode, a reader would leave a log beside it.
        copied.execute("PRAGMA journal_mode = delete")


def _copy_bytes(source: Path, target: Path) -> None:
    """Copy a database that nobody uses, with what is in its log."""
    for _ in range(_TRIES):
        before = _state(source)
        for log in _LOGS:
            target.with_name(target.name + log).unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                shutil.copyfile(source.with_name(source.name + log), f"{target}{log}")
        shutil.copyfile(source, target)
        if _state(source) == before:
            break
    else:
        raise sqlite3.OperationalError("it changes while it is copied")
    with closing(sqlite3.connect(target)) as opened:
        opened.execute("PRAGMA journal_mode = delete")


def _state(path: Path) -> list[tuple[int, int, int] | None]:
    """Return what changes whenever somebody writes to the database or its log."""
    found: list[tuple[int, int, int] | None] = []
    for end in ("", *_LOGS):
        try:
            status = path.with_name(path.name + end).stat()
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
        except FileNotFoundError:
            found.append(None)
    return found


def let_signals_in(connection: sqlite3.Connection) -> None:
    """Let Python handle signals while a long statement of `connection` runs.

    If a signal handler raises, the statement raises sqlite3.OperationalError, "interrupted".
    """
    connection.set_progress_handler(lambda: 0, STEPS)
