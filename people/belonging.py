"""What belongs to a person: to a lead, a client, or a lead that was converted to the client."""

from typing import Any, ClassVar, Self

from leadbook.people.contacts import ClientArchivedError
from leadbook.people.erasing import forget, former_words, replace_words
from leadbook.storage import rows
from leadbook.storage.columns import UuidText
from leadbook.storage.links import Find
from leadbook.storage.record import Fields, Record
from leadbook.storage.refusals import WrongFieldError
from leadbook.storage.text import address_key


class OfPerson(Record):
    """What follow-ups and tickets have in common: they belong to a lead, a client, or both.

    Both are of one person then: the lead was converted to the client. `links` names their models.
    """

    link_reads: ClassVar[dict[str, tuple[str, ...]]] = {
        "lead_id": ("client_id",),
        "client_id": ("status",),
    }

    lead_id = UuidText(null=True)
    client_id = UuidText(null=True)

    @classmethod
    def create_from(cls, fields: Fields) -> Self:
        """Store a new record; without a link, an address may name the person.

        Raises WrongFieldError or ClientArchivedError.
        """
        return cls.insert_new(cls.of_person(cls.of_address(fields)))

    def change(self, fields: Fields) -> Self:
        """Change `fields`. Raises WrongFieldError or ClientArchivedError.

        A new address may name the person of a record without one. An address that stays names
        nobody: the record may have been unlinked on purpose.
        """
        kept = {link: getattr(self, link) for link in self.links}
        self._require_both(kept, fields)
        wanted = {**kept, **fields}
        if self._names_another(fields) and not any(map(wanted.get, self.links)):
            fields = self.of_address(fields)
        if {**kept, **fields}.items() >= kept.items():
            return self.update_columns(fields)
        return self.update_columns(self.of_person(fields))

    def _require_both(self, kept: Fields, fields: Fields) -> None:
        """Raise WrongFieldError if only one of two links to a person is removed."""
        links = [link for link in kept if kept[link]]
        removed = [link for link in links if link in fields and fields[link] is None]
        if removed and any(link not in fields for link in links):
            message = "The lead was converted to this client; give null for both, or for none."
            raise WrongFieldError(message, self._key_of(removed[0]))

    def _names_another(self, fields: Fields) -> bool:
        return any(
            fields[name] and address_key(fields[name]) != address_key(getattr(self, name) or "")
            for name in self.addresses
            if name in fields
        )

    @classmethod
    def of_address(cls, fields: Fields) -> Fields:
        """Return `fields` with the link to the person of an address, unless they have a link."""
        if any(map(fields.get, cls.links)):
            return fields
        # A client comes before a lead.
        for link, model in reversed(cls.links.items()):
            for address in filter(None, map(fields.get, cls.addresses)):
                if found := model.with_email(address):
                    return {**fields, link: found.id}
        return fields

    @classmethod
    def of_person(cls, fields: Fields) -> Fields:
        """Return `fields` with both links to the person that one of them names."""
        linked = cls.linked(fields, cls._stored)
        cls.require_open_links(linked, cls._stored)
        return linked

    @classmethod
    def linked(cls, values: Fields, find: Find) -> Fields:
        """Return `values` with both links, also those of an archived client."""
        lead_id, client_id = values.get("lead_id"), values.get("client_id")
        if lead_id is not None:
            lead = cls.require_linked("lead_id", lead_id, find)
            if client_id not in (None, lead.client_id):
                raise WrongFieldError("Give leadId or clientId, and not both.", "clientId")
            client_id = lead.client_id
        if client_id is not None:
            cls.require_linked("client_id", client_id, find)
        if lead_id is None and client_id is None and not cls.is_independent:
            raise WrongFieldError("Give leadId or clientId.", "leadId")
        return {**values, "lead_id": lead_id, "client_id": client_id}

    @classmethod
    def require_open_links(cls, values: Fields, find: Find) -> None:
        """Raise ClientArchivedError for an archived client."""
        client_id = values["client_id"]
        if client_id is not None and find("client_id", client_id).status == "archived":
            raise ClientArchivedError("The client is archived; restore it first.")

    @classmethod
    def _stored(cls, link: str, id: str) -> Any:
        return rows.read(cls.links[link], id)

    def lose(self, owner: Any, link: str) -> None:
        """Go with the person, or stay with the other half: a lead and its client are one."""
        if self.belongs_elsewhere(link):
            self.part_from(owner, link)
        else:
            self.delete_for_good()

    def part_from(self, owner: Any, link: str) -> None:
        """Stay without `owner`, who is erased: with no link, and no name and address of it.

        What the other half of the person shows as well may stay, if this still belongs to it.
        """
        mask = owner.departure.mask_for(self, link)
        if self.belongs_elsewhere(link):
            replace_words(self, mask, {link: None})
        else:
            without = {link: None, **dict.fromkeys(self.addresses)}
            replace_words(self, mask | former_words(self), without)
            forget(self)

    @property
    def person(self) -> Fields:
        """The link to the person, for another record of the same person."""
        return {"lead_id": self.lead_id} if self.lead_id else {"client_id": self.client_id}
