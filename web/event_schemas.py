"""The JSON of events, and the queries of the calls that return them."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.fields.schema import EXAMPLE_ID, CamelCaseSchema
from leadbook.models import RECORDS
from leadbook.storage.event_log import types_of
from leadbook.web.parameters import QueryInteger, Words

NOW = "now"
LONGEST_WAIT_SECONDS = 30
TYPES = types_of(RECORDS)
# A type, or all types of one kind.
PATTERNS = [*dict.fromkeys(f"{each.partition('.')[0]}.*" for each in TYPES), *TYPES]
# For the document: the feed as a stream, and the refusal of a number that is not kept.
STREAMED = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
    410: {"$ref": "#/components/responses/Gone"},
}
# SQLite has no larger number.
LARGEST_NUMBER = 2**63 - 1


class Change(CamelCaseSchema):
    """The value of a field before and after an event, of any type."""

    from_ = fields.Raw(data_key="from", required=True, allow_none=True)
    to = fields.Raw(required=True, allow_none=True)


class Event(CamelCaseSchema):
    """Something that happened to a record."""

    number = fields.Integer(
        required=True,
        metadata={"description": "Later events have higher numbers.", "example": 7},
    )
    type = fields.String(
        required=True, validate=validate.OneOf(TYPES), metadata={"example": "lead.updated"}
    )
    time = fields.String(
        required=True, metadata={"format": "date-time", "example": "2026-01-01T00:00:00.000Z"}
    )
    kind = fields.String(required=True, metadata={"example": "lead"})
    record_id = fields.String(required=True, metadata={"example": EXAMPLE_ID})
    version = fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "That of the record afterwards; null for its end.",
            "example": 2,
        },
    )
    actor = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The name of the API key.", "example": "website"},
    )
    request_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"example": "019b76da-a800-7003-878b-fae2414c343c"},
    )
    changes = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(Change),
        required=True,
        allow_none=True,
        metadata={
            "description": "Each changed field; an entry of `custom` is `custom.NAME`. Null if the "
            "record was erased.",
            "example": {"status": {"from": "new", "to": "contacted"}},
        },
    )


class FeedEvent(Event):
    """An event, with its record as it is now."""

    record = fields.Dict(
        keys=fields.String(),
        required=True,
        allow_none=True,
        metadata={
            "description": "The lead or client as it is now; null if it was erased.",
            "example": None,
        },
    )


class HistoryPlace(CamelCaseSchema):
    """The position of a page in a history or a timeline."""

    limit = fields.Integer(required=True, metadata={"example": 20})
    next = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The `cursor` of the next page; null on the last page.",
            "example": None,
        },
    )


class FeedPlace(CamelCaseSchema):
    """The position of a page in the feed."""

    next = fields.Integer(
        required=True, metadata={"description": "The `after` of the next page.", "example": 7}
    )
    has_more = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether the next page may have events already.",
            "example": False,
        },
    )


class HistoryPage(CamelCaseSchema):
    """Some events of one record, newest first."""

    data = fields.List(fields.Nested(Event), required=True)
    pagination = fields.Nested(HistoryPlace, required=True)


class EventPage(CamelCaseSchema):
    """Some events of all records, oldest first."""

    data = fields.List(fields.Nested(FeedEvent), required=True)
    pagination = fields.Nested(FeedPlace, required=True)


class HistoryQuery(CamelCaseSchema):
    """The parameters of a history."""

    limit = QueryInteger(
        load_default=20,
        validate=validate.Range(1, 100),
        metadata={"description": "How many events a page has."},
    )
    cursor = QueryInteger(
        validate=validate.Range(1, LARGEST_NUMBER),
        metadata={"description": "`pagination.next` of the page before."},
    )


class _Place(QueryInteger):
    """The number of an event, or `now` for the last one."""

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> Any:
        return NOW if value == NOW else super()._deserialize(value, *args, **options)


def _require_number(value: Any) -> None:
    if value != NOW and not 0 <= value <= LARGEST_NUMBER:
        raise ma.ValidationError("Must be the number of an event, or `now`.")


class EventQuery(CamelCaseSchema):
    """The parameters of the feed."""

    after = _Place(
        load_default=None,
        validate=_require_number,
        metadata={
            "description": "`pagination.next` of the page before, or `now` to begin after the last "
            "event. By default, the feed begins with the oldest event that is kept.",
            "type": "string",
            "pattern": "^(now|[0-9]{1,19})$",
        },
    )
    limit = QueryInteger(
        load_default=100,
        validate=validate.Range(1, 100),
        metadata={"description": "How many events a page has at most."},
    )
    type = Words(PATTERNS, "Only events of this type, or of several. `lead.*` means all.", None)
    wait = QueryInteger(
        load_default=0,
        validate=validate.Range(0, LONGEST_WAIT_SECONDS),
        metadata={"description": "How many seconds to wait for an event, if there is none yet."},
    )
