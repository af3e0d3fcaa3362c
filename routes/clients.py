"""The calls under /clients."""

from typing import Any, BinaryIO

from flask import Response, jsonify

from leadbook import schemas
from leadbook.models import Client
from leadbook.storage.listing import Page, list_page
from leadbook.storage.rendering import Shown, show
from leadbook.web import batch, responses
from leadbook.web.files import EXPORT, FILES, FORMATS, export_file, import_file
from leadbook.web.operations import Operations
from leadbook.web.queries import RemovalQuery, export_query, import_query, list_query
from leadbook.web.writing import Versions

blueprint = Operations("clients", __name__, description="Somebody who has bought.")


@blueprint.read("/clients", responses.page_of(Client), query=list_query(Client))
def list_clients(**query: Any) -> Page:
    """List clients, newest first.

    Archived ones are left out unless `status` asks for them.
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

    No two active clients share an e-mail address.
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

    All of it is done, or nothing; in this order, up to 500 in all. A `delete`
    archives, or erases with `permanent`.
    """
    return jsonify(batch.carry_out(Client, body))


@blueprint.upload(
    "/clients/import", responses.ImportReport, FORMATS, query=import_query(Client), tags=[FILES]
)
def import_clients(upload: BinaryIO, **query: Any) -> Response:
    """Import clients from a file of Leadbook's or of another tool.

    As for leads; no two active clients share an address.
    """
    return import_file(Client, upload, **query)


@blueprint.read("/clients/export", query=export_query(Client), is_long=True, **EXPORT)
def export_clients(**query: Any) -> Response:
    """Export clients as CSV or JSON Lines, with the filters of the list.

    Archived ones too, unless `status` says otherwise.
    """
    return export_file(Client, **query)


@blueprint.read("/clients/<record:id>", schemas.Client)
def get_client(id: str) -> Shown:
    """Get a client, archived or not.

    With `If-None-Match` and its current ETag the answer is an empty 304.
    """
    return show(Client, id)


@blueprint.write("PUT", "/clients/<record:id>", schemas.Client, body=schemas.ClientChanges)
def update_client(id: str, versions: Versions, body: dict[str, Any]) -> Client:
    """Change the fields of a client that the body names.

    The others stay as they are. An archived client has to be restored first.
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
def archive_client(id: str, versions: Versions, permanent: bool) -> Client | None:
    """Archive a client, or erase it for good.

    Archiving frees the address and keeps the record readable; repeated, the answer is the same.
    With `permanent=true` the client is gone, and the leads it came from are unlinked.
    """
    client = Client.fetch(id, versions)
    if not permanent:
        return client.archive()
    client.delete_for_good()
    return None


@blueprint.write("POST", "/clients/<record:id>/restore", schemas.Client)
def restore_client(id: str, versions: Versions) -> Client:
    """Take a client out of the archive.

    Repeated, the answer is the same. A conflict where its address has been taken meanwhile.
    """
    return Client.fetch(id, versions).restore()
