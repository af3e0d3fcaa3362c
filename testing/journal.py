"""The last requests and their answers, for tests to read."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from threading import Lock
from typing import Any

from werkzeug.datastructures import EnvironHeaders

from leadbook.access.query_key import without_key
from leadbook.testing.faults import matches

KEPT = 1_000
LONGEST_BODY = 8 * 1024
# These contain keys, which must not be stored.
_SECRET = {"authorization", "proxy-authorization", "cookie"}


@dataclass(frozen=True)
class Entry:
    """A request and the status of its answer.

    `status` is None until there is an answer, and if the connection was dropped. `path` is as sent,
    without the query. Both are None if the server could not read them. `body` has at most 8 KiB,
    and `is_cut` says whether there was more. `headers` have lower-case names; headers with keys are
    left out. A key in a URL is hidden.
    """

    method: str | None
    path: str | None
    query: str
    headers: Mapping[str, str]
    body: str
    is_cut: bool
    status: int | None

    @property
    def json(self) -> Any:
        """The parsed body. Raises ValueError."""
        return json.loads(self.body)


class Journal:
    """The last 1,000 requests, in the order in which they arrived."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers = count()
        # By number, oldest first.
        self._entries: dict[int, Entry] = {}

    def begin(self, environ: dict[str, Any]) -> int:
        """Add a request that has arrived, and return its number for `complete`."""
        headers = EnvironHeaders(environ)
        # UTF-8 bytes as latin-1: https://peps.python.org/pep-3333/#unicode-issues
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        entry = Entry(
            method=environ["REQUEST_METHOD"] or None,
            path=without_key(path.encode("latin-1").decode(errors="replace")) or None,
            query=without_key(environ.get("QUERY_STRING", "")),
            headers={
                name.lower(): without_key(value)
                for name, value in headers
                if name.lower() not in _SECRET
            },
            body="",
            is_cut=False,
            status=None,
        )
        with self._lock:
            number = next(self._numbers)
            self._entries[number] = entry
            if len(self._entries) > KEPT:
                del self._entries[next(iter(self._entries))]
            return number

    def complete(self, number: int, body: bytes, status: int | None) -> None:
        """Add the beginning of its body and its status, if the request is still in the journal."""
        with self._lock:
            if entry := self._entries.get(number):
                text = body[:LONGEST_BODY].decode(errors="replace")
                is_cut = len(body) > LONGEST_BODY
                self._entries[number] = replace(entry, body=text, is_cut=is_cut, status=status)

    def entries(self, method: str = "*", path: str = "*", status: int | None = None) -> list[Entry]:
        """Return the matching requests, oldest first; `method` and `path` may have wildcards."""
        with self._lock:
            entries = list(self._entries.values())
        return [
            each
            for each in entries
            if matches(each.method or "", method.upper())
            and matches(each.path or "", path)
            and status in (None, each.status)
        ]

    def clear(self) -> None:
        """Remove all requests."""
        with self._lock:
            self._entries.clear()


def peek(environ: dict[str, Any]) -> bytes:
    """Return the beginning of a request's body without consuming it."""
    stream = environ["wsgi.input"]
    body: bytes = stream.read(min(LONGEST_BODY + 1, int(environ.get("CONTENT_LENGTH") or 0)))
    environ["wsgi.input"] = _Rejoined(body, stream)
    return body


class _Rejoined(io.RawIOBase):
    """A stream whose beginning has already been read."""

    def __init__(self, beginning: bytes, rest: Any) -> None:
        self._beginning = io.BytesIO(beginning)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._beginning.read(len(buffer)) or self._rest.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
