"""The JSON of the calls under `/_test`."""

from collections.abc import Callable

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.fields.schema import CamelCaseSchema
from leadbook.fields.values import TrueOrFalse, WholeNumber
from leadbook.models import RECORDS
from leadbook.storage.times import parse_duration, read_time
from leadbook.testing.clock import EARLIEST, LATEST
from leadbook.web.bodies import Body, checked_by
from leadbook.web.parameters import QueryInteger

LARGEST_SEED = 2**32 - 1
MOST_SEEDED = 10_000


def require_unicode(text: str) -> None:
    """Raise ValidationError for half a surrogate pair, which no request has and no answer can."""
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ma.ValidationError("Must be Unicode, without lone surrogates.")


def pattern(description: str, example: str, *more: Callable[[str], None]) -> fields.String:
    """Return the field of a text with wildcards, which `more` functions may check."""
    return fields.String(
        load_default="*",
        validate=[validate.Length(1, 1000), require_unicode, *more],
        metadata={"description": f"{description}; `*` and `?` are wildcards.", "example": example},
    )


def _count(default: int, description: str) -> WholeNumber:
    return WholeNumber(
        load_default=default,
        validate=validate.Range(0, MOST_SEEDED),
        metadata={"description": description},
    )


class Seed(Body):
    """How many believable records to add."""

    body_is_optional = True
    example = {"leads": 50, "clients": 10, "seed": 42}

    leads = _count(50, "Leads to add.")
    clients = _count(10, "Clients to add, half of them converted from these leads.")
    follow_ups = _count(0, "Follow-ups to add, around the day of the clock. They need people.")
    tickets = _count(0, "Tickets to add, some with comments.")
    seed = WholeNumber(
        load_default=42,
        validate=validate.Range(0, LARGEST_SEED),
        metadata={"description": "The same seed makes the same bytes in an empty database."},
    )


class _Seeded(CamelCaseSchema):
    """The number of records after the call."""


Seeded = _Seeded.from_dict(
    {
        model._meta.table_name: fields.Integer(required=True, metadata={"example": 0})
        for model in RECORDS
    },
    name="Seeded",
)


class ClockSetting(Body):
    """Changes to the clock; a missing field changes nothing."""

    example = {"advance": "36h"}

    at = fields.String(
        validate=checked_by(read_time),
        metadata={
            "description": f"A time with its offset, from {EARLIEST.year} to {LATEST.year}.",
            "format": "date-time",
        },
    )
    advance = fields.String(
        validate=checked_by(parse_duration),
        metadata={
            "description": "How far to move the clock forward: `45s`, `30m`, `36h`, `90d`, `2w`."
        },
    )
    running = TrueOrFalse(metadata={"description": "Whether the clock runs."})


class ClockReading(CamelCaseSchema):
    """The state of the clock."""

    example = {"at": "2026-01-02T12:00:00.000Z", "running": False}

    at = fields.String(required=True, metadata={"format": "date-time"})
    running = fields.Boolean(required=True)


class JournalQuery(CamelCaseSchema):
    """Filters for the requests in the journal."""

    method = pattern("The method", "POST")
    path = pattern("The path as sent", "/leads*")
    status = QueryInteger(
        validate=validate.Range(100, 599), metadata={"description": "The status of the answer."}
    )


class JournalEntry(CamelCaseSchema):
    """A request that was answered, or whose connection was dropped."""

    example = {"method": "POST", "path": "/leads", "query": "", "status": 201, "isCut": False}
    example |= {"headers": {"content-type": "application/json"}, "body": '{"name": "Ada Byron"}'}

    method = fields.String(
        required=True, allow_none=True, metadata={"description": "Null if it could not be read."}
    )
    path = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "As sent; null if it could not be read."},
    )
    query = fields.String(required=True, metadata={"description": "As sent."})
    headers = fields.Dict(
        required=True,
        keys=fields.String(),
        values=fields.String(),
        metadata={"description": "Names in lower case; headers with keys are left out."},
    )
    body = fields.String(required=True, metadata={"description": "The first 8 KiB."})
    is_cut = fields.Boolean(required=True, metadata={"description": "Whether there was more."})
    status = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Null if the connection was dropped."},
    )


class JournalPage(CamelCaseSchema):
    """The last requests, oldest first."""

    data = fields.List(fields.Nested(JournalEntry), required=True)
