"""The calls that bring files in and out."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING, Any, BinaryIO

from flask import Response, current_app, request
from werkzeug.wsgi import wrap_file

from leadbook.storage.database import Database
from leadbook.transfer.errors import temporary_storage
from leadbook.web import responses, transfer_queries
from leadbook.web.operations import Operations

if TYPE_CHECKING:
    from leadbook.transfer.source import Format

FORMATS: dict[str, "Format"] = {"text/csv": "csv", "application/x-ndjson": "jsonl"}
_IN_MEMORY = 1024 * 1024
_FILE = {"type": "string"}

blueprint = Operations("transfer", __name__, description="Files in and out.")


def _file(*media_types: str) -> dict[str, Any]:
    return {"content": {each: {"schema": _FILE} for each in media_types}}


@blueprint.upload(
    "/leads/import", responses.ImportReport, FORMATS, transfer_queries.LeadImportQuery
)
def import_leads(upload: BinaryIO, format: "Format", **query: Any) -> Response:
    """Import leads from a file of Leadbook's or of another tool.

    CSV or JSON Lines, up to 50 MiB; the columns of common tools are known. A row that is wrong
    does not keep the others out; of those that are rejected the first 1,000 are told.
    """
    return _import("leads", upload, format, **query)


@blueprint.upload(
    "/clients/import", responses.ImportReport, FORMATS, transfer_queries.ClientImportQuery
)
def import_clients(upload: BinaryIO, format: "Format", **query: Any) -> Response:
    """Import clients from a file of Leadbook's or of another tool.

    As for leads; no two active clients share an address.
    """
    return _import("clients", upload, format, **query)


@blueprint.read(
    "/leads/export",
    query=transfer_queries.LeadExportQuery,
    responses={200: _file(*FORMATS)},
    is_long=True,
)
def export_leads(format: "Format", **filters: str | None) -> Response:
    """Export leads as CSV or JSON Lines, with the filters of the list.

    All of it is one state of the database. In CSV, a cell that a spreadsheet would run gets a quote
    in front, which an import takes away again.
    """
    return _export("leads", format, filters)


@blueprint.read(
    "/clients/export",
    query=transfer_queries.ClientExportQuery,
    responses={200: _file(*FORMATS)},
    is_long=True,
)
def export_clients(format: "Format", **filters: str | None) -> Response:
    """Export clients as CSV or JSON Lines, with the filters of the list.

    Archived ones too, unless `status` says otherwise.
    """
    return _export("clients", format, filters)


def _import(kind: str, upload: BinaryIO, format: "Format", **query: Any) -> Response:
    from leadbook.web.imports import import_file

    return import_file(kind, upload, format, **query)


def _export(kind: str, format: "Format", filters: dict[str, str | None]) -> Response:
    from leadbook.transfer.exporting import export
    from leadbook.transfer.kinds import KINDS

    database: Database = current_app.extensions["leadbook"]
    [media_type] = [each for each, known in FORMATS.items() if known == format]
    if request.method == "HEAD":
        # An iterator, since nothing is as long as the file would be.
        response = Response(iter(()), mimetype=media_type)
    else:
        body, length = _put_aside(export(database, KINDS[kind], format, **filters))
        is_file = not isinstance(body, bytes)
        response = Response(body, mimetype=media_type, direct_passthrough=is_file)
        response.content_length = length
    name = f"{kind}-{database.clock.now()[:10]}.{format}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _put_aside(parts: Iterator[bytes]) -> tuple[bytes | Iterable[bytes], int]:
    """Return all of a file, from the disk where it is large, and its length.

    Whoever reads slowly would keep a thread otherwise, and a state of the database.
    """
    start = b""
    for part in parts:
        start += part
        if len(start) > _IN_MEMORY:
            break
    else:
        return start, len(start)
    with ExitStack() as stack:
        with temporary_storage():
            file = stack.enter_context(tempfile.TemporaryFile())
        for part in chain([start], parts):
            with temporary_storage():
                file.write(part)
        with temporary_storage():
            length = file.tell()
            file.seek(0)
        # Closed with the response.
        stack.pop_all()
    return wrap_file(request.environ, file), length
