"""What goes in and out as JSON: names, types, bounds. Pure, no database."""

from typing import Any, Self

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.text import ANY_TEXT, EMAIL, NOTES, REQUIRED_TEXT, Text

# Accepted in a body and ignored, so that a record that was read can be sent back.
SERVER_OWNED = frozenset(
    {"id", "version", "createdAt", "updatedAt", "convertedAt", "archivedAt", "clientId", "leadId"}
)
LEAD_STATUSES = ("new", "contacted", "qualified", "won", "lost")
CLIENT_STATUSES = ("active", "archived")


class CamelCaseSchema(ma.Schema):
    """A schema whose JSON names are the camelCase of its attributes."""

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        """Return itself, which nothing changes: each decorator of a view copies all before it."""
        return self

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Name the field in JSON."""
        first, *others = field_name.split("_")
        field_obj.data_key = first + "".join(other.title() for other in others)


class WholeNumber(fields.Integer):
    """An integer of JSON: 80 and 80.0 are the same number there, "80", true and 80.5 are not."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise self.make_error("invalid", input=value)
        return int(value)


class ContactInput(CamelCaseSchema):
    """The fields that a body may name for a lead and for a client."""

    ignored = SERVER_OWNED
    body_is_optional = False

    name = Text(REQUIRED_TEXT, longest=200)
    email = Text(EMAIL, longest=254)
    phone = Text(ANY_TEXT, longest=50, allow_none=True)
    company = Text(ANY_TEXT, longest=200, allow_none=True)
    source = Text(ANY_TEXT, longest=50, allow_none=True)
    notes = Text(NOTES, longest=10_000, allow_none=True)

    @ma.pre_load
    def _ignore_server_owned(self, data: Any, **_: object) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if name not in self.ignored}


class NewContact(ContactInput):
    """What a new record cannot do without."""

    name = Text(REQUIRED_TEXT, longest=200, required=True)
    email = Text(EMAIL, longest=254, required=True)


class LeadChanges(ContactInput):
    """Fields of a lead to change; those left out stay as they are."""

    status = fields.String(validate=validate.OneOf(LEAD_STATUSES))
    score = WholeNumber(validate=validate.Range(0, 100))


class NewLead(NewContact):
    """A lead to create."""

    # The defaults are those of the model: what a body names can be told from what it does not.
    status = fields.String(validate=validate.OneOf(LEAD_STATUSES), metadata={"default": "new"})
    score = WholeNumber(validate=validate.Range(0, 100), metadata={"default": 0})


class ClientChanges(ContactInput):
    """Fields of a client to change; those left out stay as they are."""

    ignored = SERVER_OWNED | {"status"}


class ClientOverrides(ClientChanges):
    """Fields of a new client to put over those of its lead."""

    body_is_optional = True


class NewClient(NewContact):
    """A client to create."""

    ignored = SERVER_OWNED | {"status"}


BODIES: tuple[type[ContactInput], ...] = (
    NewLead,
    LeadChanges,
    NewClient,
    ClientChanges,
    ClientOverrides,
)


class ContactOutput(CamelCaseSchema):
    """What every record shows."""

    id = fields.String(required=True, metadata={"description": "Opaque; later ids sort later."})
    name = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True, allow_none=True)
    company = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    notes = fields.String(required=True, allow_none=True)
    version = fields.Integer(
        required=True,
        validate=validate.Range(min=1),
        metadata={"description": "1 at first; rises by one with each change. Also the ETag."},
    )
    created_at = fields.String(required=True, metadata={"format": "date-time"})
    updated_at = fields.String(required=True, metadata={"format": "date-time"})


class Lead(ContactOutput):
    """Somebody who may buy."""

    status = fields.String(required=True, validate=validate.OneOf(LEAD_STATUSES))
    score = fields.Integer(required=True, validate=validate.Range(0, 100))
    client_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The client made of this lead."}
    )
    converted_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})


class Client(ContactOutput):
    """Somebody who has bought."""

    status = fields.String(required=True, validate=validate.OneOf(CLIENT_STATUSES))
    lead_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The lead this client was."}
    )
    archived_at = fields.String(required=True, allow_none=True, metadata={"format": "date-time"})
