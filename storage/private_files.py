"""Files with personal data: no other user may read them, and each is complete or missing.

An unfinished file is in a folder that only its owner may enter; see locked_folders.py. File systems
differ: those of memory sticks have no modes and no hard links, and those of networks may lack more.
"""

import errno
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from leadbook.storage.locked_folders import locked_folder, naming

PRIVATE = 0o600
# What file systems say that cannot make the names in a folder safe, or not by themselves.
_NO_SYNC = {
    errno.EINVAL,
    errno.EBADF,
    errno.ENOTSUP,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
    errno.EACCES,
    errno.EPERM,
    errno.EISDIR,
}


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
                except OSError:
                    mode &= ~0o070
            if self.owner is not None and os.fstat(descriptor).st_uid != self.owner:
                with suppress(OSError):
                    os.fchown(descriptor, self.owner, -1)
            # Last: otherwise its former group could read it. Some file systems have no modes.
            with suppress(OSError):
                os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)


@contextmanager
def new_file(target: Path, permissions: Permissions, *, overwrite: bool) -> Iterator[Path]:
    """Yield the path of an unfinished file, which is renamed to `target` after the block.

    Raises TargetError if `target` exists and `overwrite` is false.
    """
    require_place(target, overwrite=overwrite)
    with unfinished(target.parent) as path, naming(target):
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
    with locked_folder(folder, ".leadbook-", ".unfinished") as own:
        path = own / "unfinished"
        _create(path)
        yield path


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Yield a private folder in the system's temporary folder; remove it after the block."""
    with locked_folder(Path(tempfile.gettempdir()), "leadbook-", ".temporary") as own:
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
        try:
            _name_once(path, target)
        except FileExistsError:
            require_place(target, overwrite=False)
    sync_folder(target.parent)


def _name_once(path: Path, target: Path) -> None:
    """Move a file to `target`. Raises FileExistsError if that exists."""
    if _is_linked(path, target):
        return
    _create(target)
    try:
        os.replace(path, target)
    except BaseException:
        # A signal may come when the new file already has its name.
        if path.exists():
            target.unlink()
        raise


def keep(path: Path, kept: Path) -> None:
    """Give the file at `path` a second name, or copy it if the file system has no hard links.

    Raises FileExistsError if `kept` exists.
    """
    if not _is_linked(path, kept):
        with new_file(kept, Permissions.of(path), overwrite=False) as copied:
            shutil.copyfile(path, copied)


def _is_linked(path: Path, target: Path) -> bool:
    """Give a file a second name; return whether its file system can do that.

    Each says otherwise in its own way: FAT with EPERM, FUSE with ENOSYS or EXDEV, SMB with ENOTSUP,
    Android with EACCES. If the folder itself is the reason, its error comes again with the new file
    that is made instead.
    """
    try:
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError:
        return False
    return True


def _create(path: Path) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_WRONLY, PRIVATE)
    # A umask may have removed permissions that the owner needs. FAT gives all files the same mode,
    # and refuses another one.
    if os.fstat(descriptor).st_mode & PRIVATE != PRIVATE:
        os.fchmod(descriptor, PRIVATE)
    os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder safe from a power cut, if its file system can do that."""
    try:
        sync(folder)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise


def sync(path: Path) -> None:
    """Make a file safe from a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FileMode(int):
    """The mode of a file, printed in octal as chmod takes it."""

    def __str__(self) -> str:
        return f"{self:o}"


def a_file_mode(value: object) -> FileMode:
    """Parse the mode of files with records in them, which is never open to everybody."""
    if not re.fullmatch("0?(600|640|660)", str(value)):
        raise ValueError("one of 600, 640, 660")
    return FileMode(str(value), 8)
