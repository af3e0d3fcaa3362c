"""Records of a file on their way into the database, many at a time."""

from collections.abc import Sequence
from typing import Any

from leadbook.storage import rows
from leadbook.storage.columns import UuidText
from leadbook.storage.current_database import current
from leadbook.storage.record import Refusal
from leadbook.storage.sqlite import texts
from leadbook.storage.text import fold
from leadbook.storage.times import milliseconds_of
from leadbook.transfer.cleaning import Record
from leadbook.transfer.duplicates import OnDuplicate
from leadbook.transfer.kinds import LEADS, Kind

# What becomes of a record; another word is the reason why it was refused.
CREATED, UPDATED, SKIPPED = "created", "updated", "skipped"
OUTCOMES = (CREATED, UPDATED, SKIPPED)

_SAME_ID = "A record of this id is there already."


def put(kind: Kind, on_duplicate: OnDuplicate, batch: list[Record]) -> list[str]:
    """Store what can be stored of `batch`; return what became of each record, in order.

    A record that has an id, as those of our own export, is compared by it; others by the address,
    with any lead, or with the active clients.
    """
    current.require_write()
    store = _Store(kind, on_duplicate, batch)
    outcomes = [store.put(record) for record in batch]
    store.insert_waiting()
    return outcomes


class _Store:
    """One batch: what is there already, and what waits to be inserted."""

    def __init__(self, kind: Kind, on_duplicate: OnDuplicate, batch: list[Record]) -> None:
        self._model = kind.model
        self._inputs = kind.inputs
        self._is_leads = kind is LEADS
        self._on_duplicate = on_duplicate
        self._now = milliseconds_of(current.now)
        self._waiting: list[Record] = []
        self._ids = self._ids_there([each["id"] for each in batch if "id" in each])
        # Leads may share an address, unless somebody says otherwise.
        self._looks_at_addresses = not self._is_leads or on_duplicate != "create"
        addresses = [fold(each["email"]) for each in batch] if self._looks_at_addresses else []
        self._owners = self._owners_of(addresses)

    def put(self, record: Record) -> str:
        """Have `record` inserted, or do what is to be done with a duplicate."""
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
        """Insert what has been put so far."""
        rows.insert_many(self._model, self._waiting)
        texts.add_many(self._model, self._waiting)
        self._waiting = []

    def _existing(self, record: Record) -> bytes | None:
        """Return the id of the record that this one doubles."""
        if record.get("id") in self._ids:
            return bytes(record["id"])
        # Two leads of ours with one address are two leads; an archived client has none.
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
        # It may be one of those that wait.
        self.insert_waiting()
        # Their names in a file are those of the columns.
        named = {name: record[name] for name in self._inputs if name in record}
        try:
            existing = self._model.fetch(str(UuidText().python_value(id)))
            before = existing.email
            existing.change(named)
        except Refusal as error:
            return str(error)
        if self._looks_at_addresses and fold(before) != fold(existing.email):
            # Another one may have had the address that it leaves.
            self._owners.pop(fold(before), None)
            self._owners |= self._owners_of([fold(before), fold(existing.email)])
        return UPDATED

    def _ids_there(self, ids: list[bytes]) -> set[bytes]:
        """Return those of `ids` that are in the table."""
        return {each for (each,) in self._select("id", "id", ids)}

    def _owners_of(self, addresses: list[str]) -> dict[str, bytes]:
        """Return whose the addresses are; of several leads, the newest's."""
        key = "coalesce(email_key, email)"
        active = "" if self._is_leads else " AND status = 'active'"
        return dict(self._select(f"{key}, id", key, addresses, active))

    def _select(self, shown: str, key: str, values: Sequence[Any], more: str = "") -> list[Any]:
        marks = ", ".join("?" * len(values))
        table = self._model._meta.table_name
        where = f"{key} IN ({marks}){more}"
        sql = f"SELECT {shown} FROM {table} WHERE {where} ORDER BY created_at, id"
        return list(current.execute_sql(sql, values)) if values else []
