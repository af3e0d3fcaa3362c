"""The history of a record and the feed of events, as answers: pages, or a stream."""

from collections.abc import Callable, Sequence
from typing import Any

import marshmallow as ma
from flask import Response, request

from leadbook.access.fronting import LATER, Later
from leadbook.access.gate import admission
from leadbook.access.refusals import UnauthorizedError
from leadbook.models import RECORDS
from leadbook.storage.database import current
from leadbook.storage.event_log import matching
from leadbook.storage.events import Events, EventsExpiredError, feed, history
from leadbook.storage.filters import COMMA
from leadbook.storage.json_text import as_text, encode
from leadbook.storage.record import Record
from leadbook.web.event_schemas import LARGEST_NUMBER, NOW

STREAM = "text/event-stream"
# After this time, the client comes back, by itself if it is a browser.
LONGEST_STREAM_SECONDS = 300
RECONNECT = b"retry: 2000\n\n"


def history_answer(
    model: type[Record], id: str, *, limit: int, cursor: int | None = None
) -> Response:
    """Return a page of the history of a record. Raises NotFoundError."""
    page = history(model, id, limit=limit, before=cursor)
    place = {"limit": limit, "next": None if page.next is None else str(page.next)}
    body = encode({"data": page.data, "pagination": place})
    return Response(body, mimetype="application/json")


def events_answer(*, after: Any, limit: int, wait: int, type: str | None = None) -> Response:
    """Return a page of the feed, or the beginning of a stream. Raises EventsExpiredError."""
    types = matching(RECORDS, type.split(COMMA)) if type else ()
    streams = request.accept_mimetypes.best_match(("application/json", STREAM)) == STREAM
    if streams and (last := _last_event_id()) is not None:
        after = last
    if after == NOW:
        number, _ = current.last_event()
        page = Events([], number)
    else:
        page = feed(RECORDS, after=after, limit=limit, types=types)
    follower = _Follower(page.next, limit, types, as_stream if streams else as_page)
    if streams:
        request.environ[LATER] = Later(LONGEST_STREAM_SECONDS, follower.look, streams=True)
        return Response(RECONNECT + as_stream(page), mimetype=STREAM)
    if wait and not page.data and after != NOW:
        request.environ[LATER] = Later(wait, follower.look)
    return Response(as_page(page), mimetype="application/json")


class _Follower:
    """Looks for the events after a place, for a caller that may still read them."""

    def __init__(
        self, place: int | None, limit: int, types: Sequence[str], show: Callable[[Events], bytes]
    ) -> None:
        self._place = place
        self._limit = limit
        self._types = types
        self._show = show
        self._database = current.obj
        self._may_call = admission()

    def look(self) -> bytes | None:
        """Return the events after the place, and move it.

        Raises ConnectionAbortedError if the caller may not have them: the next request is told why.
        """
        try:
            with self._database.use(), self._database.time_limit.begin():
                self._may_call()
                page = feed(RECORDS, after=self._place, limit=self._limit, types=self._types)
        except (UnauthorizedError, EventsExpiredError) as error:
            raise ConnectionAbortedError(str(error)) from error
        self._place = page.next
        return self._show(page) if page.data else None


def as_page(page: Events) -> bytes:
    """Return a page of the feed as JSON."""
    place = {"next": page.next, "hasMore": page.has_more}
    return encode({"data": page.data, "pagination": place})


def as_stream(page: Events) -> bytes:
    """Return the events of a page as a part of a stream.

    They have no names, so that `onmessage` of a browser gets all:
    https://html.spec.whatwg.org/multipage/server-sent-events.html
    """
    parts = (f"id: {each['number']}\ndata: {as_text(each)}\n\n" for each in page.data)
    return "".join(parts).encode()


def _last_event_id() -> int | None:
    """Return the number of the last event that the client of a stream has."""
    sent = request.headers.get("Last-Event-ID", "")
    if not sent:
        return None
    if not sent.isascii() or not sent.isdigit() or int(sent) > LARGEST_NUMBER:
        raise ma.ValidationError({"Last-Event-ID": ["Must be the id of an event."]})
    return int(sent)
