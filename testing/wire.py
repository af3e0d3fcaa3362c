"""What lies between a client and the app: the journal, and the faults of the connection."""

from collections.abc import Callable, Iterable
from threading import Condition
from typing import Any

from leadbook.access.fronting import HEAD, PASSED
from leadbook.testing.faults import ENVIRON, ConnectionDroppedError, Environ, Fault, Faults
from leadbook.testing.journal import Journal, peek

LONGEST_WAIT_SECONDS = 2

# Where a request carries its number in the journal, and what `era` it arrived in.
_NUMBER, _ERA = "leadbook.journal", "leadbook.era"

Wsgi = Callable[..., Iterable[bytes]]


class InFlight:
    """Counts the requests that are being worked on; each reset begins a new `era`."""

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

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answer a request, unless the connection is to be dropped."""
        if _is_control(environ):
            return self._app(environ, start_response)
        if _NUMBER not in environ:
            # No server of ours has told us before.
            fault = self._arrive(environ)
            self._faults.delay(fault)
        with self.in_flight:
            # Counted first: a reset that comes from now on waits for us.
            if environ[_ERA] != self.in_flight.era:
                raise ConnectionDroppedError("Dropped, since all was reset after it arrived.")
            return self._answer(environ, start_response)

    async def arrive(self, environ: Environ) -> None:
        """Note a request that has arrived, and wait as long as a fault wants it to be delayed.

        Raises ConnectionDroppedError when all faults are cleared meanwhile.
        """
        if not _is_control(environ):
            await self._faults.wait(self._arrive(environ))

    def _arrive(self, environ: Environ) -> Fault | None:
        environ[_ERA] = self.in_flight.era
        environ[_NUMBER] = self._journal.begin(environ)
        fault = self._faults.strike(environ["REQUEST_METHOD"], _path_of(environ))
        environ[ENVIRON] = fault
        return fault

    def _answer(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        body, head = peek(environ), environ.get(HEAD, {})

        def note(status: str, *answer: Any) -> Any:
            # Before anybody has the answer, and so can ask for the journal.
            if PASSED not in head:
                self._journal.complete(environ[_NUMBER], body, int(status[:3]))
            return start_response(status, *answer)

        fault: Fault | None = environ[ENVIRON]
        if fault is None or HEAD in environ:
            return self._app(environ, note)
        try:
            answer, status, headers = fault.answer(self._app, environ)
        except ConnectionDroppedError:
            self._journal.complete(environ[_NUMBER], body, None)
            raise
        note(status, headers)
        return answer


def _path_of(environ: Environ) -> str:
    path: str = environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
    return path.removeprefix("/v1") if path.startswith("/v1/") else path


def _is_control(environ: Environ) -> bool:
    return _path_of(environ).startswith("/_test/")
