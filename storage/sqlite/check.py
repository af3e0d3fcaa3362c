"""Check and repair a database file: SQLite's own check, derived data and links.

Each check reads one state of the database, even if others write meanwhile. Repairs are short
writes, and each reads the current state of what it repairs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import peewee

from leadbook.storage import summaries
from leadbook.storage.clock import Clock
from leadbook.storage.database import Database
from leadbook.storage.due import DayCounts, Due
from leadbook.storage.record import Record, derived_columns
from leadbook.storage.sqlite import searched_text
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.file_checks import DatabaseFileError, check_header, is_lock
from leadbook.storage.sqlite.opening import open_database, open_to_read
from leadbook.storage.sqlite.relations import Links, OfNobody, SamePerson, Summaries
from leadbook.storage.sqlite.schema import table_of
from leadbook.storage.sqlite.search_index import SearchIndex
from leadbook.storage.sqlite.stored_entries import StoredEntries, mend_each
from leadbook.storage.sqlite.stored_events import StoredEvents
from leadbook.storage.sqlite.stored_values import StoredValues
from leadbook.storage.sqlite.structure import add_parts, missing_parts
from leadbook.storage.sqlite.upgrade import USER_VERSION, shared_addresses

Progress = Callable[[int, int], None]
Faults = list[Any]
Records = Sequence[type[Record]]


@dataclass(frozen=True)
class Look:
    """One check: what it checks, and how it finds and repairs faults."""

    what: str
    find: Callable[[Database], Faults]
    mend: Callable[[Database, Faults, Progress], None]
    # What a person has to decide, or to know.
    lines: Callable[[Database], Iterable[str]] = lambda _: ()


def check(
    path: Path,
    clock: Clock,
    records: Records,
    *,
    repair: bool,
    progress: Progress = lambda _done, _of: None,
    tell: Callable[[str], None] = lambda _line: None,
) -> Iterator[tuple[str, int]]:
    """Check everything; yield the name of each check and the number of its faults.

    `records` are the models of all records. With `repair`, derived data is derived again, and links
    to missing records are removed; `progress` is called with what is done and the total. `tell`
    gets each line about what a person must decide. Raises OSError, and DatabaseFileError if the
    file cannot be opened or another process keeps it locked.
    """
    if check_header(path) < USER_VERSION:
        raise DatabaseFileError(f"{path} has an older version; start the server to upgrade it.")
    opened = closing(open_database(path, clock)) if repair else open_to_read(path, clock)
    with opened as database, database.use():
        told: list[Callable[[Database], Iterable[str]]] = [shared_addresses]
        for look in _looks(records):
            told += [look.lines]
            yield look.what, _carry_out(look, database, repair, progress)
        # What is too damaged to be checked says nothing more.
        for lines in told:
            with suppress(peewee.DatabaseError, sqlite3.DatabaseError):
                for line in lines(database):
                    tell(line)


def faults_of_file(execute: Callable[[str], Any]) -> list[str]:
    """Return the faults that SQLite finds, except those of the search index: see wrong_index."""
    rows = execute("PRAGMA integrity_check").fetchall()
    return [fault for (fault,) in rows if fault != "ok" and "fts5" not in fault.lower()]


def _carry_out(look: Look, database: Database, repair: bool, progress: Progress) -> int:
    try:
        faults = look.find(database)
        if faults and repair:
            look.mend(database, faults, progress)
    except (peewee.DatabaseError, sqlite3.DatabaseError) as error:
        if is_lock(error):
            message = f"{database.path} is locked by another program; try again later."
            raise DatabaseFileError(message) from error
        # It is too damaged to be checked.
        return 1
    return len(faults)


def _looks(records: Records) -> Iterator[Look]:
    yield Look("the file as SQLite sees it", _find_in_file, _mend_file)
    yield Look("the indexes and triggers", missing_parts, add_parts)
    events = StoredEvents(records)
    yield Look("the log of events", events.wrong, events.mend)
    # What follows, such as summaries, is derived from these.
    for model in records:
        many, values = model._meta.table_name, StoredValues(model)
        yield Look(f"the values of {many}", values.wrong, values.mend, values.lines)
    for model in records:
        many, same, alone = model._meta.table_name, SamePerson(model), OfNobody(model)
        if same.exists:
            yield Look(f"the links of {many} to one person", same.wrong, same.mend)
        if alone.exists:
            yield Look(f"the {many} of nobody", alone.wrong, alone.mend, alone.lines)
    for model in records:
        yield from _looks_at(model, records)


def _looks_at(model: type[Record], records: Records) -> Iterator[Look]:
    rows, many = _Rows(model), model._meta.table_name
    yield Look(f"the comparison keys of {many}", rows.wrong_columns, rows.mend_columns)
    if model.searched:
        yield Look(f"the search index of {many}", rows.wrong_index, rows.mend_index)
        yield Look(f"the search texts of {many}", rows.wrong_texts, rows.mend_texts)
    yield Look(f"the counts of {many}", rows.wrong_counts, rows.mend_counts)
    for due in (each for each in model.filters.values() if isinstance(each, Due)):
        days = DayCounts.of(model, due)
        yield Look(
            f"the counts by day of {many}", partial(_wrong_days, days), partial(_mend_days, days)
        )
    for column in summaries.summaries_of(model):
        kept = Summaries(model, column)
        yield Look(f"the {column.name} of {many}", kept.wrong, kept.mend)
    for each in StoredEntries.of(model):
        yield Look(f"the {each.column} fields of {many}", each.wrong, each.mend, each.lines)
    for other in records:
        if (link := Links(model, other)).exists:
            others = other._meta.table_name
            yield Look(f"links from {many} to {others}", link.wrong, link.mend)


def _wrong_days(days: DayCounts, database: Database) -> Faults:
    with database.read():
        kept = set(database.execute_sql(f"SELECT day, count FROM {days.days}"))
        return list({day for day, _ in kept ^ set(database.execute_sql(days.counted))})


def _mend_days(days: DayCounts, database: Database, _: Faults, __: Progress) -> None:
    with database.repair():
        database.execute_sql(f"DELETE FROM {days.days}")
        database.execute_sql(f"INSERT INTO {days.days} {days.counted}")


def _find_in_file(database: Database) -> Faults:
    return faults_of_file(database.execute_sql)


def _mend_file(database: Database, _: Faults, __: Progress) -> None:
    indexes = "SELECT name FROM sqlite_master WHERE type = 'index'"
    for (index,) in database.execute_sql(indexes).fetchall():
        with database.repair():
            database.execute_sql(f'REINDEX "{index}"')
        database.let_others_write()


class _Rows:
    """The data derived from the rows of one table."""

    def __init__(self, model: type[Record]) -> None:
        self._model = model
        self._table = model._meta.table_name
        self._texts = table_of(model, "texts")
        self._counts = table_of(model, "counts")
        self._index = table_of(model, "search")

    def wrong_columns(self, database: Database) -> Faults:
        wrong = []
        for column in derived_columns(self._model):
            sql = f"SELECT number, {column.source}, {column.name} FROM {self._table}"
            rows = database.execute_sql(sql)
            wrong += [number for number, text, kept in rows if column.derive(text) != kept]
        return list(dict.fromkeys(wrong))

    def mend_columns(self, database: Database, numbers: Faults, _: Progress) -> None:
        def mend(number: int, record: Record | None) -> None:
            if record is not None:
                derived = record.derived(record.__data__)
                self._model.update(derived).where(self._model.number == number).execute()

        mend_each(self._model, database, numbers, mend)

    def wrong_texts(self, database: Database) -> Faults:
        rows, known = self._table, self._texts
        searched = (f"{rows}.{name}" for name in self._model.searched)
        also = searched_text.also_searched(self._model)
        columns = ", ".join(("number", f"{known}.text", *searched, *also))
        joined = f"SELECT {columns} FROM {rows} LEFT JOIN {known} USING (number)"
        of_nobody = f"SELECT number FROM {known} WHERE number NOT IN (SELECT number FROM {rows})"
        with database.read():
            wrong = [
                number
                for number, text, *values in database.execute_sql(joined)
                if searched_text.joined_text(values) != text
            ]
            return wrong + [number for (number,) in database.execute_sql(of_nobody)]

    def mend_texts(self, database: Database, numbers: Faults, _: Progress) -> None:
        def mend(number: int, record: Record | None) -> None:
            database.execute_sql(f"DELETE FROM {self._texts} WHERE number = ?", (number,))
            if record is not None:
                searched_text.add(record)

        mend_each(self._model, database, numbers, mend)

    def wrong_index(self, database: Database) -> Faults:
        index = SearchIndex(database, self._index)
        try:
            with database.read():
                return [] if index.is_in_step() else [index.name]
        except (peewee.DatabaseError, sqlite3.DatabaseError) as error:
            if is_lock(error):
                raise
            # A rebuild is possible even so.
            return [index.name]

    def mend_index(self, database: Database, _: Faults, progress: Progress) -> None:
        for done, of in SearchIndex(database, self._index).rebuild():
            progress(done, of)

    def wrong_counts(self, database: Database) -> Faults:
        stored = f"SELECT {self._model.counted_by}, count FROM {self._counts} WHERE count"
        with database.read():
            kept, there = (set(database.execute_sql(each)) for each in (stored, self._counted))
        return list({value for value, _ in kept ^ there})

    def mend_counts(self, database: Database, _: Faults, __: Progress) -> None:
        with database.repair():
            database.execute_sql(f"DELETE FROM {self._counts}")
            database.execute_sql(f"INSERT INTO {self._counts} {self._counted}")

    @property
    def _counted(self) -> str:
        counted_by = self._model.counted_by
        return f"SELECT {counted_by}, count(*) FROM {self._table} GROUP BY {counted_by}"
