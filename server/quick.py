"""Requests that the loop answers itself, since a thread would add a fifth of their time."""

import select
from typing import Protocol

from leadbook.access.fronting import HASTE, PASSED
from leadbook.server.calls import Answer, Environ, Wsgi, call_app
from leadbook.storage.system import monotonic

# A call that takes longer must run in a thread, not in the loop.
HASTE_SECONDS = 0.005
_MOST_KINDS = 256
_READING = ("GET", "HEAD")
_STDERR = 2

_Kind = tuple[str, int, str, frozenset[str]]


class Database(Protocol):
    """The part of the database that this module uses."""

    @property
    def has_work(self) -> bool:
        """Whether the next call has additional work, which may take long."""


class QuickCalls:
    """Calls `app` in the loop for kinds of requests that were always fast so far.

    A kind is added when a thread has answered such a request without error, and removed when one
    takes longer.
    """

    def __init__(self, app: Wsgi, database: Database) -> None:
        self._app = app
        self._database = database
        self._kinds: set[_Kind] = set()

    def may_take(self, environ: Environ) -> bool:
        """Return whether this kind of request is fast, and nothing can delay it now.

        If no one reads the log's pipe, writing a line would wait.
        """
        is_known = environ["REQUEST_METHOD"] in _READING and _kind_of(environ) in self._kinds
        return is_known and not self._database.has_work and _can_log()

    def learn(self, environ: Environ, status: str, seconds: float) -> None:
        """Learn from the status and the time of an answer."""
        if environ["REQUEST_METHOD"] not in _READING:
            return
        if seconds > HASTE_SECONDS:
            self._kinds.discard(_kind_of(environ))
        elif status.startswith(("2", "3")) and len(self._kinds) < _MOST_KINDS:
            # Only good answers: refused callers could fill the set with any kinds.
            self._kinds.add(_kind_of(environ))

    def call(self, environ: Environ) -> Answer | None:
        """Return the app's answer, or None if a thread, which may wait, must call it again.

        `environ` then has the result of the gate. Raises what the app raises.
        """
        tried = environ | {HASTE: True}
        began = monotonic()
        answer = call_app(self._app, tried)
        self.learn(environ, answer.status, monotonic() - began)
        if not answer.status.startswith("503"):
            return answer
        answer.close()
        self._kinds.discard(_kind_of(environ))
        if PASSED in tried:
            environ[PASSED] = tried[PASSED]
        return None


def _can_log() -> bool:
    log = select.poll()
    log.register(_STDERR, select.POLLOUT)
    return bool(log.poll(0))


def _kind_of(environ: Environ) -> _Kind:
    """Return the kind of a request: its collection, the shape of its path, its parameters."""
    path = environ["PATH_INFO"].removeprefix("/v1").split("/")
    names = frozenset(part.partition("=")[0] for part in environ["QUERY_STRING"].split("&"))
    return path[1] if len(path) > 1 else "", len(path), path[-1] if len(path) > 3 else "", names
