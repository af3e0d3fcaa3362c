"""Records as JSON: names, types and limits. This module uses no database."""

from typing import ClassVar

from marshmallow import fields, validate

from leadbook.fields.custom import CustomFields, entries
from leadbook.fields.schema import EXAMPLE_ID, Example, Identified, RecordInput, Versioned
from leadbook.fields.values import Text, WholeNumber
from leadbook.storage.text_rules import ANY_TEXT, EMAIL, NOTES, REQUIRED_TEXT

LEAD_STATUSES = ("new", "contacted", "qualified", "won", "lost")
CLIENT_STATUSES = ("active", "archived")


class ContactInput(RecordInput):
    """The fields that a body may have for leads and clients."""

    ignored = RecordInput.ignored | {"convertedAt", "archivedAt", "clientId", "leadId"}

    name = Text(REQUIRED_TEXT, longest=200, example="Ada Byron")
    email = Text(EMAIL, longest=254, example="ada@analytical.example")
    phone = Text(ANY_TEXT, longest=50, allow_none=True, example="+44 20 7946 0000")
    company = Text(ANY_TEXT, longest=200, allow_none=True, example="Analytical Engines")
    source = Text(ANY_TEXT, longest=50, allow_none=True, example="Trade fair")
    notes = Text(NOTES, longest=10_000, allow_none=True, example="Wants a demonstration.")
    custom = CustomFields()


class NewContact(ContactInput):
    """The required fields of a new record."""

    name = Text(REQUIRED_TEXT, longest=200, required=True, example="Ada Byron")
    email = Text(EMAIL, longest=254, required=True, example="ada@analytical.example")


class LeadChanges(ContactInput):
    """Fields of a lead to change; other fields keep their values."""

    example: ClassVar[Example] = {"status": "contacted", "score": 60}

    status = fields.String(validate=validate.OneOf(LEAD_STATUSES))
    score = WholeNumber(validate=validate.Range(0, 100))


class NewLead(NewContact, LeadChanges):
    """A lead to create."""

    example = None
    # The model has the defaults, so that `update` can see which fields the body has.
    status = fields.String(
        validate=validate.OneOf(LEAD_STATUSES), metadata={"default": "new", "example": "new"}
    )
    score = WholeNumber(validate=validate.Range(0, 100), metadata={"default": 0, "example": 40})


class ClientChanges(ContactInput):
    """Fields of a client to change; other fields keep their values."""

    ignored = ContactInput.ignored | {"status"}
    example: ClassVar[Example] = {"phone": "+44 20 7946 0001"}


class ClientOverrides(ClientChanges):
    """Fields of a new client that replace those of its lead."""

    body_is_optional = True
    example = {"company": "Analytical Engines Ltd"}


class NewClient(NewContact, ClientChanges):
    """A client to create."""

    example = None


class ContactOutput(Identified):
    """The fields that leads and clients have in common."""

    name = fields.String(required=True)
    email = fields.String(
        required=True, metadata={"filters": {"email": "The whole address, in any spelling of it."}}
    )
    phone = fields.String(required=True, allow_none=True)
    company = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    notes = fields.String(required=True, allow_none=True)
    custom = fields.Raw(required=True, metadata=entries("string", "number", "boolean"))


# The fields of the last base come first in JSON.
class Lead(Versioned, ContactOutput):
    """A person who may buy."""

    written = NewLead

    status = fields.String(
        required=True,
        validate=validate.OneOf(LEAD_STATUSES),
    )
    score = fields.Integer(required=True, validate=validate.Range(0, 100))
    client_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The client made from this lead.", "example": None},
    )
    converted_at = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time", "example": None}
    )


class Client(Versioned, ContactOutput):
    """A person who has bought."""

    written = NewClient

    status = fields.String(
        required=True,
        validate=validate.OneOf(CLIENT_STATUSES),
        metadata={"example": "active"},
    )
    lead_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The lead of this client.", "example": f"{EXAMPLE_ID[:-1]}2"},
    )
    archived_at = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time", "example": None}
    )
