"""Store the records of a file, many at a time."""

from collections.abc import Sequence
from typing import Any

from leadbook.people.contacts import DuplicateEmailError
from leadbook.storage import event_log, rows, summaries
from leadbook.storage.columns import AddressKey, UuidText, comparable, compared
from leadbook.storage.custom_values import MOST_ENTRIES
from leadbook.storage.database import current
from leadbook.storage.naming import name_of
from leadbook.storage.record import Record
from leadbook.storage.refusals import Refusal, WrongFieldError
from leadbook.storage.sqlite import searched_text
from leadbook.storage.times import milliseconds_of
from leadbook.transfer.cleaning import Cleaned
from leadbook.transfer.columns.kinds import Kind
from leadbook.transfer.linking import Owners
from leadbook.transfer.values.adjustments import LEFT_OUT, Adjustments

# The outcome of a record; any other text is the reason for its rejection.
CREATED, UPDATED, SKIPPED = "created", "updated", "skipped"
OUTCOMES = (CREATED, UPDATED, SKIPPED)

_SAME_ID = "A record with this id already exists."


def put(kind: Kind, on_duplicate: str, batch: list[Cleaned], adjustments: Adjustments) -> list[str]:
    """Store the records of `batch` and return the outcome of each, in order.

    A record with an id, from our own export, is a duplicate if the id exists. Any other record is a
    duplicate if a lead, or an active client, has its address. `adjustments` counts the entries for
    which a record that exists has no room.
    """
    current.require_write()
    store = _Store(kind, on_duplicate, batch, adjustments)
    outcomes = [store.put(record) for record in batch]
    store.insert_waiting()
    return outcomes


def identity_of(model: type[Record], on_duplicate: str) -> AddressKey | None:
    """Return the column, other than the id, by which an import finds duplicates, or None."""
    looks = model.identity and on_duplicate != "create"
    return model._meta.fields[model.identity] if looks else None


def only_owners(model: type[Record]) -> str:
    """Return the SQL condition for records that own their address, or an empty text."""
    if model.owning_status is None:
        return ""
    return f" AND {model.counted_by} = '{model.owning_status}'"


class _Store:
    """One batch: the ids and addresses that exist, and the records that wait to be inserted."""

    def __init__(
        self, kind: Kind, on_duplicate: str, batch: list[Cleaned], adjustments: Adjustments
    ) -> None:
        self._kind = kind
        self._adjustments = adjustments
        self._model = kind.model
        self._inputs = kind.inputs
        self._on_duplicate = on_duplicate
        self._now = milliseconds_of(current.now)
        self._waiting: list[Cleaned] = []
        self._ids = self._ids_there([each["id"] for each in batch if "id" in each])
        self._numbers = self._numbers_there([each["number"] for each in batch if "number" in each])
        self._belonging = Owners(self._model, batch, current.execute_sql)
        self._identity = identity_of(self._model, on_duplicate)
        self._owners = self._owners_of([key for each in batch if (key := self._key_of(each))])

    def put(self, record: Cleaned) -> str:
        """Queue `record` for insertion, or handle a duplicate; return the outcome."""
        existing = self._existing(record)
        if existing is None:
            return self._create(record)
        if self._on_duplicate == "skip":
            return SKIPPED
        if self._on_duplicate == "update":
            return self._update(existing, record)
        if existing == record.get("id"):
            return _SAME_ID
        return str(DuplicateEmailError(None, self._model.owner))

    def insert_waiting(self) -> None:
        """Insert the queued records."""
        rows.insert_many(self._model, self._waiting)
        searched_text.add_many(self._model, self._waiting)
        event_log.add_many(self._model, self._waiting)
        summaries.tell_many(self._model, self._waiting)
        self._waiting = []

    def _create(self, record: Cleaned) -> str:
        if record.get("number") in self._numbers:
            return f"number: A {name_of(self._model)} with this number already exists."
        try:
            self._belonging.settle(record)
        except Refusal as error:
            return _reason(error)
        self._wait(record)
        return CREATED

    def _existing(self, record: Cleaned) -> bytes | None:
        """Return the id of the record that this one duplicates."""
        if record.get("id") in self._ids:
            return bytes(record["id"])
        key = None if self._model.is_apart(record) else self._key_of(record)
        return self._owners.get(key) if key else None

    def _key_of(self, record: Cleaned) -> str | None:
        """Return the value, other than the id, by which to find a duplicate, or None."""
        if self._identity is None:
            return None
        return str(comparable(self._identity, record[self._identity.source]))

    def _wait(self, record: Cleaned) -> None:
        made = {
            "id": record.get("id") or UuidText().db_value(current.new_id()),
            "created_at": record.get("created_at", self._now),
            "updated_at": record.get("updated_at", self._now),
        }
        stored = record | made | self._model.derived(record)
        if rule := self._model.announcement:
            # A history that comes in must not send a reminder of each old time.
            stored[rule.mark] = int(rule.is_past(stored, self._now))
        self._waiting.append(stored)
        self._ids.add(stored["id"])
        self._numbers |= {record["number"]} if "number" in record else set()
        status = self._model.owning_status
        if (key := self._key_of(stored)) and status in (
            None,
            stored.get(self._model.counted_by, status),
        ):
            self._owners[key] = stored["id"]

    def _update(self, id: bytes, record: Cleaned) -> str:
        # The record to update may still be queued.
        self.insert_waiting()
        columns = self._model._meta.fields
        names = [str(field.name) for field in self._inputs.values() if field.name in record]
        named = {name: columns[name].python_value(record[name]) for name in names}
        try:
            existing = self._model.fetch(str(UuidText().python_value(id)))
            if (number := record.get("number", existing.number)) != existing.number:
                return f"number: It is {existing.number} and cannot be changed to {number}."
            self._make_room(existing, named)
            before = self._key_of(existing.__data__)
            if rule := self._model.announcement:
                named = dict(rule.of_file(existing, named, current.now))
            after = self._key_of(existing.change(named).__data__)
        except Refusal as error:
            return _reason(error)
        if before and after and before != after:
            # Another record may also have the old address.
            self._owners.pop(before, None)
            self._owners |= self._owners_of([before, after])
        return UPDATED

    def _make_room(self, existing: Record, named: dict[str, Any]) -> None:
        """Remove new entries for which the record has no room: it keeps its own."""
        if not (field := self._inputs.get(self._kind.entries)) or field.name not in named:
            return
        known = getattr(existing, field.name)
        news = [name for name in named[field.name] if name not in known]
        over = news[max(MOST_ENTRIES - len(known), 0) :]
        for name in over:
            del named[field.name][name]
        self._adjustments.count(self._kind.entries, LEFT_OUT, len(over))

    def _ids_there(self, ids: list[bytes]) -> set[bytes]:
        """Return those of `ids` that exist."""
        return {each for (each,) in self._select("id", "id", ids)}

    def _numbers_there(self, numbers: list[int]) -> set[int]:
        """Return those of `numbers` that records have; only some kinds show theirs."""
        return {each for (each,) in self._select("number", "number", numbers)}

    def _owners_of(self, addresses: list[str]) -> dict[str, bytes]:
        """Return the owner of each address; of several leads, the newest."""
        if self._identity is None:
            return {}
        key = compared(self._identity)
        return dict(self._select(f"{key}, id", key, addresses, only_owners(self._model)))

    def _select(self, shown: str, key: str, values: Sequence[Any], more: str = "") -> list[Any]:
        marks = ", ".join("?" * len(values))
        table = self._model._meta.table_name
        where = f"{key} IN ({marks}){more}"
        sql = f"SELECT {shown} FROM {table} WHERE {where} ORDER BY created_at, id"
        return list(current.execute_sql(sql, values)) if values else []


def _reason(error: Refusal) -> str:
    return f"{error.field}: {error}" if isinstance(error, WrongFieldError) else str(error)
