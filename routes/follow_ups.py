"""The calls under /follow-ups."""

from typing import Any, BinaryIO

from flask import Response, jsonify
from marshmallow import fields

from leadbook import schemas
from leadbook.fields.schema import CamelCaseSchema
from leadbook.fields.values import Text
from leadbook.models import FollowUp
from leadbook.people.planning import complete
from leadbook.storage.listing import Page, list_page
from leadbook.storage.rendering import Shown, show
from leadbook.storage.text_rules import NOTES
from leadbook.web import batch, responses
from leadbook.web.event_schemas import HistoryPage, HistoryQuery
from leadbook.web.events import history_answer
from leadbook.web.files import (
    CALENDAR,
    EXPORT,
    FILES,
    UPLOADS,
    calendar_file,
    export_file,
    import_file,
)
from leadbook.web.import_reports import ImportReport
from leadbook.web.operations import Operations
from leadbook.web.preconditions import Versions
from leadbook.web.queries import calendar_query, export_query, import_query, list_query

blueprint = Operations("follow-ups", __name__, description="What is to be done for people.")


class Completion(CamelCaseSchema):
    """What came of a follow-up, and the next one."""

    body_is_optional = True

    outcome = Text(NOTES, longest=1000, allow_none=True, example="Wants to see a demonstration.")
    next = fields.Nested(schemas.NextFollowUp, allow_none=True)


@blueprint.read("/follow-ups", responses.page_of(FollowUp), query=list_query(FollowUp))
def list_follow_ups(**query: Any) -> Page:
    """List follow-ups, those due earliest first.

    `due` selects what is to be done. The follow-ups of archived clients are never due.
    """
    return list_page(FollowUp, **query)


@blueprint.write("POST", "/follow-ups", schemas.FollowUp, status=201, body=schemas.NewFollowUp)
def create_follow_up(body: dict[str, Any]) -> FollowUp:
    """Plan a follow-up for a lead or a client.

    The body names exactly one of them. If the lead was converted, the follow-up also belongs to its
    client. What is done already may be created as `done`.
    """
    return FollowUp.create_from(body)


@blueprint.write(
    "POST",
    "/follow-ups/batch",
    responses.BatchResult,
    body=batch.batch_of(FollowUp),
    largest_body=batch.LARGEST_BATCH,
)
def change_follow_ups(body: batch.Changes) -> Response:
    """Create, update and delete many follow-ups in one transaction.

    A batch has up to 500 changes. Leadbook applies all of them, in this order, or none.
    """
    return jsonify(batch.carry_out(FollowUp, body))


@blueprint.upload(
    "/follow-ups/import", ImportReport, UPLOADS, query=import_query(FollowUp), tags=[FILES]
)
def import_follow_ups(upload: BinaryIO, **query: Any) -> Response:
    """Import follow-ups from a file that Leadbook or another tool has exported.

    It works as for leads. Import the people first: a follow-up belongs to one of them.
    """
    return import_file(FollowUp, upload, **query)


@blueprint.read("/follow-ups/export", query=export_query(FollowUp), is_long=True, **EXPORT)
def export_follow_ups(**query: Any) -> Response:
    """Export follow-ups as CSV or JSON Lines, with the filters of the list.

    It works as for leads.
    """
    return export_file(FollowUp, **query)


@blueprint.read(
    "/follow-ups/calendar.ics",
    query=calendar_query(FollowUp, "open", "done"),
    is_long=True,
    opens_by_url=True,
    **CALENDAR,
)
def get_calendar(**query: Any) -> Response:
    """Get follow-ups as an iCalendar file, to which calendar programs subscribe.

    It has what is open, and what was done in the last 30 days, with the filters of the list. A key
    with the scope `calendar` may be in the query, since these programs send no headers.
    """
    return calendar_file(**query)


@blueprint.read("/follow-ups/<record:id>", schemas.FollowUp)
def get_follow_up(id: str) -> Shown:
    """Get a follow-up.

    If `If-None-Match` has the current ETag, the answer is an empty 304.
    """
    return show(FollowUp, id)


@blueprint.read("/follow-ups/<record:id>/history", HistoryPage, query=HistoryQuery)
def get_follow_up_history(id: str, **query: Any) -> Response:
    """List what has happened to a follow-up, newest first.

    A follow-up that was erased has no history.
    """
    return history_answer(FollowUp, id, **query)


@blueprint.change("/follow-ups/<record:id>", schemas.FollowUp, body=schemas.FollowUpChanges)
def update_follow_up(id: str, versions: Versions, body: dict[str, Any]) -> FollowUp:
    """Change the fields of a follow-up that are in the body.

    Other fields keep their values. `done` sets `doneAt`; any other status removes it.
    """
    return FollowUp.fetch(id, versions).change(body)


@blueprint.write("DELETE", "/follow-ups/<record:id>", status=204)
def delete_follow_up(id: str, versions: Versions) -> None:
    """Erase a follow-up.

    To keep it as a record of what was planned, set its status to `cancelled` instead.
    """
    FollowUp.fetch(id, versions).delete_for_good()


@blueprint.write(
    "POST",
    "/follow-ups/<record:id>/complete",
    schemas.FollowUp,
    status=200,
    also={201: schemas.FollowUp},
    body=Completion,
    example={
        "status": "done",
        "outcome": "Wants to see a demonstration.",
        "doneAt": "2026-02-02T09:20:00.000Z",
        "version": 2,
    },
)
def complete_follow_up(id: str, versions: Versions, body: dict[str, Any]) -> tuple[FollowUp, int]:
    """Set a follow-up to done, and plan the next one in the same step.

    With `next`, the answer is a 201 with the new follow-up. It is for the same person, unless it
    names another one. Repeating plans no second one: the answer is the one that is done.
    """
    following = body.pop("next", None)
    follow_up, is_new = complete(FollowUp.fetch(id, versions), body, following)
    return follow_up, 201 if is_new else 200
