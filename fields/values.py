"""Texts, numbers and switches: what each accepts, and how it is cleaned."""

from typing import Any

from marshmallow import ValidationError, fields

from leadbook.storage.text_rules import TextRule


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
