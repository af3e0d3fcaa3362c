"""The calls under /leads."""

from typing import Any, BinaryIO

from flask import Response, jsonify

from leadbook import schemas
from leadbook.models import Client, Lead
from leadbook.schemas import CamelCaseSchema
from leadbook.storage.listing import Page, list_page
from leadbook.storage.rendering import Shown, show
from leadbook.web import batch, responses
from leadbook.web.files import EXPORT, FILES, FORMATS, export_file, import_file
from leadbook.web.operations import Operations
from leadbook.web.queries import choice, export_query, import_query, list_query
from leadbook.web.writing import Versions

blueprint = Operations("leads", __name__, description="Somebody who may buy.")


class CaptureQuery(CamelCaseSchema):
    """The query of a new lead."""

    on_duplicate = choice(
        *Lead.on_duplicate,
        description="Where an open lead has the address: create another, return the newest as it "
        "is, change that by what the body names, or refuse.",
    )


class ConvertQuery(CamelCaseSchema):
    """The query of a conversion."""

    on_duplicate = choice(
        "reject",
        "link",
        description="Where an active client has the address: refuse, or link the lead to it.",
    )


@blueprint.read("/leads", responses.page_of(Lead), query=list_query(Lead))
def list_leads(**query: Any) -> Page:
    """List leads, newest first.

    Filters and the search narrow the list, `sort` and `order` arrange it; the total counts every
    lead that matches.
    """
    return list_page(Lead, **query)


@blueprint.write(
    "POST",
    "/leads",
    schemas.Lead,
    status=201,
    also={200: schemas.Lead},
    query=CaptureQuery,
    body=schemas.NewLead,
)
def create_lead(on_duplicate: str, body: dict[str, Any]) -> tuple[Lead, int]:
    """Create a lead, or find the open one of the same address.

    Two leads may share an e-mail address: the same person may ask twice. `onDuplicate` says what
    becomes of that; leads that are won or lost are not looked at.
    """
    lead, is_new = Lead.capture(body, on_duplicate)
    return lead, 201 if is_new else 200


@blueprint.write(
    "POST",
    "/leads/batch",
    responses.BatchResult,
    body=batch.batch_of(Lead),
    largest_body=batch.LARGEST_BATCH,
)
def change_leads(body: batch.Changes) -> Response:
    """Create, update and delete many leads in one transaction.

    All of it is done, or nothing; in this order, up to 500 in all. A `delete`
    removes for good.
    """
    return jsonify(batch.carry_out(Lead, body))


@blueprint.upload(
    "/leads/import", responses.ImportReport, FORMATS, query=import_query(Lead), tags=[FILES]
)
def import_leads(upload: BinaryIO, **query: Any) -> Response:
    """Import leads from a file of Leadbook's or of another tool.

    CSV or JSON Lines, up to 50 MiB; the columns of common tools are known. A row that is wrong
    does not keep the others out; of those that are rejected the first 1,000 are told.
    """
    return import_file(Lead, upload, **query)


@blueprint.read("/leads/export", query=export_query(Lead), is_long=True, **EXPORT)
def export_leads(**query: Any) -> Response:
    """Export leads as CSV or JSON Lines, with the filters of the list.

    All of it is one state of the database. In CSV, a cell that a spreadsheet would run gets a quote
    in front, which an import takes away again.
    """
    return export_file(Lead, **query)


@blueprint.read("/leads/<record:id>", schemas.Lead)
def get_lead(id: str) -> Shown:
    """Get a lead.

    With `If-None-Match` and its current ETag the answer is an empty 304.
    """
    return show(Lead, id)


@blueprint.write("PUT", "/leads/<record:id>", schemas.Lead, body=schemas.LeadChanges)
def update_lead(id: str, versions: Versions, body: dict[str, Any]) -> Lead:
    """Change the fields of a lead that the body names.

    The others stay as they are. The status of a converted lead can no longer be changed.
    """
    return Lead.fetch(id, versions).change(body)


@blueprint.write("DELETE", "/leads/<record:id>", status=204)
def delete_lead(id: str, versions: Versions) -> None:
    """Remove a lead for good.

    A client made from it stays; its `leadId` becomes null.
    """
    Lead.fetch(id, versions).delete_for_good()


@blueprint.write(
    "POST",
    "/leads/<record:id>/convert",
    schemas.Client,
    status=201,
    also={200: schemas.Client},
    query=ConvertQuery,
    body=schemas.ClientOverrides,
)
def convert_lead(
    id: str, versions: Versions, on_duplicate: str, body: dict[str, Any]
) -> tuple[Client, int]:
    """Make a client of a lead.

    The client gets the lead's fields, with those that the body names put over them; the lead
    becomes `won`. Repeated, the answer is the same client. `If-Match` is about the lead.
    """
    client, is_new = Lead.fetch(id, versions).convert(body, on_duplicate)
    return client, 201 if is_new else 200
