"""The calls under /clients."""

from typing import Any, BinaryIO

from flask import Response, jsonify

from leadbook import schemas
from leadbook.models import Client, Lead
from leadbook.storage.listing import Page, list_page
from leadbook.storage.record import Record
from leadbook.storage.rendering import Shown, show
from leadbook.web import batch, responses
from leadbook.web.event_schemas import HistoryPage, HistoryQuery
from leadbook.web.events import history_answer
from leadbook.web.files import EXPORT, FILES, UPLOADS, export_file, import_file
from leadbook.web.import_reports import ImportReport
from leadbook.web.operations import Operations
from leadbook.web.preconditions import Versions
from leadbook.web.queries import export_query, import_query, list_query
from leadbook.web.removal import RemovalQuery, remove
from leadbook.web.timeline import TimelinePage, TimelineQuery, timeline_answer

blueprint = Operations("clients", __name__, description="People who have bought.")


@blueprint.read("/clients", responses.page_of(Client), query=list_query(Client))
def list_clients(**query: Any) -> Page:
    """List clients, newest first.

    By default the list has only active clients; `status` selects others.
    """
    return list_page(Client, **query)


@blueprint.write(
    "POST",
    "/clients",
    schemas.Client,
    status=201,
    body=schemas.NewClient,
    example={"leadId": None},
)
def create_client(body: dict[str, Any]) -> Client:
    """Create a client.

    Two active clients cannot have the same e-mail address.
    """
    return Client.create_from(body)


@blueprint.write(
    "POST",
    "/clients/batch",
    responses.BatchResult,
    body=batch.batch_of(Client),
    largest_body=batch.LARGEST_BATCH,
)
def change_clients(body: batch.Changes) -> Response:
    """Create, update and delete many clients in one transaction.

    A batch has up to 500 changes. Leadbook applies all of them, in this order, or none. `delete`
    archives a client; with `permanent` it erases the client.
    """
    return jsonify(batch.carry_out(Client, body))


@blueprint.upload(
    "/clients/import", ImportReport, UPLOADS, query=import_query(Client), tags=[FILES]
)
def import_clients(upload: BinaryIO, **query: Any) -> Response:
    """Import clients from a file that Leadbook or another tool has exported.

    It works as for leads, but two active clients cannot have the same address.
    """
    return import_file(Client, upload, **query)


@blueprint.read("/clients/export", query=export_query(Client), is_long=True, **EXPORT)
def export_clients(**query: Any) -> Response:
    """Export clients as CSV or JSON Lines, with the filters of the list.

    By default the file includes archived clients; `status` limits it.
    """
    return export_file(Client, **query)


@blueprint.read("/clients/<record:id>", schemas.Client)
def get_client(id: str) -> Shown:
    """Get a client, archived or not.

    If `If-None-Match` has the current ETag, the answer is an empty 304.
    """
    return show(Client, id)


@blueprint.read("/clients/<record:id>/history", HistoryPage, query=HistoryQuery)
def get_client_history(id: str, **query: Any) -> Response:
    """List what has happened to a client, newest first.

    A client that was erased has no history.
    """
    return history_answer(Client, id, **query)


@blueprint.read("/clients/<record:id>/timeline", TimelinePage, query=TimelineQuery)
def get_client_timeline(id: str, **query: Any) -> Response:
    """List what has happened to a client and what is planned, newest first.

    The events of the client, its follow-ups and its tickets are one list. It begins with the events
    of the leads that became the client.
    """
    return timeline_answer(Client, id, origin=Lead, **query)


@blueprint.change("/clients/<record:id>", schemas.Client, body=schemas.ClientChanges)
def update_client(id: str, versions: Versions, body: dict[str, Any]) -> Client:
    """Change the fields of a client that are in the body.

    Other fields keep their values. An archived client cannot be changed; restore it first.
    """
    return Client.fetch(id, versions).change(body)


@blueprint.write(
    "DELETE",
    "/clients/<record:id>",
    schemas.Client,
    also={204: None},
    query=RemovalQuery,
    example={"status": "archived", "archivedAt": "2026-01-02T10:30:00.000Z", "version": 2},
)
def archive_client(id: str, versions: Versions, **removal: Any) -> Record | None:
    """Archive a client, or erase it.

    An archived client stays readable, and its address is free. Repeating returns the same answer.
    `permanent=true` erases the client and unlinks the leads that it came from. Its follow-ups and
    tickets go with it; what also belongs to its lead stays with that.
    """
    return remove(Client.fetch(id, versions), **removal)


@blueprint.write("POST", "/clients/<record:id>/restore", schemas.Client)
def restore_client(id: str, versions: Versions) -> Client:
    """Restore an archived client.

    Repeating returns the same answer. If another active client has its address now, this is a 409.
    """
    return Client.fetch(id, versions).restore()
