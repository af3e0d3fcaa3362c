"""Store the records of a file, many at a time."""

from collections.abc import Sequence
from typing import Any, Literal

from leadbook.storage import rows
from leadbook.storage.columns import UuidText
from leadbook.storage.current_database import current
from leadbook.storage.record import Refusal
from leadbook.storage.sqlite import texts
from leadbook.storage.text import fold
from leadbook.storage.times import milliseconds_of
from leadbook.transfer.cleaning import Record
from leadbook.transfer.kinds import LEADS, Kind

OnDuplicate = Literal["create", "skip", "update", "reject"]
# The outcome of a record; any other text is the reason for its rejection.
CREATED, UPDATED, SKIPPED = "created", "updated", "skipped"
OUTCOMES = (CREATED, UPDATED, SKIPPED)

_SAME_ID = "A record with this id already exists."


def put(kind: Kind, on_duplicate: OnDuplicate, batch: list[Record]) -> list[str]:
    """Store the records of `batch` and return the outcome of each, in order.

    A record with an id, from our own export, is a duplicate if the id exists. Any other record is a
    duplicate if a lead, or an active client, has its address.
    """
    current.require_write()
    store = _Store(kind, on_duplicate, batch)
    outcomes = [store.put(record) for record in batch]
    store.insert_waiting()
    return outcomes


class _Store:
    """One batch: the ids and addresses that exist, and the records that wait to be inserted."""

    def __init__(self, kind: Kind, on_duplicate: OnDuplicate, batch: list[Record]) -> None:
        self._model = kind.model
        self._inputs = kind.inputs
        self._is_leads = kind is LEADS
        self._on_duplicate = on_duplicate
        self._now = milliseconds_of(current.now)
        self._waiting: list[Record] = []
        self._ids = self._ids_there([each["id"] for each in batch if "id" in each])
        # Leads may share an address, unless the user chooses otherwise.
        self._looks_at_addresses = not self._is_leads or on_duplicate != "create"
        addresses = [fold(each["email"]) for each in batch] if self._looks_at_addresses else []
        self._owners = self._owners_of(addresses)

    def put(self, record: Record) -> str:
        """Queue `record` for insertion, or handle a duplicate; return the outcome."""
        existing = self._existing(record)
        if existing is None:
            self._wait(record)
            return CREATED
        if self._on_duplicate == "skip":
            return SKIPPED
        if self._on_duplicate == "update":
            return self._update(existing, record)
        if existing == record.get("id"):
            return _SAME_ID
        who = "A lead" if self._is_leads else "An active client"
        return f"{who} has this e-mail address."

    def insert_waiting(self) -> None:
        """Insert the queued records."""
        rows.insert_many(self._model, self._waiting)
        texts.add_many(self._model, self._waiting)
        self._waiting = []

    def _existing(self, record: Record) -> bytes | None:
        """Return the id of the record that this one duplicates."""
        if record.get("id") in self._ids:
            return bytes(record["id"])
        # Two exported leads may share an address; an archived client owns no address.
        is_apart = "id" in record if self._is_leads else record.get("status") == "archived"
        return None if is_apart else self._owners.get(fold(record["email"]))

    def _wait(self, record: Record) -> None:
        made = {
            "id": record.get("id") or UuidText().db_value(current.new_id()),
            "created_at": record.get("created_at", self._now),
            "updated_at": record.get("updated_at", self._now),
            "change_number": current.change_number,
        }
        stored = record | made | self._model.derived(record["name"], record["email"])
        self._waiting.append(stored)
        self._ids.add(stored["id"])
        if self._looks_at_addresses and stored.get("status") != "archived":
            self._owners[fold(record["email"])] = stored["id"]

    def _update(self, id: bytes, record: Record) -> str:
        # The record to update may still be queued.
        self.insert_waiting()
        # The inputs have the same names in JSON and in the database.
        named = {name: record[name] for name in self._inputs if name in record}
        try:
            existing = self._model.fetch(str(UuidText().python_value(id)))
            before = existing.email
            existing.change(named)
        except Refusal as error:
            return str(error)
        if self._looks_at_addresses and fold(before) != fold(existing.email):
            # Another record may also have the old address.
            self._owners.pop(fold(before), None)
            self._owners |= self._owners_of([fold(before), fold(existing.email)])
        return UPDATED

    def _ids_there(self, ids: list[bytes]) -> set[bytes]:
        """Return those of `ids` that exist."""
        return {each for (each,) in self._select("id", "id", ids)}

    def _owners_of(self, addresses: list[str]) -> dict[str, bytes]:
        """Return the owner of each address; of several leads, the newest."""
        key = "coalesce(email_key, email)"
        active = "" if self._is_leads else " AND status = 'active'"
        return dict(self._select(f"{key}, id", key, addresses, active))

    def _select(self, shown: str, key: str, values: Sequence[Any], more: str = "") -> list[Any]:
        marks = ", ".join("?" * len(values))
        table = self._model._meta.table_name
        where = f"{key} IN ({marks}){more}"
        sql = f"SELECT {shown} FROM {table} WHERE {where} ORDER BY created_at, id"
        return list(current.execute_sql(sql, values)) if values else []
