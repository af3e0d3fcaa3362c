"""Whether a database file is in order: what SQLite says of it, what is derived, what is linked.

Each look reads one state of the database, whatever others write meanwhile. Repairs are short
writes, and each of them looks again at what it mends.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import peewee

from leadbook import texts
from leadbook.clock import Clock
from leadbook.contact import Contact
from leadbook.database import Database
from leadbook.database_file import DatabaseFileError, check_header, open_database
from leadbook.derived import table_of
from leadbook.models import Client, Lead
from leadbook.search_index import SearchIndex, is_lock
from leadbook.sqlite import sqlite3
from leadbook.upgrade import USER_VERSION

# Records that are mended in one write.
_AT_ONCE = 500

Progress = Callable[[int, int], None]
Faults = list[Any]


@dataclass(frozen=True)
class Look:
    """What is looked at, how its faults are found in one state of the database, and mended."""

    what: str
    find: Callable[[Database], Faults]
    mend: Callable[[Database, Faults, Progress], None]


def check(
    path: Path, clock: Clock, *, repair: bool, progress: Progress = lambda _done, _of: None
) -> Iterator[tuple[str, int]]:
    """Look at everything, and yield what was looked at and how many faults it had.

    With `repair`, what can be derived is derived again, and links that lead nowhere are removed;
    `progress` is told of a long repair how much is done, of how much. Raises OSError, and
    DatabaseFileError where the file cannot be opened or somebody else keeps it locked.
    """
    if check_header(path) < USER_VERSION:
        raise DatabaseFileError(f"{path} is of an older version; starting the server upgrades it.")
    database = open_database(path, clock)
    with closing(database), database.use():
        for look in _looks():
            yield look.what, _carry_out(look, database, repair, progress)


def _carry_out(look: Look, database: Database, repair: bool, progress: Progress) -> int:
    try:
        faults = look.find(database)
        if faults and repair:
            look.mend(database, faults, progress)
    except (peewee.DatabaseError, sqlite3.DatabaseError) as error:
        if is_lock(error):
            message = f"{database.path} is locked by another program; try again later."
            raise DatabaseFileError(message) from error
        # Too damaged to be looked at.
        return 1
    return len(faults)


def _looks() -> Iterator[Look]:
    yield Look("the file as SQLite sees it", _find_in_file, _mend_file)
    for model, other in ((Lead, Client), (Client, Lead)):
        records = _Records(model, other)
        many = model._meta.table_name
        yield Look(f"what is compared in {many}", records.wrong_columns, records.mend_columns)
        yield Look(f"the search index of {many}", records.wrong_index, records.mend_index)
        yield Look(f"what is searched in {many}", records.wrong_texts, records.mend_texts)
        yield Look(f"the counts of {many}", records.wrong_counts, records.mend_counts)
        others = other._meta.table_name
        yield Look(f"links from {many} to {others}", records.wrong_links, records.mend_links)


def _find_in_file(database: Database) -> Faults:
    rows = database.execute_sql("PRAGMA integrity_check").fetchall()
    # A look of its own is taken at the search index.
    return [row for row in rows if row != ("ok",) and "FTS5" not in row[0]]


def _mend_file(database: Database, _: Faults, __: Progress) -> None:
    indexes = "SELECT name FROM sqlite_master WHERE type = 'index'"
    for (index,) in database.execute_sql(indexes).fetchall():
        with database.write():
            database.execute_sql(f'REINDEX "{index}"')
        database.let_others_write()


class _Records:
    """What follows from the rows of one table, and what links them to those of the other."""

    def __init__(self, model: type[Lead | Client], other: type[Lead | Client]) -> None:
        self._model = model
        self._table = model._meta.table_name
        self._texts = table_of(model, "texts")
        self._counts = table_of(model, "counts")
        self._others = other._meta.table_name
        self._link = f"{other.__name__.lower()}_id"

    def wrong_columns(self, database: Database) -> Faults:
        names = list(self._model.derived("", ""))
        sql = f"SELECT number, name, email, {', '.join(names)} FROM {self._table}"
        return [
            number
            for number, name, email, *kept in database.execute_sql(sql)
            if list(self._model.derived(name, email).values()) != kept
        ]

    def mend_columns(self, database: Database, numbers: Faults, _: Progress) -> None:
        def mend(number: int, record: Contact | None) -> None:
            if record is not None:
                derived = record.derive()
                self._model.update(derived).where(self._model.number == number).execute()

        self._mend_each(database, numbers, mend)

    def wrong_texts(self, database: Database) -> Faults:
        rows, known = self._table, self._texts
        columns = "number, name, email, company, text"
        joined = f"SELECT {columns} FROM {rows} LEFT JOIN {known} USING (number)"
        of_nobody = f"SELECT number FROM {known} WHERE number NOT IN (SELECT number FROM {rows})"
        with database.read():
            wrong = [
                number
                for number, name, email, company, text in database.execute_sql(joined)
                if texts.text_of(name, email, company) != text
            ]
            return wrong + [number for (number,) in database.execute_sql(of_nobody)]

    def mend_texts(self, database: Database, numbers: Faults, _: Progress) -> None:
        def mend(number: int, record: Contact | None) -> None:
            database.execute_sql(f"DELETE FROM {self._texts} WHERE number = ?", (number,))
            if record is not None:
                texts.add(record)

        self._mend_each(database, numbers, mend)

    def wrong_index(self, database: Database) -> Faults:
        index = SearchIndex(database, self._model)
        try:
            with database.read():
                return [] if index.is_in_step() else [index.name]
        except (peewee.DatabaseError, sqlite3.DatabaseError) as error:
            if is_lock(error):
                raise
            # It can be made anew all the same.
            return [index.name]

    def mend_index(self, database: Database, _: Faults, progress: Progress) -> None:
        for done, of in SearchIndex(database, self._model).rebuild():
            progress(done, of)

    def wrong_counts(self, database: Database) -> Faults:
        stored = f"SELECT status, count FROM {self._counts} WHERE count"
        with database.read():
            kept, there = (set(database.execute_sql(each)) for each in (stored, self._counted))
        return list({status for status, _ in kept ^ there})

    def mend_counts(self, database: Database, _: Faults, __: Progress) -> None:
        with database.write():
            database.execute_sql(f"DELETE FROM {self._counts}")
            database.execute_sql(f"INSERT INTO {self._counts} {self._counted}")

    @property
    def _counted(self) -> str:
        return f"SELECT status, count(*) FROM {self._table} GROUP BY status"

    def wrong_links(self, database: Database) -> Faults:
        sql = f"SELECT number FROM {self._table} WHERE {self._is_dangling}"
        return [number for (number,) in database.execute_sql(sql)]

    def mend_links(self, database: Database, numbers: Faults, _: Progress) -> None:
        def mend(number: int, record: Lead | Client | None) -> None:
            sql = f"SELECT 1 FROM {self._table} WHERE number = ? AND {self._is_dangling}"
            if record is not None and database.execute_sql(sql, (number,)).fetchone():
                record.unlink()

        self._mend_each(database, numbers, mend)

    @property
    def _is_dangling(self) -> str:
        return f"{self._link} > x'' AND {self._link} NOT IN (SELECT id FROM {self._others})"

    def _mend_each(
        self, database: Database, numbers: Faults, mend: Callable[[int, Any], None]
    ) -> None:
        """Mend what follows from each record as it is by now, or from its absence."""
        for start in range(0, len(numbers), _AT_ONCE):
            with database.write():
                for number in numbers[start : start + _AT_ONCE]:
                    mend(number, self._model.get_or_none(self._model.number == number))
            database.let_others_write()
