"""The JSON of the calls under `/_test`."""

import re
from collections.abc import Callable
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.schemas import CamelCaseSchema, WholeNumber
from leadbook.storage.times import parse_duration, read_time
from leadbook.testing.clock import EARLIEST, LATEST
from leadbook.testing.faults import Fault
from leadbook.web.queries import QueryInteger
from leadbook.web.responses import ERROR_CODES

LARGEST_SEED = 2**32 - 1
MOST_SEEDED = 10_000
LONGEST_DELAY_MS = 60_000
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")
# Headers of the connection: a wrong one would break the connection, not the answer.
_NOT_OURS = re.compile(
    r"(?i)(connection|content-length|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)\Z"
)
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]{0,1000}\Z")


def _require_reachable(path: str) -> None:
    """Refuse a pattern that matches no request: paths have a slash, and controls no faults."""
    inner = path.removeprefix("/v1") if path.startswith("/v1/") else path
    if not inner.startswith(("/", "*", "?")) or inner.startswith("/_test/"):
        raise ma.ValidationError("Must begin with `/` or a wildcard, and not with `/_test/`.")


def _pattern(description: str, example: str, *more: Callable[[str], None]) -> fields.String:
    return fields.String(
        load_default="*",
        validate=[validate.Length(1, 1000), *more],
        metadata={"description": f"{description}; `*` and `?` are wildcards.", "example": example},
    )


def _count(default: int, description: str) -> WholeNumber:
    return WholeNumber(
        load_default=default,
        validate=validate.Range(0, MOST_SEEDED),
        metadata={"description": description},
    )


def _checked_by(parse: Callable[[str], object]) -> Callable[[str], None]:
    def check(value: str) -> None:
        try:
            parse(value)
        except ValueError as error:
            raise ma.ValidationError(f"Must be {error}.") from None

    return check


def _require_header_name(name: str) -> None:
    if not _HEADER_NAME.match(name) or _NOT_OURS.match(name):
        raise ma.ValidationError(
            "Must be the name of a header, but not of one about the connection."
        )


class Body(CamelCaseSchema):
    """A body in which every unknown field is an error."""

    class Meta:
        unknown = ma.RAISE


class Seed(Body):
    """How many believable records to add."""

    body_is_optional = True
    example = {"leads": 50, "clients": 10, "seed": 42}

    leads = _count(50, "Leads to add.")
    clients = _count(10, "Clients to add, half of them converted from these leads.")
    seed = WholeNumber(
        load_default=42,
        validate=validate.Range(0, LARGEST_SEED),
        metadata={"description": "The same seed makes the same bytes in an empty database."},
    )


class Seeded(CamelCaseSchema):
    """The number of records after the call."""

    leads = fields.Integer(required=True, metadata={"example": 50})
    clients = fields.Integer(required=True, metadata={"example": 10})


class ClockSetting(Body):
    """Changes to the clock; a missing field changes nothing."""

    example = {"advance": "36h"}

    at = fields.String(
        validate=_checked_by(read_time),
        metadata={
            "description": f"A time with its offset, from {EARLIEST.year} to {LATEST.year}.",
            "format": "date-time",
        },
    )
    advance = fields.String(
        validate=_checked_by(parse_duration),
        metadata={
            "description": "How far to move the clock forward: `45s`, `30m`, `36h`, `90d`, `2w`."
        },
    )
    running = fields.Boolean(
        truthy={True},
        falsy={False},
        metadata={"description": "Whether the clock runs."},
    )


class ClockReading(CamelCaseSchema):
    """The state of the clock."""

    example = {"at": "2026-01-02T12:00:00.000Z", "running": False}

    at = fields.String(required=True, metadata={"format": "date-time"})
    running = fields.Boolean(required=True)


class FaultInput(Body):
    """What happens to the next matching requests."""

    example = {"method": "POST", "path": "/leads", "status": 503}

    method = _pattern("The method", "POST")
    path = _pattern("The path, without `/v1`", "/leads/*", _require_reachable)
    times = WholeNumber(
        load_default=1,
        validate=validate.Range(1, 1_000_000),
        metadata={"description": "How many requests the fault applies to."},
    )
    status = WholeNumber(
        load_default=None,
        allow_none=True,
        validate=validate.Range(400, 599),
        metadata={"description": "Return an error with this status, without any effect."},
    )
    code = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(ERROR_CODES),
        metadata={"description": "The `code` of the error, if not the usual one."},
    )
    delay_ms = WholeNumber(
        load_default=0,
        validate=validate.Range(0, LONGEST_DELAY_MS),
        metadata={"description": "Wait this number of milliseconds first."},
    )
    drop = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(("before", "after")),
        metadata={"description": "Drop the connection, before or after the request takes effect."},
    )
    truncate = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "Drop the connection in the middle of the answer's body."},
    )
    headers = fields.Dict(
        keys=fields.String(validate=_require_header_name),
        values=fields.String(validate=validate.Regexp(_HEADER_VALUE)),
        load_default=dict,
        metadata={"description": "Headers that replace those of the answer."},
    )

    @ma.post_load
    def _make(self, values: dict[str, Any], **_: object) -> Fault:
        fault = Fault(**values)
        # The API is served under /v1 too, with the same faults.
        if fault.path.startswith("/v1/"):
            fault.path = fault.path.removeprefix("/v1")
        if not (fault.status or fault.delay_ms or fault.drop or fault.truncate or fault.headers):
            raise ma.ValidationError("Must name a status, delayMs, drop, truncate or headers.")
        if fault.drop and (fault.status or fault.truncate or fault.headers):
            raise ma.ValidationError("Cannot be combined with status, truncate or headers.", "drop")
        if fault.code and not fault.status:
            raise ma.ValidationError("Must be given together with a status.", "code")
        return fault


class FaultOutput(CamelCaseSchema):
    """A fault still to come; `times` counts down."""

    example = {"method": "POST", "path": "/leads", "times": 1, "status": 503, "code": None}
    example |= {"delayMs": 0, "drop": None, "truncate": False, "headers": {}}

    method = fields.String(required=True)
    path = fields.String(required=True)
    times = fields.Integer(required=True)
    status = fields.Integer(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    delay_ms = fields.Integer(required=True)
    drop = fields.String(required=True, allow_none=True)
    truncate = fields.Boolean(required=True)
    headers = fields.Dict(required=True, keys=fields.String(), values=fields.String())


class FaultList(CamelCaseSchema):
    """The faults still to come, oldest first."""

    data = fields.List(fields.Nested(FaultOutput), required=True)


class JournalQuery(CamelCaseSchema):
    """Filters for the requests in the journal."""

    method = _pattern("The method", "POST")
    path = _pattern("The path as sent", "/leads*")
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
