"""What the schemas of all records share: names, examples, the id, the version and times."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.fields.values import Moment

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
        written = cls.written.as_stored() if cls.written else {}
        fields_by_name = {str(field.data_key): field for field in cls().fields.values()}
        examples = {name: _example(field) for name, field in fields_by_name.items()}
        examples |= written
        return {name: examples[name] for name in fields_by_name if examples[name] is not ma.missing}

    @classmethod
    def as_stored(cls) -> Mapping[str, Any]:
        """Return the example of a body as an answer shows it: with times in UTC."""
        fields_by_name = {str(each.data_key): each for each in cls().fields.values()}
        moments = {k: each for k, each in fields_by_name.items() if isinstance(each, Moment)}
        return {
            name: moments[name].deserialize(each) if name in moments else each
            for name, each in cls.as_example().items()
        }

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
