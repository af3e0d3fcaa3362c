"""Import, export and calendar: what the document says of them, and the functions that run them.

The first of these calls imports the modules: that takes a tenth of the time of a start.
"""

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import TYPE_CHECKING, Any, BinaryIO

from flask import Response

from leadbook.fields.schema import camel_case
from leadbook.schemas import NewContact
from leadbook.storage.custom_values import as_cell
from leadbook.storage.json_text import encode
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
    """Return follow-ups as a calendar; see web/calendar.py."""
    from leadbook.web import calendar  # noqa: PLC0415  # as the module says

    return calendar.calendar_answer(CALENDAR_TYPE, **query)


def upload_content(media_type: str) -> dict[str, Any]:
    """Return what the document says of a file of this type, besides its example."""
    kind = UPLOADS[media_type]
    if kind == "json":
        records = {"type": "array", "items": {"type": "object"}}
        return {"schema": {"anyOf": [records, {"type": "object"}]}}
    if kind == "xlsx":
        # https://spec.openapis.org/oas/v3.1.0#considerations-for-file-uploads
        return {"schema": {"type": "string", "contentMediaType": media_type}}
    return {"schema": {"type": "string"}}


def add_file_examples(operation: dict[str, Any], model: type[Record]) -> None:
    """Add examples to the files of an import or an export in the document.

    That of an import creates a record. It names a person by the address in the example of a lead;
    what belongs to another record only comes from our own exports.
    """
    from leadbook.transfer.columns.kinds import kind_of  # noqa: PLC0415  # as the module says

    kind = kind_of(model)
    sent = {name: each for name, each in model.new.as_example().items() if each is not None}
    for link in model.links:
        sent.pop(camel_case(link), None)
    exported = model.schema.as_example()
    if kind.finds_by:
        sent = {kind.finds_by: NewContact.as_example()["email"], **sent}
    elif kind.owners:
        sent = dict(exported)
    imported = operation.get("requestBody", {}).get("content", {})
    if not kind.is_of_people:
        for each in [each for each in imported if UPLOADS[each] == "vcf"]:
            del imported[each]
    answered = operation["responses"]["200"]["content"]
    for content, record in ((imported, sent), (answered, exported)):
        for media_type in content.keys() & UPLOADS.keys():
            if "$ref" not in content[media_type]["schema"]:
                content[media_type]["example"] = _example(UPLOADS[media_type], kind.name, record)


def _example(format: "Format", kind: str, record: Mapping[str, Any]) -> Any:
    """Return a file with one record, as the document shows it."""
    if format == "json":
        return [record]
    if format == "xlsx":
        return f"{kind}.xlsx"
    if format == "vcf":
        lines = ("VERSION:3.0", f"FN:{record['name']}", f"EMAIL:{record['email']}")
        return "\n".join(("BEGIN:VCARD", *lines, "END:VCARD", ""))
    if format == "jsonl":
        return encode(record).decode()
    rows = StringIO()
    csv.writer(rows).writerows(zip(*_cells(record), strict=True))
    return rows.getvalue()


def _cells(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the header and the cell of each column; entries have theirs at the end."""
    entries = {name: value for name, value in record.items() if isinstance(value, dict)}
    for name, value in record.items():
        if isinstance(value, list):
            yield name, ", ".join(value)
        elif name not in entries:
            yield name, "" if value is None else as_cell(value)
    for name, value in entries.items():
        yield from ((f"{name}.{entry}", as_cell(each)) for entry, each in value.items())
