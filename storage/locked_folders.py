"""Private folders for unfinished files, each locked by the process that works in it.

A folder without a lock was left by a killed process, and the next process removes it.
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
from pathlib import Path

_OWN_FOLDER = 0o700
# How often another process may remove a folder before it is locked.
_TRIES = 100
_FOLDER = re.compile(r"\.?leadbook-[a-z0-9_]{8}\.(unfinished|temporary)")
# The folders of this process, each with the descriptor of its lock.
_held: dict[Path, int | None] = {}
os.register_at_fork(after_in_child=_held.clear)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let each OSError of the block name `path`, not a file in a folder of ours, or no file."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            # It has words of its own.
            raise
        # Of two names, the second is the one that is written.
        name = error.filename2 or error.filename
        is_inner = name is None or any(map(_FOLDER.fullmatch, Path(str(name)).parts))
        error.filename, error.filename2 = str(path) if is_inner else name, None
        raise


@contextmanager
def locked_folder(parent: Path, prefix: str, suffix: str) -> Iterator[Path]:
    """Yield a new folder in `parent` that is locked until the block ends."""
    remove_abandoned(parent)
    with naming(parent):
        folder = _make_locked(parent, prefix, suffix)
        try:
            # In an inner folder, since opening a database locks the folder that it is in.
            inner = folder / "data"
            inner.mkdir(_OWN_FOLDER)
            _open_to_owner(inner)
            yield inner
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            _release(folder)


def _make_locked(parent: Path, prefix: str, suffix: str) -> Path:
    for _ in range(_TRIES):
        # If `parent` is missing, the error must name it, and not the folder in it.
        parent.stat()
        folder = parent.absolute() / f"{prefix}{secrets.token_hex(4)}{suffix}"
        # Before all else: a signal may arrive after any line.
        _held[folder] = None
        try:
            folder.mkdir(_OWN_FOLDER)
        except OSError:
            # It may be another's: the end of the process must not remove it.
            _release(folder)
            raise
        # Until it is locked, another process may remove it as abandoned.
        with suppress(FileNotFoundError):
            _open_to_owner(folder)
            _held[folder] = lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            # On a file system without locks, no folder ever counts as abandoned.
            with suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_EX)
            if folder.exists():
                return folder
        # A file system may have the folder, and say that it is not there.
        with suppress(OSError):
            folder.rmdir()
        _release(folder)
    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(parent))


def _open_to_owner(folder: Path) -> None:
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
        shutil.rmtree(folder, ignore_errors=True)
        _release(folder)


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
