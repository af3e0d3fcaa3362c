"""Files that upgrades, restores and killed processes leave beside a database."""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from leadbook.storage.sqlite.copying import is_used
from leadbook.storage.sqlite.file_checks import DatabaseFileError, check_header, real_path

_SUFFIXES = ("-wal", "-shm", "-journal")
# The names of unfinished files of earlier releases, which have no lock.
_OLD_FOLDER = re.compile(r"\.leadbook-[a-z0-9_]{8}")
_OLD_FILES = ("backup.db", "restored.db", "new.db")
_OLD_REJECTED = re.compile(r"\..+\.unfinished")
_REJECTED = (b"leadbook line,", b'{"leadbook line"')


@dataclass(frozen=True)
class Leftover:
    """A file with its logs, or a folder of unfinished files; `paths` has all of them."""

    what: str
    paths: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The name in the folder of the database."""
        return self.paths[0].name

    @property
    def size(self) -> int:
        """The number of its bytes."""
        return sum(each.lstat().st_size for each in self.paths if each.is_file())

    def remove(self) -> None:
        """Remove `paths`, and nothing that was added since. Raises OSError."""
        for each in reversed(self.paths):
            if each.is_dir() and not each.is_symlink():
                each.rmdir()
            else:
                each.unlink(missing_ok=True)


def leftovers_of(path: Path) -> list[Leftover]:
    """Return the unused leftovers beside the database at `path`. Raises OSError."""
    path = real_path(path)
    return sorted(_found(path), key=lambda each: each.name)


def _found(path: Path) -> Iterator[Leftover]:
    name = re.escape(path.name)
    version = re.compile(rf"{name}\.version-[0-9]+(\.[0-9]+)?")
    replaced = re.compile(rf"{name}\.replaced-[0-9]{{8}}T[0-9]{{9}}Z")
    for entry in path.parent.iterdir():
        if version.fullmatch(entry.name) and _is_ours(entry) and _is_database(entry):
            yield Leftover("a copy that an upgrade made", _with_logs(entry))
        elif replaced.fullmatch(entry.name) and _is_ours(entry):
            yield Leftover("a file that a restore replaced", _with_logs(entry))
        elif _OLD_FOLDER.fullmatch(entry.name):
            yield from _old_folder(entry)
        elif _OLD_REJECTED.fullmatch(entry.name) and _is_ours(entry) and _is_rejected(entry):
            yield Leftover("unfinished", (entry,))


def _is_ours(path: Path) -> bool:
    """Return whether it is a file of this user, and no process has it open as a database."""
    status = path.lstat()
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not is_used(path)


def _is_database(path: Path) -> bool:
    try:
        check_header(path)
    except DatabaseFileError:
        return False
    return True


def _is_rejected(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(20).startswith(_REJECTED)


def _with_logs(path: Path) -> tuple[Path, ...]:
    logs = (path.with_name(path.name + suffix) for suffix in _SUFFIXES)
    return (path, *(log for log in logs if os.path.lexists(log)))


def _old_folder(folder: Path) -> Iterator[Leftover]:
    """Yield a folder of an older release, if it has only files that the release put there."""
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        return
    known = {name + suffix for name in _OLD_FILES for suffix in ("", *_SUFFIXES)}
    inside = tuple(folder.iterdir())
    if all(each.name in known and _is_ours(each) for each in inside):
        yield Leftover("unfinished", (folder, *inside))
