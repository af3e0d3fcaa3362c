"""The calls under /events."""

from typing import Any

from flask import Response

from leadbook.web.event_schemas import STREAMED, EventPage, EventQuery
from leadbook.web.events import events_answer
from leadbook.web.operations import Operations

blueprint = Operations("events", __name__, description="What happened to records, in order.")


@blueprint.read("/events", EventPage, query=EventQuery, responses=STREAMED)
def list_events(**query: Any) -> Response:
    """List events after a number, oldest first.

    Each event has its record as it is now. With `Accept: text/event-stream`, the answer is a
    stream of server-sent events.
    """
    return events_answer(**query)
