"""Backup, restore and check of a database file."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from leadbook.clock import Clock
from leadbook.database import Database
from leadbook.database_file import (
    DatabaseFileError,
    check_header,
    companions,
    only_opener,
    open_database,
)
from leadbook.models import Client, Contact, Lead
from leadbook.upgrade import copy


def back_up(path: Path, target: Path, *, overwrite: bool) -> None:
    """Copy the database as it is at this moment, checked and safe on the disk, to `target`.

    Whoever writes meanwhile goes on. Raises DatabaseFileError and OSError.
    """
    check_header(path)
    target = target.absolute()
    with tempfile.TemporaryDirectory(prefix=".leadbook-", dir=target.parent) as folder:
        fresh = Path(folder) / "backup.db"
        copy(path.resolve(), fresh)
        _require_intact(fresh)
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
    _require_intact(source)
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = None
    with only_opener(path.parent), tempfile.TemporaryDirectory(dir=path.parent) as folder:
        fresh = Path(folder) / "restored.db"
        copy(source.resolve(), fresh)
        if path.exists():
            _require_unused(path)
            stamp = clock.now().replace(":", "").replace(".", "")
            kept = path.with_name(f"{path.name}.replaced-{stamp}")
            # A second name, and not a move: at no moment is there no database.
            os.link(path, kept)
            for log in companions(path):
                if log.exists():
                    os.replace(log, f"{kept}{log.name.removeprefix(path.name)}")
        os.replace(fresh, path)
    return kept


def check(path: Path, clock: Clock, *, repair: bool) -> Iterator[tuple[str, int]]:
    """Look at everything, and yield what was looked at and how many faults it had.

    With `repair`, what can be derived is derived again, and links that lead nowhere are removed.
    Raises DatabaseFileError and OSError.
    """
    check_header(path)
    database = open_database(path, clock)
    with closing(database), database.use():
        rows = database.execute_sql("PRAGMA integrity_check").fetchall()
        yield "the file as SQLite sees it", sum(row[0] != "ok" for row in rows)
        yield "what is searched and compared in leads", _check_derived(database, Lead, repair)
        yield "what is searched and compared in clients", _check_derived(database, Client, repair)
        no_client = Lead.client_id.is_null(False) & Lead.client_id.not_in(Client.select(Client.id))
        yield "links from leads to clients", _check_links(database, Lead, no_client, repair)
        no_lead = Client.lead_id.is_null(False) & Client.lead_id.not_in(Lead.select(Lead.id))
        yield "links from clients to leads", _check_links(database, Client, no_lead, repair)


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
    records: list[Lead | Client] = list(model.select().where(is_dangling))
    for record in records if repair else ():
        with database.write():
            record.unlink()
    return len(records)


def _require_intact(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        try:
            rows = connection.execute("PRAGMA integrity_check").fetchall()
        except sqlite3.DatabaseError as error:
            raise DatabaseFileError(f"{path} is damaged: {error}.") from error
    if rows != [("ok",)]:
        raise DatabaseFileError(f"{path} is damaged: {rows[0][0]}.")


def _require_unused(path: Path) -> None:
    """Raise DatabaseFileError while anybody has the database open; fold its log into it."""
    with closing(sqlite3.connect(path, timeout=0)) as connection:
        try:
            # To leave WAL mode one has to have the file to oneself.
            connection.execute("PRAGMA journal_mode = delete")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise DatabaseFileError(f"{path} is in use; stop the server first.") from None
        except sqlite3.DatabaseError:
            # Damaged: the very reason for a restore. Its log is kept with it as it is.
            return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
