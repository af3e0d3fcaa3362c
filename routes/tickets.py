"""The calls under /tickets."""

from typing import Any, BinaryIO

from flask import Response, jsonify

from leadbook import schemas
from leadbook.models import FollowUp, Ticket
from leadbook.people.planning import plan
from leadbook.storage.listing import Page, list_page
from leadbook.storage.rendering import Shown, show
from leadbook.web import batch, responses
from leadbook.web.event_schemas import HistoryPage, HistoryQuery
from leadbook.web.events import history_answer
from leadbook.web.files import EXPORT, FILES, UPLOADS, export_file, import_file
from leadbook.web.import_reports import ImportReport
from leadbook.web.operations import Operations
from leadbook.web.preconditions import Versions
from leadbook.web.queries import export_query, import_query, list_query

blueprint = Operations("tickets", __name__, description="Requests for help, and their comments.")


@blueprint.read("/tickets", responses.page_of(Ticket), query=list_query(Ticket))
def list_tickets(**query: Any) -> Page:
    """List tickets, newest first.

    `search` also reads the comments, and finds a number as `#12`.
    """
    return list_page(Ticket, **query)


@blueprint.write("POST", "/tickets", schemas.Ticket, status=201, body=schemas.NewTicket)
def create_ticket(body: dict[str, Any]) -> Ticket:
    """Create a ticket.

    Without `clientId` and `leadId`, it belongs to the active client with the address
    `requesterEmail`, or else to the newest open lead with it.
    """
    return Ticket.create_from(body)


@blueprint.write(
    "POST",
    "/tickets/batch",
    responses.BatchResult,
    body=batch.batch_of(Ticket),
    largest_body=batch.LARGEST_BATCH,
)
def change_tickets(body: batch.Changes) -> Response:
    """Create, update and delete many tickets in one transaction.

    A batch has up to 500 changes. Leadbook applies all of them, in this order, or none.
    """
    return jsonify(batch.carry_out(Ticket, body))


@blueprint.upload(
    "/tickets/import", ImportReport, UPLOADS, query=import_query(Ticket), tags=[FILES]
)
def import_tickets(upload: BinaryIO, **query: Any) -> Response:
    """Import tickets from a file that Leadbook has exported.

    It works as for leads. Import the people first.
    """
    return import_file(Ticket, upload, **query)


@blueprint.read("/tickets/export", query=export_query(Ticket), is_long=True, **EXPORT)
def export_tickets(**query: Any) -> Response:
    """Export tickets as CSV or JSON Lines, with the filters of the list.

    It works as for leads.
    """
    return export_file(Ticket, **query)


@blueprint.read("/tickets/<record:id>", schemas.Ticket)
def get_ticket(id: str) -> Shown:
    """Get a ticket.

    If `If-None-Match` has the current ETag, the answer is an empty 304.
    """
    return show(Ticket, id)


@blueprint.read("/tickets/<record:id>/history", HistoryPage, query=HistoryQuery)
def get_ticket_history(id: str, **query: Any) -> Response:
    """List what has happened to a ticket, newest first.

    A ticket that was erased has no history.
    """
    return history_answer(Ticket, id, **query)


@blueprint.change("/tickets/<record:id>", schemas.Ticket, body=schemas.TicketChanges)
def update_ticket(id: str, versions: Versions, body: dict[str, Any]) -> Ticket:
    """Change the fields of a ticket that are in the body.

    Other fields keep their values. The status sets and removes `resolvedAt` and `closedAt`.
    """
    return Ticket.fetch(id, versions).change(body)


@blueprint.write("DELETE", "/tickets/<record:id>", status=204)
def delete_ticket(id: str, versions: Versions) -> None:
    """Erase a ticket and its comments.

    Its number is never used again. To keep the ticket, set its status to `closed` instead.
    """
    Ticket.fetch(id, versions).delete_for_good()


@blueprint.write(
    "POST",
    "/tickets/<record:id>/follow-up",
    schemas.FollowUp,
    status=201,
    body=schemas.NextFollowUp,
)
def plan_follow_up_of_ticket(id: str, versions: Versions, body: dict[str, Any]) -> FollowUp:
    """Plan a follow-up for the person of a ticket.

    A body with `leadId` or `clientId` plans it for that person. `If-Match` has the ticket's ETag.
    """
    planned: FollowUp = plan(FollowUp, body, Ticket.fetch(id, versions))
    return planned
