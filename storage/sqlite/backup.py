"""Backup and restore of a database file."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from leadbook.storage.clock import Clock
from leadbook.storage.locked_folders import naming
from leadbook.storage.private_files import (
    PRIVATE,
    Permissions,
    keep,
    new_file,
    publish,
    sync,
    unfinished,
)
from leadbook.storage.sqlite.check import Records, check, faults_of_file
from leadbook.storage.sqlite.copying import copy, let_signals_in
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.file_checks import (
    DatabaseFileError,
    ForeignDatabaseError,
    check_header,
    companions,
    is_lock,
    real_path,
    require_another_file,
    require_file,
    require_no_log,
    require_writable,
    telling_of,
)
from leadbook.storage.sqlite.file_system import explained, only_opener, require_replaceable
from leadbook.storage.sqlite.opening import open_copy
from leadbook.storage.sqlite.restored_keys import Choice, Keys, keys_after, read_keys, store
from leadbook.storage.sqlite.upgrade import USER_VERSION

_PLAIN = str.maketrans("", "", ":.-")


def back_up(
    path: Path, target: Path, records: Records, *, overwrite: bool, file_mode: int = PRIVATE
) -> list[str]:
    """Copy the current state of the database to `target`, checked and safe on the disk.

    Returns the faults that `check` finds in the copy; the copy has all records even so. Others can
    write meanwhile. The copy is at least as private as the database; `file_mode` limits its mode.
    Raises DatabaseFileError if SQLite finds damage, and TargetError and OSError.
    """
    version = check_header(path)
    target = target.absolute()
    require_another_file(target, path)
    if log := next((each for each in companions(target) if os.path.lexists(each)), None):
        # SQLite would apply this log to the copy.
        raise DatabaseFileError(f"{log} exists: {target} may be a database that is in use.")
    permissions = Permissions.within(path, file_mode)
    with new_file(target, permissions, overwrite=overwrite) as fresh, telling_of(target, fresh):
        _copy_intact(path, fresh, target)
        if version < USER_VERSION:
            return ["an older version, whose index and counts are not checked"]
        wrong = [what for what, faults in check(fresh, Clock(), records, repair=False) if faults]
        with closing(sqlite3.connect(fresh)) as connection:
            # The check has set WAL mode, in which SQLite needs more files to read the copy.
            connection.execute("PRAGMA journal_mode = delete")
        return wrong


@dataclass(frozen=True)
class Restored:
    """The result of a restore: the keys that count now, and where the old file is kept."""

    keys: Keys
    kept: Path | None


def restore(
    source: Path, path: Path, clock: Clock, *, keys: Choice = None, file_mode: int = PRIVATE
) -> Restored:
    """Replace the database at `path` by `source`, and keep the old file beside it.

    The new file gets the keys, owner, group and mode of the old one. `keys` says what to do if the
    old keys cannot be read. Raises OSError, and DatabaseFileError if `source` is damaged, the
    database is in use, or the old keys, owner, group or mode cannot be kept.
    """
    check_header(source)
    path = real_path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    require_replaceable(path)
    with (
        only_opener(path.parent),
        unfinished(path.parent) as fresh,
        naming(path),
        telling_of(source, fresh),
    ):
        _copy_intact(source, fresh, path)
        open_copy(fresh, clock).close()
        saved = read_keys(fresh)
        if not path.exists():
            require_no_log(path)
            publish(fresh, path, Permissions.made_from(source, file_mode), overwrite=False)
            return Restored(Keys(saved, are_kept=False), None)
        _require_ours_or_damaged(path)
        if path.stat().st_size:
            # SQLite would turn an empty file into a database.
            _fold_log(path)
        counting = keys_after(path, source, saved, keys)
        store(counting, fresh)
        give_those_of(path, fresh)
        return Restored(counting, _replace(path, fresh, clock, file_mode))


def give_those_of(path: Path, fresh: Path) -> None:
    """Give `fresh` the owner, group and mode of `path`. Raises DatabaseFileError."""
    permissions = Permissions.of(path)
    permissions.give(fresh)
    if Permissions.of(fresh) != permissions:
        raise DatabaseFileError(
            f"Only root or the owner of {path} can replace it: its owner or group would change."
        )


def _replace(path: Path, fresh: Path, clock: Clock, file_mode: int) -> Path:
    """Replace `path` by `fresh`; return where the old database is kept, with its log."""
    kept = path.with_name(f"{path.name}.replaced-{clock.now().translate(_PLAIN)}")
    # A second name instead of a move, so that a database exists at every moment.
    keep(path, kept)
    moved = {path: kept}
    try:
        for log in filter(os.path.lexists, companions(path)):
            moved[log] = kept.with_name(f"{kept.name}{log.name.removeprefix(path.name)}")
            os.replace(log, moved[log])
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
        sync(fresh)
        os.replace(fresh, path)
    except BaseException:
        # A signal may come when the new file already has its name.
        if fresh.exists():
            _put_back(moved)
        raise
    for each in moved.values():
        # The old file may stay for long; readers of the database must not read it too.
        if not each.is_symlink():
            with suppress(PermissionError):
                each.chmod(each.stat().st_mode & file_mode)
    return kept


def _put_back(moved: dict[Path, Path]) -> None:
    """Undo the moves of a restore that failed; the database itself has two names."""
    for place, kept in reversed(moved.items()):
        if not place.exists():
            os.replace(kept, place)
        elif kept.exists():
            kept.unlink()


def _require_ours_or_damaged(path: Path) -> None:
    """Raise DatabaseFileError for a database of another application, and if it is not a file."""
    require_file(path)
    try:
        check_header(path)
    except ForeignDatabaseError:
        raise
    except DatabaseFileError:
        # The file is damaged, which is the reason for a restore.
        return


def _copy_intact(source: Path, fresh: Path, target: Path) -> None:
    """Copy the database for `target`. Raises DatabaseFileError, also if SQLite finds damage."""
    try:
        copy(real_path(source), fresh)
        found = fault_of(fresh)
    except sqlite3.OperationalError as error:
        # The fault is in a disk, not in the database.
        reason = explained(error, real_path(source))
        raise DatabaseFileError(f"Cannot copy {source} to {target}: {reason}.") from error
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found:
        raise DatabaseFileError(f"{source} is damaged: {found}.")


def fault_of(path: Path) -> str:
    """Return the first fault of a database that is not in use, or "". Raises sqlite3.Error.

    A fault of the search index does not count: the index can be rebuilt from the records.
    """
    with closing(sqlite3.connect(path)) as connection:
        let_signals_in(connection)
        return next((fault for fault in faults_of_file(connection.execute)), "")


def _fold_log(path: Path) -> None:
    """Write the log of a database into its file. Raises DatabaseFileError while it is in use."""
    with suppress(sqlite3.DatabaseError), alone_with(path):
        # If the file is damaged, the log stays beside it unchanged.
        return


@contextmanager
def alone_with(path: Path) -> Iterator[sqlite3.Connection]:
    """Lock all others out of the database, and write its log into its file.

    Raises sqlite3.DatabaseError if it is damaged, DatabaseFileError while it is in use, and
    OSError if this user may only read it.
    """
    require_writable(path)
    place = f"{path.absolute().as_uri()}?mode=rw"
    opened = sqlite3.connect(place, uri=True, timeout=0, isolation_level=None)
    with closing(opened) as connection:
        try:
            # SQLite can leave WAL mode only if no one else has the file open.
            connection.execute("PRAGMA journal_mode = delete")
            connection.execute("PRAGMA locking_mode = exclusive")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if is_lock(error):
                reason = explained(error, path)
                message = f"{path} is in use ({reason}); stop the server first."
                raise DatabaseFileError(message) from None
            reason = explained(error, path)
            raise DatabaseFileError(f"{path} cannot be used: {reason}.") from None
        yield connection
