"""The timeline of a person as an answer, and its JSON."""

from typing import Any

import marshmallow as ma
from flask import Response
from marshmallow import fields, validate

from leadbook.fields.schema import CamelCaseSchema, camel_case
from leadbook.models import Lead
from leadbook.storage.columns import one_spelling
from leadbook.storage.json_text import encode
from leadbook.storage.naming import name_of, sql_name_of
from leadbook.storage.record import Record
from leadbook.storage.summaries import owned_by
from leadbook.storage.timeline import EVENT, Entry, Place, timeline
from leadbook.web.event_schemas import Event, HistoryPlace
from leadbook.web.parameters import QueryInteger

_WRONG = "Must be `pagination.next` of a page of this timeline."
_LONGEST_TOKEN = 500
# What belongs to a person: a timeline has all of it.
_KINDS = [kind for kind, _ in owned_by(Lead)]


class _Entry(CamelCaseSchema):
    """An event of a person, or a record that belongs to the person; the other fields are null."""

    time = fields.String(
        required=True,
        metadata={
            "format": "date-time",
            "description": "Where the entry stands: when an event happened, a follow-up was done "
            "or is due, or a ticket was created.",
            "example": "2026-01-01T00:00:00.000Z",
        },
    )
    kind = fields.String(
        required=True,
        validate=validate.OneOf([EVENT, *map(name_of, _KINDS)]),
        metadata={"example": EVENT},
    )
    id = fields.String(
        required=True,
        metadata={
            "description": "The number of the event, or the id of the record.",
            "example": "7",
        },
    )
    event = fields.Nested(Event, required=True, allow_none=True)


def _records() -> dict[str, Any]:
    """Return a field for each kind of record that belongs to a person."""
    options: Any = {"required": True, "allow_none": True, "metadata": {"example": None}}
    return {sql_name_of(kind): fields.Nested(kind.schema, **options) for kind in _KINDS}


TimelineEntry = _Entry.from_dict(_records(), name="TimelineEntry")
_FIELDS = [camel_case(each) for each in (EVENT, *map(sql_name_of, _KINDS))]


class TimelinePage(CamelCaseSchema):
    """Some entries of the timeline of a person, newest first."""

    data = fields.List(fields.Nested(TimelineEntry), required=True)
    pagination = fields.Nested(HistoryPlace, required=True)


class _Cursor(fields.String):
    """A place in a timeline, as a token."""

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> Any:
        try:
            return Place.read(super()._deserialize(value, *args, **options))
        except (ValueError, TypeError, RecursionError):
            raise ma.ValidationError(_WRONG) from None


class TimelineQuery(CamelCaseSchema):
    """The parameters of a timeline."""

    limit = QueryInteger(
        load_default=20,
        validate=validate.Range(1, 100),
        metadata={"description": "How many entries a page has."},
    )
    cursor = _Cursor(
        metadata={
            "description": "`pagination.next` of the page before.",
            "maxLength": _LONGEST_TOKEN,
        }
    )


def timeline_answer(
    model: type[Record],
    id: str,
    *,
    limit: int,
    cursor: Place | None = None,
    origin: type[Record] | None = None,
) -> Response:
    """Return a page of the timeline of a record. Raises NotFoundError."""
    if cursor and cursor.of != one_spelling(id):
        raise ma.ValidationError(_WRONG, "cursor")
    entries, place = timeline(model, id, limit=limit, place=cursor, origin=origin)
    pages = {"limit": limit, "next": place and place.token()}
    body = encode({"data": [_as_json(each) for each in entries], "pagination": pages})
    return Response(body, mimetype="application/json")


def _as_json(entry: Entry) -> dict[str, Any]:
    head = {"time": entry.time, "kind": entry.kind, "id": entry.id}
    return head | dict.fromkeys(_FIELDS) | {camel_case(entry.name): entry.shown}
