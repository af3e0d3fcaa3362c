"""One line for each request, on stderr. Never a body, an address, a search word or a key in it."""

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
    """Log each request of `app`; whether anybody reads it is up to who runs it."""

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
        # The pattern of the route, since a path or a query holds what the caller wrote.
        "method": request.method if request.method in _METHODS else "other",
        "route": request.url_rule.rule if request.url_rule else None,
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.started) * 1000, 1),
        "requestId": g.request_id,
        "key": g.get("api_key_name"),
    }


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def write_logs(style: str) -> None:
    """Write all logs of the process to stderr, as JSON lines ("json") or for people ("text")."""
    # A line that cannot be made or written is lost, and no request with it.
    logging.raiseExceptions = False
    # A daemon may have closed stderr, and its number may be a socket's by now.
    handler = LineHandler() if sys.stderr else logging.NullHandler()
    handler.setFormatter(TextFormatter() if style == "text" else JsonFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING)
    REQUESTS.setLevel(logging.INFO)


class LineHandler(logging.StreamHandler[TextIO]):
    """Writes each line to stderr in one call, which the system keeps together up to 4 KiB.

    It writes without a lock. A thread whose line nobody reads would hold it for good, and the
    process, which waits for it at its end, would not end.
    """

    def __init__(self) -> None:
        # Not sys.stderr, whose buffer has a lock too.
        raw = FileIO(_STDERR, "w", closefd=False)
        super().__init__(TextIOWrapper(raw, "ascii", "backslashreplace", write_through=True))

    def handle(self, record: logging.LogRecord) -> bool:
        """Write it."""
        self.emit(record)
        return True


_STDERR = 2


class JsonFormatter(logging.Formatter):
    """A JSON object on a line, whatever the values hold."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return json.dumps(_fields(record))


class TextFormatter(logging.Formatter):
    """The same for people: the values, one after the other."""

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
    """Say what was raised and where; its words only where they cannot be the caller's."""
    words = f": {error}" if isinstance(error, peewee.OperationalError) else ""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__ + words, "where": where}
