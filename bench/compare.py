"""Compare Leadbook with other tools on the same rows, in turn, in one run: `make bench`."""

import argparse
import re
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from leadbook.bench import fill, mixed, rates, report, startup, targets, throughput, writes
from leadbook.bench.peers.json_server import SkippedError
from leadbook.bench.picture import Bar, Panel, bar_chart
from leadbook.bench.running import Running, running
from leadbook.bench.servers import FRONTS, SERVERS, earlier
from leadbook.bench.throughput import CASES, ROWS
from leadbook.bench.verdict import Bound, judged, ratios, with_spread

# The servers and the cases that the command line may name.
_servers = SERVERS | FRONTS
KINDS = [*CASES, "batches", "rates", "mixed"]
START_TARGET = Bound("≤", 1.5)
_NOTE = """\
The floor is Flask and SQL by hand, served by Leadbook's own server. In parentheses: `synchronous`.
A ratio of writes compares servers that commit in the same way."""
# What the picture shows: the titles of tables, with the title of a panel.
DRAWN = {
    CASES["list20"].title: "list of 20, answers a second",
    CASES["one"].title: "one lead, answers a second",
    CASES["post"].title: "POST with 8 clients, answers a second",
    rates.title("list20", 100): "list of 20 at 100 a second, p99 ms",
}
# Such a table (title, lines), and a line in it: the server and its first or its second figure.
_TABLES = re.compile(r"^\| (.*?) \| .*\n\| --- .*\n((?:\|.*\n?)+)", re.MULTILINE)
_SPEED = re.compile(r"^\| (.*?) \| ([0-9]+) \(", re.MULTILINE)
_P99 = re.compile(r"^\| (.*?) \| [0-9.]+ \([^|]*\| ([0-9.]+) \(", re.MULTILINE)


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
    """Return the medians in a report as bars, one panel for each table of interest."""
    panels = []
    for title, lines in _TABLES.findall(text):
        if title in DRAWN:
            figures = (_P99 if "p99" in DRAWN[title] else _SPEED).findall(lines)
            bars = [Bar(name, float(each), name.startswith("Leadbook")) for name, each in figures]
            panels.append(Panel(DRAWN[title], bars))
    return bar_chart(panels)


def beside_others(given: argparse.Namespace, folder: Path) -> Iterator[str]:
    """Measure all servers in turn; yield the parts of the report."""
    with ExitStack() as stack:
        servers: dict[str, Running] = {}
        for name in given.servers:
            started = running(_servers[name], ROWS, folder / name)
            try:
                servers[name] = stack.enter_context(started)
            except SkippedError as reason:
                yield f"{_servers[name].label} is left out: {reason}."
        turns = (given.rounds, given.seconds)
        reads = [each for each in given.cases if each in CASES and not CASES[each].writes]
        # Last, because they add rows.
        adding = [each for each in given.cases if each in CASES and CASES[each].writes]
        loads = throughput.measure(servers, reads, *turns)
        latencies = list(rates.tables(servers, *turns)) if "rates" in given.cases else []
        loads |= throughput.measure(servers, adding, *turns)
        # Only Leadbook has them.
        has_batches = "batches" in given.cases and "leadbook" in servers
        batches = [writes.table(servers["leadbook"], *turns)] if has_batches else []
    if loads:
        yield targets.ratio_table(loads, _servers)
    yield from batches
    for name in loads:
        yield throughput.speed_table(loads, name, _servers)
    yield from latencies


def main() -> None:
    """Measure, print the report, and save it with --results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.5, help="the length of each turn")
    parser.add_argument("--cases", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--servers", nargs="+", choices=_servers, default=list(SERVERS))
    parser.add_argument("--before", type=Path, help="the `leadbook` of another version")
    parser.add_argument("--results", type=Path, help="the folder for the report")
    given = parser.parse_args()

    if given.before:
        _servers["before"] = earlier(given.before)
        given.servers.append("before")
    parts = [report.environment(), _NOTE]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts += beside_others(given, folder)
        if "mixed" in given.cases:
            parts.append(mixed.table(mixed.measure(folder / "mixed", given.rounds, given.seconds)))
    parts.append(start_table(given.rounds))
    report.publish("compare", parts, picture("\n\n".join(parts)), given.results)


if __name__ == "__main__":
    main()
