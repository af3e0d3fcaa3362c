"""Whether a database file is in order: what SQLite says of it, what is derived, what is linked."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import peewee

from leadbook.clock import Clock
from leadbook.contact import Contact
from leadbook.database import Database
from leadbook.database_file import DatabaseFileError, check_header, open_database
from leadbook.derived import table_of
from leadbook.models import Client, Lead
from leadbook.sqlite import sqlite3
from leadbook.texts import searched
from leadbook.upgrade import USER_VERSION

Look = Callable[[Database, bool], int]


def check(path: Path, clock: Clock, *, repair: bool) -> Iterator[tuple[str, int]]:
    """Look at everything, and yield what was looked at and how many faults it had.

    With `repair`, what can be derived is derived again, and links that lead nowhere are removed.
    Raises DatabaseFileError and OSError.
    """
    if check_header(path) < USER_VERSION:
        raise DatabaseFileError(f"{path} is of an older version; starting the server upgrades it.")
    database = open_database(path, clock)
    with closing(database), database.use():
        for what, look in _looks():
            try:
                yield what, look(database, repair)
            except (peewee.DatabaseError, sqlite3.Error):
                # Too damaged to be looked at.
                yield what, 1


def _looks() -> Iterator[tuple[str, Look]]:
    yield "the file as SQLite sees it", _check_file
    for model in (Lead, Client):
        many = model._meta.table_name
        yield f"what is compared in {many}", _of(model, _check_columns)
        yield f"what is searched in {many}", _of(model, _check_texts)
        yield f"the search index of {many}", _of(model, _check_index)
        yield f"the counts of {many}", _of(model, _check_counts)
    no_client = Lead.client_id.is_null(False) & Lead.client_id.not_in(Client.select(Client.id))
    no_lead = Client.lead_id.is_null(False) & Client.lead_id.not_in(Lead.select(Lead.id))
    yield "links from leads to clients", _links(Lead, no_client)
    yield "links from clients to leads", _links(Client, no_lead)


def _of(model: type[Contact], look: Callable[[Database, bool, type[Contact]], int]) -> Look:
    return lambda database, repair: look(database, repair, model)


def _check_file(database: Database, repair: bool) -> int:
    rows = database.execute_sql("PRAGMA integrity_check").fetchall()
    if rows != [("ok",)] and repair:
        with database.write():
            database.execute_sql("REINDEX")
    return sum(row != ("ok",) for row in rows)


def _check_columns(database: Database, repair: bool, model: type[Contact]) -> int:
    wrong = [
        record.number
        for record in model.select().iterator()
        if any(getattr(record, column) != value for column, value in record.derive().items())
    ]
    for number in wrong if repair else ():
        with database.write():
            derived = model.get_by_id(number).derive()
            model.update(derived).where(model.number == number).execute()
    return len(wrong)


def _check_texts(database: Database, repair: bool, model: type[Contact]) -> int:
    texts = table_of(model, "texts")
    kept = dict(database.execute_sql(f"SELECT number, text FROM {texts}"))
    records = model.select().iterator()
    wanted = {record.number: searched(record) for record in records}
    wrong = {
        number for number in kept.keys() | wanted.keys() if kept.get(number) != wanted.get(number)
    }
    if wrong and repair:
        with database.write():
            for number in wrong:
                database.execute_sql(f"DELETE FROM {texts} WHERE number = ?", (number,))
                if number in wanted:
                    row = (number, wanted[number])
                    database.execute_sql(f"INSERT INTO {texts} VALUES (?, ?)", row)
        _check_index(database, repair, model)
    return len(wrong)


def _check_index(database: Database, repair: bool, model: type[Contact]) -> int:
    index = table_of(model, "search")
    # With a rank other than 0 it compares the index with the texts, and not with itself alone:
    # https://www.sqlite.org/fts5.html#the_integrity_check_command
    compare = f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 1)"
    try:
        with database.write():
            database.execute_sql(compare)
    except peewee.DatabaseError:
        if repair:
            with database.write():
                database.execute_sql(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
        return 1
    return 0


def _check_counts(database: Database, repair: bool, model: type[Contact]) -> int:
    table, counts = model._meta.table_name, table_of(model, "counts")
    kept = set(database.execute_sql(f"SELECT status, count FROM {counts} WHERE count <> 0"))
    by_status = f"SELECT status, count(*) FROM {table} GROUP BY status"
    wrong = {status for status, _ in kept ^ set(database.execute_sql(by_status))}
    if wrong and repair:
        with database.write():
            database.execute_sql(f"DELETE FROM {counts}")
            database.execute_sql(f"INSERT INTO {counts} {by_status}")
    return len(wrong)


def _links(model: type[Lead] | type[Client], is_dangling: object) -> Look:
    def look(database: Database, repair: bool) -> int:
        if not repair:
            return int(model.select().where(is_dangling).count())
        with database.write():
            records: list[Lead | Client] = list(model.select().where(is_dangling))
            for record in records:
                record.unlink()
        return len(records)

    return look
