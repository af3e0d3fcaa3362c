"""Records as JSON: names, types and limits. This module uses no database."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import marshmallow as ma
from marshmallow import ValidationError, fields, validate

from leadbook.storage.custom_values import (
    LARGEST_WHOLE,
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_ENTRIES,
    NAME_RULE,
    TEXT_RULE,
    WrongEntriesError,
    cleaned,
    cleaned_value,
)
from leadbook.storage.text_rules import ANY_TEXT, EMAIL, NOTES, REQUIRED_TEXT, TextRule


class Text(fields.String):
    """A string, stripped and in NFC. If nothing of an optional one is seen, it becomes None.

    Its length is checked after that, in characters.
    """

    def __init__(
        self,
        kind: TextRule,
        *,
        longest: int,
        description: str = "",
        example: str = "",
        **kwargs: Any,
    ) -> None:
        self.kind = kind
        self.longest = longest
        metadata = {"pattern": kind.pattern, "maxLength": longest}
        said = {"description": description, "example": example}
        metadata |= {name: text for name, text in said.items() if text}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.clean(super()._deserialize(value, attr, data, **kwargs))

    def clean(self, text: str) -> str | None:
        """Return `text` as it will be stored. Raises marshmallow's ValidationError."""
        try:
            return self.kind.clean(text, self.longest)
        except ValueError as error:
            raise ValidationError(str(error)) from None


LEAD_STATUSES = ("new", "contacted", "qualified", "won", "lost")
CLIENT_STATUSES = ("active", "archived")

EXAMPLE_ID = "019b76da-a800-7000-8000-000000000001"
_TIME = "2026-01-01T09:00:00.000Z"


Example = Mapping[str, Any] | None


def camel_case(name: str) -> str:
    """Return the JSON name of a field."""
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)


class CamelCaseSchema(ma.Schema):
    """A schema whose JSON names are the camelCase of its attributes."""

    # The document shows this instead of the examples of the fields.
    example: ClassVar[Example] = None
    # The body that sets the fields of this schema: their examples are there.
    written: ClassVar[type["CamelCaseSchema"] | None] = None

    @classmethod
    def as_example(cls) -> Mapping[str, Any]:
        """Return the example in the document: that of the class, or those of its fields."""
        if cls.example is not None:
            return cls.example
        written = cls.written.as_example() if cls.written else {}
        fields_by_name = {str(field.data_key): field for field in cls().fields.values()}
        examples = {name: _example(field) for name, field in fields_by_name.items()}
        examples |= written
        return {name: examples[name] for name in fields_by_name if examples[name] is not ma.missing}

    def __deepcopy__(self, _: dict[int, Any]) -> Self:
        """Return itself; nothing changes it. Each decorator of a view would copy all schemas."""
        return self

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Set the JSON name of the field."""
        field_obj.data_key = camel_case(field_name)


def choices_of(field: fields.Field[Any]) -> tuple[str, ...]:
    """Return the words that a field allows, or none if it allows any."""
    found = (each for each in field.validators if isinstance(each, validate.OneOf))
    return tuple(choice for each in found for choice in each.choices)


def _example(field: fields.Field[Any]) -> Any:
    if "example" in field.metadata:
        return field.metadata["example"]
    if isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
        return [_example(field.inner)]
    if isinstance(field, fields.Nested) and isinstance(field.schema, CamelCaseSchema):
        return field.schema.as_example()
    return ma.missing


class TrueOrFalse(fields.Boolean):
    """JSON's true or false; 1 and "true" are errors."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> bool:
        # Not by `truthy` and `falsy`: Python takes 1 for True.
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class WholeNumber(fields.Integer):
    """A JSON integer: 80 and 80.0 are the same number; "80", true and 80.5 are errors."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
            raise self.make_error("invalid", input=value)
        return int(value)


def _entries(*types: str) -> dict[str, Any]:
    """Return the JSON Schema of an object whose values have one of `types`."""
    limits = {"minimum": -LARGEST_WHOLE, "maximum": LARGEST_WHOLE, "maxLength": LONGEST_TEXT}
    return {
        "type": "object",
        "maxProperties": MOST_ENTRIES,
        "propertyNames": {"pattern": NAME_RULE.pattern, "maxLength": LONGEST_NAME},
        "additionalProperties": {"type": list(types), "pattern": TEXT_RULE.pattern, **limits},
    }


class CustomFields(fields.Field[dict[str, Any]]):
    """Fields of one's own: an object of texts, numbers, true and false. Null removes an entry."""

    names = Text(NAME_RULE, longest=LONGEST_NAME)

    def __init__(self) -> None:
        said = {
            "description": "Fields of your own. The entries in a body are set, null removes one, "
            "and others stay. Null in place of the object removes all.",
            "example": {"Region": "North", "Seats": 12, "VIP": True},
        }
        shape = _entries("string", "number", "boolean", "null")
        super().__init__(allow_none=True, metadata=shape | said)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("Must be an object.")
        try:
            return cleaned(value)
        except WrongEntriesError as error:
            raise ValidationError(error.problems) from None
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def clean(self, value: Any) -> Any:
        """Return a value as it is stored; None if it has no content. Raises ValidationError."""
        try:
            return cleaned_value(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class RecordInput(CamelCaseSchema):
    """The fields of a record that a body may have."""

    # These are ignored, so that a caller can send back a record that it has read.
    ignored: ClassVar[frozenset[str]] = frozenset({"id", "version", "createdAt", "updatedAt"})
    body_is_optional = False

    @ma.pre_load
    def _ignore_server_owned(self, data: Any, **_: object) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if name not in self.ignored}


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


class Identified(CamelCaseSchema):
    """The first field of every record."""

    id = fields.String(
        required=True,
        metadata={"description": "Opaque. Newer ids sort later.", "example": EXAMPLE_ID},
    )


class Versioned(CamelCaseSchema):
    """The version and times of every record."""

    version = fields.Integer(
        required=True,
        validate=validate.Range(min=1),
        metadata={
            "description": "Starts at 1 and grows by 1 with each change. Also the ETag.",
            "example": 1,
        },
    )
    created_at = fields.String(
        required=True,
        metadata={
            "format": "date-time",
            "example": _TIME,
            "filters": {
                "created_since": "Only records created at this time or later.",
                "created_before": "Only records created before this time.",
            },
        },
    )
    updated_at = fields.String(
        required=True,
        metadata={
            "format": "date-time",
            "example": _TIME,
            "filters": {
                "updated_since": "Only records changed at this time or later, oldest change first.",
                "updated_before": "Only records changed before this time.",
            },
        },
    )


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
    custom = fields.Raw(required=True, metadata=_entries("string", "number", "boolean"))


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
