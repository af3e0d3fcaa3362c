"""Checks of a file's path and header, before SQLite may open it."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadbook.storage.sqlite.upgrade import USER_VERSION

# In the header of the file, at offset 68; the version is at 60: https://www.sqlite.org/fileformat.html
APPLICATION_ID = int.from_bytes(b"Lead")
# The id of files of test mode, which may empty them: they are never served as real data.
TEST_APPLICATION_ID = int.from_bytes(b"LeaT")

NEWER = "{} was written by a newer Leadbook; this version cannot read it."
_HEADER_LENGTH = 100
_MAGIC = b"SQLite format 3\0"


class DatabaseFileError(Exception):
    """The file cannot be used; the message is one line for the user."""


class ForeignDatabaseError(DatabaseFileError):
    """The database belongs to another application, or to the other mode."""


@contextmanager
def telling_of(path: Path, copied: Path) -> Iterator[None]:
    """Let a DatabaseFileError name the database at `path`, and not our own copy of it."""
    try:
        yield
    except DatabaseFileError as error:
        raise type(error)(str(error).replace(str(copied), str(path))) from error


def real_path(path: Path) -> Path:
    """Return `path` with its links followed, so that a new file does not replace a link.

    A link may lead to a file that does not exist yet, if its folder exists. Raises
    DatabaseFileError for other dead links, such as a loop, and OSError.
    """
    # In a loop, Path.resolve() raises RuntimeError before Python 3.13, and nothing since then.
    found = Path(os.path.realpath(path))
    links = (each for each in (path, *path.parents) if each.is_symlink())
    dead = next((link for link in links if not link.exists()), None)
    if dead and (dead != path or found.is_symlink() or not found.parent.is_dir()):
        raise DatabaseFileError(f"{path} cannot be used: {dead} is a link that leads nowhere.")
    return found


def is_missing(path: Path) -> bool:
    """Return whether the file is missing or empty.

    Raises DatabaseFileError for anything else than a file, which we must not replace.
    """
    if not path.exists():
        return True
    require_file(path)
    return path.stat().st_size == 0


def require_file(path: Path) -> None:
    """Raise DatabaseFileError if it is not a file. Opening a pipe, for example, would wait."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise DatabaseFileError(f"{path} is not a file.")


def require_no_log(path: Path) -> None:
    """Raise DatabaseFileError for a log without its file: SQLite would apply it to a new file."""
    if leftover := next((log for log in companions(path) if os.path.lexists(log)), None):
        raise DatabaseFileError(
            f"{path} is missing, but its log {leftover} exists. Restore it, or remove the log."
        )


def companions(path: Path) -> list[Path]:
    """Return the paths of SQLite's logs of the file."""
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-journal")]


def require_another_file(target: Path, path: Path) -> None:
    """Raise DatabaseFileError if `target` is the database at `path` or one of its logs."""
    path = real_path(path)
    if real_path(target) in (path, path.with_name(f"{path.name}-shm"), *companions(path)):
        raise DatabaseFileError(f"{target} is the database itself.")


def require_ours(path: Path, found: int, wanted: int) -> None:
    """Raise ForeignDatabaseError unless the application id `found` is `wanted`."""
    if found == wanted:
        return
    if found == TEST_APPLICATION_ID:
        raise ForeignDatabaseError(f"{path} was made by test mode, which may empty it at any time.")
    if wanted == TEST_APPLICATION_ID:
        raise ForeignDatabaseError(f"{path} was not made by test mode, which would empty it.")
    raise ForeignDatabaseError(f"{path} is a database of another application.")


def check_header(path: Path, application_id: int = APPLICATION_ID) -> int:
    """Return the version in the header, read without SQLite, which might write to the file.

    Raises DatabaseFileError, or OSError if this user may not read the file.
    """
    require_file(path)
    with path.open("rb") as file:
        header = file.read(_HEADER_LENGTH)
        size = os.fstat(file.fileno()).st_size
    if len(header) < _HEADER_LENGTH or not header.startswith(_MAGIC):
        raise DatabaseFileError(f"{path} is not a SQLite database.")
    require_ours(path, int.from_bytes(header[68:72]), application_id)
    version = int.from_bytes(header[60:64])
    if version > USER_VERSION:
        raise DatabaseFileError(NEWER.format(path))
    # A log may have the missing pages.
    has_log = any(each.exists() and each.stat().st_size for each in companions(path))
    # The largest page size, 64 KiB, does not fit in two bytes and is stored as 1.
    page_size = int.from_bytes(header[16:18]) if header[16:18] != b"\0\1" else 65536
    missing = page_size * int.from_bytes(header[28:32]) - size
    if not has_log and missing > 0:
        raise DatabaseFileError(f"{path} is truncated: {missing} bytes are missing.")
    return version


def require_writable(path: Path) -> None:
    """Raise OSError or DatabaseFileError if the file or its logs cannot be written."""
    with path.open("r+b"):
        pass
    if link := next((log for log in companions(path) if log.is_symlink()), None):
        raise DatabaseFileError(f"{link} is a link, and SQLite would write to its target.")
    if not os.access(path.parent, os.W_OK):
        raise DatabaseFileError(f"Cannot write to {path.parent}, where SQLite keeps its log.")


def is_lock(error: Exception) -> bool:
    """Return whether SQLite gave up waiting for a lock or was interrupted: that is no damage."""
    return "locked" in str(error) or str(error) == "interrupted"
