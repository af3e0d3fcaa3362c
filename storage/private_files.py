"""Files with personal data: no other user may read them, and each is complete or missing.

An unfinished file is in a folder that only its owner may enter. The process holds a lock on this
folder. A folder without a lock was left by a killed process, and the next process removes it.
"""

import atexit
import errno
import fcntl
import os
import re
import secrets
import shutil
import signal
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

PRIVATE = 0o600
_OWN_FOLDER = 0o700
# The errors of file systems without hard links, such as those of most memory sticks.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
_FOLDER = re.compile(r"\.?leadbook-[a-z0-9_]{8}\.(unfinished|temporary)")
# The folders of this process, each with the descriptor of its lock.
_held: dict[Path, int | None] = {}
os.register_at_fork(after_in_child=_held.clear)


class TargetError(Exception):
    """A file with this name must not be created; the message is one line for the user."""


@dataclass(frozen=True)
class Permissions:
    """Who may use a file: its mode, and its owner and group if they matter."""

    mode: int = PRIVATE
    owner: int | None = None
    group: int | None = None

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return the permissions of the file at `path`."""
        status = path.stat()
        return cls(status.st_mode & 0o777, status.st_uid, status.st_gid)

    @classmethod
    def within(cls, path: Path, mode: int) -> Self:
        """Return those of the file at `path`, limited to `mode`; for a new file, `mode`."""
        if not path.exists():
            return cls(mode)
        found = cls.of(path)
        return cls(found.mode & mode, found.owner, found.group)

    @classmethod
    def made_from(cls, path: Path, mode: int) -> Self:
        """Return those of our own copy of the file at `path`: it must not be more public."""
        if not path.is_file():
            return cls(mode)
        found = cls.of(path)
        return cls(mode & (found.mode | PRIVATE), group=found.group)

    def give(self, path: Path) -> None:
        """Set the permissions of a file that so far only its owner may use.

        If the system does not let us change its group, the group gets no access.
        """
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            mode = self.mode
            if self.group is not None and os.fstat(descriptor).st_gid != self.group:
                try:
                    os.fchown(descriptor, -1, self.group)
                except PermissionError:
                    mode &= ~0o070
            if self.owner is not None and os.fstat(descriptor).st_uid != self.owner:
                with suppress(PermissionError):
                    os.fchown(descriptor, self.owner, -1)
            # Last: otherwise its former group could read it. Some file systems have no modes.
            with suppress(PermissionError):
                os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)


@contextmanager
def new_file(target: Path, permissions: Permissions, *, overwrite: bool) -> Iterator[Path]:
    """Yield the path of an unfinished file, which is renamed to `target` after the block.

    Raises TargetError if `target` exists and `overwrite` is false.
    """
    require_place(target, overwrite=overwrite)
    with unfinished(target.parent) as path:
        yield path
        publish(path, target, permissions, overwrite=overwrite)


def require_place(target: Path, *, overwrite: bool) -> None:
    """Raise TargetError if a new file `target` must not be created."""
    with suppress(FileNotFoundError):
        mode = target.lstat().st_mode
        if not (stat.S_ISREG(mode) or (stat.S_ISLNK(mode) and _is_replaceable(target))):
            raise TargetError(f"{target} exists, and is not a file.")
        if not overwrite:
            raise TargetError(f"{target} exists already; --force overwrites it.")


def _is_replaceable(link: Path) -> bool:
    """Return whether a file may replace `link`. It must not replace /dev/stdout, for example."""
    return not link.readlink().is_relative_to("/proc") and (link.is_file() or not link.exists())


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """Yield the path of an empty, private file to publish in `folder` later.

    It is removed after the block if it has not been published.
    """
    with _locked_folder(folder, ".leadbook-", ".unfinished") as own:
        path = own / "unfinished"
        _create(path)
        yield path


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a private folder in the system's temporary folder; remove it after the block."""
    with _locked_folder(Path(tempfile.gettempdir()), "leadbook-", ".temporary") as own:
        yield own


def publish(path: Path, target: Path, permissions: Permissions, *, overwrite: bool) -> None:
    """Give an unfinished file its permissions and its name, safe on the disk; follow no link.

    Raises TargetError if `target` exists and `overwrite` is false.
    """
    permissions.give(path)
    sync(path)
    if overwrite:
        os.replace(path, target)
    else:
        _name_once(path, target)
    sync(target.parent)


def _name_once(path: Path, target: Path) -> None:
    try:
        os.link(path, target)
    except FileExistsError:
        require_place(target, overwrite=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _create(target)
        os.replace(path, target)


def _create(path: Path) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY, PRIVATE)
    # A umask may have removed permissions that the owner needs.
    os.fchmod(descriptor, PRIVATE)
    os.close(descriptor)


def sync(path: Path) -> None:
    """Make a file, or the names in a folder, safe from a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked_folder(parent: Path, prefix: str, suffix: str) -> Iterator[Path]:
    """Yield a new folder in `parent` that is locked until the block ends."""
    remove_abandoned(parent)
    folder = _make_locked(parent, prefix, suffix)
    try:
        # In an inner folder, since opening a database locks the folder that it is in.
        inner = folder / "data"
        _make_private(inner)
        yield inner
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _release(folder)


def _make_locked(parent: Path, prefix: str, suffix: str) -> Path:
    # If `parent` is missing, the error must name it, and not the folder in it.
    parent.stat()
    while True:
        folder = parent.absolute() / f"{prefix}{secrets.token_hex(4)}{suffix}"
        # Before all else: a signal may arrive after any line.
        _held[folder] = None
        # Until it is locked, another process may remove it as abandoned.
        with suppress(FileNotFoundError):
            _make_private(folder)
            _held[folder] = lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            # On a file system without locks, no folder ever counts as abandoned.
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder
        _release(folder)


def _make_private(folder: Path) -> None:
    folder.mkdir(_OWN_FOLDER)
    # A umask may have removed some bits. The setgid bit from the parent stays.
    if (mode := folder.stat().st_mode) & _OWN_FOLDER != _OWN_FOLDER:
        folder.chmod(stat.S_IMODE(mode) | _OWN_FOLDER)


def _release(folder: Path) -> None:
    if lock := _held.pop(folder, None):
        os.close(lock)


@atexit.register
def _remove_held() -> None:
    """Remove the folders that are left because a signal interrupted a context manager."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if _held else ():
        signal.signal(number, signal.SIG_IGN)
    for folder in list(_held):
        _release(folder)
        _remove_if_abandoned(folder)


def remove_abandoned(parent: Path) -> None:
    """Remove what killed processes left in `parent` and in the system's temporary folder."""
    with suppress(OSError):
        for entry in (*os.scandir(parent), *os.scandir(tempfile.gettempdir())):
            if _FOLDER.fullmatch(entry.name):
                _remove_if_abandoned(Path(entry.path))


def _remove_if_abandoned(folder: Path) -> None:
    with suppress(OSError):
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if os.fstat(lock).st_uid == os.geteuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
        finally:
            os.close(lock)
