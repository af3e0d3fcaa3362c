"""Load our server, and other servers with our app, with slow and greedy clients."""

import argparse
import resource
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

from leadbook.bench import load, report
from leadbook.bench.running import Running, running
from leadbook.bench.servers import FRONTS, SERVERS
from leadbook.bench.verdict import Bound, judged

_ROWS = 10_000
_DESCRIPTORS = 4096
_QUESTIONS = 20
_LONGEST_WAIT_SECONDS = 5
_ROOM = Bound("≤", 64, " MiB")
_WAIT = Bound("≤", 200, " ms")
_HEAD = b"GET /leads HTTP/1.1\r\nHost: localhost\r\nX: "
_BODY = (
    b"POST /leads HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Content-Length: 200000\r\n\r\n"
)


@dataclass(frozen=True)
class Attack:
    """Connections that send `first`, and then a byte from time to time."""

    count: int
    first: bytes = b""
    then: bytes = b""


_ATTACKS = {
    "nobody else": Attack(0),
    "1,000 that send nothing": Attack(1_000),
    "1,000 that send a head byte by byte": Attack(1_000, _HEAD, b"x"),
    "32 that send a body byte by byte": Attack(32, _BODY, b" "),
    "1,000 that want 40 pages each and read nothing": Attack(
        1_000, load.get("/leads?limit=100") * 40
    ),
    "8 that export all and read nothing": Attack(8, load.get("/leads/export?format=csv")),
}


@contextmanager
def _under(attack: Attack, port: int) -> Iterator[Callable[[], None]]:
    """Attack during the block; the yielded function sends the next bytes."""
    with ExitStack() as stack:
        connections = []
        for _ in range(attack.count):
            with suppress(OSError):
                made = socket.create_connection(("127.0.0.1", port), timeout=1)
                connections.append(stack.enter_context(made))
                made.setblocking(False)
                made.send(attack.first)

        def go_on() -> None:
            for each in connections:
                with suppress(OSError):
                    each.send(attack.then)

        yield go_on


def _ask(port: int, request: bytes) -> float:
    """Return how many milliseconds an answer takes, on a new connection."""
    began = time.perf_counter()
    with (
        suppress(OSError),
        socket.create_connection(("127.0.0.1", port), timeout=_LONGEST_WAIT_SECONDS) as connection,
    ):
        connection.sendall(request)
        if connection.recv(1 << 16).startswith(b"HTTP/1.1 200"):
            return (time.perf_counter() - began) * 1000
    return float("inf")


def _hold_up(server: Running, attack: Attack) -> tuple[float, float]:
    """Return the longest answer to another client in ms, and the memory that the attack takes."""
    leads = server.server.api.leads
    request = load.get(f"{leads}/{server.records(1)[0]['id']}")
    before = server.memory()
    longest = 0.0
    with _under(attack, server.port) as go_on:
        for _ in range(_QUESTIONS):
            go_on()
            longest = max(longest, _ask(server.port, request))
            if longest == float("inf"):
                break
        return longest, server.memory() - before


def _line(server: Running, title: str) -> list[str]:
    try:
        longest, grown = _hold_up(server, _ATTACKS[title])
    except URLError:
        return [server.server.label, title, "does not answer any more", "", "", ""]
    waited = f"{longest:.0f}" if longest < float("inf") else f"> {_LONGEST_WAIT_SECONDS * 1000:,}"
    is_ours = server.server is SERVERS["leadbook"]
    bounds = (_WAIT, _ROOM) if is_ours else (None, None)
    verdicts = [judged(*each)[1] for each in zip(bounds, (longest, grown), strict=True)]
    return [server.server.label, title, waited, verdicts[0], f"{grown:.0f}", verdicts[1]]


def main() -> None:
    """Attack each server, print the report, and save it with --results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, help="the folder for the report")
    given = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(_DESCRIPTORS, hard), hard))

    lines: list[list[str]] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, server in ({"leadbook": SERVERS["leadbook"]} | FRONTS).items():
            for title in _ATTACKS:
                place = Path(folder) / f"{name}{len(lines)}"
                with running(server, _ROWS, place) as started:
                    lines.append(_line(started, title))
                print(*lines[-1], file=sys.stderr)
    head = ["server", "meanwhile", f"longest of {_QUESTIONS} answers, ms", "", "memory, MiB", ""]
    report.publish("fronts", [report.environment(), report.table(head, lines)], None, given.results)


if __name__ == "__main__":
    main()
