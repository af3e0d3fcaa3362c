"""The JSON of faults: what a test may ask for."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.fields.schema import CamelCaseSchema
from leadbook.fields.values import TrueOrFalse, WholeNumber
from leadbook.testing.faults import Fault, encode
from leadbook.testing.schemas import pattern, require_unicode
from leadbook.web.bodies import Body
from leadbook.web.responses import ERROR_CODES

LONGEST_DELAY_MS = 60_000
# An answer that lists the faults must not be nested deeper than Python can write.
DEEPEST_BODY = 100
_BODILESS = (204, 205, 304)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")
# Headers of the connection: a wrong one would break the connection, not the answer.
_NOT_OURS = re.compile(
    r"(?i)(connection|content-length|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)\Z"
)
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e]{0,1000}\Z")
_QUERY = re.compile(r"\?[^/]*=")


def _require_header_name(name: str) -> None:
    if not _HEADER_NAME.match(name) or _NOT_OURS.match(name):
        raise ma.ValidationError(
            "Must be the name of a header, but not of one about the connection."
        )


def _require_no_query(path: str) -> None:
    if _QUERY.search(path):
        raise ma.ValidationError("Must be a path; `query` names the parameters.")


def _require_reachable(path: str) -> None:
    """Refuse a pattern that matches no request: paths have a slash, and controls no faults."""
    inner = path.removeprefix("/v1") if path.startswith("/v1/") else path
    if not inner.startswith(("/", "*", "?")) or inner.startswith("/_test/"):
        raise ma.ValidationError("Must begin with `/` or a wildcard, and not with `/_test/`.")


def _require_sendable(body: Any) -> None:
    try:
        encode(body)
    except (TypeError, ValueError, RecursionError):
        raise ma.ValidationError("Must be a text in Unicode, or any other JSON value.") from None
    if not _is_within(body, DEEPEST_BODY):
        raise ma.ValidationError(f"Must not be nested deeper than {DEEPEST_BODY} levels.")


def _is_within(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list | tuple):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_within(each, levels - 1) for each in inner)


class QueryValue(fields.String):
    """The value of a query parameter: a text, or what a query writes as one: 2, true."""

    def _deserialize(self, value: Any, *arguments: Any, **options: Any) -> Any:
        if isinstance(value, int):
            value = str(value).lower()
        return super()._deserialize(value, *arguments, **options)


class FaultInput(Body):
    """What happens to the next matching requests."""

    example = {"method": "POST", "path": "/leads", "status": 503}

    method = pattern("The method", "POST")
    path = pattern("The path, without `/v1`", "/leads/*", _require_no_query, _require_reachable)
    query = fields.Dict(
        keys=fields.String(validate=[validate.Length(1, 200), require_unicode]),
        values=QueryValue(
            allow_none=True,
            validate=[validate.Length(0, 1000), require_unicode],
            metadata={"type": ["string", "integer", "boolean", "null"]},
        ),
        load_default=dict,
        metadata={
            "description": "Query parameters that the request must have; others do not matter. "
            "`*` and `?` in a value are wildcards, and null means: not given.",
            "example": {"status": "new", "cursor": None},
        },
    )
    times = WholeNumber(
        load_default=1,
        validate=validate.Range(1, 1_000_000),
        metadata={"description": "How many requests the fault applies to."},
    )
    status = WholeNumber(
        load_default=None,
        allow_none=True,
        validate=validate.Range(200, 599),
        metadata={"description": "Return this status, without any effect."},
    )
    code = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.OneOf(ERROR_CODES),
        metadata={"description": "The `code` of the error, if not the usual one."},
    )
    body = fields.Raw(
        load_default=None,
        allow_none=True,
        validate=_require_sendable,
        metadata={
            "description": "The body of the answer: a text as it is, any other value as JSON. "
            "Without it, a status from 400 has the body of an error, and others have none.",
            "example": "<h1>Bad Gateway</h1>",
        },
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
    truncate = TrueOrFalse(
        load_default=False,
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
        # The caller may change its own value later.
        fault = Fault(**values | {"body": deepcopy(values["body"])})
        # The API is served under /v1 too, with the same faults.
        if fault.path.startswith("/v1/"):
            fault.path = fault.path.removeprefix("/v1")
        for field, message in _contradictions(fault):
            raise ma.ValidationError(message, field)
        return fault


def _contradictions(fault: Fault) -> Iterator[tuple[str, str]]:
    """Yield the fields that contradict the others, with a message for each."""
    status, has_body = fault.status, fault.body is not None
    if has_body and not status:
        yield "body", "Must be given together with a status."
    if not (status or fault.delay_ms or fault.drop or fault.truncate or fault.headers):
        yield "_schema", "Must name a status, delayMs, drop, truncate or headers."
    if fault.drop and (status or fault.truncate or fault.headers):
        yield "drop", "Cannot be combined with status, truncate or headers."
    if fault.code and (not status or status < 400):
        yield "code", "Must be given together with a status from 400 to 599."
    if fault.code and has_body:
        yield "code", "Cannot be combined with body, which would have no code."
    if has_body and fault.body != "" and status in _BODILESS:
        yield "body", f"Must be left out: an answer with status {status} has no body."


class FaultOutput(CamelCaseSchema):
    """A fault still to come; `times` counts down."""

    example = {"method": "POST", "path": "/leads", "query": {}, "times": 1, "status": 503}
    example |= {"code": None, "body": None, "delayMs": 0, "drop": None, "truncate": False}
    example |= {"headers": {}}

    method = fields.String(required=True)
    path = fields.String(required=True)
    query = fields.Dict(required=True, keys=fields.String(), values=fields.String(allow_none=True))
    times = fields.Integer(required=True)
    status = fields.Integer(required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    body = fields.Raw(required=True, allow_none=True)
    delay_ms = fields.Integer(required=True)
    drop = fields.String(required=True, allow_none=True)
    truncate = fields.Boolean(required=True)
    headers = fields.Dict(required=True, keys=fields.String(), values=fields.String())


class FaultList(CamelCaseSchema):
    """The faults still to come, oldest first."""

    data = fields.List(fields.Nested(FaultOutput), required=True)
