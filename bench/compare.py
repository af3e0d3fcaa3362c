"""Compare Leadbook with other tools on the same rows, in turn, in one run: `make bench`."""

import argparse
import itertools
import json
import re
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from leadbook.bench import fill, load, report, rows, startup
from leadbook.bench.peers.json_server import SkippedError
from leadbook.bench.picture import Bar, Panel, bar_chart
from leadbook.bench.running import Running, running
from leadbook.bench.servers import FRONTS, SERVERS, earlier
from leadbook.bench.verdict import Bound, judged, ratios, with_spread

ROWS = 10_000
_BODIES = 20_000
_OURS = ("leadbook", "workers")
# The servers that the command line may name.
_servers = SERVERS | FRONTS


@dataclass(frozen=True)
class Case:
    """One kind of request; `requests` yields them for a server without end."""

    title: str
    requests: Callable[[Running], Iterator[bytes]]


def _pages(limit: int) -> Callable[[Running], Iterator[bytes]]:
    return lambda server: itertools.repeat(load.get(server.page(limit)))


def _single_records(server: Running) -> Iterator[bytes]:
    leads = server.server.api.leads
    ids = [record["id"] for record in server.records(100)]
    return itertools.cycle([load.get(f"{leads}/{each}") for each in ids])


def _new_leads(server: Running) -> Iterator[bytes]:
    bodies = (row.fields | {"email": f"new{row.fields['email']}"} for row in rows.rows(_BODIES))
    leads = server.server.api.leads
    return itertools.cycle([load.post(leads, json.dumps(body).encode()) for body in bodies])


CASES = {
    "list20": Case(f"GET /leads?limit=20 of {ROWS:,}", _pages(20)),
    "list100": Case(f"GET /leads?limit=100 of {ROWS:,}", _pages(100)),
    "one": Case("GET /leads/{id}", _single_records),
    # Last, because it adds rows.
    "post": Case("POST /leads", _new_leads),
}
TARGETS = {
    ("list20", "leadbook", "floor"): Bound("≥", 0.65),
    ("list20", "leadbook", "fastapi"): Bound("≥", 2.5),
    ("list20", "leadbook", "drf"): Bound("≥", 4),
    ("list20", "leadbook", "json-server"): Bound("≥", 8),
    ("list20", "workers", "leadbook"): Bound("≥", 1.7),
    ("list20", "workers", "pocketbase"): Bound("≥", 2),
    ("list100", "leadbook", "floor"): Bound("≥", 0.5),
    ("one", "leadbook", "floor"): Bound("≥", 0.75),
    ("one", "workers", "pocketbase"): Bound("≥", 0.8),
    ("post", "leadbook", "floor"): Bound("≥", 0.65),
    ("list20", "leadbook", "before"): Bound("≥", 1.2),
    ("one", "leadbook", "before"): Bound("≥", 1.3),
    ("post", "leadbook", "before"): Bound("≥", 1.05),
}
START_TARGET = Bound("≤", 1.5)
# A table of speeds (title, lines), and a line in it (server, median).
_SPEEDS = re.compile(r"^\| (.*?) \| answers a second .*\n.*\n((?:\|.*\n?)+)", re.MULTILINE)
_SPEED = re.compile(r"^\| (.*?) \| ([0-9]+) \(", re.MULTILINE)

# By case and server, one load for each round.
Loads = dict[str, dict[str, list[load.Load]]]


def measure(servers: dict[str, Running], cases: list[str], rounds: int, seconds: float) -> Loads:
    """Load the servers in turn, round after round, and print the progress."""
    loads: Loads = {}
    for case in cases:
        requests = {name: CASES[case].requests(server) for name, server in servers.items()}
        loads[case] = {name: [] for name in servers}
        # The first turn of each server warms it up.
        for turn in range(rounds + 1):
            for name, server in servers.items():
                done = load.run(server.port, requests[name], seconds if turn else 0.5)
                if turn:
                    loads[case][name].append(done)
            print(f"{case}: round {turn} of {rounds}", file=sys.stderr)
    return loads


def speed_table(loads: Loads, case: str) -> str:
    """Return the speeds and latencies of all servers for one case."""
    lines = []
    for name, done in loads[case].items():
        speeds = with_spread([each.per_second for each in done], 0)
        latencies = (
            f"{statistics.median(times):.1f}"
            for times in ([each.p50 for each in done], [each.p99 for each in done])
        )
        lines.append([_servers[name].label, speeds, *latencies])
    head = [CASES[case].title, "answers a second (least to most)", "p50 ms", "p99 ms"]
    return report.table(head, lines)


def ratio_table(loads: Loads) -> str:
    """Return how many times as fast Leadbook is, with targets and verdicts."""
    lines = []
    for case, by_server in loads.items():
        speeds = {name: [each.per_second for each in done] for name, done in by_server.items()}
        for peer, theirs in speeds.items():
            ours = "workers" if peer in ("leadbook", "pocketbase") else "leadbook"
            if peer == "workers" or ours not in speeds:
                continue
            found = ratios(speeds[ours], theirs)
            target = TARGETS.get((case, ours, peer))
            lines.append(
                [
                    f"{CASES[case].title}: {_servers[ours].label} / {_servers[peer].label}",
                    with_spread(found),
                    *judged(target, statistics.median(found)),
                ]
            )
    return report.table(["ratio of throughputs", "median (least to most)", "target", ""], lines)


def start_table(rounds: int) -> str:
    """Return how long the start takes, compared with its imports."""
    ours, imports = startup.measure(fill.leadbook_file(ROWS), rounds)
    found = ratios(ours, imports)
    ours_ms, imports_ms = ([each * 1000 for each in times] for times in (ours, imports))
    lines = [
        ["`leadbook serve` until its first answer, ms", with_spread(ours_ms, 0), "", ""],
        ["importing its libraries, ms", with_spread(imports_ms, 0), "", ""],
        ["ratio", with_spread(found), *judged(START_TARGET, statistics.median(found))],
    ]
    return report.table(["start", "median (least to most)", "target", ""], lines)


def picture(text: str) -> str:
    """Return the medians in a report as bars, one panel for each table of speeds."""
    ours = {_servers[name].label for name in _OURS}
    return bar_chart(
        [
            Panel(
                f"{title}, answers a second",
                [Bar(label, float(speed), label in ours) for label, speed in _SPEED.findall(lines)],
            )
            for title, lines in _SPEEDS.findall(text)
        ]
    )


def main() -> None:
    """Measure, print the report, and save it with --results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.5, help="the length of each turn")
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--servers", nargs="+", choices=_servers, default=list(SERVERS))
    parser.add_argument("--before", type=Path, help="the `leadbook` of another version")
    parser.add_argument("--results", type=Path, help="the folder for the report")
    given = parser.parse_args()

    if given.before:
        _servers["before"] = earlier(given.before)
        given.servers.append("before")
    parts = [report.environment()]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        servers = {}
        for name in given.servers:
            started = running(_servers[name], ROWS, Path(folder) / name)
            try:
                servers[name] = stack.enter_context(started)
            except SkippedError as reason:
                parts.append(f"{_servers[name].label} is left out: {reason}.")
        loads = measure(servers, given.cases, given.rounds, given.seconds)
    parts += [ratio_table(loads), start_table(given.rounds)]
    parts += [speed_table(loads, case) for case in loads]
    report.publish("compare", parts, picture("\n\n".join(parts)), given.results)


if __name__ == "__main__":
    main()
