"""Checking and repairing values that Leadbook itself would not have stored."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import peewee

from leadbook.storage.columns import Flag, Ranked, TextList, TimeText, UuidText
from leadbook.storage.database import Database
from leadbook.storage.naming import name_of
from leadbook.storage.record import Record
from leadbook.storage.sqlite.stored_entries import mend_each
from leadbook.storage.summaries import Summary
from leadbook.storage.times import LATEST

_MOST_TOLD, _LONGEST_TOLD = 20, 200
_DAMAGED = (
    "The {key} of the {kind} {id} is no time. Leadbook shows the nearest one. Send the right one."
)
_REPLACED = "The {key} of the {kind} {id} could not be read. Leadbook removed: {text}"
_IS_TEXTS = (
    "json_type({0}) = 'array' AND NOT EXISTS (SELECT 1 FROM json_each({0}) WHERE type <> 'text')"
)


class StoredValues:
    """The values of one table that cannot be right, by themselves or beside the status."""

    def __init__(self, model: type[Record]) -> None:
        self._model = model
        self._table = model._meta.table_name
        self._wrong = dict(_tests(model))
        self._against = {
            column: f"{status} IN {_listed(_choices(model, status))} AND"
            f" ({column} IS NOT NULL) <> ({status} IN {_listed(words)})"
            for column, (status, words) in model.status_times.items()
        }
        # The times that nothing else in the file says: callers set them.
        self._of_callers = {
            each.name
            for each in model._meta.sorted_fields
            if isinstance(each, TimeText)
            and each.name in model.changes().fields.keys() & self._wrong
        }
        # What the repair has told a person about texts that it has removed.
        self._replaced: list[str] = []

    def wrong(self, database: Database) -> list[int]:
        """Return the numbers of the rows with such a value."""
        tests = [*self._wrong.values(), *self._against.values()]
        sql = f"SELECT number FROM {self._table} WHERE {' OR '.join(f'({each})' for each in tests)}"
        return [number for (number,) in database.execute_sql(sql).fetchall()]

    def mend(self, database: Database, numbers: list[int], _: object) -> None:
        """Write what follows from the rest of the row, or what callers have read so far.

        What callers see of it is a change of the record. Only a person knows the times that callers
        have set: these stay.
        """

        def mend(number: int, record: Any) -> None:
            if record is None:
                return
            wrong = self._found(database, number, self._wrong)
            against = self._found(database, number, self._against)
            record.update_columns(self._right(database, record, wrong, against))
            for column in self._found(database, number, self._wrong):
                if column not in self._of_callers:
                    self._write_as_read(database, record, column)

        mend_each(self._model, database, numbers, mend)

    def lines(self, database: Database) -> Iterator[str]:
        """Yield a line for each value that a person has to know about."""
        found = list(self._replaced)
        for column in sorted(self._of_callers):
            sql = f"SELECT id FROM {self._table} WHERE {self._wrong[column]} ORDER BY number"
            ids = (UuidText.unpack(each) for (each,) in database.execute_sql(sql).fetchall())
            found += [self._line(_DAMAGED, each, column) for each in ids]
        yield from found[:_MOST_TOLD]
        if len(found) > _MOST_TOLD:
            yield f"{len(found) - _MOST_TOLD} more values of {self._table} are damaged."

    def _found(self, database: Database, number: int, tests: Mapping[str, str]) -> list[str]:
        """Return the columns of a row whose tests say that they are wrong."""
        if not tests:
            return []
        sql = f"SELECT {', '.join(tests.values())} FROM {self._table} WHERE number = ?"
        rows = database.execute_sql(sql, (number,)).fetchall()
        return [
            column for row in rows for column, is_wrong in zip(tests, row, strict=True) if is_wrong
        ]

    def _right(
        self, database: Database, record: Any, wrong: list[str], against: list[str]
    ) -> dict[str, Any]:
        """Return the values that follow from those that are right."""
        given = {name: each for name, each in record.__data__.items() if each is not None}
        for column in wrong:
            given.pop(column, None)
        now: Any = database.now
        follows = self._model.completed(given, now)
        values: dict[str, Any] = {column: follows.get(column) for column in against}
        for column in {*wrong} - {*against} - self._of_callers:
            field = self._model._meta.fields[column]
            if column == "created_at":
                values[column] = _first_time(database, field, record)
            elif isinstance(field, TimeText):
                values[column] = follows.get(column, given.get("updated_at", now))
            elif isinstance(field, peewee.TextField):
                values[column] = follows.get(column, field.default)
        return values

    def _write_as_read(self, database: Database, record: Any, column: str) -> None:
        """Write what callers have read so far, such as true for 7."""
        rule, field = self._model.announcement, self._model._meta.fields[column]
        # Rather remind twice than never.
        value = False if rule and column == rule.mark else getattr(record, column)
        if isinstance(field, TextList):
            sql = f"SELECT {column} FROM {self._table} WHERE number = ?"
            [(text,)] = database.execute_sql(sql, (record.number,)).fetchall()
            told = self._line(_REPLACED, record.id, column, text=repr(text[:_LONGEST_TOLD]))
            self._replaced.append(told)
        sql = f"UPDATE {self._table} SET {column} = ? WHERE number = ?"
        database.execute_sql(sql, (field.db_value(value), record.number))

    def _line(self, line: str, id: str, column: str, **more: str) -> str:
        key = self._model.schema().fields[column].data_key
        return line.format(key=key, kind=name_of(self._model), id=id, **more)


def _first_time(database: Database, field: Any, record: Any) -> Any:
    """Return the time of the first event of the record that is kept, or now."""
    sql = "SELECT min(time) FROM events WHERE record_id = ?"
    stored = record._meta.fields["id"].db_value(record.id)
    [(time,)] = database.execute_sql(sql, (stored,)).fetchall()
    return database.now if time is None else field.python_value(time)


def _tests(model: type[Record]) -> Iterator[tuple[str, str]]:
    """Yield columns, each with the SQL condition that its value cannot be right."""
    for field in model._meta.sorted_fields:
        name = field.name
        words = _choices(model, name)
        if isinstance(field, Summary):
            # It is what the rows of others say.
            continue
        if isinstance(field, TimeText):
            yield name, f"{name} NOT BETWEEN 0 AND {LATEST}"
        elif isinstance(field, Flag):
            yield name, f"{name} NOT IN (0, 1)"
        elif isinstance(field, Ranked):
            yield name, f"{name} NOT BETWEEN 0 AND {len(words) - 1}"
        elif isinstance(field, TextList):
            yield name, f"CASE WHEN json_valid({name}) THEN {_IS_TEXTS.format(name)} END IS NOT 1"
        elif words:
            yield name, f"{name} NOT IN {_listed(words)}"


def _choices(model: type[Record], column: str) -> list[str]:
    """Return the words that a column can have, or none if it can have any."""
    field = model.schema().fields.get(column)
    rules = field.validators if field else ()
    return [each for rule in rules for each in getattr(rule, "choices", ())]


def _listed(words: Iterable[str]) -> str:
    return f"({', '.join(map(repr, words))})"
