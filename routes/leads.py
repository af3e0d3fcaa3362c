"""The calls under /leads."""

from typing import Any, BinaryIO

from flask import Response, jsonify

from leadbook import schemas
from leadbook.fields.schema import CamelCaseSchema
from leadbook.models import Client, Lead
from leadbook.people.capture import capture
from leadbook.people.conversion import convert
from leadbook.storage.listing import Page, list_page
from leadbook.storage.rendering import Shown, show
from leadbook.web import batch, responses
from leadbook.web.event_schemas import HistoryPage, HistoryQuery
from leadbook.web.events import history_answer
from leadbook.web.files import EXPORT, FILES, UPLOADS, export_file, import_file
from leadbook.web.import_reports import ImportReport
from leadbook.web.operations import Operations
from leadbook.web.parameters import choice
from leadbook.web.preconditions import Versions
from leadbook.web.queries import export_query, import_query, list_query
from leadbook.web.removal import PersonRemovalQuery, remove
from leadbook.web.timeline import TimelinePage, TimelineQuery, timeline_answer

blueprint = Operations("leads", __name__, description="People who may buy.")


class CaptureQuery(CamelCaseSchema):
    """The query of a new lead."""

    on_duplicate = choice(
        *Lead.on_duplicate,
        description="If an open lead has the address: create another lead, return the newest one "
        "unchanged, update the newest one from the body, or return a 409.",
    )


class ConvertQuery(CamelCaseSchema):
    """The query of a conversion."""

    on_duplicate = choice(
        "reject",
        "link",
        description="If an active client has the address: return a 409, or link the lead to it.",
    )


@blueprint.read("/leads", responses.page_of(Lead), query=list_query(Lead))
def list_leads(**query: Any) -> Page:
    """List leads, newest first.

    The filters and `search` limit the list; `sort` and `order` arrange it. `total` counts all leads
    that match.
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
    """Create a lead, or find an open one with the same address.

    Two leads may have the same e-mail address, since a person may ask twice. `onDuplicate` says
    what to do then. It ignores leads that are won or lost.
    """
    lead, is_new = capture(Lead, body, on_duplicate)
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

    A batch has up to 500 changes. Leadbook applies all of them, in this order, or none. `delete`
    erases a lead.
    """
    return jsonify(batch.carry_out(Lead, body))


@blueprint.upload("/leads/import", ImportReport, UPLOADS, query=import_query(Lead), tags=[FILES])
def import_leads(upload: BinaryIO, **query: Any) -> Response:
    """Import leads from a file that Leadbook or another tool has exported.

    The file is CSV, an .xlsx workbook, JSON Lines, JSON or vCards, up to 50 MiB. Leadbook knows the
    columns of common tools. It imports the good rows and rejects the others; the report shows the
    first 1,000 of those.
    """
    return import_file(Lead, upload, **query)


@blueprint.read("/leads/export", query=export_query(Lead), is_long=True, **EXPORT)
def export_leads(**query: Any) -> Response:
    """Export leads as CSV or JSON Lines, with the filters of the list.

    The file shows one state of the database. In CSV, a cell that a spreadsheet would run as a
    formula begins with a quote; an import removes it.
    """
    return export_file(Lead, **query)


@blueprint.read("/leads/<record:id>", schemas.Lead)
def get_lead(id: str) -> Shown:
    """Get a lead.

    If `If-None-Match` has the current ETag, the answer is an empty 304.
    """
    return show(Lead, id)


@blueprint.read("/leads/<record:id>/history", HistoryPage, query=HistoryQuery)
def get_lead_history(id: str, **query: Any) -> Response:
    """List what has happened to a lead, newest first.

    A lead that was erased has no history.
    """
    return history_answer(Lead, id, **query)


@blueprint.read("/leads/<record:id>/timeline", TimelinePage, query=TimelineQuery)
def get_lead_timeline(id: str, **query: Any) -> Response:
    """List what has happened to a lead and what is planned, newest first.

    The events of the lead, its follow-ups and its tickets are one list. What is due in the future
    comes first.
    """
    return timeline_answer(Lead, id, **query)


@blueprint.change("/leads/<record:id>", schemas.Lead, body=schemas.LeadChanges)
def update_lead(id: str, versions: Versions, body: dict[str, Any]) -> Lead:
    """Change the fields of a lead that are in the body.

    Other fields keep their values. The status of a converted lead cannot be changed.
    """
    return Lead.fetch(id, versions).change(body)


@blueprint.write("DELETE", "/leads/<record:id>", status=204, query=PersonRemovalQuery)
def delete_lead(id: str, versions: Versions, tickets: str) -> None:
    """Erase a lead, its follow-ups and its tickets.

    A client made from it stays; its `leadId` becomes null. What also belongs to the client stays
    with it.
    """
    remove(Lead.fetch(id, versions), tickets=tickets)


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
    """Convert a lead to a client.

    The client gets the lead's fields; fields in the body replace them. The lead becomes `won`.
    Repeating returns the same client. `If-Match` has the lead's ETag.
    """
    client, is_new = convert(Lead.fetch(id, versions), Client, body, on_duplicate)
    return client, 201 if is_new else 200
