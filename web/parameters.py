"""The kinds of query parameters."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.fields.schema import EXAMPLE_ID
from leadbook.storage.columns import UuidText
from leadbook.storage.custom_values import (
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_ENTRIES,
    NAME_RULE,
    TEXT_RULE,
    cleaned_name,
)
from leadbook.storage.due import time_zones
from leadbook.storage.filters import ALL, COMMA
from leadbook.storage.times import read_time, text_of

_LONGEST_SHOWN = 50
# Of all names and values together: a cursor must fit into the head of a request.
_LONGEST_BY_NAME = 2_000


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
        options["metadata"] = {"description": description}
        options["error_messages"] = {"invalid": "Must be true or false."}
        # A cursor has the boolean itself, not its text.
        super().__init__(truthy={"true", True}, falsy={"false", False}, **options)


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
            raise ma.ValidationError(f"Must be {error}.{_hint_at_plus(text)}") from None


class TimeZone(fields.String):
    """The IANA name of a time zone."""

    def __init__(self, description: str) -> None:
        metadata = {"pattern": "^[A-Za-z][A-Za-z0-9_+/-]*$", "example": "Europe/Berlin"}
        super().__init__(metadata={"description": description, **metadata})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        name = super()._deserialize(value, attr, data, **kwargs)
        if name not in time_zones():
            wanted = "Must be the name of a time zone, such as Europe/Berlin."
            raise ma.ValidationError(f"{wanted}{_hint_at_plus(name)}")
        return name


def _hint_at_plus(text: str) -> str:
    """Return how to send a plus sign, if one may have become a space."""
    return " Send the plus sign in a URL as %2B." if " " in text else ""


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


class ByName(fields.Field[dict[str, str] | None]):
    """A value for each of several names: `custom.Region=North`. In Python they are one dict."""

    def __init__(self, name: str, description: str) -> None:
        before = f"{name}."
        names = {
            "pattern": f"^{re.escape(before)}{NAME_RULE.pattern[1:]}",
            "maxLength": len(before) + LONGEST_NAME,
        }
        text = {"type": "string", "pattern": TEXT_RULE.pattern, "maxLength": LONGEST_TEXT}
        shape = {"type": "object", "maxProperties": MOST_ENTRIES}
        shape |= {"propertyNames": names, "additionalProperties": text}
        super().__init__(metadata={"description": description, **shape})

    def gathered(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of a query, those of this kind as one dict."""
        own, before = str(self.data_key), f"{self.data_key}."
        named = {name for name in query if name.startswith(before)}
        rest = {name: value for name, value in query.items() if name not in named}
        found = {name.removeprefix(before): query[name] for name in query if name in named}
        # A parameter without a name is an error.
        return {own: found, **rest} if found else rest

    def split(self, pairs: Iterable[str]) -> dict[str, str]:
        """Return the values of `NAME=VALUE` by their names. Raises ValidationError."""
        found: dict[str, str] = {}
        for pair in pairs:
            name, equals, value = pair.partition("=")
            if not equals:
                raise ma.ValidationError("Must be NAME=VALUE.", str(self.data_key))
            if name in found:
                message = "Must not be given more than once."
                raise ma.ValidationError({str(self.data_key): {name: [message]}})
            found[name] = value
        return found

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, str] | None:
        if not isinstance(value, dict):
            raise ma.ValidationError(f"Must have a name, such as {self.data_key}.Region=North.")
        found: dict[str, str] = {}
        problems = {}
        for given, text in value.items():
            try:
                name = cleaned_name(given)
                if name in found:
                    raise ValueError("Must not be given more than once.")
                found[name] = TEXT_RULE.clean(str(text), LONGEST_TEXT) or ""
            except ValueError as error:
                problems[given] = [str(error)]
        if problems:
            raise ma.ValidationError(problems)
        if len(found) > MOST_ENTRIES or sum(map(len, chain(*found.items()))) > _LONGEST_BY_NAME:
            raise ma.ValidationError(
                f"Must not have more than {MOST_ENTRIES} names, or more than {_LONGEST_BY_NAME:,} "
                "characters in names and values."
            )
        # As for other filters of a text, an empty one is no filter.
        return {name: found[name] for name in sorted(found) if found[name]} or None
