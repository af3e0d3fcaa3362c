"""The kinds of query parameters, and the parameter of each filter of a model."""

import re
from collections.abc import Sequence
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.schemas import EXAMPLE_ID, Text, camel_case, choices_of
from leadbook.storage.columns import TimeText, UuidText
from leadbook.storage.filters import ALL, COMMA, AnyOf
from leadbook.storage.record import Record
from leadbook.storage.text_rules import ANY_TEXT
from leadbook.storage.times import read_time, text_of

_LONGEST_SHOWN = 50


def choice(default: str, *others: str, description: str, hint: str = "") -> fields.String:
    """Return an enum parameter; the first value is the default. `hint` ends its error."""
    error = f"Must be one of: {{choices}}. {hint}".rstrip()
    return fields.String(
        load_default=default,
        validate=validate.OneOf((default, *others), error=error),
        metadata={"description": description},
    )


class QueryInteger(fields.Integer):
    """An integer in ASCII digits; int() alone accepts "1_000" and the digits of every script."""

    # A negative or a huge number gets the message with the range. Python reads up to 4,300 digits.
    digits: ClassVar[re.Pattern[str]] = re.compile("-?[0-9]{1,4000}")

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        # A cursor has the number itself, not its text.
        value = str(value)
        if not self.digits.fullmatch(value):
            raise self.make_error("invalid", input=value)
        return int(value)


class FilterInteger(QueryInteger):
    """An integer that a column can have; it may be negative."""

    # Any number of so many digits has eight bytes.
    digits = re.compile("-?[0-9]{1,18}")


class Switch(fields.Boolean):
    """`true` or `false`."""

    def __init__(self, description: str, **options: Any) -> None:
        metadata = {"description": description}
        # A cursor has the boolean itself, not its text.
        truthy, falsy = {"true", True}, {"false", False}
        super().__init__(truthy=truthy, falsy=falsy, metadata=metadata, **options)


class Moment(fields.String):
    """An RFC 3339 time with an offset; in Python it is in UTC, to the millisecond."""

    def __init__(self, description: str) -> None:
        super().__init__(metadata={"description": description, "format": "date-time"})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            # No record is older than 1970.
            return text_of(max(0, read_time(text)))
        except ValueError as error:
            hint = " Send the plus sign in a URL as %2B." if " " in text else ""
            raise ma.ValidationError(f"Must be {error}.{hint}") from None


class Identifier(fields.String):
    """The id of a record, as `column` stores it. The record need not exist."""

    def __init__(self, column: UuidText, description: str) -> None:
        self._column = column
        pattern = re.sub("[0-9a-f]+", lambda part: f"[0-9a-f]{{{len(part[0])}}}", EXAMPLE_ID)
        super().__init__(metadata={"description": description, "pattern": f"^{pattern}$"})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        stored = self._column.db_value(super()._deserialize(value, attr, data, **kwargs))
        if not stored:
            raise ma.ValidationError("Must be an id.")
        return self._column.python_value(stored)


class Words(fields.List[str]):
    """Some of `words`: separated by commas, or in a parameter that is given several times.

    In Python they are joined by commas in the order of `words`; None or "all" means any. With a
    `default`, "all" is also a word.
    """

    def __init__(self, words: Sequence[str], description: str, default: str | None) -> None:
        self._words = tuple(words)
        self._allowed = (*words, ALL) if default else self._words
        self._any = ALL if default else None
        metadata: dict[str, Any] = {"description": description}
        options: dict[str, Any] = {}
        if default:
            metadata["default"] = [default]
            options["load_default"] = default
        each = fields.String(validate=validate.OneOf(self._allowed))
        super().__init__(each, metadata=metadata, **options)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        parts = [value] if isinstance(value, str) else value
        given = [word for part in parts for word in part.split(COMMA)]
        for word in given:
            if word not in self._allowed:
                allowed = ", ".join(self._allowed)
                shown = word[:_LONGEST_SHOWN]
                raise ma.ValidationError(f'Must be one of: {allowed}; not "{shown}".')
        if ALL in given or set(given) == set(self._words):
            return self._any
        return COMMA.join(word for word in self._words if word in given)


def parameter_of(model: type[Record], name: str, default: str | None) -> fields.Field[Any]:
    """Return the parameter of the filter `name`, which follows from its column and its schema."""
    known = model.filters[name]
    column, about = model._meta.fields[known.column], known.field(model)
    shown, written = model.schema().fields[about], model.new().fields.get(about)
    said = known.description.format(field=camel_case(about))
    description = str(shown.metadata.get("filters", {}).get(name, said))
    if isinstance(known, AnyOf):
        return Words(choices_of(shown), description, default)
    if isinstance(column, UuidText):
        return Identifier(column, description)
    if isinstance(column, TimeText):
        return Moment(description)
    if isinstance(written, Text):
        kind = written.kind.sought or ANY_TEXT
        return Text(kind, longest=written.longest, description=description)
    return _of_type(shown, description)


def _of_type(shown: fields.Field[Any], description: str) -> fields.Field[Any]:
    """Return the parameter for a value of the type of `shown`, a field of the output."""
    metadata = {"description": description}
    if isinstance(shown, fields.Boolean):
        return Switch(description)
    if isinstance(shown, fields.Integer):
        bounds = [each for each in shown.validators if isinstance(each, validate.Range)]
        return FilterInteger(validate=bounds, metadata=metadata)
    words = choices_of(shown)
    return fields.String(validate=validate.OneOf(words) if words else None, metadata=metadata)
