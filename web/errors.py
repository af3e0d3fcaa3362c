"""The error envelope, and how exceptions become envelopes.

Every answer to a request that failed is
`{"error": {"code", "message", "details": [{"field", "message"}…], "requestId"}}`.
"""

from itertools import islice
from typing import Any

import peewee
from flask import Flask, Response, current_app, g, jsonify, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, UnsupportedMediaType

from leadbook.access.fronting import UnreadableError, is_answered
from leadbook.access.refusals import (
    ForbiddenError,
    RateLimitedError,
    UnauthorizedError,
    UntrustedHostError,
)
from leadbook.people.contacts import ClientArchivedError, DuplicateEmailError, LeadConvertedError
from leadbook.storage.events import EventsExpiredError
from leadbook.storage.idempotency import KeyInUseError, KeyReusedError, RecordGoneError
from leadbook.storage.refusals import NotFoundError, VersionMismatchError, WrongFieldError
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.transfer.errors import ImportStoppedError, StorageUnavailableError
from leadbook.transfer.files.strict_json import MalformedJSONError
from leadbook.web.batch import ItemRefusedError
from leadbook.web.details import details_of, stated_by, within
from leadbook.webhooks.models import TooManyWebhooksError

# Exceptions whose message is for the caller. The first match counts.
_STATED = (
    (UntrustedHostError, 400, "UNTRUSTED_HOST"),
    (UnauthorizedError, 401, "UNAUTHORIZED"),
    (ForbiddenError, 403, "FORBIDDEN"),
    (RateLimitedError, 429, "RATE_LIMITED"),
    (MalformedJSONError, 400, "MALFORMED_JSON"),
    (KeyReusedError, 409, "IDEMPOTENCY_KEY_REUSED"),
    (KeyInUseError, 409, "IDEMPOTENCY_KEY_IN_USE"),
    (StorageUnavailableError, 503, "STORAGE_UNAVAILABLE"),
    (RecordGoneError, 410, "RECORD_GONE"),
    (EventsExpiredError, 410, "EVENTS_EXPIRED"),
    (NotFoundError, 404, "NOT_FOUND"),
    (VersionMismatchError, 412, "VERSION_MISMATCH"),
    (DuplicateEmailError, 409, "DUPLICATE_EMAIL"),
    (ClientArchivedError, 409, "CLIENT_ARCHIVED"),
    (LeadConvertedError, 409, "LEAD_CONVERTED"),
    (TooManyWebhooksError, 409, "TOO_MANY_WEBHOOKS"),
)
# SQLite's own error too: peewee does not wrap it while rows are fetched.
_UNAVAILABLE = (peewee.OperationalError, peewee.InterfaceError, sqlite3.OperationalError)
_MOST_DETAILS = 100
RETRY_SECONDS = 2
_HTTP = {
    404: ("NOT_FOUND", "There is nothing at this path."),
    405: ("METHOD_NOT_ALLOWED", "This path does not take this method; see the Allow header."),
    413: ("BODY_TOO_LARGE", "The body is larger than {limit} KiB."),
    415: ("UNSUPPORTED_MEDIA_TYPE", "The Content-Type must be application/json."),
}


def register_errors(app: Flask) -> None:
    """Answer every error in `app` with the envelope."""
    for kind in (Exception, HTTPException):
        # The second replaces flask-smorest's handler, which has another envelope.
        app.register_error_handler(kind, _answer)


def _answer(error: Exception) -> Response:
    if isinstance(error, ImportStoppedError):
        return _stopped(error)
    place = None
    if isinstance(error, ItemRefusedError):
        place, error = error.place, error.cause
    if isinstance(error, WrongFieldError):
        error = ValidationError(str(error), within(place, error.field))
    if isinstance(error, ValidationError):
        details = list(islice(details_of(error), _MOST_DETAILS))
        return envelope(400, "VALIDATION_ERROR", "The request is not valid.", details)
    stated: tuple[tuple[type[Exception], int, str], ...] = _STATED
    if isinstance(error, UnreadableError):
        stated = ((UnreadableError, error.status, error.code),)
    for kind, status, code in stated:
        if isinstance(error, kind):
            response = envelope(status, code, str(error), stated_by(error, place))
            response.headers.extend(_advice(error))
            return response
    if isinstance(error, HTTPException):
        return _http_error(error)
    # Not its other subclasses: a broken constraint or statement is a bug of ours.
    if isinstance(error, _UNAVAILABLE) or type(error) is peewee.DatabaseError:
        response = _unavailable(error)
    else:
        message = "Leadbook failed because of an internal error; see the log."
        response = envelope(500, "INTERNAL_ERROR", message)
    if is_answered(response):
        current_app.logger.error("Request %s failed.", g.request_id, exc_info=error)
    return response


def _stopped(error: ImportStoppedError) -> Response:
    """Answer as for the cause, and say which rows are imported."""
    response = _answer(error.cause)
    message = str(error)
    if error.rows:
        message += f" The last begins on line {error.line}; resume with fromLine={error.line + 1}."
    body = response.get_json()
    told = {"field": "body", "message": message, "rows": error.rows, "line": error.line}
    body["error"]["details"].append(told)
    response.set_data(current_app.json.dumps(body))
    return response


def _unavailable(error: Exception) -> Response:
    if str(error) == "interrupted":
        response = envelope(503, "QUERY_TIMEOUT", "The query took too long.")
    else:
        message = "The database cannot be used right now."
        response = envelope(503, "DATABASE_UNAVAILABLE", message)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _advice(error: Exception) -> dict[str, str]:
    """Return the headers that tell the caller what to do next."""
    if isinstance(error, UnauthorizedError):
        return {"WWW-Authenticate": 'Bearer realm="leadbook"'}
    is_busy = isinstance(error, UnreadableError) and error.status == 503
    if is_busy or isinstance(error, KeyInUseError | StorageUnavailableError):
        return {"Retry-After": str(RETRY_SECONDS)}
    if isinstance(error, RateLimitedError):
        return {"Retry-After": str(error.allowance.retry_after_seconds)}
    return {}


def _http_error(error: HTTPException) -> Response:
    """Answer an error that Werkzeug itself has found."""
    status = error.code or 500
    code, message = _HTTP.get(status, ("VALIDATION_ERROR", "The request is not valid HTTP."))
    if isinstance(error, UnsupportedMediaType) and "description" in vars(error):
        # Our own error, which says what is wrong with the body.
        message = str(error.description)
    limit = (request.max_content_length or 0) // 1024
    response = envelope(status, code, message.format(limit=limit))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def envelope(
    status: int, code: str, message: str, details: list[dict[str, Any]] | None = None
) -> Response:
    """Return the answer to a request that failed."""
    g.error_code = code
    body = {"code": code, "message": message, "details": details or [], "requestId": g.request_id}
    response = jsonify(error=body)
    response.status_code = status
    return response
