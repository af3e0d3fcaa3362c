"""The details of an error: which field or parameter is wrong, and which name was meant."""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from typing import Any

import marshmallow as ma
from marshmallow import ValidationError, fields

from leadbook.fields.schema import CamelCaseSchema
from leadbook.people.contacts import DuplicateEmailError
from leadbook.storage.events import EventsExpiredError

_UNKNOWN = CamelCaseSchema().error_messages["unknown"]
# Two letters exchanged in a word of four are as close as this; `page` and `perPage` are not.
_CLOSE = 0.75


class InvalidRequestError(ValidationError):
    """What `schema` finds wrong with a request."""

    def __init__(self, messages: Any, schema: ma.Schema) -> None:
        super().__init__(messages)
        self.schema = schema


def details_of(error: ValidationError) -> Iterator[dict[str, str]]:
    """Yield the details of an error, one by one: finding a similar name takes time."""
    schema = error.schema if isinstance(error, InvalidRequestError) else None
    return _flattened(error.normalized_messages(), schema)


def _flattened(
    messages: Any, schema: ma.Schema | None, place: str | None = None
) -> Iterator[dict[str, str]]:
    """Flatten marshmallow's messages, which are nested dicts by field with lists of sentences."""
    if isinstance(messages, dict):
        # Marshmallow returns unknown fields in random order, known ones in that of the schema.
        for name, nested in sorted(messages.items(), key=_if_unknown):
            if schema and nested == [_UNKNOWN]:
                nested = [_unknown(name, schema)]  # noqa: PLW2901  # the same, in more words
            deeper = place if name == "_schema" else within(place, name)
            yield from _flattened(nested, _schema_at(schema, name), deeper)
        return
    for message in messages:
        yield {"field": "body" if place is None else place, "message": str(message)}


def _if_unknown(item: tuple[str | int, Any]) -> tuple[bool, str]:
    name, nested = item
    return (True, str(name)) if nested == [_UNKNOWN] else (False, "")


def _fields_of(schema: ma.Schema) -> dict[str, fields.Field[Any]]:
    return {str(field.data_key): field for field in schema.fields.values()}


def _schema_at(schema: ma.Schema | None, name: str | int) -> ma.Schema | None:
    """Return the schema of a field, or of an item of it if `name` is a number."""
    if schema is None or isinstance(name, int):
        return schema
    field: Any = _fields_of(schema).get(name)
    while isinstance(field, fields.List):
        field = field.inner
    return field.schema if isinstance(field, fields.Nested) else None


def _unknown(name: str, schema: ma.Schema) -> str:
    """Return the message for an unknown name, with the known name that was probably meant."""
    nearest = _nearest(name, {*_fields_of(schema), *getattr(schema, "ignored", ())})
    return f"{_UNKNOWN.rstrip('.')}; did you mean `{nearest}`?" if nearest else _UNKNOWN


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that differs little, or None; case and `_` do not count."""
    names = {_plain(each): each for each in sorted(known)}
    if len(name) > 2 * max(map(len, names), default=0):
        # Comparing long names takes long, and they are not similar.
        return None
    found = get_close_matches(_plain(name), names, n=1, cutoff=_CLOSE)
    return names[found[0]] if found else None


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def within(place: str | None, name: str | int) -> str:
    """Return the place of a field, such as `email` or `create[3].email`."""
    if isinstance(name, int):
        return f"{place}[{name}]"
    # A name may contain lone surrogates, which UTF-8 cannot encode.
    shown = name.encode(errors="backslashreplace").decode()
    return shown if place is None else f"{place}.{shown}"


def stated_by(error: Exception, place: str | None) -> list[dict[str, Any]]:
    """Return the details: the record that is in the way, if any, and the `place` in a batch."""
    if isinstance(error, DuplicateEmailError):
        detail = {"field": within(place, "email"), "message": str(error)}
        return [detail | ({"existingId": error.existing_id} if error.existing_id else {})]
    if isinstance(error, EventsExpiredError):
        return [{"field": "after", "message": str(error), "oldest": error.oldest}]
    return [{"field": place, "message": str(error)}] if place else []
