"""Texts, numbers and switches: what each accepts, and how it is cleaned."""

from collections.abc import Sequence
from typing import Any

from marshmallow import ValidationError, fields, validate

from leadbook.storage.columns import one_spelling
from leadbook.storage.text import fold, is_visible
from leadbook.storage.text_rules import ANY_TEXT, UNSEEN_PATTERN, TextRule
from leadbook.storage.times import read_time, text_of


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
        self._rule = kind.or_empty if kwargs.get("allow_none") else kind
        metadata = {"pattern": self._rule.pattern, "maxLength": longest}
        said = {"description": description, "example": example}
        metadata |= {name: text for name, text in said.items() if text}
        super().__init__(metadata=metadata, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.clean(super()._deserialize(value, attr, data, **kwargs))

    def clean(self, text: str) -> str | None:
        """Return `text` as it will be stored. Raises marshmallow's ValidationError."""
        try:
            return self._rule.clean(text, self.longest)
        except ValueError as error:
            raise ValidationError(str(error)) from None


class Moment(fields.String):
    """An RFC 3339 time with an offset, from 1970 on; it becomes UTC, to the millisecond.

    If nothing of an optional one is seen, it becomes None.
    """

    def __init__(self, *, description: str = "", example: str = "", **kwargs: Any) -> None:
        # West of Greenwich, 1970 begins in 1969.
        pattern = "^(1969-12-31|(19[7-9]|[2-9][0-9]{2})[0-9]-)"
        if kwargs.get("allow_none"):
            pattern = f"{pattern}|{UNSEEN_PATTERN}"
        said = {"format": "date-time", "pattern": pattern}
        said |= {"description": description, "example": example}
        super().__init__(metadata={name: text for name, text in said.items() if text}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.clean(super()._deserialize(value, attr, data, **kwargs))

    def clean(self, text: str) -> str | None:
        """Return the time as it will be stored. Raises marshmallow's ValidationError."""
        if self.allow_none and not is_visible(text):
            return None
        try:
            time = read_time(text)
        except ValueError as error:
            raise ValidationError(f"Must be {error}.") from None
        if time < 0:
            raise ValidationError("Must be a time in 1970 or later.")
        return text_of(time)


class Link(fields.String):
    """The id of a record, in the one spelling of answers. An empty one becomes None."""

    def __init__(self, *, description: str = "", example: str = "", **kwargs: Any) -> None:
        said = {"description": description, "example": example}
        super().__init__(metadata={name: text for name, text in said.items() if text}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        return None if self.allow_none and not is_visible(text) else one_spelling(text)


class Tags(fields.List[str]):
    """Short texts, each once in any case; null means none."""

    def __init__(self, *, most: int, longest: int, example: Sequence[str]) -> None:
        super().__init__(
            Text(ANY_TEXT, longest=longest),
            validate=validate.Length(max=most),
            allow_none=True,
            metadata={"example": list(example)},
        )

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        """Return the texts without repetitions. Raises marshmallow's ValidationError."""
        return super().deserialize([] if value is None else value, *args, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        found = [each for each in super()._deserialize(value, attr, data, **kwargs) if each]
        return list({fold(each): each for each in reversed(found)}.values())[::-1]


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
