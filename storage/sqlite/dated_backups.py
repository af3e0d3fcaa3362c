"""Backups named by date in a folder, of which the newest stay."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from leadbook.storage.clock import Clock
from leadbook.storage.private_files import PRIVATE, Permissions, TargetError, publish, unfinished
from leadbook.storage.sqlite.backup import back_up
from leadbook.storage.sqlite.check import Records
from leadbook.storage.sqlite.file_checks import (
    DatabaseFileError,
    check_header,
    companions,
    telling_of,
)
from leadbook.storage.times import LATEST, milliseconds_of

_OWN_FOLDER = 0o700
_FORM = "%Y%m%dT%H%M%SZ"
_SECOND = 1000


@dataclass(frozen=True)
class DatedBackup:
    """A backup, and the time in its name in milliseconds since the Unix epoch."""

    path: Path
    time: int


def back_up_dated(
    path: Path, folder: Path, records: Records, clock: Clock, *, file_mode: int = PRIVATE
) -> tuple[Path, list[str]]:
    """Copy the database into `folder`, named by the present time; return the copy and its faults.

    The copy has all writes that were acknowledged before this time. Creates the folder, but not the
    folder that it is in. Raises as back_up does, and TargetError if `folder` is something else.
    """
    now = clock.milliseconds()
    check_header(path)
    _require_folder(folder)
    with unfinished(folder) as fresh, telling_of(folder.absolute(), fresh):
        faults = back_up(path, fresh, records, overwrite=True, file_mode=file_mode)
        return _publish(fresh, path, folder, now), faults


def remove_older(path: Path, folder: Path, keep: int) -> list[Path]:
    """Remove all dated backups of the database from `folder` but the newest `keep`; return them.

    A backup with a log stays: somebody uses it, or it has more than the backup. Raises OSError.
    """
    found = sorted(_dated_backups(path, folder), key=lambda each: each.time, reverse=True)
    removed = [each.path for each in found[keep:] if not _has_log(each.path)]
    for each in removed:
        each.unlink(missing_ok=True)
    return removed


def _require_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    if os.path.lexists(folder):
        raise TargetError(f"{folder} is not a folder, which --keep needs.")
    folder.mkdir(_OWN_FOLDER)


def _publish(fresh: Path, path: Path, folder: Path, now: int) -> Path:
    """Give a backup made at `now` the name of this time, or of the next one that is free.

    The name is after that of the newest backup, even if the clock was set back. Otherwise the new
    backup would count as an old one, and be removed.
    """
    newest = max((each.time for each in _dated_backups(path, folder)), default=0)
    for time in range(max(now, newest + _SECOND), LATEST, _SECOND):
        moment = datetime.fromtimestamp(time // _SECOND, UTC)
        target = folder.absolute() / f"{path.stem}-{moment:{_FORM}}{path.suffix}"
        # Another process may take the name first.
        with suppress(TargetError, FileExistsError):
            publish(fresh, target, Permissions.of(fresh), overwrite=False)
            return target
    raise TargetError(f"{folder} has a backup of the year 9999, and no name is later.")


def _dated_backups(path: Path, folder: Path) -> Iterator[DatedBackup]:
    """Yield the backups that back_up_dated made of the database, but no other files.

    Databases with the same name in different folders cannot be told apart.
    """
    name = re.compile(rf"{re.escape(path.stem)}-([0-9]{{8}}T[0-9]{{6}}Z){re.escape(path.suffix)}")
    for entry in folder.iterdir():
        if found := name.fullmatch(entry.name):
            # Not a date, not one of our databases, or not for this user.
            with suppress(ValueError, DatabaseFileError, OSError):
                moment = datetime.strptime(found[1], _FORM).replace(tzinfo=UTC)
                if not entry.is_symlink() and check_header(entry) >= 0:
                    yield DatedBackup(entry, milliseconds_of(moment))


def _has_log(path: Path) -> bool:
    return any(os.path.lexists(log) for log in companions(path))
