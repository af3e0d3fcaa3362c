"""The layer between a client and the app: the journal and the faults of the connection."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from threading import Condition
from typing import Any

from leadbook.access.fronting import HEAD, LATER, PASSED, STAND_IN, Later
from leadbook.testing.faults import ENVIRON, ConnectionDroppedError, Environ, Fault, Faults
from leadbook.testing.journal import Journal, peek

LONGEST_WAIT_SECONDS = 2

# The keys in the environ for the number in the journal, and for the `era` of arrival.
_NUMBER, _ERA = "leadbook.journal", "leadbook.era"

Wsgi = Callable[..., Iterable[bytes]]


class InFlight:
    """Counts the running requests; each reset starts a new `era`."""

    def __init__(self) -> None:
        self.era = 0
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
        """Wait until none is running, at most two seconds: one may be waiting for this thread."""
        with self._changed:
            self._changed.wait_for(lambda: not self._count, LONGEST_WAIT_SECONDS)


class Wire:
    """A WSGI application around `app`; calls under `/_test` pass through unchanged."""

    def __init__(self, app: Wsgi, faults: Faults, journal: Journal) -> None:
        self._app = app
        self._faults = faults
        self._journal = journal
        self.in_flight = InFlight()

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request, unless a fault drops the connection."""
        if _is_control(environ):
            return self._app(environ, start_response)
        if _NUMBER not in environ:
            # Another server or a test client: `arrive` was not called.
            fault = self._arrive(environ)
            self._faults.delay(fault)
        with self.in_flight:
            # Counted first, so that a later reset waits for this request.
            self._require(environ[_ERA])
            return self._answer(environ, start_response)

    async def arrive(self, environ: Environ) -> None:
        """Add an arrived request to the journal, and wait for the delay of its fault.

        Raises ConnectionDroppedError if all faults are cleared meanwhile.
        """
        if not _is_control(environ):
            await self._faults.wait(self._arrive(environ))

    def _arrive(self, environ: Environ) -> Fault | None:
        environ[_ERA] = self.in_flight.era
        environ[_NUMBER] = self._journal.begin(environ)
        query = environ.get("QUERY_STRING", "")
        fault = self._faults.strike(environ["REQUEST_METHOD"], _path_of(environ), query)
        environ[ENVIRON] = fault
        if fault and fault.status:
            environ[STAND_IN] = True
        return fault

    def _answer(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        body, head = peek(environ), environ.get(HEAD, {})

        def note(status: str, *answer: Any) -> Any:
            # Before the caller gets the answer and can read the journal.
            if PASSED not in head:
                self._journal.complete(environ[_NUMBER], body, int(status[:3]))
            return start_response(status, *answer)

        fault: Fault | None = environ[ENVIRON]
        if fault is None or fault.only_delays or HEAD in environ:
            answer = self._app(environ, note)
            if later := environ.get(LATER):
                environ[LATER] = self._until_reset(later, environ[_ERA])
            return answer
        try:
            answer, status, headers = fault.answer(self._app, environ)
        except ConnectionDroppedError:
            self._journal.complete(environ[_NUMBER], body, None)
            raise
        note(status, headers)
        return answer

    def _until_reset(self, later: Later, era: int) -> Later:
        """Return the same, but a request of one test must not find records of the next."""
        return replace(later, look=partial(self._look, later.look, era))

    def _look(self, look: Callable[[], bytes | None], era: int) -> bytes | None:
        with self.in_flight:
            self._require(era)
            return look()

    def _require(self, era: int) -> None:
        """Raise ConnectionDroppedError if there was a reset after `era`."""
        if era != self.in_flight.era:
            raise ConnectionDroppedError("Dropped because everything was reset after it arrived.")


def _path_of(environ: Environ) -> str:
    path: str = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
    return path.removeprefix("/v1") if path.startswith("/v1/") else path


def _is_control(environ: Environ) -> bool:
    return _path_of(environ).startswith("/_test/")
