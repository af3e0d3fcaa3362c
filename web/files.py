"""Import and export: what the document says of them, and the functions that run them.

The first of these calls imports the modules: that takes a tenth of the time of a start.
"""

from typing import TYPE_CHECKING, Any, BinaryIO

from flask import Response

from leadbook.storage.record import Record

if TYPE_CHECKING:
    from leadbook.transfer.formats import Format

FORMATS: dict[str, "Format"] = {"text/csv": "csv", "application/x-ndjson": "jsonl"}
# The tag of these calls.
FILES = "transfer"
# What the document says of an export: its tag and its answers.
EXPORT: dict[str, Any] = {
    "tags": [FILES],
    "responses": {200: {"content": {each: {"schema": {"type": "string"}} for each in FORMATS}}},
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
