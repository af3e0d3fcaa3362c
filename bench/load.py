"""The load: a few keep-alive connections in one loop, the same for every server.

Measured on two cores: an answer of 5 kB takes 28 µs of processor time here and 20 µs in wrk; on a
busy machine 41 µs and 20 µs. From a server that gives wrk 19,000 answers a second, this load got
16,000 (on a busy machine 8,500 of 12,000). So above some thousands the figures are too low. The
floor and PocketBase, at 600 to 800 pages of 20 a second, gave it as many as wrk, within the noise.
"""

import selectors
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self, TypeVar

from leadbook.bench.connections import LONGEST_WAIT_SECONDS, LoadError, connect, take

CONNECTIONS = 8
_WARM_UP_SECONDS = 0.5

Result = TypeVar("Result")


@dataclass(frozen=True)
class Load:
    """The result for a server: answers a second, and latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float
    answers: int

    @classmethod
    def of(cls, latencies: list[float], seconds: float) -> Self:
        """Return the result of answers with these latencies, all within `seconds`."""
        latencies = sorted(latencies)
        return cls(
            len(latencies) / seconds,
            latencies[len(latencies) // 2] * 1000,
            latencies[len(latencies) * 99 // 100] * 1000,
            len(latencies),
        )


def get(path: str) -> bytes:
    """Return the bytes of a GET request for `path`."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """Return the bytes of a POST request with a JSON `body`."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def run(
    port: int,
    requests: Iterator[bytes],
    seconds: float,
    *,
    connections: int = CONNECTIONS,
    warm_up: float = 0.2,
) -> Load:
    """Send `requests`, uncounted for `warm_up` seconds, then for `seconds`; count the answers.

    Each connection sends its next request when it has an answer. Continues until there is at least
    one answer. Raises LoadError for any status but 2xx.
    """
    latencies: list[float] = []
    begin = time.perf_counter() + warm_up
    end = begin + seconds
    last = begin
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for _ in range(connections):
            connection = connect(port)
            stack.callback(connection.close)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(next(requests))
        while selector.get_map():
            events = selector.select(LONGEST_WAIT_SECONDS)
            if not events:
                raise LoadError(f"No answer in {LONGEST_WAIT_SECONDS} s.")
            for key, _mask in events:
                connection = key.data
                if not take(selector, connection):
                    continue
                now = time.perf_counter()
                if begin <= now and (now <= end or not latencies):
                    latencies.append(now - connection.started)
                    last = now
                if now < end or not latencies:
                    connection.send(next(requests))
                else:
                    # Wait for running requests: the next server must find an idle machine.
                    selector.unregister(connection.socket)
    return Load.of(latencies, max(seconds, last - begin))


def in_turn(
    title: str, turns: Mapping[str, Callable[[float], Result]], rounds: int, seconds: float
) -> dict[str, list[Result]]:
    """Take the turns of all servers, round after round, and print the progress.

    A turn gets its length in seconds. Returns the results by server, one for each round.
    """
    done: dict[str, list[Result]] = {name: [] for name in turns}
    # The first turn of each server warms it up.
    for number in range(rounds + 1):
        for name, turn in turns.items():
            result = turn(seconds if number else min(seconds, _WARM_UP_SECONDS))
            if number:
                done[name].append(result)
        print(f"{title}: round {number} of {rounds}", file=sys.stderr)
    return done
