"""The calls under /tickets/{id}/comments, and files of all comments."""

from typing import Any, BinaryIO

from flask import Response

from leadbook import schemas
from leadbook.models import Comment, Ticket
from leadbook.storage.listing import Page, list_page
from leadbook.web import responses
from leadbook.web.files import EXPORT, FILES, UPLOADS, export_file, import_file
from leadbook.web.import_reports import ImportReport
from leadbook.web.operations import Operations
from leadbook.web.preconditions import Versions
from leadbook.web.queries import export_query, import_query, list_query

blueprint = Operations("comments", __name__, description="What was said about tickets.")

_ALL = "/tickets/<record:id>/comments"
_ONE = f"{_ALL}/<record:commentId>"


@blueprint.upload(
    "/comments/import", ImportReport, UPLOADS, query=import_query(Comment), tags=[FILES]
)
def import_comments(upload: BinaryIO, **query: Any) -> Response:
    """Import the comments of all tickets from a file that Leadbook has exported.

    It works as for leads. Import the tickets first.
    """
    return import_file(Comment, upload, **query)


@blueprint.read("/comments/export", query=export_query(Comment), is_long=True, **EXPORT)
def export_comments(**query: Any) -> Response:
    """Export the comments of all tickets as CSV or JSON Lines.

    It works as for leads.
    """
    return export_file(Comment, **query)


@blueprint.read(_ALL, responses.page_of(Comment), query=list_query(Comment, "ticket_id"))
def list_comments(id: str, **query: Any) -> Page:
    """List the comments of a ticket, oldest first.

    Internal comments are in the list, too; `internal=false` leaves them out.
    """
    return list_page(Comment, within={"ticket_id": Ticket.fetch(id).id}, **query)


@blueprint.write("POST", _ALL, schemas.Comment, status=201, body=schemas.NewComment)
def create_comment(id: str, versions: Versions, body: dict[str, Any]) -> Comment:
    """Add a comment to a ticket.

    One that is not internal opens a resolved ticket again. A closed one stays closed. `If-Match`
    has the ticket's ETag.
    """
    return Comment.create_from({**body, "ticket_id": Ticket.fetch(id, versions).id})


@blueprint.read(_ONE, schemas.Comment)
def get_comment(id: str, commentId: str) -> Comment:
    """Get a comment.

    If `If-None-Match` has the current ETag, the answer is an empty 304.
    """
    return Comment.of_ticket(id, commentId)


@blueprint.change(_ONE, schemas.Comment, body=schemas.CommentChanges)
def update_comment(id: str, commentId: str, versions: Versions, body: dict[str, Any]) -> Comment:
    """Change the fields of a comment that are in the body.

    Other fields keep their values. An internal comment that is shown now, with `internal` false,
    opens a resolved ticket again, as a new one does. `If-Match` has the comment's ETag.
    """
    return Comment.of_ticket(id, commentId, versions).change(body)


@blueprint.write("DELETE", _ONE, status=204)
def delete_comment(id: str, commentId: str, versions: Versions) -> None:
    """Erase a comment.

    No search finds its words, and no file has them any more. `If-Match` has the comment's ETag.
    """
    Comment.of_ticket(id, commentId, versions).delete_for_good()
