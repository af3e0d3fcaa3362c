"""Complete the OpenAPI document that flask-smorest collects, once, at the first request for it.

The examples are those of the fields in schemas.py.

Decorators on each view would repeat the same for every operation, and add a tenth of a second to
every start.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from apispec import APISpec

from leadbook.access.gate import PUBLIC, UNLIMITED
from leadbook.access.query_key import BY_URL, PARAMETER
from leadbook.fields.schema import EXAMPLE_ID, CamelCaseSchema, RecordInput, Versioned
from leadbook.web.bodies import PATCHES
from leadbook.web.files import CALENDAR_TYPE, add_file_examples
from leadbook.web.operations import MODEL, PATH_PARAMETER, REPEATABLE
from leadbook.web.responses import Error, PageAnswer

Json = dict[str, Any]

_EXAMPLE_REQUEST = "019b76da-a800-7000-8000-0000000000ff"
# Examples of bodies without a schema, by media type.
_TEXT = {
    "text/event-stream": 'id: 7\ndata: {"number": 7, "type": "lead.updated"}\n\n',
    "application/json": {"openapi": "3.1.0", "info": {"title": "Leadbook"}, "paths": {}},
    CALENDAR_TYPE: "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
    "text/html": "<!DOCTYPE html>",
    "text/javascript": "SwaggerUIBundle({});",
    "text/css": "body { margin: 0; }",
}
_ERROR = {"$ref": "#/components/schemas/Error"}
_REQUEST_ID = {"X-Request-Id": {"$ref": "#/components/headers/XRequestId"}}
_RETRY = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}}
_ADVICE = {
    "UNAUTHORIZED": {"WWW-Authenticate": {"$ref": "#/components/headers/WWWAuthenticate"}},
    "RATE_LIMITED": _RETRY,
    "DATABASE_UNAVAILABLE": _RETRY,
}
_HEADERS = {
    "RetryAfter": ("Seconds to wait before the next try.", "2"),
    "WWWAuthenticate": ("How to send a key.", 'Bearer realm="leadbook"'),
    "XRequestId": ("The id of this request in the log.", _EXAMPLE_REQUEST),
    "ETag": ('The version of the record, in quotes; with "-gzip" if compressed.', '"1"'),
    "ListETag": ("Another one after each change of any record.", 'W/"1f-19b76daa800-24-0.1.0"'),
    "Link": (
        "The URLs of the next, first, previous and last page; for a cursor, of next and first.",
        '<http://127.0.0.1:8000/leads?page=2>; rel="last"',
    ),
    "Location": ("The URL of the new record, or its path.", f"/clients/{EXAMPLE_ID}"),
}
_PARAMETERS = {
    "IfMatch": ("If-Match", "Write only if the record still has this ETag; else 412."),
    "IdempotencyKey": ("Idempotency-Key", "Repeat a request with its key to get the same answer."),
    "IfNoneMatch": ("If-None-Match", "Return the answer only if its ETag differs; else 304."),
}
PROBLEMS = {
    "401": ("Unauthorized", "UNAUTHORIZED", "The request has no valid API key."),
    "403": (
        "Forbidden",
        "FORBIDDEN",
        "The key may only read, or calls from this origin or address are not allowed.",
    ),
    "429": ("TooManyRequests", "RATE_LIMITED", "Too many requests; see Retry-After."),
    "400": ("BadRequest", "VALIDATION_ERROR", "A field, a parameter or the JSON is not valid."),
    "404": ("NotFound", "NOT_FOUND", "There is no such record."),
    "409": ("Conflict", "DUPLICATE_EMAIL", "The request conflicts with a record or its state."),
    "410": ("Gone", "RECORD_GONE", "What the request refers to was removed."),
    "412": ("VersionMismatch", "VERSION_MISMATCH", "The record has changed since it was read."),
    "413": ("BodyTooLarge", "BODY_TOO_LARGE", "The body is too large."),
    "415": ("UnsupportedMediaType", "UNSUPPORTED_MEDIA_TYPE", "The Content-Type is not supported."),
    "500": ("InternalError", "INTERNAL_ERROR", "The service failed because of an internal error."),
    "503": ("Unavailable", "DATABASE_UNAVAILABLE", "The database cannot be used right now."),
}
_DETAILS: dict[str, Json] = {
    "VALIDATION_ERROR": {"field": "email", "message": "Missing data for required field."},
    "DUPLICATE_EMAIL": {
        "field": "email",
        "message": "An active client has this e-mail address.",
        "existingId": EXAMPLE_ID,
    },
}
_IDEMPOTENCY_KEY = {"minLength": 1, "maxLength": 255, "pattern": "^[ -~]*$"}


def complete_document(spec: APISpec, schemas: Mapping[str, type[CamelCaseSchema]]) -> Json:
    """Return the document of `spec` with errors, headers and examples for every operation.

    `schemas` has the schemas that the document refers to, by their names in it.
    """
    spec.components.schema("Error", schema=Error)
    document: Json = spec.to_dict()
    document["info"] |= {
        "description": "A CRM backend in a file: leads, clients, follow-ups and tickets.",
        "license": {"name": "MIT", "identifier": "MIT"},
    }
    components = document["components"]
    components["responses"] = dict(map(_problem, PROBLEMS.values()))
    components["headers"] = {name: _header(*values) for name, values in _HEADERS.items()}
    components["parameters"] = {name: _parameter(*values) for name, values in _PARAMETERS.items()}
    components["parameters"]["IdempotencyKey"]["schema"] |= _IDEMPOTENCY_KEY
    components["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer"},
        "keyOfUrl": {"type": "apiKey", "in": "query", "name": PARAMETER},
    }
    for name, schema in schemas.items():
        if issubclass(schema, RecordInput):
            _close(components["schemas"][name], schema.ignored)
    for path, operations in document["paths"].items():
        parameters = operations.get("parameters", [])
        for method, operation in operations.items():
            if method != "parameters":
                said = operation.pop(PATH_PARAMETER, None)
                for parameter in parameters:
                    parameter.update(said or _id_in(path, parameter["name"]))
                _complete_operation(path, method, operation, schemas)
    return document


def _id_in(path: str, name: str) -> Json:
    """Return what the document says of an id in a path, which follows the name of its kind."""
    before = path.partition(f"/{{{name}}}")[0]
    kind, number = before.rpartition("/")[2].removesuffix("s"), before.count("{") + 1
    return {"description": f"The {kind}'s id.", "example": f"{EXAMPLE_ID[:-1]}{number}"}


def _problem(problem: tuple[str, str, str]) -> tuple[str, Json]:
    name, code, description = problem
    example = {
        "code": code,
        "message": description,
        "details": [_DETAILS[code]] if code in _DETAILS else [],
        "requestId": _EXAMPLE_REQUEST,
    }
    content = {"application/json": {"schema": _ERROR, "example": {"error": example}}}
    headers = _REQUEST_ID | _ADVICE.get(code, {})
    return name, {"description": description, "headers": headers, "content": content}


def _header(description: str, example: str) -> Json:
    return {"description": description, "schema": {"type": "string"}, "example": example}


def _parameter(name: str, description: str) -> Json:
    schema = {"type": "string"}
    return {"in": "header", "name": name, "description": description, "schema": schema}


def _close(schema: Json, ignored: frozenset[str]) -> None:
    """Document that unknown fields are refused, and that the service's own fields are ignored."""
    schema["additionalProperties"] = False
    schema["patternProperties"] = {f"^(?:{'|'.join(sorted(ignored))})$": {}}


def _complete_operation(
    path: str, method: str, operation: Json, schemas: Mapping[str, type[CamelCaseSchema]]
) -> None:
    statuses = _refusals(path, method, operation)
    if method == "patch":
        content = operation["requestBody"]["content"]
        content |= {each: dict(content["application/json"]) for each in PATCHES}
    answers = operation["responses"]
    if (model := operation.pop(MODEL)) is not None:
        add_file_examples(operation, model)
    # The answer's example also shows the values of the request's example, and of the view.
    body = _add_example(operation.get("requestBody", {}), schemas)
    sent = body.as_stored() if issubclass(body, RecordInput) else {}
    changed = operation.pop("example")
    for status, answer in answers.items():
        if status < "4" or status == "503":
            _complete_answer(status, answer, schemas, {**sent, **changed.get(status, {})})
    etag = answers.get("200", {}).get("headers", {}).get("ETag")
    if method == "get" and etag:
        _add_parameter(operation, "IfNoneMatch")
        headers = _REQUEST_ID | {"ETag": etag}
        answers["304"] = {"description": "Not Modified", "headers": headers}
    for status in sorted(statuses - {s for s, answer in answers.items() if "$ref" not in answer}):
        answers[status] = {"$ref": f"#/components/responses/{PROBLEMS[status][0]}"}


def _refusals(path: str, method: str, operation: Json) -> set[str]:
    """Return the statuses of refusals; add the parameters that lead to some of them."""
    one_record = "{id}" in path
    [tag] = operation["tags"]
    statuses = {"400", "500", "503"} | (set() if tag in UNLIMITED else {"429"})
    if tag not in PUBLIC:
        # `{}`: no key is needed until the first one is created.
        of_url: list[Json] = [{"keyOfUrl": []}] if operation.pop(BY_URL, False) else []
        operation["security"] = [{"key": []}, *of_url, {}]
        statuses |= {"401", "403"}
    if operation.pop(REPEATABLE, False):
        _add_parameter(operation, "IdempotencyKey")
        statuses |= {"409", "410"}
    if "{" in path:
        statuses.add("404")
    if method != "get":
        statuses.add("413")
    if one_record and method != "get":
        _add_parameter(operation, "IfMatch")
        statuses.add("412")
    if "requestBody" in operation:
        statuses.add("415")
    if method in ("put", "patch") and one_record:
        statuses.add("409")
    if path.endswith("/batch"):
        statuses |= {"404", "412"}
    return statuses


def _add_parameter(operation: Json, name: str) -> None:
    reference = {"$ref": f"#/components/parameters/{name}"}
    operation["parameters"] = [*operation.get("parameters", []), reference]


def _complete_answer(
    status: str,
    answer: Json,
    schemas: Mapping[str, type[CamelCaseSchema]],
    changed: Mapping[str, Any],
) -> None:
    answer["headers"] = dict(_REQUEST_ID)
    schema = _add_example(answer, schemas, changed)
    if issubclass(schema, PageAnswer):
        answer["headers"]["Link"] = {"$ref": "#/components/headers/Link"}
    if issubclass(schema, PageAnswer) or CALENDAR_TYPE in answer.get("content", {}):
        answer["headers"]["ETag"] = {"$ref": "#/components/headers/ListETag"}
    if issubclass(schema, Versioned):
        answer["headers"]["ETag"] = {"$ref": "#/components/headers/ETag"}
        if status == "201":
            answer["headers"]["Location"] = {"$ref": "#/components/headers/Location"}


def _add_example(
    message: Json,
    schemas: Mapping[str, type[CamelCaseSchema]],
    changed: Mapping[str, Any] = MappingProxyType({}),
) -> type[CamelCaseSchema]:
    """Add an example to a body; return its schema, or an empty one."""
    schema = CamelCaseSchema
    for media_type, content in message.get("content", {}).items():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        if name in schemas:
            schema = schemas[name]
            content["example"] = {**schema.as_example(), **changed}
        elif "example" not in content:
            content["example"] = _TEXT[media_type]
    return schema
