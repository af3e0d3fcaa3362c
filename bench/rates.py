"""Latencies at a fixed rate: requests are sent by a schedule, however long the answers take.

A latency begins at the scheduled time. So requests that wait behind a slow one are slow too, as for
users. A load that waits for each answer would send fewer of them, and hide this.

The rates are the same for all servers, and fixed. When nothing else ran, the slowest server gave
1.5 times the 100 pages and the 300 single records. It was json-server, which stores 30 leads; the
others, 6 times the 50. 300 pages are for the faster ones. A server that falls behind gets no
figures. One that answers with an error is counted by its errors: Leadbook's would end the run.
"""

import math
import selectors
import statistics
import time
from collections import deque
from collections.abc import Container, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import NamedTuple

from leadbook.bench import load, report
from leadbook.bench.connections import (
    LONGEST_WAIT_SECONDS,
    Connection,
    LoadError,
    connect,
    status_of,
    take,
)
from leadbook.bench.running import Running
from leadbook.bench.throughput import CASES
from leadbook.bench.verdict import with_spread

RATES = (("list20", 100), ("list20", 300), ("one", 300), ("post", 50))
WARM_UP_SECONDS = 0.2
# If more requests wait, they wait for a connection too, and their latency counts all the same.
MOST_CONNECTIONS = 256
# A server that answers less of what it is asked falls behind.
_KEEPS_UP = 0.9
# Under such a load, a server of another project may fail; it then has an answer for that, too.
_ERRORS = range(500, 600)


class Answer(NamedTuple):
    """An answer: its request, its status, and the seconds since the request was scheduled."""

    request: bytes
    status: int
    seconds: float


class Paced(NamedTuple):
    """The answers to a schedule, and the seconds until the last one."""

    answers: list[Answer]
    seconds: float

    def load(self, beginning: bytes = b"") -> load.Load:
        """Return the figures of the requests that begin with these bytes."""
        chosen = [each.seconds for each in self.answers if each.request.startswith(beginning)]
        return load.Load.of(chosen, self.seconds)


class _Pool:
    """Connections to a server, opened when none is free."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._all = [connect(port) for _ in range(load.CONNECTIONS)]
        # The next one has been free for longest: two workers share the connections, and so the
        # requests.
        self.free = deque(self._all)

    def next(self) -> Connection | None:
        """Return a connection for a request, unless there are too many."""
        if self.free:
            return self.free.popleft()
        if len(self._all) == MOST_CONNECTIONS:
            return None
        self._all.append(connect(self._port))
        return self._all[-1]

    def close(self) -> None:
        """Close all connections."""
        for each in self._all:
            each.close()


def run(
    port: int,
    requests: Iterator[bytes],
    per_second: float,
    seconds: float,
    allowed: Container[int] = (),
) -> Paced:
    """Send `requests` at a fixed rate, uncounted for 0.2 seconds, then for `seconds`.

    Sends at least one that counts. Raises LoadError for any status but 2xx and those of `allowed`.
    """
    uncounted = int(per_second * WARM_UP_SECONDS)
    count = uncounted + max(1, int(per_second * seconds))
    answers = []
    sent = answered = 0
    # The default selector would round the time to wait up to a millisecond.
    with closing(_Pool(port)) as pool, selectors.SelectSelector() as selector:
        begin = last = time.perf_counter()
        times = [*(begin + number / per_second for number in range(count)), math.inf]
        while answered < count:
            now = time.perf_counter()
            while times[sent] <= now and (free := pool.next()):
                free.send(next(requests))
                free.started = times[sent]
                selector.register(free.socket, selectors.EVENT_READ, free)
                sent += 1
            # If no connection is free, only an answer helps.
            until = times[sent] if times[sent] > now else math.inf
            for done in _answered(selector, until, allowed):
                last = time.perf_counter()
                selector.unregister(done.socket)
                pool.free.append(done)
                answered += 1
                if done.started >= times[uncounted]:
                    latency = last - done.started
                    answers.append(Answer(done.request, status_of(done.answer), latency))
        counted_from = times[uncounted]
    return Paced(answers, max(len(answers) / per_second, last - counted_from))


def _answered(
    selector: selectors.BaseSelector, until: float, allowed: Container[int]
) -> Iterator[Connection]:
    """Wait for bytes, at most `until` this time; yield connections whose answer is complete."""
    pause = min(LONGEST_WAIT_SECONDS, max(0.0, until - time.perf_counter()))
    events = selector.select(pause)
    if not events and pause == LONGEST_WAIT_SECONDS:
        raise LoadError(f"No answer in {LONGEST_WAIT_SECONDS} s.")
    for key, _mask in events:
        if take(selector, key.data, allowed):
            yield key.data


def title(name: str, per_second: float) -> str:
    """Return the title of the table for one of RATES."""
    return f"{CASES[name].request}, {per_second} a second"


def tables(servers: Mapping[str, Running], rounds: int, seconds: float) -> Iterator[str]:
    """Send requests to the servers at each of RATES, in turn; yield a table for each rate."""
    for name, per_second in RATES:
        case = CASES[name]
        turns = {
            each: partial(
                _turn, server, case.traffic(server), per_second, errors_of(server.server.label)
            )
            for each, server in servers.items()
            if case.compares(server.server)
        }
        done = load.in_turn(title(name, per_second), turns, rounds, seconds)
        head = [title(name, per_second), "p50 ms (least to most)", "p99 ms"]
        lines = [
            [case.label(servers[each].server), *latencies(turns, per_second)]
            for each, turns in done.items()
        ]
        yield report.table(head, lines)


def errors_of(label: str) -> Container[int]:
    """Return the statuses with which a server may fail, by its label: none for Leadbook."""
    return () if label.startswith("Leadbook") else _ERRORS


def _turn(
    server: Running,
    requests: Iterator[bytes],
    per_second: float,
    allowed: Container[int],
    seconds: float,
) -> Paced:
    return run(server.port, requests, per_second, seconds, allowed)


def latencies(turns: list[Paced], per_second: float) -> list[str]:
    """Return p50 and p99 as text, or that the server fails or falls behind."""
    answers = [answer for each in turns for answer in each.answers]
    if errors := sum(each.status in _ERRORS for each in answers):
        return [f"fails: {errors} of {len(answers)} answers are errors", ""]
    loads = [each.load() for each in turns]
    reached = statistics.median(each.per_second for each in loads)
    if reached < _KEEPS_UP * per_second:
        return [f"falls behind: {reached:.0f} a second", ""]
    return [with_spread([each.p50 for each in loads]), with_spread([each.p99 for each in loads])]
