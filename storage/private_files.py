"""Files that hold people: nobody else may read them, and each is complete or not there at all.

What is not complete lies in a folder that only its owner may enter. Its maker holds a lock on that
folder, so that whatever a killed process left behind is recognised and removed.
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
# Of file systems without hard links, such as those of most memory sticks.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
_FOLDER = re.compile(r"\.?leadbook-[a-z0-9_]{8}\.(unfinished|temporary)")
# The folders of this process, each with the descriptor of its lock.
_held: dict[Path, int | None] = {}
os.register_at_fork(after_in_child=_held.clear)


class TargetError(Exception):
    """There must not be a new file of that name; the message is one line for whoever named it."""


@dataclass(frozen=True)
class Permissions:
    """Who may use a file: its mode, and its owner and group where they matter."""

    mode: int = PRIVATE
    owner: int | None = None
    group: int | None = None

    @classmethod
    def of(cls, path: Path) -> Self:
        """Return those of the file at `path`."""
        status = path.stat()
        return cls(status.st_mode & 0o777, status.st_uid, status.st_gid)

    @classmethod
    def within(cls, path: Path, mode: int) -> Self:
        """Return those of the file at `path` as far as `mode` allows them; `mode` if it is new."""
        if not path.exists():
            return cls(mode)
        found = cls.of(path)
        return cls(found.mode & mode, found.owner, found.group)

    @classmethod
    def made_from(cls, path: Path, mode: int) -> Self:
        """Return those of a file of our own, made from the one at `path`: no others may read it."""
        if not path.is_file():
            return cls(mode)
        found = cls.of(path)
        return cls(mode & (found.mode | PRIVATE), group=found.group)

    def give(self, path: Path) -> None:
        """Give them to a file that only its owner may use so far.

        Where the system keeps us from changing its group, the file stays closed to all groups.
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
            # Last, or its former group could read it. Some file systems know no modes.
            with suppress(PermissionError):
                os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)


@contextmanager
def new_file(target: Path, permissions: Permissions, *, overwrite: bool) -> Iterator[Path]:
    """Yield the path of an unfinished file, which gets the name `target` when the block is done.

    Raises TargetError where there is a file already and `overwrite` does not allow to replace it.
    """
    require_place(target, overwrite=overwrite)
    with unfinished(target.parent) as path:
        yield path
        publish(path, target, permissions, overwrite=overwrite)


def require_place(target: Path, *, overwrite: bool) -> None:
    """Raise TargetError where there must not be a new file `target`."""
    with suppress(FileNotFoundError):
        mode = target.lstat().st_mode
        if not (stat.S_ISREG(mode) or (stat.S_ISLNK(mode) and _is_replaceable(target))):
            raise TargetError(f"{target} is there, and is no file.")
        if not overwrite:
            raise TargetError(f"{target} is there already; --force overwrites it.")


def _is_replaceable(link: Path) -> bool:
    """Return whether a file may take the place of `link`: never that of /dev/stdout, say."""
    return not link.readlink().is_relative_to("/proc") and (link.is_file() or not link.exists())


@contextmanager
def unfinished(folder: Path) -> Iterator[Path]:
    """Yield the path of an empty, private file, which is to get its name in `folder`.

    It is removed when the block ends, unless it has been published.
    """
    with _locked_folder(folder, ".leadbook-", ".unfinished") as own:
        path = own / "unfinished"
        _create(path)
        yield path


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a private folder in the system's temporary one, removed when the block ends."""
    with _locked_folder(Path(tempfile.gettempdir()), "leadbook-", ".temporary") as own:
        yield own


def publish(path: Path, target: Path, permissions: Permissions, *, overwrite: bool) -> None:
    """Give an unfinished file its permissions and its name, to last; a link is never followed.

    Raises TargetError where there is a file of that name and `overwrite` is not given.
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
    # A umask may have taken away what its owner needs.
    os.fchmod(descriptor, PRIVATE)
    os.close(descriptor)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, survive a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _locked_folder(parent: Path, prefix: str, suffix: str) -> Iterator[Path]:
    """Yield a new folder in `parent` that is ours for as long as the block runs."""
    remove_abandoned(parent)
    folder = _make_locked(parent, prefix, suffix)
    try:
        # Who opens a database locks its folder too.
        inner = folder / "data"
        _make_private(inner)
        yield inner
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _release(folder)


def _make_locked(parent: Path, prefix: str, suffix: str) -> Path:
    # The error names this folder, if it is missing, and not the one that would be in it.
    parent.stat()
    while True:
        folder = parent.absolute() / f"{prefix}{secrets.token_hex(4)}{suffix}"
        # First of all: a signal may come behind each line.
        _held[folder] = None
        # Another process may take it for abandoned, and remove it, until it is locked.
        with suppress(FileNotFoundError):
            _make_private(folder)
            _held[folder] = lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            # Without locks on this file system, nothing is ever taken for abandoned.
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder
        _release(folder)


def _make_private(folder: Path) -> None:
    folder.mkdir(_OWN_FOLDER)
    # A umask may have taken some away. The bit that hands on the group of the parent stays.
    if (mode := folder.stat().st_mode) & _OWN_FOLDER != _OWN_FOLDER:
        folder.chmod(stat.S_IMODE(mode) | _OWN_FOLDER)


def _release(folder: Path) -> None:
    if lock := _held.pop(folder, None):
        os.close(lock)


@atexit.register
def _remove_held() -> None:
    """Remove what a signal kept from being removed, between two lines of a context manager."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if _held else ():
        signal.signal(number, signal.SIG_IGN)
    for folder in list(_held):
        _release(folder)
        _remove_if_abandoned(folder)


def remove_abandoned(parent: Path) -> None:
    """Remove what our killed processes left behind in `parent` and in the temporary folder."""
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
