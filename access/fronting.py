"""How Leadbook's own server talks to the app: through keys in the environ of a request.

Other servers do not use these keys. The app then checks everything when it is called.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Flask, Request, Response, current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

# A dictionary, present if only the head of the request has arrived. A refusal is the final answer.
# Otherwise the app adds PASSED, for the call with the body, and LARGEST, the limit in bytes.
HEAD = "leadbook.head"
# What the gate found. With this key, it lets the second call for the same request through.
PASSED = "leadbook.passed"
# The event loop waits for this call. After a 503, the server calls again in a thread.
HASTE = "leadbook.haste"
LARGEST = "leadbook.largest_body"
# An UnreadableError, which becomes the answer.
REFUSED = "leadbook.refused"
# Present if no view answers this request: whether there is one for its path does not matter.
STAND_IN = "leadbook.stand_in"
# A Later, which a view adds to its complete answer. Other servers send that answer at once.
LATER = "leadbook.later"
# A function that the app calls before it waits for the disk or for other writes.
PAUSE = "leadbook.pause"
# The extension with a coroutine function that the server awaits first, with the environ.
ARRIVAL = "leadbook.arrival"
# The extension with a function that returns the processes of the server.
PROCESSES = "leadbook.processes"
# The extension with a threading.Event that the server sets when it begins to end.
ENDING = "leadbook.ending"


Environ = dict[str, Any]

_PARAMETER = re.compile("<[^<>]*>")


class Process(NamedTuple):
    """A process of the server: its number, its pid, its open connections, its waiting requests."""

    number: int
    pid: int
    connections: int
    waiting: int


@dataclass(frozen=True)
class Later:
    """A better answer may come within `seconds`, or more parts of a stream.

    The answer that the app has returned is complete, and is sent if nothing better comes. `look`
    returns the better body, or None while there is none. The server calls it in a thread, outside
    the request, after each change of the database. It may raise; then the wait is over.

    If the answer `streams`, the app's body is its first part, and `look` returns the next ones.
    """

    seconds: float
    look: Callable[[], bytes | None]
    streams: bool = False


class UnreadableError(Exception):
    """The request cannot be read; the message is for the caller."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def this_request() -> Request:
    """Return the running request itself. Each look at Flask's proxy for it takes a microsecond."""
    found: Request = request._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
    return found


def require_readable(environ: Environ) -> None:
    """Raise the error that the server found in this request, if any."""
    if error := environ.get(REFUSED):
        raise error


def id_of_request(environ: Environ, new_id: Callable[[], str]) -> str:
    """Return the id that this request got on its first call, or a new one."""
    passed = environ.get(PASSED)
    return str(passed[0]) if passed else new_id()


def pause() -> None:
    """Tell the server that this request is about to wait, so that another one may begin."""
    if tell := request.environ.get(PAUSE):
        tell()


def has_passed(environ: Environ) -> bool:
    """Return whether the gate has already let this request through."""
    passed = environ.get(PASSED)
    if passed is None:
        return False
    _, g.api_key_name, allowance = passed
    if allowance:
        g.allowance = allowance
    return True


def pass_on(environ: Environ) -> None:
    """Store what the gate found, for the next call for this request if there may be one."""
    if HEAD in environ or HASTE in environ:
        environ[PASSED] = (g.request_id, g.api_key_name, g.get("allowance"))


def look_at_head(environ: Environ) -> Response | None:
    """Return a placeholder answer, which is not sent, if only the head has arrived.

    Raises what the full call would raise for the path, the method and the size.
    """
    head: Environ | None = environ.get(HEAD)
    if head is None:
        return None
    largest = current_app.config["MAX_CONTENT_LENGTH"]
    if STAND_IN not in environ:
        largest = _require_acceptable(largest)
    head |= {PASSED: environ[PASSED], LARGEST: largest}
    return Response(status=204)


def _require_acceptable(usual: int) -> int:
    """Return the largest body that the view takes. Raises what is wrong with the head."""
    if request.routing_exception:
        raise request.routing_exception
    view = current_app.view_functions[request.endpoint or ""]
    largest: int = getattr(view, "largest_body", None) or usual
    request.max_content_length = largest
    if (request.content_length or 0) > largest:
        raise RequestEntityTooLarge
    require_plain_body()
    return largest


def require_plain_body() -> None:
    """Raise UnsupportedMediaType for a compressed body, whose real size is known too late."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("The body must not be compressed.")


def is_last_try() -> bool:
    """Return whether the server sends this answer, whatever it is."""
    return HASTE not in request.environ


def is_answered(response: Response) -> bool:
    """Return whether `response` ends the request.

    It does not if the body is still to come, or if the server calls again.
    """
    asks_again = response.status_code == 503 and not is_last_try()
    return not asks_again and PASSED not in request.environ.get(HEAD, ())


def long_paths(app: Flask) -> re.Pattern[str]:
    """Return a pattern of the paths of long calls, which a server keeps apart from short ones."""
    views = app.view_functions
    rules = (each for each in app.url_map.iter_rules() if vars(views[each.endpoint]).get("is_long"))
    patterns = ("[^/]+".join(map(re.escape, _PARAMETER.split(each.rule))) for each in rules)
    return re.compile("|".join(patterns) or "(?!)")
