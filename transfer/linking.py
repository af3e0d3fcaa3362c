"""Find the records that the rows of a file belong to, many at a time."""

from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any

from leadbook.storage.columns import compared
from leadbook.storage.record import Record
from leadbook.storage.refusals import WrongFieldError
from leadbook.transfer.cleaning import ADDRESS, Cleaned

# Returns the rows of a query.
Select = Callable[[str, list[Any]], Iterable[tuple[Any, ...]]]


class Owners:
    """The records that some rows of one kind link to, by id or by the address of a person.

    `ids` has their ids, by link. All values have the form of the file.
    """

    def __init__(self, model: type[Record], batch: list[Cleaned], select: Select) -> None:
        self._model = model
        self._select = select
        self._found: dict[str, dict[Any, SimpleNamespace]] = {}
        self._people: dict[str, tuple[str, Any]] = {}
        unlinked = [each for each in batch if not any(map(each.get, model.links))]
        self._look_for_people({each[ADDRESS] for each in unlinked if ADDRESS in each})
        wanted = {link: {each[link] for each in batch if each.get(link)} for link in model.links}
        for link, person in self._people.values():
            wanted[link].add(person)
        for link in model.links:
            self._found[link] = self._rows(link, wanted[link])
            # A lead that was converted belongs to its client.
            for other in wanted.keys() & {*model.link_reads.get(link, ())}:
                reached = (getattr(each, other) for each in self._found[link].values())
                wanted[other].update(filter(None, reached))

    @property
    def ids(self) -> dict[str, list[Any]]:
        """The ids of the records that were found, by link."""
        return {link: list(found) for link, found in self._found.items()}

    def settle(self, record: Cleaned) -> None:
        """Set the links of a new record. Raises a Refusal.

        A record with a version is from our own export: it may belong to an archived client.
        """
        model = self._model
        if ADDRESS in record and not any(map(record.get, model.links)):
            record.update(self._person_with(record[ADDRESS]))
        linked = model.linked(record, self._find)
        if "version" not in record:
            model.require_open_links(linked, self._find)
        record.update({link: linked[link] for link in model.links if linked.get(link) is not None})

    def _person_with(self, address: str) -> Cleaned:
        if found := self._people.get(address):
            return dict([found])
        if self._model.is_independent:
            return {}
        raise WrongFieldError("No lead or client has this address.", "email")

    def _find(self, link: str, id: Any) -> Any:
        return self._found[link].get(id)

    def _rows(self, link: str, ids: Iterable[Any]) -> dict[Any, SimpleNamespace]:
        names = ("id", *self._model.link_reads.get(link, ()))
        found = self._of(self._model.links[link], ", ".join(names), "id", ids)
        return {row[0]: SimpleNamespace(**dict(zip(names, row, strict=True))) for row in found}

    def _look_for_people(self, addresses: Iterable[str]) -> None:
        """Find whom the addresses belong to: an active client, else a lead, an open one first.

        Of several, the newest counts. What can be without a person belongs to open leads only.
        """
        ranked: dict[str, tuple[int, str, Any]] = {}
        for link, owner in self._model.links.items():
            if owner.identity is None:
                continue
            key, status = compared(owner._meta.fields[owner.identity]), owner.counted_by
            for address, person, word in self._of(owner, f"{key}, id, {status}", key, addresses):
                rank = _rank(owner, word)
                if rank >= self._model.is_independent and rank >= ranked.get(address, (0,))[0]:
                    ranked[address] = (rank, link, person)
        self._people = {each: (link, person) for each, (_, link, person) in ranked.items()}

    def _of(
        self, owner: type[Record], shown: str, key: str, values: Iterable[Any]
    ) -> Iterable[tuple[Any, ...]]:
        if not (wanted := list(values)):
            return []
        marks = ", ".join("?" * len(wanted))
        table = owner._meta.table_name
        where = f"{key} IN ({marks}) ORDER BY created_at, id"
        return self._select(f"SELECT {shown} FROM {table} WHERE {where}", wanted)


def _rank(owner: Any, status: str) -> int:
    """Return how likely a new record is for a person with this status; -1 is never."""
    if owner.owning_status is not None:
        return 2 if status == owner.owning_status else -1
    return 0 if status in owner.closed else 1
