"""What has happened to a person, and what is planned: events and records, newest first.

An event stands at its time, a record at the first of the times in `timed_by` of its model. Such a
time may change while a caller walks through the pages. So each page undoes the changes since the
first one: every entry keeps its place, and is seen once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple, Self

from leadbook.storage import events
from leadbook.storage.columns import TimeText, UuidText
from leadbook.storage.cursors import is_kept, token_of, values_of
from leadbook.storage.database import current
from leadbook.storage.event_log import CREATED, UPDATED, type_of
from leadbook.storage.naming import name_of, sql_name_of
from leadbook.storage.record import Record
from leadbook.storage.rendering import Json, show, show_many
from leadbook.storage.summaries import owned_by, summaries_of
from leadbook.storage.times import text_of

# Later than any time of a record.
_LATEST = 2**63 - 1
EVENT = "event"


@dataclass(frozen=True)
class Place:
    """Where a page begins.

    `newest` and `since` are the number and the time of the last event at the first page. The page
    has events before number `event`, and records before `time`, `record` and `kind`: the time, the
    id in hexadecimal digits and the kind of the last record that was shown.
    """

    of: str
    newest: int
    since: int
    event: int
    time: int
    record: str
    kind: str

    def token(self) -> str:
        """Return the place as a token for the caller."""
        return token_of(list(vars(self).values()))

    @classmethod
    def read(cls, token: str) -> Self:
        """Return the place of a token. Raises ValueError, TypeError or RecursionError."""
        place = cls(*values_of(token))
        for each in fields(cls):
            value = getattr(place, each.name)
            if type(value) is not each.type or not is_kept(value):
                raise ValueError("a token that was made by hand")
        bytes.fromhex(place.record)
        return place


class Entry(NamedTuple):
    """An event, or a record as it is now; `name` is that of its kind in SQL."""

    time: str
    kind: str
    name: str
    id: str
    shown: Json


class _Record(NamedTuple):
    """Where a record stands; records are sorted by this."""

    time: int
    id: bytes
    kind: str


def timeline(
    model: type[Record],
    id: str,
    *,
    limit: int,
    place: Place | None = None,
    origin: type[Record] | None = None,
) -> tuple[list[Entry], Place | None]:
    """Return entries of the record, newest first, and the place of the next page.

    The events of the records of `origin` that became this one are among them. Raises NotFoundError.
    """
    with current.read():
        person = show(model, id)
        stored = UuidText().db_value(person.id)
        place = place or _first(person.id)
        models = [model, origin] if origin else [model]
        ids = [stored, *_origins(model, stored, origin)]
        silent = frozenset(key for each in models for key in _summed(each))
        told = [_told(each, place.event, silent, limit + 1) for each in ids]
        happened = ((each[1], each) for each in merge(*told, key=itemgetter(0), reverse=True))
        owned = ((each.time, each) for each in _records(model, stored, place, limit + 1))
        both = merge(happened, owned, key=itemgetter(0), reverse=True)
        found = [each for _, each in islice(both, limit + 1)]
        entries = list(_entries(models, found[:limit], person.fields))
    return entries, _after(place, found[:limit]) if len(found) > limit else None


def _first(id: str) -> Place:
    number, time = current.last_event()
    return Place(id, number, time, number + 1, _LATEST, "", "")


def _after(place: Place, shown: list[Any]) -> Place:
    """Return the place after these events and records."""
    for each in shown:
        if isinstance(each, _Record):
            place = replace(place, time=each.time, record=each.id.hex(), kind=each.kind)
        else:
            place = replace(place, event=each[0])
    return place


def _origins(model: type[Record], id: bytes | None, origin: type[Record] | None) -> list[bytes]:
    if origin is None:
        return []
    sql = f"SELECT id FROM {origin._meta.table_name} WHERE {sql_name_of(model)}_id = ?"
    return [each for (each,) in current.execute_sql(sql, (id,)).fetchall()]


def _told(
    record: bytes | None, before: int, silent: frozenset[str], batch: int
) -> Iterator[tuple[Any, ...]]:
    """Yield the events of a record before a number, latest first.

    An update of `silent` fields only is left out: it says what the other entries say.
    """
    sql = f"SELECT {events.COLUMNS} FROM events WHERE record_id = ? AND number < ?"
    sql += " ORDER BY number DESC LIMIT ?"
    while found := current.execute_sql(sql, (record, before, batch)).fetchall():
        for row in found:
            changed = row[2].endswith(f".{UPDATED}") and events.pairs_of(row[-1])
            if not changed or not silent.issuperset(changed):
                yield row
        before = found[-1][0]


def _records(model: type[Record], id: bytes | None, place: Place, limit: int) -> list[_Record]:
    """Return up to `limit` records that belong to the one with this id, from the place on."""
    end = _Record(place.time, bytes.fromhex(place.record), place.kind)
    found: list[_Record] = []
    for kind, link in owned_by(model):
        name, columns = name_of(kind), ", ".join(kind.timed_by)
        of_person = f"FROM {kind._meta.table_name} WHERE {link} = ? AND updated_at"
        at = f"coalesce({columns}, NULL)"
        sql = f"SELECT {at} AS time, id {of_person} < ? AND ({at}, id, '{name}') < (?, ?, ?)"
        sql += " ORDER BY time DESC, id DESC LIMIT ?"
        unchanged = current.execute_sql(sql, (id, place.since, *end, limit))
        found += [_Record(time, own, name) for time, own in unchanged.fetchall()]
        sql = f"SELECT id, {columns} {of_person} >= ?"
        changed = current.execute_sql(sql, (id, place.since)).fetchall()
        before = (_as_before(kind, place.newest, *row) for row in changed)
        found += [each for each in before if each is not None and each < end]
    return sorted(found, reverse=True)[:limit]


def _as_before(kind: Any, newest: int, id: bytes, *times: int | None) -> _Record | None:
    """Return where a record with these times stood at event `newest`; None if it is later."""
    keys = list(_keys(kind, kind.timed_by))
    stood = dict(zip(keys, times, strict=True))
    sql = "SELECT type, changes FROM events WHERE record_id = ? AND number > ? ORDER BY number DESC"
    for what, changes in current.execute_sql(sql, (id, newest)).fetchall():
        if what == type_of(kind, CREATED):
            return None
        changed = events.pairs_of(changes) or {}
        stood |= {key: _stored(changed[key]["from"]) for key in keys if key in changed}
    time = next(each for each in stood.values() if each is not None)
    return _Record(time, id, name_of(kind))


_stored = TimeText().db_value


def _summed(model: type[Record]) -> Iterator[str]:
    """Yield the fields that say what the records of a person say."""
    return _keys(model, (each.name for each in summaries_of(model)))


def _keys(model: Any, columns: Iterable[str]) -> Iterator[str]:
    """Yield the names of columns in the JSON, if it has them."""
    shown = model.schema().fields
    return (shown[each].data_key for each in columns if each in shown)


def _entries(models: list[type[Record]], found: list[Any], person: Json) -> Iterator[Entry]:
    """Yield events and records as JSON, in their order."""
    records = [each for each in found if isinstance(each, _Record)]
    rows = [each for each in found if not isinstance(each, _Record)]
    told = {each["number"]: each for each in events.as_json(models, rows, {person["id"]: person})}
    names: dict[str, str] = {}
    now: dict[tuple[str, str], Json] = {}
    for kind, _ in owned_by(models[0]):
        name = name_of(kind)
        names[name] = sql_name_of(kind)
        ids = [UuidText.unpack(each.id) for each in records if each.kind == name]
        now |= {(name, each["id"]): each for each in show_many(kind, ids)}
    for each in found:
        if isinstance(each, _Record):
            shown = now[each.kind, UuidText.unpack(each.id)]
            yield Entry(text_of(each.time), each.kind, names[each.kind], shown["id"], shown)
        else:
            event = told[each[0]]
            del event["record"]
            yield Entry(event["time"], EVENT, EVENT, str(event["number"]), event)
