"""Faults that a test asks for: which of the next requests go wrong, and how."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from threading import Event, Lock
from typing import Any

from werkzeug.test import run_wsgi_app

MOST_FAULTS = 1_000
# Where a request carries the fault that has struck it.
ENVIRON = "leadbook.fault"

Environ = dict[str, Any]


class ConnectionDroppedError(ConnectionResetError):
    """The connection ends here: the server closes it, Flask's test client raises this."""


class TooManyFaultsError(Exception):
    """Nobody waits for so many."""


def matches(text: str, pattern: str) -> bool:
    """Return whether `text` is like `pattern`, in which `*` and `?` stand for others."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


@dataclass
class Fault:
    """What happens to the next `times` requests that match.

    `path` and `method` may hold `*` and `?`. `status` is answered without the view; `drop` ends
    the connection "before" the request is worked on, or "after"; `truncate` in the middle of the
    answer's body. `delay_ms` comes first, `headers` go over those of the answer.
    """

    method: str = "*"
    path: str = "*"
    times: int = 1
    status: int | None = None
    code: str | None = None
    delay_ms: int = 0
    drop: str | None = None
    truncate: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def matches(self, method: str, path: str) -> bool:
        """Return whether it is meant for such a request."""
        return matches(method, self.method.upper()) and matches(path, self.path)

    def answer(self, app: Any, environ: Environ) -> tuple[Iterable[bytes], str, list[Any]]:
        """Have `app` answer, as far as it gets. Raises ConnectionDroppedError."""
        if self.drop == "before":
            raise ConnectionDroppedError("Dropped before the request was worked on.")
        body, status, headers = run_wsgi_app(app, environ, buffered=True)
        if self.drop == "after":
            raise ConnectionDroppedError("Dropped after the request was worked on.")
        for name, value in self.headers.items():
            headers.set(name, value)
        return self._cut(b"".join(body)) if self.truncate else body, status, list(headers)

    def _cut(self, body: bytes) -> Iterator[bytes]:
        yield body[: len(body) // 2]
        raise ConnectionDroppedError("Dropped in the middle of the answer.")


class Faults:
    """The faults that are still to come, the oldest first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._coming: list[Fault] = []
        self._cleared = Event()
        self._waiting: set[asyncio.Future[None]] = set()

    def add(self, fault: Fault) -> None:
        """Have `fault` strike. Raises TooManyFaultsError."""
        with self._lock:
            if len(self._coming) >= MOST_FAULTS:
                raise TooManyFaultsError(f"There are {MOST_FAULTS} faults already.")
            self._coming.append(fault)

    def strike(self, method: str, path: str) -> Fault | None:
        """Return what goes wrong with this request, and count it."""
        with self._lock:
            for fault in self._coming:
                if fault.matches(method, path):
                    fault.times -= 1
                    self._coming = [each for each in self._coming if each.times]
                    return fault
        return None

    def coming(self) -> list[Fault]:
        """Return those that are still to come, with the `times` that are left."""
        with self._lock:
            return list(self._coming)

    def delay(self, fault: Fault | None) -> None:
        """Wait as long as `fault` wants. Raises ConnectionDroppedError when they are cleared."""
        if fault and self._cleared.wait(fault.delay_ms / 1000):
            raise _cleared()

    async def wait(self, fault: Fault | None) -> None:
        """Wait as `delay` does, without a thread. Raises ConnectionDroppedError."""
        if not fault or not fault.delay_ms:
            return
        cleared = asyncio.get_running_loop().create_future()
        self._waiting.add(cleared)
        try:
            async with asyncio.timeout(fault.delay_ms / 1000):
                await cleared
        except TimeoutError:
            return
        finally:
            self._waiting.discard(cleared)
        raise _cleared()

    def clear(self) -> None:
        """Have none strike any more, and drop the requests that are being delayed."""
        with self._lock:
            self._coming = []
            self._cleared.set()
            self._cleared = Event()
            waiting, self._waiting = self._waiting, set()
        for each in waiting:
            with suppress(RuntimeError):
                # It ends, and drops them by itself.
                each.get_loop().call_soon_threadsafe(_resolve, each)


def _resolve(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _cleared() -> ConnectionDroppedError:
    # What was asked in one test must not take effect in the next.
    return ConnectionDroppedError("Dropped, since all faults were cleared.")
