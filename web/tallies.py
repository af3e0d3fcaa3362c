"""How often each kind of request was answered, and how fast. Forked processes count together."""

import json
import mmap
import re
from bisect import bisect_left
from functools import lru_cache
from typing import NamedTuple

from flask import Flask, Response, g, request

from leadbook.access.fronting import is_answered
from leadbook.storage.shared_memory import ForkedLock, shared_cells
from leadbook.storage.system import monotonic
from leadbook.web.logs import method_of_request

# Upper bounds in seconds: most answers take a millisecond, an import may take minutes.
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
# The extension with the counts of an app.
TALLIES = "leadbook.tallies"
OTHER = "other"
_WRITING = ("POST", "PUT", "PATCH", "DELETE")
# Errors that mean that the database or its disk failed, not that the server was busy.
_FAILURES = ("DATABASE_UNAVAILABLE", "QUERY_TIMEOUT", "STORAGE_UNAVAILABLE")
# Enough for every method and status of a hundred routes; 2 MiB, of which unused pages take none.
_MOST_KINDS = 8_192
_NAME_BYTES = 128
# For each kind: its requests by bucket, the last without a bound, and the sum of the nanoseconds.
_WIDTH = len(BUCKETS) + 2
# The first cell has the number of kinds.
_FIRST = 1


class Kind(NamedTuple):
    """What requests have in common that are counted together."""

    method: str
    route: str
    status: str
    is_failed_write: bool


class Tallies:
    """Counts of requests by kind. Processes that are forked later count in the same memory.

    So a worker knows the counts of all, and those of a worker that has died stay. If there are too
    many kinds, the rest counts as one.
    """

    def __init__(self) -> None:
        self._lock = ForkedLock()
        self._cells = shared_cells(_FIRST + _MOST_KINDS * _WIDTH)
        self._names = mmap.mmap(-1, _MOST_KINDS * _NAME_BYTES)
        # The number of each kind that this process knows, in this order.
        self._numbers: dict[Kind, int] = {}
        self._append(Kind(OTHER, OTHER, OTHER, False))

    def count(self, kind: Kind, seconds: float) -> None:
        """Count a request that took so many seconds."""
        with self._lock.held():
            place = _FIRST + self._number_of(kind) * _WIDTH
            self._cells[place + bisect_left(BUCKETS, seconds)] += 1
            self._cells[place + _WIDTH - 1] += int(seconds * 1e9)

    def all(self) -> list[tuple[Kind, list[int], float]]:
        """Return for each kind the number of requests in each bucket, and their total seconds."""
        with self._lock.held():
            self._learn()
            kinds = [*self._numbers]
            cells = self._cells[_FIRST : _FIRST + len(kinds) * _WIDTH].tolist()
        found = []
        for number, kind in enumerate(kinds):
            *counts, nanoseconds = cells[number * _WIDTH : (number + 1) * _WIDTH]
            if any(counts):
                found.append((kind, counts, nanoseconds / 1e9))
        return found

    def _number_of(self, kind: Kind) -> int:
        if kind not in self._numbers:
            self._learn()
            self._append(kind)
        return self._numbers.get(kind, 0)

    def _append(self, kind: Kind) -> None:
        """Add a kind, unless another process has, or there is no room for it."""
        name, number = json.dumps(kind).encode(), len(self._numbers)
        if kind not in self._numbers and number < _MOST_KINDS and len(name) <= _NAME_BYTES:
            start = number * _NAME_BYTES
            self._names[start : start + _NAME_BYTES] = name.ljust(_NAME_BYTES)
            self._numbers[kind] = number
            # Last: if the process dies before, the place is still free.
            self._cells[0] = number + 1

    def _learn(self) -> None:
        """Learn the kinds that other processes have added."""
        for number in range(len(self._numbers), self._cells[0]):
            start = number * _NAME_BYTES
            self._numbers[Kind(*json.loads(self._names[start : start + _NAME_BYTES]))] = number


def count_requests(app: Flask) -> None:
    """Count the requests of `app` from now on, those that the server itself refuses included."""
    tallies = app.extensions[TALLIES] = Tallies()

    @app.after_request
    def count(response: Response) -> Response:
        if is_answered(response):
            tallies.count(_kind_of(response), monotonic() - g.started)
        return response


def _kind_of(response: Response) -> Kind:
    method = method_of_request()
    # The server itself refuses what it cannot read, so that has no path.
    rule = request.url_rule if method else None
    # Not the code alone: a test may give any answer this code.
    has_failed = response.status_code == 503 and g.get("error_code") in _FAILURES
    return Kind(
        method or OTHER,
        _route_of(rule.rule) if rule else OTHER,
        str(response.status_code),
        has_failed and method in _WRITING,
    )


@lru_cache(maxsize=256)
def _route_of(rule: str) -> str:
    """Return a rule as the documentation shows it, such as `/leads/{id}`."""
    return re.sub(r"<(?:[^<>:]+:)?(\w+)>", r"{\1}", rule)
