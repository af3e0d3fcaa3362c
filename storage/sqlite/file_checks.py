"""Whose file it is and where it lies, before SQLite may touch it."""

import os
import stat
from pathlib import Path

from leadbook.storage.sqlite.upgrade import USER_VERSION

# It stands in the header of the file, at offset 68, and the version at 60: https://www.sqlite.org/fileformat.html
APPLICATION_ID = int.from_bytes(b"Lead")
# Of a file that test mode made, and may empty: it is never served as somebody's data.
TEST_APPLICATION_ID = int.from_bytes(b"LeaT")

NEWER = "{} was written by a newer Leadbook; this one cannot read it."
_HEADER_LENGTH = 100
_MAGIC = b"SQLite format 3\0"
# Of the format that is needed to write, at offset 18.
_WAL = b"\2"


class DatabaseFileError(Exception):
    """The file cannot be used; the message is one line for the person who started us."""


class ForeignDatabaseError(DatabaseFileError):
    """It is somebody else's database."""


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


def is_missing(path: Path) -> bool:
    """Return whether there is no file, or one that holds nothing.

    Raises DatabaseFileError for what is no file at all: it is not ours to replace.
    """
    if not path.exists():
        return True
    require_file(path)
    return path.stat().st_size == 0


def require_file(path: Path) -> None:
    """Raise DatabaseFileError for what is no file, such as a pipe: to open that would wait."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise DatabaseFileError(f"{path} is not a file.")


def require_no_log(path: Path) -> None:
    """Raise DatabaseFileError for a log without its file: it would be played into the new one."""
    if leftover := next((log for log in companions(path) if os.path.lexists(log)), None):
        raise DatabaseFileError(
            f"{path} is not there, but {leftover} is: put it back, or remove that."
        )


def companions(path: Path) -> list[Path]:
    """Return where SQLite keeps its logs of the file."""
    return [path.with_name(path.name + suffix) for suffix in ("-wal", "-journal")]


def require_another_file(target: Path, path: Path) -> None:
    """Raise DatabaseFileError where `target` is the database at `path`, or belongs to it."""
    path = real_path(path)
    if real_path(target) in (path, path.with_name(f"{path.name}-shm"), *companions(path)):
        raise DatabaseFileError(f"{target} is the database itself.")


def require_ours(path: Path, found: int, wanted: int) -> None:
    """Raise ForeignDatabaseError unless the `application_id` found is the wanted one."""
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
    # A log may hold the pages that are missing.
    has_log = any(each.exists() and each.stat().st_size for each in companions(path))
    # 64 KiB, the largest size of a page, does not fit in and is written as 1.
    page_size = int.from_bytes(header[16:18]) if header[16:18] != b"\0\1" else 65536
    missing = page_size * int.from_bytes(header[28:32]) - size
    if not has_log and missing > 0:
        raise DatabaseFileError(f"{path} is truncated: {missing} bytes are missing.")
    return version


def require_harmless_reader(path: Path) -> None:
    """Raise DatabaseFileError for who may only read a database in WAL mode that nobody has open.

    SQLite would make its logs as files of this user, to which the owner could not write.
    """
    with path.open("rb") as file:
        is_wal = file.read(_HEADER_LENGTH)[18:19] == _WAL
    is_used = path.with_name(f"{path.name}-shm").exists()
    if is_wal and not is_used and not os.access(path, os.W_OK):
        raise DatabaseFileError(
            f"You may only read {path}: copy it while a server uses it, or as its owner."
        )


def require_writable(path: Path) -> None:
    """Raise OSError or DatabaseFileError where the file, or a log beside it, cannot be written."""
    with path.open("r+b"):
        pass
    if link := next((log for log in companions(path) if log.is_symlink()), None):
        raise DatabaseFileError(f"{link} is a link, and SQLite would write to where it leads.")
    if not os.access(path.parent, os.W_OK):
        raise DatabaseFileError(f"Cannot write into {path.parent}, where SQLite keeps its log.")
