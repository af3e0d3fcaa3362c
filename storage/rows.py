"""Reading and writing one row, with statements that are built once.

Peewee builds the SQL of each query again, which took half of the time of an insert.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar

import peewee

from leadbook.storage.columns import Packed
from leadbook.storage.database import current

Model = TypeVar("Model", bound=peewee.Model)
# Returns the rows of a query.
Run = Callable[[str, list[Any]], Iterable[tuple[Any, ...]]]

# Rows that are in memory at the same time.
_AT_ONCE = 100


def read(model: type[Model], id: str) -> Model | None:
    """Return the row with this id, or None."""
    return next(iter(select(model, id=id)), None)


def select(model: type[Model], **values: Any) -> list[Model]:
    """Return the rows in which any of these columns has its value."""
    given = [model._meta.fields[name].db_value(value) for name, value in values.items()]
    return _read(model, _any_of(*values), given)


def _read(model: type[Model], where: str, given: Sequence[Any]) -> list[Model]:
    fields = model._meta.sorted_fields
    found = current.execute_sql(_selection(model, where), given).fetchall()
    pairs = (zip(fields, row, strict=True) for row in found)
    return [
        model(**{field.name: field.python_value(value) for field, value in each}) for each in pairs
    ]


def look_up(
    model: type[peewee.Model], shown: Iterable[str], key: str, values: Collection[Any], run: Run
) -> Iterable[tuple[Any, ...]]:
    """Return these columns of the rows whose `key` is one of `values`, the oldest row first.

    All values have the form of the file. `run` executes a query.
    """
    if not values:
        return []
    marks = ", ".join("?" * len(values))
    where = f"{key} IN ({marks}) ORDER BY created_at, id"
    return run(f"SELECT {', '.join(shown)} FROM {model._meta.table_name} WHERE {where}", [*values])


def each(model: type[Model], where: str, *given: Any) -> Iterator[Model]:
    """Yield the rows that match a condition, with few of them in memory.

    The block may change or delete rows. One that is gone before it is read is left out.
    """
    found = f"SELECT number FROM {model._meta.table_name} WHERE {where} ORDER BY number"
    numbers = [number for (number,) in current.execute_sql(found, given).fetchall()]
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        yield from _read(model, f"number IN ({', '.join('?' * len(some))}) ORDER BY number", some)


def linked(model: type[Model], link: str, id: str) -> Iterator[Model]:
    """Yield the rows whose column `link` has this id, as `each` does."""
    return each(model, f"{link} = ?", model._meta.fields[link].db_value(id))


def insert(record: Any) -> None:
    """Store a new row, and set the record's number."""
    model = record._meta.model
    names = _columns(model)
    sql = f"{_insertion(model, names)} RETURNING number"
    [(record.number,)] = current.execute_sql(sql, _stored(record, names)).fetchall()


def insert_many(model: type[peewee.Model], records: list[dict[str, Any]]) -> None:
    """Store new rows; the values have the form of the file, and defaults are optional.

    A row that has no number gets one that no row, not even one that was erased, has had.
    """
    if not records:
        return
    meta = model._meta
    given = meta.get_default_dict()
    # The file may have another value for None, such as NEVER.
    defaults = {name: each.db_value(given.get(name)) for name, each in meta.fields.items()}
    last = max(_last_number(meta.table_name), *(each.get("number", 0) for each in records))
    news = (each for each in records if "number" not in each)
    for number, record in enumerate(news, last + 1):
        record["number"] = number
    names = ("number", *_columns(model))
    pick = itemgetter(*names)
    current.execute_many(_insertion(model, names), (pick(defaults | each) for each in records))


def _last_number(table: str) -> int:
    # Only tables with AUTOINCREMENT are in this one, which remembers the numbers of erased rows:
    # https://sqlite.org/autoinc.html
    used = "SELECT seq FROM sqlite_sequence WHERE name = ?"
    sql = f"SELECT max(coalesce(max(number), 0), coalesce(({used}), 0)) FROM {table}"
    [(last,)] = current.execute_sql(sql, (table,)).fetchall()
    return int(last)


def update(record: Any, names: Iterable[str]) -> None:
    """Write only these columns; writing all would undo changes that others made meanwhile."""
    names = sorted(names)
    settings = ", ".join(f"{name} = ?" for name in names)
    sql = f"UPDATE {record._meta.table_name} SET {settings} WHERE number = ?"
    current.execute_sql(sql, [*_stored(record, names), record.number])


def delete(record: Any) -> None:
    """Remove the row."""
    sql = f"DELETE FROM {record._meta.table_name} WHERE number = ?"
    current.execute_sql(sql, (record.number,))


def _stored(record: Any, names: Iterable[str]) -> list[Any]:
    values, packed = record.__data__, _packed(record._meta.model)
    # Peewee would convert each text to a text, which takes longer than all the rest.
    return [
        packed[name](values.get(name)) if name in packed else values.get(name) for name in names
    ]


@cache
def _packed(model: Any) -> dict[str, Callable[[Any], Any]]:
    """Return the columns that the file has in another form, and what converts their values."""
    fields = model._meta.sorted_fields
    return {field.name: field.db_value for field in fields if isinstance(field, Packed)}


@cache
def _any_of(*columns: str) -> str:
    return " OR ".join(f"{column} = ?" for column in columns)


@cache
def _selection(model: type[peewee.Model], where: str) -> str:
    names = ", ".join(field.name for field in model._meta.sorted_fields)
    return f"SELECT {names} FROM {model._meta.table_name} WHERE {where}"


@cache
def _columns(model: type[peewee.Model]) -> tuple[str, ...]:
    """Return all columns except the number, which the database assigns."""
    return tuple(sorted(model._meta.fields.keys() - {"number"}))


@cache
def _insertion(model: type[peewee.Model], names: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {model._meta.table_name} ({', '.join(names)}) VALUES ({marks})"
