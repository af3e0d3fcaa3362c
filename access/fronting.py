"""What a server may ask of the app beside its calls, by keys of a request's environ.

Leadbook's own server does so. Under any other the app looks at everything when it is called.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

# A dictionary: only the head is there. The answer counts where it is refused; else the dictionary
# holds, under PASSED, what the call with the body is to be given, and the LARGEST body in bytes.
HEAD = "leadbook.head"
# What the gate has found; with it, it lets through whoever asks again.
PASSED = "leadbook.passed"
# The server itself waits for this call: where the answer is a 503, it asks again in a thread.
HASTE = "leadbook.haste"
LARGEST = "leadbook.largest_body"
# An UnreadableError, with which the request is answered.
REFUSED = "leadbook.refused"
# The extension with a coroutine that each request's environ is given first, and waited for.
ARRIVAL = "leadbook.arrival"


class UnreadableError(Exception):
    """What came in is no request that can be answered; the message is for whoever sent it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def require_readable() -> None:
    """Raise what the server found wrong with this request."""
    if error := request.environ.get(REFUSED):
        raise error


def id_of_request(new_id: Callable[[], str]) -> str:
    """Return the id that this request had when it was looked at before, or else a new one."""
    passed = request.environ.get(PASSED)
    return passed[0] if passed else new_id()


def has_passed() -> bool:
    """Return whether the gate has let this request through before."""
    passed = request.environ.get(PASSED)
    if passed is None:
        return False
    _, g.api_key_name, allowance = passed
    if allowance:
        g.allowance = allowance
    return True


def pass_on() -> None:
    """Let the server know what the gate has found, for the next call for this request."""
    request.environ[PASSED] = (g.request_id, g.api_key_name, g.get("allowance"))


def look_at_head() -> Response | None:
    """Return an answer that nobody gets where only the head is there.

    Raises what the call would raise for its path, method and size.
    """
    head: dict[str, Any] | None = request.environ.get(HEAD)
    if head is None:
        return None
    if request.routing_exception:
        raise request.routing_exception
    view = current_app.view_functions[request.endpoint or ""]
    largest = getattr(view, "largest_body", None) or current_app.config["MAX_CONTENT_LENGTH"]
    request.max_content_length = largest
    if (request.content_length or 0) > largest:
        raise RequestEntityTooLarge
    require_plain_body()
    head |= {PASSED: request.environ[PASSED], LARGEST: largest}
    return Response(status=204)


def require_plain_body() -> None:
    """Raise UnsupportedMediaType for a compressed body: how large it is would be seen too late."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("The body must not be compressed.")


def is_last_try() -> bool:
    """Return whether the server does not ask again, whatever is answered."""
    return HASTE not in request.environ


def is_answered(response: Response) -> bool:
    """Return whether `response` ends the request.

    It does not where a body is to come, nor where the server asks again.
    """
    asks_again = response.status_code == 503 and not is_last_try()
    return not asks_again and PASSED not in request.environ.get(HEAD, ())


def long_paths(app: Flask) -> set[str]:
    """Return the paths of calls that take long: a server keeps them from holding up the others."""
    return {
        rule.rule
        for rule in app.url_map.iter_rules()
        if getattr(app.view_functions[rule.endpoint], "is_long", False)
    }
