"""One log line for each request. It never has a body, an address, a search word or a key."""

import json
import logging
import sys
import time
import traceback
from io import FileIO, TextIOWrapper
from typing import TextIO

import peewee
from flask import Flask, Response, g, request

from leadbook.access.fronting import is_answered

REQUESTS = logging.getLogger("leadbook.requests")


def register_request_log(app: Flask) -> None:
    """Log each request of `app`. The host decides whether the lines are written."""

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def log(response: Response) -> Response:
        if REQUESTS.isEnabledFor(logging.INFO) and is_answered(response):
            REQUESTS.info("request", extra={"request": _describe(response)})
        return response


def _describe(response: Response) -> dict[str, object]:
    return {
        # The pattern of the route: a path or a query contains what the caller wrote.
        "method": method_of_request(),
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.started) * 1000, 1),
        "requestId": g.request_id,
        "key": g.get("api_key_name"),
    }


def method_of_request() -> str | None:
    """Return the method, or None if the server could not read it."""
    # Not request.method, which has `get` in capital letters.
    sent: str = request.environ["REQUEST_METHOD"]
    if sent in _METHODS:
        return sent
    # It is any word of the caller.
    return "other" if sent else None


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def write_logs(style: str) -> None:
    """Write all logs of the process to stderr, as JSON lines ("json") or for people ("text")."""
    # If a line cannot be formatted or written, only the line is lost, not the request.
    logging.raiseExceptions = False
    # A daemon may have closed stderr, and a socket may have its number by now.
    handler = LineHandler() if sys.stderr else logging.NullHandler()
    handler.setFormatter(TextFormatter() if style == "text" else JsonFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    REQUESTS.setLevel(logging.INFO)


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes each line to stderr in one call. The system does not split up to 4 KiB.

    It uses no lock. If nobody reads stderr, a writing thread would hold the lock forever. The
    process waits for the lock when it ends, so it would never end.
    """

    def __init__(self) -> None:
        # Not sys.stderr, whose buffer has a lock too.
        raw = FileIO(_STDERR, "w", closefd=False)
        super().__init__(TextIOWrapper(raw, "ascii", "backslashreplace", write_through=True))

    def handle(self, record: logging.LogRecord) -> bool:
        """Write the line."""
        self.emit(record)
        return True


_STDERR = 2


class JsonFormatter(logging.Formatter):
    """One JSON object on each line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return json.dumps(_fields(record))


class TextFormatter(logging.Formatter):
    """The same for people: only the values, with spaces between them."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = " ".join(str(value) for value in _fields(record).values() if value is not None)
        return line.encode("unicode_escape").decode()


def _fields(record: logging.LogRecord) -> dict[str, object]:
    seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
    fields: dict[str, object] = {"time": f"{seconds}.{int(record.msecs):03d}Z"}
    found: dict[str, object] | None = getattr(record, "request", None)
    if found:
        return fields | found
    fields |= {"level": record.levelname.lower(), "message": record.getMessage()}
    if record.exc_info and record.exc_info[1]:
        fields |= _cause(record.exc_info[1])
    return fields


def _cause(error: BaseException) -> dict[str, object]:
    """Return the exception and where it was raised. Only SQLite's messages have no caller data."""
    words = f": {error}" if isinstance(error, peewee.OperationalError) else ""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__ + words, "where": where}
