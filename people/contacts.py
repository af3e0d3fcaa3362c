"""What leads and clients have in common, and the rules that forbid a change of one."""

from collections.abc import Iterator
from functools import cached_property
from itertools import product
from typing import Any, ClassVar

import peewee

from leadbook.people.erasing import Departure, replace_words
from leadbook.storage import event_log, rows
from leadbook.storage.columns import AddressKey, JsonEntries, SortKey, UuidText, compared
from leadbook.storage.database import current
from leadbook.storage.due import Planned
from leadbook.storage.events import former_values, moved_from
from leadbook.storage.filters import AnyCase, AnyOf, HasEntries, Is
from leadbook.storage.idempotency import forget_words
from leadbook.storage.masking import Mask
from leadbook.storage.naming import sql_name_of
from leadbook.storage.record import Record, derived_columns
from leadbook.storage.refusals import Refusal
from leadbook.storage.summaries import CountOf, EarliestOf, owned_by
from leadbook.storage.text import address_key


class DuplicateEmailError(Refusal):
    """An active client or an open lead, `existing_id`, has this address.

    The id is None if the record will not be stored.
    """

    def __init__(self, existing_id: str | None, who: str) -> None:
        super().__init__(f"{who[0].upper()}{who[1:]} has this e-mail address.")
        self.existing_id = existing_id


class ClientArchivedError(Refusal):
    """An archived client cannot be changed."""


class LeadConvertedError(Refusal):
    """The status of a converted lead cannot be changed."""


class Contact(Record):
    """What leads and clients have in common."""

    filters = {
        "status": AnyOf("status"),
        "email": Is("email_key"),
        "source": AnyCase("source"),
        "company": AnyCase("company"),
        "custom": HasEntries("custom"),
        "follow_up": Planned("next_follow_up_at"),
        **Record.filters,
    }
    sorts = Record.sorts | {"name": "name_key", "nextFollowUpAt": "next_follow_up_at"}
    halved: ClassVar[dict[str, str]] = {"name_key": "next_follow_up_at"}
    searched = ("name", "email", "company")
    counted_by = "status"
    identity = "email_key"
    # The statuses in which nobody waits for anything.
    closed: ClassVar[tuple[str, ...]] = ()

    name = peewee.TextField()
    name_key = SortKey("name")
    email = peewee.TextField()
    email_key = AddressKey("email")
    phone = peewee.TextField(null=True)
    company = peewee.TextField(null=True)
    source = peewee.TextField(null=True)
    notes = peewee.TextField(null=True)
    custom = JsonEntries()
    next_follow_up_at = EarliestOf("follow_ups", "due_at", status="open")
    open_follow_ups = CountOf("follow_ups", status="open")
    status: peewee.TextField

    @classmethod
    def has_email(cls, email: str) -> Any:
        """Return the condition that a record has the address, in any spelling of it."""
        return peewee.fn.COALESCE(cls.email_key, cls.email) == address_key(email)

    def keep_tickets(self) -> None:
        """Unlink what may be without a person, before this one is erased."""
        current.time_limit.lift()
        for model, link in owned_by(type(self)):
            if model.is_independent:
                for each in rows.linked(model, link, self.id):
                    each.part_from(self, link)

    def erase(self) -> None:
        """Remove all traces of the person, also from what belonged to it once."""
        current.time_limit.lift()
        for each in self._strangers():
            replace_words(each, self.departure.mask_for(each))
        super().erase()

    def _strangers(self) -> Iterator[Any]:
        """Yield records of others or of nobody that may have the name or the address."""
        for model, link in owned_by(type(self)):
            yield from self._moved(model, link)
            keys = [key for key in derived_columns(model) if key.source in model.addresses]
            for key, address in product(keys, self.known_words.addresses):
                if not self._is_of_another(address):
                    has_address = f"{key.source} IS NOT NULL AND {compared(key)} = ?"
                    has_address += f" AND {link} IS NOT ?"
                    yield from rows.each(model, has_address, address, UuidText().db_value(self.id))

    def _moved(self, model: Any, link: str) -> Iterator[Any]:
        """Yield records that belonged to the person once, and do not any more."""
        moved = moved_from(model, link, self.id)
        return (each for each in moved if getattr(each, link) != self.id)

    def _is_of_another(self, address: str) -> bool:
        return any(
            kind.select().where(kind.has_email(address), kind.id != self.id).exists()
            for kind in Contact.__subclasses__()
        )

    @cached_property
    def departure(self) -> Departure:
        """What records that stay must not say when this person is erased."""
        return Departure(self)

    @property
    def words(self) -> Mask:
        """The name and the address, as texts may have them."""
        return Mask.of([self.name], [self.email])

    @cached_property
    def known_words(self) -> Mask:
        """The name and the address, and those that the log of events remembers."""
        names, addresses = former_values(self, "name", "email")
        return Mask.of({self.name, *names}, {self.email, *addresses})

    @cached_property
    def halves(self) -> list[Any]:
        """The clients made of this lead, or the leads that this client was made of."""
        [kind] = (each for each in Contact.__subclasses__() if each is not type(self))
        known = getattr(self, _link_to(kind))
        return rows.select(kind, **{_link_to(type(self)): self.id, "id": known})

    def outlive(self, half: "Contact") -> None:
        """Remove the words of a half that is erased from what belongs to this one alone, or did.

        This one's history begins with them.
        """
        current.time_limit.lift()
        forget_words(self.id)
        event_log.forget_words(self)
        mask = half.known_words - self.words
        ids = [UuidText().db_value(each.id) for each in (self, half)]
        for model, link in owned_by(type(self)) if mask else ():
            only_own = f"{link} = ? AND {_link_to(type(half))} IS NOT ?"
            for each in rows.each(model, only_own, *ids):
                replace_words(each, mask)
            for each in self._moved(model, link):
                replace_words(each, half.departure.mask_for(each))


def _link_to(kind: type[Contact]) -> str:
    return f"{sql_name_of(kind)}_id"
