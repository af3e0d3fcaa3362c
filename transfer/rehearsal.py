"""A dry run: the same import, into an empty database with only the rows that it needs."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from leadbook.storage import rows
from leadbook.storage.columns import AddressKey, comparable, compared
from leadbook.storage.database import Database
from leadbook.storage.private_files import temporary_folder
from leadbook.storage.record import Record
from leadbook.storage.sqlite import searched_text
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import open_database
from leadbook.transfer.cleaning import Cleaned
from leadbook.transfer.importing import Job
from leadbook.transfer.linking import Owners
from leadbook.transfer.storing import identity_of, only_owners


@contextmanager
def rehearsal(
    database: Database, job: Job
) -> Iterator[tuple[Database, Callable[[list[Cleaned]], None]]]:
    """Yield a temporary database, and a function that prepares it for some records.

    The function copies the rows of `database` that these records double. All rows come from one
    moment, and nobody is kept from writing.
    """
    application_id = database.pragma("application_id")
    options = {"application_id": application_id, "synchronous": "off"}
    with temporary_folder() as folder, database.snapshot() as state:
        path = folder / "rehearsal.db"
        with closing(open_database(path, database.clock, **options)) as opened:
            # The first read sets the moment that the snapshot shows.
            state.execute("SELECT count(*) FROM sqlite_master").fetchone()
            yield opened, _Existing(job, state).bring


class _Existing:
    """The rows of a database that a file duplicates."""

    def __init__(self, job: Job, state: sqlite3.Connection) -> None:
        self._model = job.kind.model
        self._state = state
        self._identity = identity_of(self._model, job.on_duplicate)
        self._brought: dict[type[Record], set[bytes]] = defaultdict(set)
        # Ids in the file. These records may change their address; the others keep it.
        self._named: set[bytes] = set()
        # Only addresses that exist: the file may have millions of others.
        self._owners: dict[str, bytes] = {}

    def bring(self, records: list[Cleaned]) -> None:
        """Copy the rows that `records` duplicate or belong to, except those copied before."""
        owners = Owners(self._model, records, self._state.execute)
        for link, wanted in owners.ids.items():
            owner = self._model.links[link]
            self._copy(owner, self._select(owner, "id", wanted))
        ids = [each["id"] for each in records if "id" in each]
        self._named.update(ids)
        found = self._select(self._model, "id", ids)
        numbers = [each["number"] for each in records if "number" in each]
        found += self._select(self._model, "number", numbers)
        if column := self._identity:
            keys = {comparable(column, each[column.source]) for each in (*records, *found)}
            found += [owner for each in keys if (owner := self._owner_of(column, each))]
        self._copy(self._model, found)

    def _copy(self, model: type[Record], found: list[Cleaned]) -> None:
        brought = self._brought[model]
        news = {each["id"]: each for each in found if each["id"] not in brought}
        brought.update(news)
        rows.insert_many(model, list(news.values()))
        searched_text.add_many(model, news.values())

    def _owner_of(self, column: AddressKey, address: str) -> Cleaned | None:
        """Return the owner of an address that keeps it; of several leads, the newest."""
        if address in self._owners and self._owners[address] not in self._named:
            return None
        is_owner = f"{compared(column)} = ?{only_owners(self._model)}"
        where = f"{is_owner} ORDER BY created_at DESC, id DESC"
        found = self._rows(self._model, where, [address])
        owners = (each for each in found if each["id"] not in self._named)
        owner = next(owners, None)
        if owner:
            self._owners[address] = owner["id"]
        return owner

    def _select(self, model: type[Record], key: str, values: list[Any]) -> list[Cleaned]:
        where = f"{key} IN ({', '.join('?' * len(values))})"
        return list(self._rows(model, where, values)) if values else []

    def _rows(self, model: type[Record], where: str, values: list[Any]) -> Iterator[Cleaned]:
        # Only some kinds show their numbers, which must stay as they are then.
        hidden = {"number"} - model.schema().fields.keys()
        names = sorted(model._meta.fields.keys() - hidden)
        sql = f"SELECT {', '.join(names)} FROM {model._meta.table_name} WHERE {where}"
        for row in self._state.execute(sql, values):
            yield dict(zip(names, row, strict=True))
