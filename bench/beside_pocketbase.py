"""Compare Leadbook with PocketBase on the same rows: response times and memory."""

import itertools
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from leadbook.bench import load, rows
from leadbook.bench.picture import Bar, Panel
from leadbook.bench.running import Running, running
from leadbook.bench.servers import SERVERS
from leadbook.bench.verdict import Bound, judged, ratios, with_spread

TARGETS = {"page with total": Bound("≥", 20), "search: a common word": Bound("≥", 15)}
MEMORY_TARGET = Bound("≤", 100, " MB")
_ROUNDS = 5
_TURN_SECONDS = 1.5
_MIXED_SECONDS = 10
_SEARCHES = {
    "leadbook": "&search={0}",
    "pocketbase": "&filter=" + quote("(name~'{0}'||email~'{0}'||company~'{0}')", safe="{}"),
}


@dataclass
class Pairs:
    """The results, as lines of a table and as bars."""

    lines: list[list[str]] = field(default_factory=list)
    panels: list[Panel] = field(default_factory=list)


def measure(count: int) -> Pairs:
    """Send the same requests to both servers in turn, one at a time."""
    pairs = Pairs()
    # No time limit: a slow query must show in the result.
    patient = replace(SERVERS["leadbook"], environment={"LEADBOOK_QUERY_TIMEOUT": "0"})
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        start = stack.enter_context
        ours = start(running(patient, count, Path(folder) / "leadbook"))
        theirs = start(running(SERVERS["pocketbase"], count, Path(folder) / "pocketbase"))
        our_paths = _paths(ours, _SEARCHES["leadbook"], count)
        their_paths = _paths(theirs, _SEARCHES["pocketbase"], count)
        for title, our_path in our_paths.items():
            times: tuple[list[float], list[float]] = ([], [])
            for _ in range(_ROUNDS):
                times[0].append(_p50(ours, our_path))
                times[1].append(_p50(theirs, their_paths[title]))
            _compare(pairs, title, *times)
            print(f"{title}: {pairs.lines[-1][1]}", file=sys.stderr)
        load.run(ours.port, _mixed(ours, our_paths), _MIXED_SECONDS)
        memory = ours.peak_memory()
        written = f"{memory:.0f} MB; PocketBase {theirs.peak_memory():.0f} MB"
        title = "peak memory of the server after mixed calls"
        pairs.lines.append([title, written, *judged(MEMORY_TARGET, memory)])
    return pairs


def _paths(server: Running, search: str, count: int) -> dict[str, str]:
    first = server.page(20)
    return {
        "page with total": first,
        "last page": server.page(20, count // 20),
        "search: a common word": first + search.format(rows.COMMON_WORD),
        "search: a rare word": first + search.format(rows.RARE_WORD),
    }


def _p50(server: Running, path: str) -> float:
    requests = itertools.repeat(load.get(path))
    return load.run(server.port, requests, _TURN_SECONDS, connections=1).p50


def _compare(pairs: Pairs, title: str, ours: list[float], theirs: list[float]) -> None:
    faster = ratios(theirs, ours)
    medians = {"Leadbook": statistics.median(ours), "PocketBase": statistics.median(theirs)}
    milliseconds = " / ".join(f"{each:.2f}" for each in medians.values())
    pairs.lines.append(
        [
            f"{title}, over HTTP: times as fast as PocketBase",
            f"{with_spread(faster, 1)}; {milliseconds} ms",
            *judged(TARGETS.get(title), statistics.median(faster)),
        ]
    )
    bars = [Bar(label, value, label == "Leadbook") for label, value in medians.items()]
    pairs.panels.append(Panel(f"{title}, over HTTP, p50 ms", bars))


def _mixed(server: Running, paths: dict[str, str]) -> Iterator[bytes]:
    """Yield requests of all kinds, with a few writes."""
    reads = [*paths.values(), *(f"/leads/{record['id']}" for record in server.records(20))]
    reads += [f"/leads?sort={sort}&status=won&limit=100" for sort in ("score", "updatedAt")]
    writes = (load.post("/leads", json.dumps(row.fields).encode()) for row in rows.rows(10**6))
    while True:
        yield from map(load.get, reads)
        yield next(writes)
