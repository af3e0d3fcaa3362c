"""Faults that a test adds: which of the next requests fail, and how."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from threading import Event, Lock
from typing import Any
from urllib.parse import parse_qs

from werkzeug.test import run_wsgi_app

MOST_FAULTS = 1_000
# The key of a request's fault in its environ.
ENVIRON = "leadbook.fault"

Environ = dict[str, Any]


class ConnectionDroppedError(ConnectionResetError):
    """The connection is dropped: a server closes it, and Flask's test client raises this."""


class TooManyFaultsError(Exception):
    """There are too many faults."""


def matches(text: str, pattern: str) -> bool:
    """Return whether `text` matches `pattern`, with the wildcards `*` and `?`."""
    return fnmatchcase(text, pattern.replace("[", "[[]"))


def encode(body: Any) -> bytes:
    """Return the bytes of a body: a text in UTF-8, any other value as JSON.

    Raises TypeError, ValueError and RecursionError.
    """
    if isinstance(body, str):
        return body.encode()
    written = json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return written.encode()


@dataclass
class Fault:
    """What happens to the next `times` matching requests.

    `path`, `method` and the values of `query` may contain the wildcards `*` and `?`; a value of
    None stands for a parameter that is not given. `delay_ms` is waited first. `status` is returned
    without calling the view, with `body`, or with the body of an error. `drop` drops the connection
    "before" or "after" the request takes effect, and `truncate` in the middle of the body.
    `headers` replace those of the answer.
    """

    method: str = "*"
    path: str = "*"
    query: Mapping[str, str | None] = field(default_factory=dict)
    times: int = 1
    status: int | None = None
    code: str | None = None
    body: Any = None
    delay_ms: int = 0
    drop: str | None = None
    truncate: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)

    def matches(self, method: str, path: str, query: str) -> bool:
        """Return whether the fault applies to such a request; `query` is as in its environ."""
        if not (matches(method, self.method.upper()) and matches(path, self.path)):
            return False
        return not self.query or self._matches_query(query)

    def _matches_query(self, query: str) -> bool:
        sent = parse_qs(query.encode("latin-1").decode(errors="replace"), keep_blank_values=True)
        return all(
            name not in sent
            if wanted is None
            else any(matches(value, wanted) for value in sent.get(name, ()))
            for name, wanted in self.query.items()
        )

    @property
    def only_delays(self) -> bool:
        """Whether the answer is that of the app."""
        return not (self.status or self.drop or self.truncate or self.headers)

    def answer(self, app: Any, environ: Environ) -> tuple[Iterable[bytes], str, list[Any]]:
        """Return the answer of `app`, changed by the fault. Raises ConnectionDroppedError."""
        if self.drop == "before":
            raise ConnectionDroppedError("Dropped before the request took effect.")
        body, status, headers = run_wsgi_app(app, environ, buffered=True)
        if self.drop == "after":
            raise ConnectionDroppedError("Dropped after the request took effect.")
        for name, value in self.headers.items():
            headers.set(name, value)
        return self._cut(b"".join(body)) if self.truncate else body, status, list(headers)

    def _cut(self, body: bytes) -> Iterator[bytes]:
        yield body[: len(body) // 2]
        raise ConnectionDroppedError("Dropped in the middle of the answer.")


class Faults:
    """The faults still to come, oldest first."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._coming: list[Fault] = []
        self._cleared = Event()
        self._waiting: set[asyncio.Future[None]] = set()

    def add(self, fault: Fault) -> None:
        """Add `fault`. Raises TooManyFaultsError."""
        with self._lock:
            if len(self._coming) >= MOST_FAULTS:
                raise TooManyFaultsError(f"There are already {MOST_FAULTS} faults.")
            self._coming.append(fault)

    def strike(self, method: str, path: str, query: str) -> Fault | None:
        """Return the oldest fault that matches this request, if any, and count it down."""
        with self._lock:
            for fault in self._coming:
                if fault.matches(method, path, query):
                    fault.times -= 1
                    self._coming = [each for each in self._coming if each.times]
                    return fault
        return None

    def coming(self) -> list[Fault]:
        """Return the faults still to come, with the remaining `times`."""
        with self._lock:
            return list(self._coming)

    def delay(self, fault: Fault | None) -> None:
        """Wait for the delay of `fault`. Raises ConnectionDroppedError if faults are cleared."""
        if fault and self._cleared.wait(fault.delay_ms / 1000):
            raise _cleared()

    async def wait(self, fault: Fault | None) -> None:
        """Wait as `delay` does, but on the event loop. Raises ConnectionDroppedError."""
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
        """Remove all faults, and drop the requests that are being delayed."""
        with self._lock:
            self._coming = []
            self._cleared.set()
            self._cleared = Event()
            waiting, self._waiting = self._waiting, set()
        for each in waiting:
            with suppress(RuntimeError):
                # The event loop is closed and has dropped the request itself.
                each.get_loop().call_soon_threadsafe(_resolve, each)


def _resolve(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _cleared() -> ConnectionDroppedError:
    # A request of one test must not take effect in the next test.
    return ConnectionDroppedError("Dropped because all faults were cleared.")
