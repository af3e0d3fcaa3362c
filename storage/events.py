"""Reading the log of events: the history of a record, and the feed of all."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadbook.storage import rows
from leadbook.storage.columns import TimeText, UuidText
from leadbook.storage.database import current
from leadbook.storage.event_log import CREATED
from leadbook.storage.json_text import decode, texts_in
from leadbook.storage.naming import name_of
from leadbook.storage.record import Record
from leadbook.storage.refusals import Refusal
from leadbook.storage.rendering import Json, show, show_many

# How many events one request looks at, so that it is short even if few have a wanted type.
_MOST_READ = 10_000
COLUMNS = "number, time, type, record_id, version, actor, request_id, changes"


class EventsExpiredError(Refusal):
    """Events after the given number are not kept any more; `oldest` is the oldest number kept."""

    def __init__(self, message: str, oldest: int) -> None:
        super().__init__(message)
        self.oldest = oldest


@dataclass(frozen=True)
class Events:
    """Some events as JSON; `next` is the number to go on from, or None."""

    data: list[Json]
    next: int | None
    has_more: bool = False


def history(model: type[Record], id: str, *, limit: int, before: int | None = None) -> Events:
    """Return what has happened to a record, newest first. Raises NotFoundError."""
    with current.read():
        record = show(model, id).fields
        sql = f"SELECT {COLUMNS} FROM events WHERE record_id = ? AND number < ?"
        sql += " ORDER BY number DESC LIMIT ?"
        stored = UuidText().db_value(id)
        rows = current.execute_sql(sql, (stored, before or 2**63 - 1, limit + 1)).fetchall()
        data = as_json([model], rows[:limit], {record["id"]: record})
    for event in data:
        del event["record"]
    return Events(data, data[-1]["number"] if len(rows) > limit else None, len(rows) > limit)


def former_values(record: Record, *names: str) -> list[set[Any]]:
    """Return the values that each of some fields has had, as far as the log says."""
    has_any = " OR ".join(f"instr(changes, '\"{name}\":[')" for name in names)
    sql = f"SELECT changes FROM events WHERE record_id = ? AND ({has_any})"
    values: list[set[Any]] = [set() for _ in names]
    for (changes,) in current.execute_sql(sql, (UuidText().db_value(record.id),)):
        pairs = pairs_of(changes) or {}
        for name, found in zip(names, values, strict=True):
            found |= {each for each in pairs.get(name, {}).values() if each is not None}
    return values


def said_about(record: Record) -> Iterator[str]:
    """Yield the texts in the events of a record, and in what receivers have answered."""
    stored = (UuidText().db_value(record.id),)
    changed = "SELECT changes FROM events WHERE record_id = ? AND changes IS NOT NULL"
    for (changes,) in current.execute_sql(changed, stored):
        yield from texts_in(pairs_of(changes))
    answered = "SELECT answer FROM deliveries WHERE record_id = ? AND answer <> ''"
    yield from (answer for (answer,) in current.execute_sql(answered, stored))


def moved_from(model: type[Record], link: str, id: str) -> Iterator[Record]:
    """Yield the records whose `link` named this id once, as far as the log says."""
    was = former_link(model.schema().fields[link].data_key)
    sql = f"SELECT DISTINCT record_id FROM events WHERE {was} IS NOT NULL AND {was} = ?"
    for (stored,) in current.execute_sql(sql, (id,)).fetchall():
        if (record := rows.read(model, UuidText.unpack(stored))) is not None:
            yield record


def former_ids(record: Record, link: str) -> set[str]:
    """Return the ids that `link` named before, as far as the log says."""
    was = former_link(record.schema().fields[link].data_key)
    sql = f"SELECT {was} FROM events WHERE record_id = ? AND {was} IS NOT NULL"
    return {each for (each,) in current.execute_sql(sql, (UuidText().db_value(record.id),))}


def former_link(name: str) -> str:
    """Return the SQL of the id that a link had before an event; there is an index of these."""
    start = f'instr(changes, \'"{name}":["\')'
    return f"iif({start}, substr(changes, {start} + {len(name) + 5}, 36), NULL)"


def feed(
    models: Sequence[type[Record]], *, after: int | None, limit: int, types: Sequence[str] = ()
) -> Events:
    """Return the events after a number, oldest first, each with its record as it is now.

    `types` are those to return, by default all. Without `after`, the feed begins with the oldest
    event that is kept. Raises EventsExpiredError.
    """
    with current.read():
        first, last = require_kept(after)
        wanted = f" WHERE type IN ({', '.join('?' * len(types))})" if types else ""
        read = f"SELECT {COLUMNS} FROM events WHERE number > ? ORDER BY number LIMIT ?"
        rows = current.execute_sql(
            f"SELECT * FROM ({read}){wanted} LIMIT ?", (first, _MOST_READ, *types, limit + 1)
        ).fetchall()
        if len(rows) > limit:
            rows = rows[:limit]
            last = rows[-1][0]
        else:
            last = min(last, first + _MOST_READ)
        has_more = last < current.last_event()[0]
        return Events(as_json(models, rows, {}), last, has_more)


def require_kept(after: int | None) -> tuple[int, int]:
    """Return the number to read after, and that of the last event. Raises EventsExpiredError.

    Without `after`, that is the number before the oldest event that is kept.
    """
    last, _ = current.last_event()
    [(oldest,)] = current.execute_sql("SELECT ifnull(min(number), 1) FROM events")
    if after is None:
        return oldest - 1, last
    if after < oldest - 1:
        message = f"Events before number {oldest} are not kept any more."
        raise EventsExpiredError(message, oldest)
    if after > last:
        # The file was replaced by an older one, whose next events are others.
        message = f"The last event has number {last}; another database was put in place."
        raise EventsExpiredError(message, oldest)
    return after, last


def as_json(
    models: Sequence[type[Record]], rows: Sequence[Any], known: dict[str, Json]
) -> list[Json]:
    """Return events as JSON, each with its record; `known` has records that are read already."""
    events = [_event(*row) for row in rows]
    for model in models:
        of_kind = [each for each in events if each["kind"] == name_of(model)]
        missing = {each["recordId"] for each in of_kind} - known.keys()
        known |= {each["id"]: each for each in show_many(model, missing)}
        _tell_first_values([each for each in of_kind if each["type"].endswith(CREATED)], known)
    return [event | {"record": known.get(event["recordId"])} for event in events]


def _tell_first_values(created: Sequence[Json], known: Mapping[str, Json]) -> None:
    """Give each event of a creation the values that its record had then.

    They are those of today, with all later changes undone. So the log does not repeat the records.
    """
    values = {
        each["recordId"]: _values(known[each["recordId"]])
        for each in created
        if each["recordId"] in known
    }
    if not values:
        return
    what = created[0]["type"]
    stored = [UuidText().db_value(each) for each in values]
    marks = ", ".join("?" * len(stored))
    sql = f"SELECT record_id, changes FROM events WHERE record_id IN ({marks})"
    later = current.execute_sql(f"{sql} AND type <> ? ORDER BY number DESC", (*stored, what))
    for record, changes in later:
        if (pairs := pairs_of(changes)) is None:
            # Its words were removed, or are damaged.
            values.pop(UuidText.unpack(record), None)
        elif (before := values.get(UuidText.unpack(record))) is not None:
            before |= {name: pair["from"] for name, pair in pairs.items()}
    for event in created:
        first = values.get(event["recordId"], {})
        told = {name: _pair(None, each) for name, each in first.items() if each is not None}
        event["changes"] = told or None


def _values(record: Json) -> Json:
    """Return the fields of a record that events show, with each entry of a field with entries."""
    shown: Json = {}
    for name, value in record.items():
        if isinstance(value, Mapping):
            shown |= {f"{name}.{each}": entry for each, entry in value.items()}
        elif name not in ("id", "version", "updatedAt"):
            shown[name] = value
    return shown


def _pair(before: Any, after: Any) -> Json:
    return {"from": before, "to": after}


def pairs_of(changes: str | None) -> dict[str, Json] | None:
    """Return the changes of an event; None if there are none, or if they are damaged."""
    if changes is None:
        return None
    try:
        return {name: _pair(*each) for name, each in decode(changes).items()}
    except (AttributeError, TypeError, ValueError, RecursionError):
        return None


def _event(
    number: int,
    time: int,
    what: str,
    record: bytes,
    version: int | None,
    actor: str | None,
    request: str | None,
    changes: str | None,
) -> Json:
    return {
        "number": number,
        "type": what,
        "time": TimeText.unpack(time),
        "kind": what.partition(".")[0],
        "recordId": UuidText.unpack(record),
        "version": version,
        "actor": actor,
        "requestId": request,
        "changes": pairs_of(changes),
    }
