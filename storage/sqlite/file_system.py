"""What the file system under a database may lack: locks, or a place for the log."""

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from leadbook.storage.private_files import sync_folder, unfinished
from leadbook.storage.sqlite.file_checks import DatabaseFileError

_MOUNTS = Path("/proc/self/mountinfo")


@contextmanager
def only_opener(folder: Path) -> Iterator[None]:
    """Let one process at a time look for a file in `folder` and create it, safe on the disk.

    Raises DatabaseFileError if the file system has no locks.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            raise DatabaseFileError(f"Cannot use {folder}: {_no_locks(folder, error)}.") from error
        yield
        sync_folder(folder)
    finally:
        os.close(descriptor)


def explained(error: Exception, path: Path) -> str:
    """Return what SQLite says of the database at `path`, or that its file system has no locks.

    Without locks, SQLite says "database is locked" or "disk I/O error":
    https://www.sqlite.org/faq.html#q5
    """
    try:
        with unfinished(path.parent) as probe, probe.open("r+b") as file:
            try:
                fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as refused:
                return _no_locks(path.parent, refused)
    except OSError:
        # The folder cannot be written, so nothing is known of its locks.
        pass
    return str(error)


def _no_locks(folder: Path, error: OSError) -> str:
    return (
        f"the file system of {folder} cannot lock files ({error.strerror}), and without locks two "
        "processes can destroy a SQLite database. Keep it on a local disk, not on a network share"
    )


def is_mount_point(path: Path) -> bool:
    """Return whether the file itself is mounted, as by `docker run -v FILE:FILE`.

    Only Linux has such mounts. os.path.ismount() misses a file that is mounted from the same disk.
    """
    try:
        mounts = _MOUNTS.read_bytes()
    except OSError:
        return False
    # https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html: the fifth field
    name = re.sub(rb"[ \t\n\\]", lambda found: b"\\%03o" % found[0][0], os.fsencode(path))
    lines = mounts.splitlines() if name in mounts else []
    return any(line.split(b" ", 5)[4] == name for line in lines)


def require_replaceable(path: Path) -> None:
    """Raise DatabaseFileError if no other file can get the name `path`."""
    if is_mount_point(path):
        raise DatabaseFileError(
            f"{path} is a mount of its own, so no file can replace it. Mount its folder instead."
        )
