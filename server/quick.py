"""Requests that the loop answers itself: to hand them to a thread costs a fifth of their time."""

import select
import time
from typing import Protocol

from leadbook.access.fronting import HASTE, PASSED
from leadbook.server.calls import Answer, Environ, Wsgi, call_app

# What a call may take of the time of the loop, before it is the business of a thread.
HASTE_SECONDS = 0.005
_MOST_KINDS = 256
_READING = ("GET", "HEAD")
_STDERR = 2

_Kind = tuple[str, int, str, frozenset[str]]


class Database(Protocol):
    """What is asked of the database that the app serves."""

    @property
    def has_work(self) -> bool:
        """Whether the next call does more than what it is asked for, which may take long."""


class QuickCalls:
    """Calls `app` in the loop for the kinds of requests that took only a moment so far.

    A kind is learned from what a thread has answered well, and forgotten when one of it takes
    longer.
    """

    def __init__(self, app: Wsgi, database: Database) -> None:
        self._app = app
        self._database = database
        self._kinds: set[_Kind] = set()

    def may_take(self, environ: Environ) -> bool:
        """Return whether such a request took a moment the last time, and has nothing to wait for.

        A pipe that nobody empties takes no more lines of the log.
        """
        is_known = environ["REQUEST_METHOD"] in _READING and _kind_of(environ) in self._kinds
        return is_known and not self._database.has_work and _can_log()

    def learn(self, environ: Environ, status: str, seconds: float) -> None:
        """Take note of how a request was answered, and how long that took."""
        if environ["REQUEST_METHOD"] not in _READING:
            return
        if seconds > HASTE_SECONDS:
            self._kinds.discard(_kind_of(environ))
        elif status.startswith(("2", "3")) and len(self._kinds) < _MOST_KINDS:
            # Whoever is refused could have anything learned, of any length.
            self._kinds.add(_kind_of(environ))

    def call(self, environ: Environ) -> Answer | None:
        """Return what the app answers; nothing where a thread, which may wait, has to ask again.

        `environ` then holds what the gate has found already. Raises what the app raises.
        """
        tried = environ | {HASTE: True}
        began = time.perf_counter()
        answer = call_app(self._app, tried)
        self.learn(environ, answer.status, time.perf_counter() - began)
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
    """Return the key under which similar requests are timed: collection, shape, parameters."""
    path = environ["PATH_INFO"].removeprefix("/v1").split("/")
    names = frozenset(part.partition("=")[0] for part in environ["QUERY_STRING"].split("&"))
    return path[1] if len(path) > 1 else "", len(path), path[-1] if len(path) > 3 else "", names
