"""How a request is parsed: strict JSON and strict query strings. Anything else is a 400."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import lru_cache, wraps
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

import flask
import marshmallow as ma
from flask import request
from webargs import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import UnsupportedMediaType

from leadbook.access.fronting import require_plain_body
from leadbook.fields.schema import CamelCaseSchema
from leadbook.storage.database import current
from leadbook.storage.system import temporary_file
from leadbook.transfer.errors import temporary_storage
from leadbook.transfer.files.strict_json import parse_json
from leadbook.web.details import InvalidRequestError
from leadbook.web.parameters import ByName

_JSON = ("application/json",)
# A merge patch (RFC 7396) of a flat record is the same as the JSON of some of its fields.
MERGE_PATCH = "application/merge-patch+json"
PATCHES = (*_JSON, MERGE_PATCH)


# Queries that are kept, and their length in bytes: at most 128 KiB.
_MOST_REPEATED = 256
_LONGEST_REPEATED = 512


class StrictParser(FlaskParser):
    """Parse queries and bodies. An unknown or repeated name is an error."""

    DEFAULT_VALIDATION_STATUS = HTTPStatus.BAD_REQUEST
    DEFAULT_UNKNOWN_BY_LOCATION = {"query": ma.RAISE, "json": ma.RAISE}

    def parse(
        self,
        argmap: Any,
        req: flask.Request | None = None,
        *,
        location: str | None = None,
        **options: Any,
    ) -> Any:
        """Return the checked query or body.

        Checking a query takes a fifth of the time of a list, and most callers repeat theirs.
        """
        if location == "query" and len(request.query_string) <= _LONGEST_REPEATED:
            return dict(_repeated(self, argmap, request.query_string))
        return super().parse(argmap, req, location=location, **options)

    def load_querystring(self, req: flask.Request, schema: ma.Schema) -> dict[str, Any]:
        """Return the query; the value of a parameter that is given several times is a list.

        Raises ValidationError if only one value is allowed, or if the query is not UTF-8.
        """
        try:
            # Werkzeug would replace invalid bytes with U+FFFD.
            unquote_to_bytes(req.query_string).decode()
        except UnicodeDecodeError:
            raise ma.ValidationError({"query": ["Must be UTF-8."]}) from None
        several = {name: values for name, values in req.args.lists() if len(values) > 1}
        allowed = several and {
            each.data_key for each in schema.fields.values() if isinstance(each, ma.fields.List)
        }
        if wrong := several.keys() - allowed:
            raise ma.ValidationError(
                {name: ["Must not be given more than once."] for name in sorted(wrong)}
            )
        query = req.args.to_dict() | several
        for field in schema.fields.values():
            if isinstance(field, ByName):
                query = field.gathered(query)
        return query

    def load_json(self, req: flask.Request, schema: ma.Schema) -> Any:
        """Return the parsed body."""
        body = req.get_data()
        if not body and getattr(schema, "body_is_optional", False):
            return missing
        require_type(*PATCHES if req.method == "PATCH" else _JSON)
        _require_utf_8()
        parsed = parse_json(body)
        current.time_limit.require()
        return parsed

    def handle_error(
        self,
        error: ma.ValidationError,
        req: flask.Request,  # noqa: ARG002  # of webargs
        schema: ma.Schema,
        **_: Any,
    ) -> NoReturn:
        """Leave the answer to errors.py."""
        # The messages are under the name of the location, "json" or "query".
        [messages] = error.normalized_messages().values()
        raise InvalidRequestError(messages, schema)


_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def checked_by(parse: Callable[[str], object]) -> Callable[[str], None]:
    """Return a validator for what `parse` reads; its ValueError says what is wanted."""

    def check(value: str) -> None:
        try:
            parse(value)
        except ValueError as error:
            raise ma.ValidationError(f"Must be {error}.") from None

    return check


class Body(CamelCaseSchema):
    """A body in which every unknown field is an error."""

    class Meta:
        unknown = ma.RAISE


def require_type(*accepted: str) -> None:
    """Raise UnsupportedMediaType, with what to send instead, unless the body has such a type."""
    if request.mimetype in accepted:
        return
    *others, last = accepted
    types = f"{', '.join(others)} or {last}" if others else last
    message = f"The Content-Type must be {types}."
    if not request.mimetype:
        message += " The request has none."
    elif request.mimetype in _FORMS:
        is_file = "text/csv" in accepted
        sent = "the file itself as the body" if is_file else "the fields as a JSON object"
        message += f" This is the type of a form; send {sent}."
    raise UnsupportedMediaType(message)


@lru_cache(maxsize=_MOST_REPEATED)
def _repeated(parser: FlaskParser, schema: ma.Schema, _query: bytes) -> Any:
    """Return the checked query of the running request, which `_query` alone decides."""
    return FlaskParser.parse(parser, schema, location="query")


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
                upload = stack.enter_context(temporary_file())
            # This finds a body that is too large, and keeps no more than a part in memory.
            while part := request.stream.read(_PART_BYTES):
                with temporary_storage():
                    upload.write(part)
            with temporary_storage():
                upload.flush()
            require_plain_body()
            require_type(*formats)
            return view(*args, upload=upload, format=formats[request.mimetype], **kwargs)

    return receive
