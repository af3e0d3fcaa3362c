"""How a request is parsed: strict JSON and strict query strings. Anything else is a 400."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import wraps
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

import flask
import marshmallow as ma
from flask import request
from webargs import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from leadbook.access.fronting import require_plain_body
from leadbook.storage.database import current
from leadbook.transfer.errors import temporary_storage
from leadbook.transfer.strict_json import parse_json


class StrictParser(FlaskParser):
    """Parse queries and bodies. An unknown or repeated name is an error."""

    DEFAULT_VALIDATION_STATUS = HTTPStatus.BAD_REQUEST
    DEFAULT_UNKNOWN_BY_LOCATION = {"query": ma.RAISE, "json": ma.RAISE}

    def load_querystring(self, req: flask.Request, _schema: ma.Schema) -> dict[str, str]:
        """Return the query. Raises ValidationError if a name occurs twice or it is not UTF-8."""
        try:
            # Werkzeug would replace invalid bytes with U+FFFD.
            unquote_to_bytes(req.query_string).decode()
        except UnicodeDecodeError:
            raise ma.ValidationError({"query": ["Must be UTF-8."]}) from None
        twice = [name for name, values in req.args.lists() if len(values) > 1]
        if twice:
            raise ma.ValidationError(
                {name: ["Must not be given more than once."] for name in twice}
            )
        return req.args.to_dict()

    def load_json(self, req: flask.Request, schema: ma.Schema) -> Any:
        """Return the parsed body."""
        body = req.get_data()
        if not body and getattr(schema, "body_is_optional", False):
            return missing
        if req.mimetype != "application/json":
            raise UnsupportedMediaType("The Content-Type must be application/json.")
        _require_utf_8()
        parsed = parse_json(body)
        current.time_limit.require()
        return parsed

    def handle_error(self, error: ma.ValidationError, *_: Any, **__: Any) -> Any:
        """Leave the answer to errors.py."""
        # The messages are under the name of the location, "json" or "query".
        [messages] = error.normalized_messages().values()
        raise ma.ValidationError(messages)


# ASCII is a part of UTF-8.
_UTF_8 = ("utf-8", "utf8", "us-ascii", "ascii")


def _require_utf_8() -> None:
    """Raise UnsupportedMediaType if the Content-Type names another charset: JSON has none.

    Read as UTF-8, such a text would silently change.
    """
    if request.mimetype_params.get("charset", "utf-8").lower() not in _UTF_8:
        raise UnsupportedMediaType("The charset of application/json must be utf-8, or left out.")


LARGEST_UPLOAD = 50 * 1024 * 1024
_PART_BYTES = 64 * 1024
View = Callable[..., Any]


def receive_upload(view: View, formats: Mapping[str, str]) -> View:
    """Store the body in a file, and pass it to `view` as `upload`, and its format as `format`.

    `formats` gives the format of each Content-Type; any other is a 415, a larger body a 413.
    """

    @wraps(view)
    def receive(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = LARGEST_UPLOAD
        with ExitStack() as stack:
            with temporary_storage():
                upload = stack.enter_context(tempfile.TemporaryFile())
            # This finds a body that is too large, and keeps no more than a part in memory.
            while part := request.stream.read(_PART_BYTES):
                with temporary_storage():
                    upload.write(part)
            with temporary_storage():
                upload.flush()
            require_plain_body()
            if request.mimetype not in formats:
                raise UnsupportedMediaType(f"The Content-Type must be {' or '.join(formats)}.")
            return view(*args, upload=upload, format=formats[request.mimetype], **kwargs)

    return receive
