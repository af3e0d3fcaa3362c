"""Fields of one's own: an object of texts, numbers and switches."""

from typing import Any

from marshmallow import ValidationError, fields

from leadbook.fields.values import Text
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


def entries(*types: str) -> dict[str, Any]:
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
        shape = entries("string", "number", "boolean", "null")
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
