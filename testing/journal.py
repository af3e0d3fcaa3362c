"""The last requests and how they were answered, for a test to look at."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from threading import Lock
from typing import Any

from werkzeug.datastructures import EnvironHeaders

from leadbook.testing.faults import matches

KEPT = 1_000
LONGEST_BODY = 8 * 1024
# They hold keys, which belong in no journal.
_SECRET = {"authorization", "proxy-authorization", "cookie"}


@dataclass(frozen=True)
class Entry:
    """A request, and the status it got: None before, and where the connection was dropped.

    `path` is as it was sent, without the query; `body` has at most 8 KiB, `is_cut` says whether
    there was more. `headers` have lower-case names, and none that holds a key.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: str
    is_cut: bool
    status: int | None

    @property
    def json(self) -> Any:
        """The body, parsed. Raises ValueError."""
        return json.loads(self.body)


class Journal:
    """The last 1,000 requests, in the order in which they arrived."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._numbers = count()
        # By number, the oldest first.
        self._entries: dict[int, Entry] = {}

    def begin(self, environ: dict[str, Any]) -> int:
        """Note a request that has arrived, and return the number by which to complete it."""
        headers = EnvironHeaders(environ)
        # As https://peps.python.org/pep-3333/#unicode-issues has it, UTF-8 in disguise.
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        entry = Entry(
            method=environ["REQUEST_METHOD"],
            path=path.encode("latin-1").decode(errors="replace"),
            query=environ.get("QUERY_STRING", ""),
            headers={name.lower(): value for name, value in headers if name.lower() not in _SECRET},
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
        """Add the beginning of its body, and its status, unless it is forgotten by now."""
        with self._lock:
            if entry := self._entries.get(number):
                text = body[:LONGEST_BODY].decode(errors="replace")
                is_cut = len(body) > LONGEST_BODY
                self._entries[number] = replace(entry, body=text, is_cut=is_cut, status=status)

    def entries(self, method: str = "*", path: str = "*", status: int | None = None) -> list[Entry]:
        """Return what matches, the oldest first; `method` and `path` may hold `*` and `?`."""
        with self._lock:
            entries = list(self._entries.values())
        return [
            each
            for each in entries
            if matches(each.method, method.upper())
            and matches(each.path, path)
            and status in (None, each.status)
        ]

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._entries.clear()


def peek(environ: dict[str, Any]) -> bytes:
    """Return the beginning of a request's body, and leave all of it to be read."""
    stream = environ["wsgi.input"]
    body: bytes = stream.read(min(LONGEST_BODY + 1, int(environ.get("CONTENT_LENGTH") or 0)))
    environ["wsgi.input"] = _Rejoined(body, stream)
    return body


class _Rejoined(io.RawIOBase):
    """A stream of which the beginning has been read already."""

    def __init__(self, beginning: bytes, rest: Any) -> None:
        self._beginning = io.BytesIO(beginning)
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._beginning.read(len(buffer)) or self._rest.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
