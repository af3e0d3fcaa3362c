"""The JSON of answers other than records: pages, reports, errors."""

from functools import cache

from marshmallow import fields, validate

from leadbook.fields.schema import CamelCaseSchema
from leadbook.storage.record import Record

ERROR_CODES = (
    "VALIDATION_ERROR",
    "MALFORMED_JSON",
    "NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "DUPLICATE_EMAIL",
    "CLIENT_ARCHIVED",
    "LEAD_CONVERTED",
    "TOO_MANY_WEBHOOKS",
    "VERSION_MISMATCH",
    "BODY_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "UNTRUSTED_HOST",
    "UNAUTHORIZED",
    "FORBIDDEN",
    "RATE_LIMITED",
    "IDEMPOTENCY_KEY_REUSED",
    "IDEMPOTENCY_KEY_IN_USE",
    "RECORD_GONE",
    "EVENTS_EXPIRED",
    "INTERNAL_ERROR",
    "DATABASE_UNAVAILABLE",
    "QUERY_TIMEOUT",
    "STORAGE_UNAVAILABLE",
    "TOO_BUSY",
    "MALFORMED_REQUEST",
    "HEAD_TOO_LARGE",
    "REQUEST_TIMEOUT",
)


class Pagination(CamelCaseSchema):
    """The position of a page in its list."""

    total = fields.Integer(
        required=True, metadata={"description": "Records on all pages.", "example": 1}
    )
    page = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Null if the request had a cursor.", "example": 1},
    )
    limit = fields.Integer(required=True, metadata={"example": 20})
    next = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The `cursor` of the next page; null on the last page.",
            "example": None,
        },
    )


class PageAnswer(CamelCaseSchema):
    """A page of a list."""

    pagination = fields.Nested(Pagination, required=True)


@cache
def page_of(model: type[Record]) -> type[PageAnswer]:
    """Return the page of the list of a model."""
    data = fields.List(fields.Nested(model.schema), required=True)
    return type(f"{model.__name__}Page", (PageAnswer,), {"data": data})


class BatchResult(CamelCaseSchema):
    """The ids of the records of a batch, in the order of the request."""

    example = {"created": [], "updated": ["019b76da-a800-7000-8000-000000000001"], "deleted": []}

    created = fields.List(fields.String(), required=True)
    updated = fields.List(fields.String(), required=True)
    deleted = fields.List(fields.String(), required=True)


class ErrorDetail(CamelCaseSchema):
    """One problem of the request."""

    field = fields.String(required=True, metadata={"description": "The field or parameter."})
    message = fields.String(required=True)
    existing_id = fields.String(
        metadata={"description": "For a duplicate: the id of the existing record."}
    )
    rows = fields.Integer(
        metadata={"description": "For an import that stopped: how many rows are imported."}
    )
    line = fields.Integer(
        metadata={"description": "For an import that stopped: the first line of the last row."}
    )
    oldest = fields.Integer(
        metadata={"description": "For events that are not kept: the oldest number that is kept."}
    )


class ErrorBody(CamelCaseSchema):
    """What went wrong."""

    code = fields.String(required=True, validate=validate.OneOf(ERROR_CODES))
    message = fields.String(required=True)
    details = fields.List(fields.Nested(ErrorDetail), required=True)
    request_id = fields.String(required=True)


class Error(CamelCaseSchema):
    """The answer to every request that failed."""

    error = fields.Nested(ErrorBody, required=True)
