"""What belongs to a person: to a lead, a client, or a lead that was converted to the client."""

from typing import Any, Self

from leadbook.fields.schema import camel_case
from leadbook.people.contacts import ClientArchivedError
from leadbook.storage.columns import UuidText
from leadbook.storage.record import Fields, Record
from leadbook.storage.refusals import NotFoundError, WrongFieldError


class OfPerson(Record):
    """What follow-ups and tickets have in common: they belong to a lead, a client, or both.

    Both are of one person then: the lead was converted to the client. `links` names their models.
    """

    lead_id = UuidText(null=True)
    client_id = UuidText(null=True)

    @classmethod
    def create_from(cls, fields: Fields) -> Self:
        """Store a new record. Raises WrongFieldError or ClientArchivedError."""
        return cls.insert_new(cls.of_person(fields))

    def change(self, fields: Fields) -> Self:
        """Change `fields`. Raises WrongFieldError or ClientArchivedError."""
        kept = {link: getattr(self, link) for link in self.links}
        if {**kept, **fields}.items() >= kept.items():
            return self.update_columns(fields)
        return self.update_columns(self.of_person(fields))

    @classmethod
    def of_person(cls, fields: Fields) -> Fields:
        """Return `fields` with both links to the person that one of them names."""
        lead_id, client_id = fields.get("lead_id"), fields.get("client_id")
        if lead_id:
            lead = cls._person("lead_id", lead_id)
            if client_id not in (None, lead.client_id):
                raise WrongFieldError("Give leadId or clientId, and not both.", "clientId")
            client_id = lead.client_id
        if client_id and cls._person("client_id", client_id).status == "archived":
            raise ClientArchivedError("The client is archived; restore it first.")
        if not (lead_id or client_id or cls.is_independent):
            raise WrongFieldError("Give leadId or clientId.", "leadId")
        return {**fields, "lead_id": lead_id, "client_id": client_id}

    @classmethod
    def _person(cls, link: str, id: str) -> Any:
        try:
            return cls.links[link].fetch(id)
        except NotFoundError as error:
            raise WrongFieldError(str(error), camel_case(link)) from None

    @property
    def person(self) -> Fields:
        """The link to the person, for another record of the same person."""
        return {"lead_id": self.lead_id} if self.lead_id else {"client_id": self.client_id}
