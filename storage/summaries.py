"""What a record shows about the rows that link to it, or that it links to.

Such a column is stored, so that lists can sort and filter by it. Each change of one of those rows
updates it in the same transaction.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, ClassVar, NamedTuple

import peewee

from leadbook.storage import rows
from leadbook.storage.columns import Flag, UuidText
from leadbook.storage.database import current
from leadbook.storage.naming import sql_name_of
from leadbook.storage.optional_times import NEVER, TimeOrNever
from leadbook.storage.sqlite import searched_text


class Summary(peewee.Field):
    """A column derived from the rows of `table` that have the values in `having`, all words."""

    default_value: ClassVar[Any] = None

    def __init__(self, table: str, **having: str) -> None:
        super().__init__(default=self.default_value, null=self.default_value is None)
        self.table = table
        self.reads = frozenset(having)
        self._where = "".join(f" AND {table}.{name} = '{word}'" for name, word in having.items())

    def sql(self, model: Any) -> str:
        """Return the SELECT of its value for a row of `model`'s table."""
        return f"SELECT {self._shown} FROM {self.table} WHERE {self._link(model)}{self._where}"

    _shown = "count(*)"

    def _link(self, model: Any) -> str:
        """Return the condition that a row of the other table links to a row of `model`."""
        return f"{self.table}.{sql_name_of(model)}_id = {model._meta.table_name}.id"


class CountOf(Summary, peewee.IntegerField):
    """How many rows link to the record."""

    default_value = 0


class EarliestOf(Summary, TimeOrNever):
    """The earliest time in a column of the rows that link to the record."""

    def __init__(self, table: str, column: str, **having: str) -> None:
        super().__init__(table, **having)
        self.reads |= {column}
        self._shown = f"ifnull(min({column}), {NEVER})"


class OwnerHas(Summary, Flag):
    """Whether the record of `table` that the column `link` names has the values."""

    default_value = False

    def __init__(self, table: str, link: str, **having: str) -> None:
        super().__init__(table, **having)
        self._by = link

    def _link(self, model: Any) -> str:
        return f"{self.table}.id = {model._meta.table_name}.{self._by}"


# The records to update at the end of a block: see `once`.
_waiting: ContextVar[dict[Any, Any] | None] = ContextVar("leadbook_waiting", default=None)


class _Reader(NamedTuple):
    """A kind of record that reads rows of another one, which `link` connects.

    It reads the columns `reads` for its summaries, and `texts` for its searches.
    """

    model: Any
    link: str
    reads: frozenset[str]
    texts: frozenset[str]


def tell(record: Any, before: Mapping[str, Any] | None = None) -> None:
    """Update what others show about a record that has just changed.

    `before` has the old values of the changed columns. Without it, the record is new or is gone.
    """
    owners, owned = _owners(record._meta.model), _owned(record._meta.model)
    changed = set() if before is None else set(before)
    if changed & record.links.keys():
        read_owners(record)
    for owner in owners:
        ids = {getattr(record, owner.link), (before or {}).get(owner.link)} - {None}
        is_new = before is None or owner.link in changed
        reads = is_new or owner.reads & changed
        texts = is_new or owner.texts & changed
        for each in sorted(ids) if reads or texts else ():
            _tell_owner(owner, each, bool(reads), bool(texts))
    for kind in owned:
        if kind.reads & changed:
            for each in rows.select(kind.model, **{kind.link: record.id}):
                refresh(each)


def _tell_owner(owner: _Reader, of_id: str, reads: bool, texts: bool) -> None:
    waiting = _waiting.get()
    if waiting is not None:
        waiting[owner.model, of_id] = owner
        return
    found = rows.read(owner.model, of_id)
    if found is not None and reads:
        refresh(found)
    if found is not None and texts and owner.texts:
        searched_text.change(found)


@contextmanager
def once() -> Iterator[None]:
    """Update each record that shows something about what changes in the block once, at its end."""
    waiting: dict[tuple[Any, str], _Reader] = {}
    token = _waiting.set(waiting)
    try:
        yield
    finally:
        _waiting.reset(token)
    for (_, each), owner in waiting.items():
        _tell_owner(owner, each, True, True)


def tell_many(model: Any, records: Iterable[Mapping[str, Any]]) -> None:
    """Update what others show about new rows; the values have the form of the file.

    A row of our own export was counted in the version of its owner before it was exported. So the
    version of an owner that has just come from a file stays, and can be exported again as it was.
    """
    new = list(records)
    for each in summaries_of(model):
        sql = f"UPDATE {model._meta.table_name} SET {each.name} = ({each.sql(model)})"
        if isinstance(each, OwnerHas) and new:
            current.execute_sql(f"{sql} WHERE number >= ?", (min(row["number"] for row in new),))
    for owner in _owners(model):
        linking = [each for each in new if each.get(owner.link)]
        own = {each[owner.link] for each in linking if "version" in each}
        for stored in own | {each[owner.link] for each in linking}:
            found = rows.read(owner.model, UuidText.unpack(stored))
            if found is None:
                continue
            if stored in own and _has_just_come(stored):
                _store(found, current_values(found))
            else:
                refresh(found)
            if owner.texts:
                searched_text.change(found)


def _has_just_come(stored: bytes) -> bool:
    """Return whether nothing has happened to a record since it was created."""
    sql = "SELECT 1 FROM events WHERE record_id = ? LIMIT 2"
    return len(current.execute_sql(sql, (stored,)).fetchall()) == 1


def refresh(record: Any) -> None:
    """Compute the summaries of a record again. A change of one that it shows is a change of it."""
    found, shown = current_values(record), record.schema().fields
    _store(record, {name: value for name, value in found.items() if name not in shown})
    record.update_columns({name: value for name, value in found.items() if name in shown})


def read_owners(record: Any) -> None:
    """Compute the summaries of a record about those that it belongs to, and did not before."""
    if any(isinstance(each, OwnerHas) for each in summaries_of(record._meta.model)):
        refresh(record)


def current_values(record: Any) -> dict[str, Any]:
    """Return what the summaries of a stored record should be."""
    model = record._meta.model
    columns = summaries_of(model)
    if not columns:
        return {}
    values = ", ".join(f"({each.sql(model)})" for each in columns)
    sql = f"SELECT {values} FROM {model._meta.table_name} WHERE number = ?"
    [found] = current.execute_sql(sql, (record.number,)).fetchall()
    return {each.name: each.python_value(value) for each, value in zip(columns, found, strict=True)}


@cache
def summaries_of(model: Any) -> tuple[Summary, ...]:
    """Return the columns of a model that are summaries."""
    return tuple(each for each in model._meta.sorted_fields if isinstance(each, Summary))


@cache
def owned_by(model: Any) -> tuple[tuple[Any, str], ...]:
    """Return each kind of record that belongs to records of `model`, and its link to them."""
    links = ((kind, getattr(kind, "links", {})) for kind in _kinds(peewee.Model))
    pairs = ((kind, link, owner) for kind, own in links for link, owner in own.items())
    return tuple((kind, link) for kind, link, owner in pairs if owner is model)


def _kinds(model: Any) -> Iterator[Any]:
    for kind in model.__subclasses__():
        # One without a schema only has what its subclasses share.
        if hasattr(kind, "schema"):
            yield kind
        yield from _kinds(kind)


@cache
def _owners(model: Any) -> tuple[_Reader, ...]:
    """Return the kinds that records of `model` belong to and that read their rows."""
    found = (_reader(owner, link, model) for link, owner in model.links.items())
    return tuple(each for each in found if each is not None)


def text_readers_of(model: Any) -> list[Any]:
    """Return the kinds whose searches read texts of records of `model`."""
    return [each.model for each in _owners(model) if each.texts]


@cache
def _owned(model: Any) -> tuple[_Reader, ...]:
    """Return the kinds that belong to records of `model` and that read their rows."""
    found = (_reader(kind, link, model) for kind, link in owned_by(model))
    return tuple(each for each in found if each is not None)


def _reader(model: Any, link: str, of: Any) -> _Reader | None:
    table = of._meta.table_name
    columns = [each for each in summaries_of(model) if each.table == table]
    texts = [each for each in model.searched_also.values() if each.table == table]
    if not (columns or texts):
        return None
    reads = frozenset(name for each in columns for name in each.reads)
    return _Reader(model, link, reads, frozenset(each.column for each in texts))


def _store(record: Any, values: Mapping[str, Any]) -> None:
    """Store the values that differ; the version stays."""
    changed = {name: each for name, each in values.items() if getattr(record, name) != each}
    for name, value in changed.items():
        setattr(record, name, value)
    if changed:
        rows.update(record, changed)
