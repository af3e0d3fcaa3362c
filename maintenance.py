"""Backup, restore and check of a database file."""

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import peewee

from leadbook.clock import Clock
from leadbook.database import Database
from leadbook.database_file import (
    DatabaseFileError,
    ForeignDatabaseError,
    check_header,
    companions,
    only_opener,
    open_database,
    require_no_log,
)
from leadbook.models import Client, Contact, Lead
from leadbook.upgrade import USER_VERSION, copy

_PLAIN = str.maketrans("", "", ":.-")


def back_up(path: Path, target: Path, *, overwrite: bool) -> None:
    """Copy the database as it is at this moment, checked and safe on the disk, to `target`.

    Whoever writes meanwhile goes on. Raises DatabaseFileError and OSError.
    """
    check_header(path)
    target = target.absolute()
    if target.resolve() in (path.resolve(), *companions(path.resolve())):
        raise DatabaseFileError(f"{target} is the database itself.")
    with tempfile.TemporaryDirectory(prefix=".leadbook-", dir=target.parent) as folder:
        fresh = Path(folder) / "backup.db"
        copy(path.resolve(), fresh)
        _require_intact(fresh, path)
        if overwrite:
            os.replace(fresh, target)
        else:
            _link(fresh, target)
    _sync_folder(target.parent)


def _link(fresh: Path, target: Path) -> None:
    """Give the file its name, unless there is one of that name already."""
    try:
        os.link(fresh, target)
    except FileExistsError:
        raise DatabaseFileError(f"{target} is there already; --force overwrites it.") from None


def restore(source: Path, path: Path, clock: Clock) -> Path | None:
    """Put the database `source` at `path`; return where the one it replaces is kept.

    Raises DatabaseFileError where `source` is not intact or the database is in use, and OSError.
    """
    check_header(source)
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        only_opener(path.parent),
        tempfile.TemporaryDirectory(prefix=".leadbook-", dir=path.parent) as folder,
    ):
        fresh = Path(folder) / "restored.db"
        copy(source.resolve(), fresh)
        _require_intact(fresh, source)
        open_database(fresh, clock).close()
        if not path.exists():
            require_no_log(path)
            os.replace(fresh, path)
            return None
        _require_ours_or_damaged(path)
        _require_unused(path)
        _keep_keys(path, fresh)
        fresh.chmod(path.stat().st_mode & 0o777)
        kept = path.with_name(f"{path.name}.replaced-{clock.now().translate(_PLAIN)}")
        # A second name, and not a move: at no moment is there no database.
        os.link(path, kept)
        for log in companions(path):
            if log.exists():
                os.replace(log, f"{kept}{log.name.removeprefix(path.name)}")
        os.replace(fresh, path)
    return kept


def _require_ours_or_damaged(path: Path) -> None:
    """Raise DatabaseFileError for the intact database of another application."""
    try:
        check_header(path)
    except ForeignDatabaseError:
        raise
    except DatabaseFileError:
        # Damaged, then: the very reason for a restore.
        return


def _keep_keys(path: Path, fresh: Path) -> None:
    """Take the keys of the replaced database over, or its backup would revive revoked ones."""
    with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
        try:
            connection.execute("ATTACH ? AS replaced", (str(path),))
            connection.execute("INSERT OR REPLACE INTO api_keys SELECT * FROM replaced.api_keys")
        except sqlite3.DatabaseError:
            # Damaged, or of a version without keys.
            return


def check(path: Path, clock: Clock, *, repair: bool) -> Iterator[tuple[str, int]]:
    """Look at everything, and yield what was looked at and how many faults it had.

    With `repair`, what can be derived is derived again, and links that lead nowhere are removed.
    Raises DatabaseFileError and OSError.
    """
    if check_header(path) < USER_VERSION:
        raise DatabaseFileError(f"{path} is of an older version; starting the server upgrades it.")
    no_client = Lead.client_id.is_null(False) & Lead.client_id.not_in(Client.select(Client.id))
    no_lead = Client.lead_id.is_null(False) & Client.lead_id.not_in(Lead.select(Lead.id))
    looks: dict[str, Callable[[Database], int]] = {
        "the file as SQLite sees it": lambda it: _check_file(it, repair),
        "what is searched and compared in leads": lambda it: _check_derived(it, Lead, repair),
        "what is searched and compared in clients": lambda it: _check_derived(it, Client, repair),
        "links from leads to clients": lambda it: _check_links(it, Lead, no_client, repair),
        "links from clients to leads": lambda it: _check_links(it, Client, no_lead, repair),
    }
    database = open_database(path, clock)
    with closing(database), database.use():
        for what, look in looks.items():
            try:
                yield what, look(database)
            except (peewee.DatabaseError, sqlite3.Error):
                # Too damaged to be looked at.
                yield what, 1


def _check_file(database: Database, repair: bool) -> int:
    rows = database.execute_sql("PRAGMA integrity_check").fetchall()
    if rows != [("ok",)] and repair:
        with database.write():
            database.execute_sql("REINDEX")
    return sum(row != ("ok",) for row in rows)


def _check_derived(database: Database, model: type[Contact], repair: bool) -> int:
    wrong = [
        record.id
        for record in model.select().iterator()
        if any(getattr(record, column) != value for column, value in record.derive().items())
    ]
    for record_id in wrong if repair else ():
        with database.write():
            derived = model.fetch(record_id).derive()
            model.update(derived).where(model.id == record_id).execute()
    return len(wrong)


def _check_links(
    database: Database, model: type[Lead] | type[Client], is_dangling: object, repair: bool
) -> int:
    if not repair:
        return int(model.select().where(is_dangling).count())
    with database.write():
        records: list[Lead | Client] = list(model.select().where(is_dangling))
        for record in records:
            record.unlink()
    return len(records)


def _require_intact(path: Path, shown: Path) -> None:
    """Raise DatabaseFileError, which names `shown`, where SQLite finds the file damaged."""
    with closing(sqlite3.connect(path)) as connection:
        try:
            [(found,), *_] = connection.execute("PRAGMA integrity_check").fetchall()
        except sqlite3.DatabaseError as error:
            found = str(error)
    if found != "ok":
        raise DatabaseFileError(f"{shown} is damaged: {found}.")


def _require_unused(path: Path) -> None:
    """Raise DatabaseFileError while anybody has the database open; fold its log into it."""
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        try:
            # To leave WAL mode one has to have the file to oneself.
            connection.execute("PRAGMA journal_mode = delete")
        except sqlite3.OperationalError as error:
            raise DatabaseFileError(f"{path} is in use ({error}); stop the server first.") from None
        except sqlite3.DatabaseError:
            # Damaged: its log is kept beside it as it is.
            return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
