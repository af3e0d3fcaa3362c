"""The JSON of answers other than records: pages, reports, health, errors."""

from functools import cache

from marshmallow import fields, validate

from leadbook.schemas import CamelCaseSchema
from leadbook.storage.record import Record

ERROR_CODES = (
    "VALIDATION_ERROR",
    "MALFORMED_JSON",
    "NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "DUPLICATE_EMAIL",
    "CLIENT_ARCHIVED",
    "LEAD_CONVERTED",
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


class RejectedRow(CamelCaseSchema):
    """A row that could not be imported."""

    line = fields.Integer(required=True, metadata={"description": "First line, counted from 1."})
    reason = fields.String(required=True)


def _counts() -> fields.Dict:
    return fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class WordCounts(CamelCaseSchema):
    """Words that Leadbook did not understand, and how often each occurred."""

    status = _counts()
    created_at = _counts()


class OwnExport(CamelCaseSchema):
    """How the columns of Leadbook's own export differ from those of this version."""

    missing = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Columns that the file lacks.", "example": ["score"]},
    )
    extra = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Columns that this version does not know.", "example": []},
    )


class ImportReport(CamelCaseSchema):
    """The result of an import."""

    example = {
        "dryRun": False,
        "rows": 3,
        "created": 2,
        "updated": 0,
        "skipped": 0,
        "rejected": 1,
        "encoding": "utf-8",
        "encodingGuessed": False,
        "columns": {"name": ["First Name", "Last Name"], "email": ["Email 1"]},
        "leftOut": ["Website"],
        "ownExport": None,
        "notUnderstood": {"status": {"On Hold": 1}, "createdAt": {}},
        "shown": [{"name": "Ada Byron", "email": "ada@analytical.example"}],
        "rejects": [{"line": 4, "reason": "email: Must not be empty."}],
    }

    dry_run = fields.Boolean(required=True)
    rows = fields.Integer(required=True)
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    skipped = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    encoding = fields.String(
        required=True, metadata={"description": "The encoding in which the file was read."}
    )
    encoding_guessed = fields.Boolean(
        required=True,
        metadata={"description": "Whether nothing but its letters says the encoding."},
    )
    columns = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "The columns that each field comes from."},
    )
    left_out = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Columns with values that were not imported."},
    )
    own_export = fields.Nested(
        OwnExport,
        required=True,
        allow_none=True,
        metadata={"description": "Null if another tool made the file."},
    )
    not_understood = fields.Nested(WordCounts, required=True)
    shown = fields.List(
        fields.Dict(keys=fields.String()),
        required=True,
        metadata={"description": "The first five new records: the fields that the file has."},
    )
    rejects = fields.List(
        fields.Nested(RejectedRow),
        required=True,
        metadata={"description": "The first 1,000 rejected rows."},
    )


class Service(CamelCaseSchema):
    """Where things are: URLs, or absolute paths if the service has no PUBLIC_URL."""

    name = fields.String(required=True, metadata={"example": "Leadbook"})
    version = fields.String(required=True, metadata={"example": "0.1.0"})
    docs = fields.String(required=True, metadata={"example": "/docs"})
    document = fields.String(required=True, metadata={"example": "/openapi.json"})
    health = fields.String(required=True, metadata={"example": "/health"})


class PartHealth(CamelCaseSchema):
    """Whether a part of the service can be used."""

    ok = fields.Boolean(required=True)
    message = fields.String(required=True)


def _part(message: str) -> fields.Nested:
    example = {"ok": True, "message": message}
    return fields.Nested(PartHealth, required=True, metadata={"example": example})


class Live(CamelCaseSchema):
    """Whether the process answers."""

    status = fields.String(
        required=True, validate=validate.OneOf(("ok", "failing")), metadata={"example": "ok"}
    )
    version = fields.String(required=True, metadata={"example": "0.1.0"})


class Health(Live):
    """Whether the service is up."""

    database = _part("The database can be read and written.")


class Ready(Health):
    """Whether requests can be served."""

    search_index = _part("The search index can be used.")
    disk = _part("51,200 MiB are free on the disk of the database.")


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


class ErrorBody(CamelCaseSchema):
    """What went wrong."""

    code = fields.String(required=True, validate=validate.OneOf(ERROR_CODES))
    message = fields.String(required=True)
    details = fields.List(fields.Nested(ErrorDetail), required=True)
    request_id = fields.String(required=True)


class Error(CamelCaseSchema):
    """The answer to every request that failed."""

    error = fields.Nested(ErrorBody, required=True)
