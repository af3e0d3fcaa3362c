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
# A page may leave out most of them.
_EVENTS_AT_ONCE = 200


@dataclass(frozen=True)
class Place:
    """Where a page begins.

    `newest` is the number of the last event at the first page. The page has events before number
    `event`, and records before `time`, `record` and `kind`: the time, the id in hexadecimal digits
    and the kind of the last record that was shown.
    """

    of: str
    newest: int
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
        told = [_told(each, place.event, silent) for each in ids]
        happened = ((each[1], each) for each in merge(*told, key=itemgetter(0), reverse=True))
        owned = ((each.time, each) for each in _records(model, stored, place, limit + 1))
        both = merge(happened, owned, key=itemgetter(0), reverse=True)
        found = [each for _, each in islice(both, limit + 1)]
        entries = list(_entries(models, found[:limit], person.fields))
    return entries, _after(place, found[:limit]) if len(found) > limit else None


def _first(id: str) -> Place:
    number, _ = current.last_event()
    return Place(id, number, number + 1, _LATEST, "", "")


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


def _told(record: bytes | None, before: int, silent: frozenset[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the events of a record before a number, latest first.

    An update of `silent` fields only is left out: it says what the other entries say.
    """
    sql = f"SELECT {events.COLUMNS} FROM events WHERE record_id = ? AND number < ?"
    sql += " ORDER BY number DESC LIMIT ?"
    while found := current.execute_sql(sql, (record, before, _EVENTS_AT_ONCE)).fetchall():
        for row in found:
            changed = row[2].endswith(f".{UPDATED}") and events.pairs_of(row[-1])
            if not changed or not silent.issuperset(changed):
                yield row
        before = found[-1][0]


def _records(model: type[Record], id: bytes | None, place: Place, limit: int) -> list[_Record]:
    """Return up to `limit` records that belong to the one with this id, from the place on."""
    end = _Record(place.time, bytes.fromhex(place.record), place.kind)
    is_quiet = current.last_event()[0] == place.newest
    found: list[_Record] = []
    for kind, link in owned_by(model):
        name, table = name_of(kind), kind._meta.table_name
        at = f"coalesce({', '.join(kind.timed_by)}, NULL)"
        later = f"SELECT 1 FROM events WHERE record_id = {table}.id AND number > {place.newest}"
        sql = f"SELECT {at} AS time, id FROM {table} WHERE {link} = ?"
        sql += f" AND ({at}, id, '{name}') < (?, ?, ?)"
        sql += "" if is_quiet else f" AND NOT EXISTS ({later})"
        sql += " ORDER BY time DESC, id DESC LIMIT ?"
        unchanged = current.execute_sql(sql, (id, *end, limit))
        found += [_Record(time, own, name) for time, own in unchanged.fetchall()]
        if not is_quiet:
            found += [each for each in _as_before(kind, link, id, place.newest) if each < end]
    return sorted(found, reverse=True)[:limit]


def _as_before(kind: Any, link: str, id: bytes | None, newest: int) -> Iterator[_Record]:
    """Yield where the records of a person that have changed since event `newest` stood then."""
    keys, table = list(_keys(kind, kind.timed_by)), kind._meta.table_name
    times = ", ".join(f"{table}.{each}" for each in kind.timed_by)
    # CROSS JOIN keeps this order. A person has few records, and all others may have many events.
    sql = f"SELECT {table}.id, events.type, events.changes, {times} FROM {table} CROSS JOIN events"
    sql += f" ON record_id = {table}.id AND events.number > ? WHERE {table}.{link} = ?"
    rows = current.execute_sql(f"{sql} ORDER BY events.number DESC", (newest, id)).fetchall()
    stood: dict[bytes, dict[str, int | None]] = {}
    for own, what, changes, *now in rows:
        if what == type_of(kind, CREATED):
            stood[own] = {}
        elif before := stood.setdefault(own, dict(zip(keys, now, strict=True))):
            changed = events.pairs_of(changes) or {}
            before |= {key: _stored(changed[key]["from"]) for key in keys if key in changed}
    for own, before in stood.items():
        # One that was created later has no times.
        for time in [each for each in before.values() if each is not None][:1]:
            yield _Record(time, own, name_of(kind))


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
