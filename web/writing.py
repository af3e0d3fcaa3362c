"""What every write does before its view: read the body, open a transaction, check preconditions."""

import json
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, g, request
from marshmallow import ValidationError

from leadbook.access.fronting import pause, require_plain_body
from leadbook.models import RECORDS
from leadbook.storage.columns import one_spelling
from leadbook.storage.database import current
from leadbook.storage.idempotency import Attempt, StoredAnswer
from leadbook.storage.json_text import encode
from leadbook.storage.refusals import VersionMismatchError
from leadbook.storage.rendering import show_any
from leadbook.web.links import url_of
from leadbook.web.preconditions import accepted_versions, explained

View = Callable[..., Any]

# A larger body may make many records: it has a transaction of its own. Several of them in one take
# too much memory.
_LARGEST_SHARED = 16 * 1024
_IDEMPOTENCY_KEY = re.compile("[ -~]{1,255}")


def receive_body(view: View, largest: int | None = None) -> View:
    """Read the whole body before any check: a body that is too large is a 413.

    `largest` is in bytes; the default is the limit of the app.
    """

    @wraps(view)
    def receive(*args: Any, **kwargs: Any) -> Any:
        if largest:
            request.max_content_length = largest
        request.get_data()
        require_plain_body()
        return view(*args, **kwargs)

    return receive


def in_one_transaction(view: View) -> View:
    """Run the view in a transaction, perhaps with others: all its changes are kept, or none.

    A view of one record gets the `versions` that `If-Match` and `If-None-Match` accept.
    """

    @wraps(view)
    def transact(*args: Any, **kwargs: Any) -> Any:
        if "id" in kwargs:
            kwargs["versions"] = accepted_versions()
        attempt = attempt_at(request.get_data)

        def write() -> Response:
            if attempt and (answer := attempt.stored_answer()):
                return replay(answer)
            try:
                response: Response = view(*args, **kwargs)
            except VersionMismatchError as error:
                raise explained(error) from error
            if attempt and response.status_code < 300:
                _store(attempt, response)
            return response

        if len(request.get_data()) <= _LARGEST_SHARED:
            return current.group.run(write, pause)
        with current.write():
            return write()

    return transact


def without_repetition(view: View) -> View:
    """Refuse an Idempotency-Key: the view's changes and its answer are not one transaction."""

    @wraps(view)
    def act(*args: Any, **kwargs: Any) -> Any:
        if "Idempotency-Key" in request.headers:
            raise ValidationError({"Idempotency-Key": ["This call does not support the header."]})
        return view(*args, **kwargs)

    return act


def attempt_at(read_body: Callable[[], bytes]) -> Attempt | None:
    """Return the attempt that the Idempotency-Key of a POST identifies, or None without a key."""
    if request.method != "POST" or "Idempotency-Key" not in request.headers:
        return None
    key = request.headers["Idempotency-Key"]
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise ValidationError({"Idempotency-Key": ["Must be 1 to 255 printable ASCII characters."]})
    # A retry may write the id in capitals, or the path without `/v1`, and is the same request.
    version = "/v1" if "leadbook.is_v1" in request.environ else ""
    path = f"{request.root_path.removesuffix(version)}{request.path}"
    path = "/".join(map(one_spelling, path.split("/")))
    parts = (request.method, path, request.query_string.decode("latin-1"))
    return Attempt.of(g.get("api_key_name") or "", key, *map(str.encode, parts), read_body())


def _store(attempt: Attempt, response: Response) -> None:
    body = response.get_data()
    attempt.store(
        status=response.status_code,
        body=body,
        content_type=response.content_type,
        etag=response.headers.get("ETag"),
        location=response.headers.get("Location"),
        # A batch has none; its answer has no data of records except their ids.
        record_id=json.loads(body).get("id"),
    )


def replay(answer: StoredAnswer) -> Response:
    """Return the answer that was given before; its Location has the prefix of this request."""
    body, etag = bytes(answer.body), answer.etag
    headers = {"Content-Type": answer.content_type, "Idempotency-Replayed": "true"}
    if answer.location or not body:
        shown = show_any(RECORDS, str(answer.record_id))
        if not body:
            body, etag = encode(shown.fields), f'"{shown.version}"'
        if answer.location:
            headers["Location"] = url_of(shown.model.path_of(shown.fields))
    headers |= {"ETag": etag} if etag else {}
    return Response(body, answer.status, headers)
