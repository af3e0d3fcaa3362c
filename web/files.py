"""Import, export and calendar: what the document says of them, and the functions that run them.

The first of these calls imports the modules: that takes a tenth of the time of a start.
"""

import json
from typing import TYPE_CHECKING, Any, BinaryIO

from flask import Response

from leadbook.storage.record import Record

if TYPE_CHECKING:
    from leadbook.transfer.files.formats import Format

# What an export writes, and what an import reads besides.
FORMATS: dict[str, "Format"] = {"text/csv": "csv", "application/x-ndjson": "jsonl"}
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UPLOADS: dict[str, "Format"] = FORMATS | {
    "application/jsonl": "jsonl",
    "application/json": "json",
    _WORKBOOK: "xlsx",
    "text/vcard": "vcf",
    "text/x-vcard": "vcf",
    "text/directory": "vcf",
}
# The tag of these calls.
FILES = "transfer"
# What the document says of an export: its tag and its answers.
EXPORT: dict[str, Any] = {
    "tags": [FILES],
    "responses": {200: {"content": {each: {"schema": {"type": "string"}} for each in FORMATS}}},
}
# What it says of a calendar.
CALENDAR_TYPE = "text/calendar"
CALENDAR: dict[str, Any] = {
    "responses": {200: {"content": {CALENDAR_TYPE: {"schema": {"type": "string"}}}}},
}


def import_file(model: type[Record], upload: BinaryIO, **query: Any) -> Response:
    """Import a file of records of this model; see web/imports.py."""
    from leadbook.web import imports  # noqa: PLC0415  # as the module says

    return imports.import_file(model, upload, **query)


def export_file(model: type[Record], format: "Format", **query: Any) -> Response:
    """Return the records of this model as a file; see web/exports.py."""
    from leadbook.web import exports  # noqa: PLC0415  # as the module says

    [media_type] = [each for each, known in FORMATS.items() if known == format]
    return exports.export_file(model, format, media_type, **query)


def calendar_file(**query: Any) -> Response:
    """Return follow-ups as a calendar; see web/subscriptions.py."""
    from leadbook.web import subscriptions  # noqa: PLC0415  # as the module says

    return subscriptions.calendar_file(CALENDAR_TYPE, **query)


_ADA = {"name": "Ada Byron", "email": "ada@analytical.example"}
_CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Ada Byron\nEMAIL:ada@analytical.example\nEND:VCARD\n"


def upload_content(media_type: str) -> dict[str, Any]:
    """Return what the document says of a file of this type: its schema, and an example if new."""
    content: dict[str, Any] = {"schema": {"type": "string"}}
    kind = UPLOADS[media_type]
    if kind == "json":
        records = {"type": "array", "items": {"type": "object"}}
        return {"schema": {"anyOf": [records, {"type": "object"}]}, "example": [_ADA]}
    if kind == "xlsx":
        # https://spec.openapis.org/oas/v3.1.0#considerations-for-file-uploads
        binary = {"type": "string", "contentMediaType": media_type}
        return {"schema": binary, "example": "leads.xlsx"}
    if kind == "vcf":
        content["example"] = _CARD
    elif media_type not in FORMATS:
        content["example"] = f"{json.dumps(_ADA)}\n"
    return content
