"""The query parameter of each filter of a model."""

from typing import Any

from marshmallow import fields, validate

from leadbook.fields.schema import camel_case, choices_of
from leadbook.fields.values import Text
from leadbook.storage.columns import TimeText, UuidText
from leadbook.storage.due import Chosen, InTimeZone
from leadbook.storage.filters import AnyOf, Filter, HasEntries, HasText
from leadbook.storage.record import Record
from leadbook.storage.text_rules import ANY_TEXT
from leadbook.web.parameters import (
    ByName,
    FilterInteger,
    Identifier,
    Moment,
    Switch,
    TimeZone,
    Words,
)

_LONGEST_IN_LIST = 200


def parameter_of(model: type[Record], name: str, default: str | None) -> fields.Field[Any]:
    """Return the parameter of the filter `name`, which follows from its column and its schema."""
    known = model.filters[name]
    about = known.field(model)
    shown, written = model.schema().fields[about], model.new().fields.get(about)
    said = known.description.format(field=camel_case(about))
    description = str(shown.metadata.get("filters", {}).get(name, said))
    if isinstance(known, AnyOf):
        return Words(choices_of(shown), description, default)
    if found := _of_filter(known, about, description):
        return found
    column = model._meta.fields[known.column]
    if isinstance(column, UuidText):
        return Identifier(column, description)
    if isinstance(column, TimeText):
        return Moment(description)
    if isinstance(written, Text):
        kind = written.kind.sought or ANY_TEXT
        return Text(kind, longest=written.longest, description=description)
    return _of_type(shown, description)


def _of_filter(known: Filter, about: str, description: str) -> fields.Field[Any] | None:
    """Return the parameter of a filter whose value has another type than the column, or None."""
    if isinstance(known, HasEntries):
        return ByName(camel_case(about), description)
    if isinstance(known, HasText):
        return Text(ANY_TEXT, longest=_LONGEST_IN_LIST, description=description)
    if isinstance(known, InTimeZone):
        return TimeZone(description)
    if isinstance(known, Chosen):
        words = validate.OneOf(known.words)
        return fields.String(validate=words, metadata={"description": description})
    return None


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
