"""What lies between a client and the app: the journal, and the faults of the connection."""

from collections.abc import Callable, Iterable
from threading import Condition
from typing import Any

from leadbook.testmode.faults import ENVIRON, ConnectionDroppedError, Faults
from leadbook.testmode.journal import Journal, peek

LONGEST_WAIT_SECONDS = 2

Wsgi = Callable[..., Iterable[bytes]]


class InFlight:
    """Counts the requests that are being worked on."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def wait(self) -> None:
        """Wait until there is none, but not for ever: one may be waiting for us."""
        with self._changed:
            self._changed.wait_for(lambda: not self._count, LONGEST_WAIT_SECONDS)


class Wire:
    """A WSGI application around `app`; what is asked of test mode itself goes straight through."""

    def __init__(self, app: Wsgi, faults: Faults, journal: Journal) -> None:
        self._app = app
        self._faults = faults
        self._journal = journal
        self.in_flight = InFlight()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request, unless the connection is to be dropped."""
        path = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
        path = path.removeprefix("/v1") if path.startswith("/v1/") else path
        if path.startswith("/_test/"):
            return self._app(environ, start_response)
        with self.in_flight:
            return self._answer(path, environ, start_response)

    def _answer(self, path: str, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = peek(environ)

        def note(status: str, *answer: Any) -> Any:
            # Before anybody has the answer, and so can ask for the journal.
            self._journal.add(environ, body, int(status[:3]))
            return start_response(status, *answer)

        fault = self._faults.strike(environ["REQUEST_METHOD"], path)
        if fault is None:
            return self._app(environ, note)
        try:
            self._faults.delay(fault)
            answer, status, headers = fault.answer(self._app, environ | {ENVIRON: fault})
        except ConnectionDroppedError:
            self._journal.add(environ, body, None)
            raise
        note(status, headers)
        return answer
