"""What leads and clients have in common, and the rules that forbid a change of one."""

from collections.abc import Iterator
from typing import Any, ClassVar

import peewee

from leadbook.people.erasing import replace_words
from leadbook.storage import rows
from leadbook.storage.columns import AddressKey, JsonEntries, SortKey
from leadbook.storage.due import Planned
from leadbook.storage.events import former_values
from leadbook.storage.filters import AnyCase, AnyOf, HasEntries, Is
from leadbook.storage.masking import Mask
from leadbook.storage.naming import sql_name_of
from leadbook.storage.record import Record
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
        for model, link in owned_by(type(self)):
            if model.is_independent:
                for each in rows.select(model, **{link: self.id}):
                    each.part_from(self, link)

    @property
    def words(self) -> Mask:
        """The name and the address, as texts may have them."""
        return Mask.of([self.name], [self.email])

    @property
    def known_words(self) -> Mask:
        """The name and the address, and those that the log of events remembers."""
        names, addresses = former_values(self, "name"), former_values(self, "email")
        return Mask.of({self.name, *names}, {self.email, *addresses})

    def halves(self) -> Iterator["Contact"]:
        """Yield the clients made of this lead, or the leads that this client was made of."""
        own = sql_name_of(type(self))
        for kind in Contact.__subclasses__():
            if kind is not type(self):
                known = getattr(self, f"{sql_name_of(kind)}_id")
                yield from rows.select(kind, **{f"{own}_id": self.id, "id": known})

    def outlive(self, half: "Contact") -> None:
        """Remove the words of a half that is erased from what belongs to this one."""
        mask = half.known_words - self.words
        for model, link in owned_by(type(self)) if mask else ():
            for each in rows.select(model, **{link: self.id}):
                replace_words(each, mask)
