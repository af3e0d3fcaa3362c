"""What lies between a client and the app: the journal, and the faults of the connection."""

from collections.abc import Callable, Iterable
from typing import Any

from leadbook.testmode.faults import ENVIRON, ConnectionDroppedError, Faults
from leadbook.testmode.journal import Journal, peek

Wsgi = Callable[..., Iterable[bytes]]


class Wire:
    """A WSGI application around `app`; what is asked of test mode itself goes straight through."""

    def __init__(self, app: Wsgi, faults: Faults, journal: Journal) -> None:
        self._app = app
        self._faults = faults
        self._journal = journal

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request, unless the connection is to be dropped."""
        path = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
        path = path.removeprefix("/v1") if path.startswith("/v1/") else path
        if path.startswith("/_test/"):
            return self._app(environ, start_response)
        body = peek(environ)

        def note(status: str, *answer: Any) -> Any:
            # Before anybody has the answer, and so can ask for the journal.
            self._journal.add(environ, body, int(status[:3]))
            return start_response(status, *answer)

        fault = self._faults.strike(environ["REQUEST_METHOD"], path)
        if fault is None:
            return self._app(environ, note)
        try:
            answer, status, headers = fault.answer(self._app, environ | {ENVIRON: fault})
        except ConnectionDroppedError:
            self._journal.add(environ, body, None)
            raise
        note(status, headers)
        return answer
