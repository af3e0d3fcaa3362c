"""The log of events: a row for each change of a record, in the order of the commits.

The number of an event is SQLite's rowid, which rises as long as the last row stays.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from leadbook.storage.custom_values import Entries
from leadbook.storage.database import current
from leadbook.storage.json_text import as_text
from leadbook.storage.naming import name_of

CREATED, UPDATED = "created", "updated"

_INSERTION = (
    "INSERT INTO events (time, type, record_id, version, actor, request_id, changes)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)
# What may say something about a record. The receiver of a webhook may have sent it back.
_WORDLESS = {
    "events": "UPDATE events SET actor = NULL, request_id = NULL, changes = NULL WHERE number = ?",
    "deliveries": "UPDATE deliveries SET answer = '' WHERE number = ?",
}


def type_of(model: Any, verb: str) -> str:
    """Return the type of an event, such as `lead.created`."""
    return f"{name_of(model)}.{verb}"


def types_of(models: Iterable[Any]) -> list[str]:
    """Return the types of all events."""
    return [type_of(model, verb) for model in models for verb in model.verbs]


def matching(models: Iterable[Any], patterns: Iterable[str]) -> list[str]:
    """Return the types that a pattern names, such as `lead.*` or `client.archived`."""
    named = set(patterns)
    return [each for each in types_of(models) if {each, f"{each.partition('.')[0]}.*"} & named]


def add(record: Any, verb: str, before: Mapping[str, Any] | None = None) -> None:
    """Add an event of `record`; `before` has the values of the changed columns before it."""
    changes = None if before is None else as_text(_changes(record, before))
    row = (type_of(record._meta.model, verb), _stored_id(record), record.version)
    _insert(*row, *current.caller, changes)


def add_many(model: Any, records: Iterable[Mapping[str, Any]]) -> None:
    """Add the event of each new record; the values have the form of the file."""
    time, caller = current.time, current.caller
    what = type_of(model, CREATED)
    rows = ((time, what, each["id"], each.get("version", 1), *caller, None) for each in records)
    current.execute_many(_INSERTION, rows)
    current.sweep_events()


def add_of_same(model: Any, verb: str, records: Iterable[tuple[bytes, int]]) -> None:
    """Add an event of each record, by its id in the file and its version; none has changed."""
    time, caller, what = current.time, current.caller, type_of(model, verb)
    # Not null, as of an event whose words were removed.
    rows = ((time, what, each, version, *caller, "{}") for each, version in records)
    current.execute_many(_INSERTION, rows)
    current.sweep_events()


def bury(record: Any, verb: str) -> None:
    """Remove what the events of an erased record say, and add one about its end."""
    forget_words(record)
    _insert(type_of(record._meta.model, verb), _stored_id(record), None, None, None, None)


def forget_words(record: Any) -> None:
    """Remove what the events of a record say, so that they only say that something happened.

    Each row is a statement of its own: one for several rows would make the search index write what
    it has collected, for each record of a batch.
    """
    for table, statement in _WORDLESS.items():
        found = f"SELECT number FROM {table} WHERE record_id = ?"
        numbers = current.execute_sql(found, (_stored_id(record),)).fetchall()
        current.execute_many(statement, numbers)


def _insert(*row: Any) -> None:
    database = current.obj
    database.execute_many(_INSERTION, ((database.time, *row),))
    database.sweep_events()


def _stored_id(record: Any) -> Any:
    return record._meta.fields["id"].db_value(record.id)


def _changes(record: Any, before: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the old and the new value of each field of the JSON that has changed."""
    changes: dict[str, tuple[Any, Any]] = {}
    for column, name in _shown_columns(record._meta.model).items():
        if column not in before:
            continue
        old, new = before[column], getattr(record, column)
        if isinstance(new, Entries):
            changes |= _changed_entries(name, old, new)
        else:
            changes[name] = (old, new)
    return changes


def _changed_entries(name: str, old: Entries, new: Entries) -> dict[str, tuple[Any, Any]]:
    both = ((each, old.get(each), new.get(each)) for each in sorted(old.keys() | new.keys()))
    # As texts, since Python takes True for 1.
    return {f"{name}.{each}": (was, now) for each, was, now in both if as_text(was) != as_text(now)}


@cache
def _shown_columns(model: Any) -> dict[str, str]:
    """Return the columns whose changes an event shows, each with its name in the JSON.

    An event has its own version and time.
    """
    shown = {column: field.data_key for column, field in model.schema().fields.items()}
    return {name: key for name, key in shown.items() if name not in ("version", "updated_at")}
