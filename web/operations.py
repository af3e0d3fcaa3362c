"""One operation of the API: its query, its body, its answer and its place in the document."""

from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any, TypedDict, Unpack

import marshmallow as ma
from flask import Response, request
from flask_smorest import Blueprint

from leadbook.access.query_key import BY_URL
from leadbook.fields.schema import camel_case
from leadbook.storage.json_text import encode
from leadbook.storage.listing import Page
from leadbook.storage.record import Record
from leadbook.storage.rendering import Shown
from leadbook.web.bodies import LARGEST_UPLOAD, PATCHES, StrictParser, receive_upload
from leadbook.web.files import upload_content
from leadbook.web.links import url_of
from leadbook.web.pages import not_modified, page_answer, unless_unchanged
from leadbook.web.preconditions import unchanged_tag
from leadbook.web.queries import NoQuery
from leadbook.web.responses import PageAnswer
from leadbook.web.writing import View, in_one_transaction, receive_body, without_repetition

# Tell openapi.py that a call accepts an Idempotency-Key, and of which model its files are;
# openapi.py removes them.
REPEATABLE, MODEL = "x-repeatable", "x-model"
# The options that go into the document; openapi.py removes some of them.
PATH_PARAMETER = "path_parameter"
_DOCUMENTED = ("responses", "tags", PATH_PARAMETER, BY_URL)

Schema = type[ma.Schema]
Also = Mapping[int, Schema | None]
Decorator = Callable[[View], View]


class Options(TypedDict, total=False):
    """The options of an operation, besides its path and its answer."""

    # The status of the usual answer, 200 by default; and the schemas for other statuses.
    status: int
    also: Also
    query: Schema
    body: Schema
    # In bytes; the default is the limit of the app.
    largest_body: int
    # Our server runs long calls separately, so that they do not delay the others.
    is_long: bool
    # A key in the query opens the call too.
    opens_by_url: bool
    # For the document: answers without a schema, a tag other than the blueprint's, values to add to
    # the example of the usual answer, and the parameter in the path if it is not an id.
    responses: Any
    tags: list[str]
    example: Mapping[str, Any]
    path_parameter: Mapping[str, str]


class Operations(Blueprint):
    """A blueprint whose views are operations.

    A view gets the path's parameters, the query's as keywords, and `body`. It returns a record, a
    page, a tuple of one of these and a status, a finished response, or None for an empty answer.
    Its name is the operation id; that of a PATCH begins with `patch`. Its docstring is the summary
    and, after an empty line, the description.
    """

    ARGUMENTS_PARSER = StrictParser()
    PAGINATION_ARGUMENTS_PARSER = StrictParser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.paths: set[str] = set()
        self.after_request(_tell_patches)

    def read(
        self, path: str, answer: Schema | None = None, **options: Unpack[Options]
    ) -> Decorator:
        """Register a view that changes nothing."""
        is_list = answer is not None and issubclass(answer, PageAnswer)
        filters = getattr(options.get("query"), "model", Record).filters
        passing = [name for name, each in filters.items() if each.is_of_clock]
        around = partial(unless_unchanged, passing=passing) if is_list else _as_it_is
        return self._operation("GET", path, answer, around, _as_it_is, options)

    def act(
        self, method: str, path: str, answer: Schema | None = None, **options: Unpack[Options]
    ) -> Decorator:
        """Register a view that changes something and opens its own transactions."""
        return self._operation(method, path, answer, without_repetition, receive_body, options)

    def write(
        self, method: str, path: str, answer: Schema | None = None, **options: Unpack[Options]
    ) -> Decorator:
        """Register a view that changes something; it runs in one write transaction."""
        repeatable = {REPEATABLE: method == "POST"}
        receive = partial(receive_body, largest=options.get("largest_body"))
        return self._operation(
            method, path, answer, in_one_transaction, receive, options, **repeatable
        )

    def write_unstored(
        self, path: str, answer: Schema | None = None, **options: Unpack[Options]
    ) -> Decorator:
        """Register a POST like `write`, whose answer must not be stored: it has a secret."""

        def around(view: View) -> View:
            return without_repetition(in_one_transaction(view))

        return self._operation("POST", path, answer, around, receive_body, options)

    def change(self, path: str, answer: Schema, **options: Unpack[Options]) -> Decorator:
        """Register a view that changes the fields in the body: PUT and PATCH do the same."""
        put, patch = (self.write(each, path, answer, **options) for each in ("PUT", "PATCH"))
        return lambda view: put(patch(view))

    def upload(
        self,
        path: str,
        answer: Schema,
        formats: Mapping[str, str],
        **options: Unpack[Options],
    ) -> Decorator:
        """Register a view that accepts a file in one of `formats` as the body of a POST."""
        content = {each: upload_content(each) for each in formats}
        document = {"requestBody": {"content": content, "required": True}, REPEATABLE: True}
        receive = partial(receive_upload, formats=formats)
        options |= {"largest_body": LARGEST_UPLOAD, "is_long": True}
        return self._operation("POST", path, answer, _as_it_is, receive, options, **document)

    def _operation(
        self,
        method: str,
        path: str,
        answer: Schema | None,
        around: Decorator,
        receive: Decorator,
        options: Options,
        **document: Any,
    ) -> Decorator:
        """Register a view; `around` wraps it, after the query and the body are parsed."""
        status, also = options.get("status", 200), options.get("also", {})
        document |= {name: value for name, value in options.items() if name in _DOCUMENTED}
        document |= {"example": {str(status): options.get("example", {})}}
        document |= {MODEL: getattr(options.get("query"), "model", None)}

        def register(view: View) -> View:
            wrapped = self._answered(_as_record(view, status), status, answer, also)
            wrapped = self._with_query(options.get("query", NoQuery), around(wrapped))
            wrapped = receive(self._with_body(options.get("body"), wrapped))
            # fronting.py and query_key.py read these.
            largest, is_long = options.get("largest_body"), options.get("is_long", False)
            vars(wrapped).update(largest_body=largest, is_long=is_long)
            vars(wrapped)[BY_URL] = options.get("opens_by_url", False)
            name = _name_of(view, method)
            documented = self.doc(operationId=camel_case(name), **document)(wrapped)
            self.paths.add(path)
            self.add_url_rule(path, name, documented, methods=[method])
            return view

        return register

    def _with_body(self, body: Schema | None, view: View) -> View:
        if body is None:
            return view
        required = not getattr(body, "body_is_optional", False)
        wrapped: View = self.arguments(body(), required=required, arg_name="body")(view)
        return wrapped

    def _answered(self, view: View, status: int, answer: Schema | None, also: Also) -> View:
        wrapped: View = self.response(status, answer)(view)
        for other, schema in also.items():
            wrapped = self.alt_response(other, schema=schema)(wrapped)
        return wrapped

    def _with_query(self, query: Schema, view: View) -> View:
        wrapped: View = self.arguments(query(), location="query", as_kwargs=True)(view)
        return _unless_empty(wrapped, view) if query is NoQuery else wrapped


def _tell_patches(response: Response) -> Response:
    """Add `Accept-Patch` if the caller asks what to send, or has sent something else."""
    asked = request.method == "OPTIONS" and "PATCH" in response.allow
    if asked or (request.method == "PATCH" and response.status_code == 415):
        response.headers["Accept-Patch"] = ", ".join(PATCHES)
    return response


def _name_of(view: View, method: str) -> str:
    """Return the name of an operation: that of its view, but each PATCH has its own."""
    return view.__name__.replace("update", "patch") if method == "PATCH" else view.__name__


def _as_it_is(view: View) -> View:
    return view


def _unless_empty(parsing: View, view: View) -> View:
    """Parse the query of a call without parameters only if there is one: saves 8 % of a GET."""

    @wraps(parsing)
    def look(*args: Any, **kwargs: Any) -> Any:
        return (parsing if request.query_string else view)(*args, **kwargs)

    return look


def _as_record(view: View, default_status: int = 200) -> View:
    """Add `ETag` to an answer with one record, and `Location` if the record is new."""

    @wraps(view)
    def answer(*args: Any, **kwargs: Any) -> Any:
        result = view(*args, **kwargs)
        if result is None:
            return _empty()
        if isinstance(result, Page):
            return page_answer(result)
        record, status = result if isinstance(result, tuple) else (result, default_status)
        if isinstance(record, Record):
            record = Shown.of(record)
        return _record(record, status) if isinstance(record, Shown) else result

    return answer


def _record(record: Shown, status: int) -> Response:
    body = encode(record.fields)
    if tag := unchanged_tag(record.version, len(body)):
        return not_modified({"ETag": f'"{tag}"'})
    headers = {"ETag": f'"{record.version}"'}
    if status == 201:
        headers["Location"] = url_of(record.model.path_of(record.fields))
    return Response(body, status, headers, mimetype="application/json")


def _empty() -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response
