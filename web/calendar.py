"""The calendar that other programs subscribe to, over HTTP."""

from typing import Any

from flask import Response, current_app, request

from leadbook.storage.database import Database
from leadbook.transfer.calendar import calendar
from leadbook.web.exports import file_answer
from leadbook.web.pages import not_modified, state_tag


def calendar_answer(media_type: str, **filters: Any) -> Response:
    """Answer with the matching follow-ups as a calendar, or with a 304 if the caller has it."""
    database: Database = current_app.extensions["leadbook"]
    headers = {}
    # Otherwise the clock alone changes what is in it, and no tag could stand for that.
    if filters.get("due") is None:
        # Read before the records, so it may only be older. What was done leaves as a day begins.
        tag = f"{state_tag()}-{database.clock.now()[:10]}"
        headers["ETag"] = f'W/"{tag}"'
        if request.if_none_match.contains_weak(tag):
            return not_modified(headers)
    if request.method == "HEAD":
        # An iterator, since an empty body would give the file a length of 0.
        response = Response(iter(()), mimetype=media_type)
    else:
        response = file_answer(calendar(database, **filters), media_type)
    response.headers.update(headers)
    response.headers["Content-Disposition"] = 'attachment; filename="follow-ups.ics"'
    return response
