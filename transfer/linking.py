"""Find the records that the rows of a file belong to, many at a time."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

from leadbook.storage import rows
from leadbook.storage.columns import compared
from leadbook.storage.naming import name_of
from leadbook.storage.record import Record
from leadbook.storage.refusals import WrongFieldError
from leadbook.transfer.cleaning import ADDRESSES, Cleaned

# A link, and the id of the person that it leads to.
_Person = tuple[str, Any]


class Owners:
    """The records that some rows of one kind link to, by id or by the address of a person.

    `ids` has their ids, by link. All values have the form of the file. `run` executes a query.
    """

    def __init__(self, model: type[Record], batch: list[Cleaned], run: rows.Run) -> None:
        self._model = model
        self._run = run
        self._found: dict[str, dict[Any, SimpleNamespace]] = {}
        self._people: dict[str, _Person] = {}
        self._archived: dict[str, _Person] = {}
        self._look_for_people({address for each in batch for address in self._addresses_of(each)})
        wanted = {link: {each[link] for each in batch if each.get(link)} for link in model.links}
        for link, person in (*self._people.values(), *self._archived.values()):
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

        A record with a version is from our own export: it may belong to an archived client. So may
        one of another tool with nothing left to do.
        """
        model, rule = self._model, self._model.announcement
        is_over = rule is not None and rule.is_over(record)
        if addresses := self._addresses_of(record):
            record.update(self._person_with(addresses, is_over=is_over))
        linked = model.linked(record, self._find)
        if "version" not in record and not is_over:
            model.require_open_links(linked, self._find)
        record.update({link: linked[link] for link in model.links if linked.get(link) is not None})

    def _addresses_of(self, record: Cleaned) -> tuple[str, ...]:
        """Return the addresses that may name the person of a record: none if an id does."""
        has_link = not record.keys().isdisjoint(self._model.links)
        return () if has_link else record.get(ADDRESSES, ())

    def _person_with(self, addresses: tuple[str, ...], *, is_over: bool) -> Cleaned:
        if found := next(filter(None, map(self._people.get, addresses)), None):
            return dict([found])
        if self._model.is_independent:
            return {}
        archived = next(filter(None, map(self._archived.get, addresses)), None)
        if archived is None:
            raise WrongFieldError("No lead or client has this address.", "email")
        if not is_over:
            who = name_of(self._model.links[archived[0]])
            what = f"The {who} with this address is archived; restore it first."
            raise WrongFieldError(what, "email")
        return dict([archived])

    def _find(self, link: str, id: Any) -> Any:
        return self._found[link].get(id)

    def _rows(self, link: str, ids: Iterable[Any]) -> dict[Any, SimpleNamespace]:
        names = ("id", *self._model.link_reads.get(link, ()))
        found = rows.look_up(self._model.links[link], names, "id", [*ids], self._run)
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
            found = rows.look_up(owner, (key, "id", status), key, [*addresses], self._run)
            for address, person, word in found:
                rank = _rank(owner, word)
                if rank < 0:
                    self._archived[address] = (link, person)
                if rank >= self._model.is_independent and rank >= ranked.get(address, (0,))[0]:
                    ranked[address] = (rank, link, person)
        self._people = {each: (link, person) for each, (_, link, person) in ranked.items()}


def _rank(owner: Any, status: str) -> int:
    """Return how likely a new record is for a person with this status; -1 is never."""
    if owner.owning_status is not None:
        return 2 if status == owner.owning_status else -1
    return 0 if status in owner.closed else 1
