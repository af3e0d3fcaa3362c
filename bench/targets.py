"""How many times as fast as others Leadbook is, and should be."""

import statistics
from collections.abc import Mapping

from leadbook.bench import report
from leadbook.bench.servers import Server
from leadbook.bench.throughput import CASES, Loads
from leadbook.bench.verdict import Bound, judged, ratios, with_spread

# Ours first. For writes, a pair counts only if both commit in the same way.
PAIRS = (
    ("leadbook", "floor"),
    ("leadbook", "granian"),
    ("leadbook", "waitress"),
    ("leadbook", "fastapi"),
    ("leadbook", "drf"),
    ("leadbook", "json-server"),
    ("leadbook", "before"),
    ("normal", "floor-normal"),
    ("workers", "leadbook"),
    ("workers", "normal"),
    ("workers", "pocketbase"),
)
TARGETS = {
    ("list20", "leadbook", "floor"): Bound("≥", 0.65),
    ("list20", "leadbook", "fastapi"): Bound("≥", 3),
    ("list20", "leadbook", "drf"): Bound("≥", 4),
    ("list20", "leadbook", "json-server"): Bound("≥", 8),
    ("list20", "workers", "leadbook"): Bound("≥", 1.7),
    ("list20", "workers", "pocketbase"): Bound("≥", 2.5),
    ("list100", "leadbook", "floor"): Bound("≥", 0.5),
    ("one", "leadbook", "floor"): Bound("≥", 0.9),
    ("one", "workers", "pocketbase"): Bound("≥", 1),
    ("post", "leadbook", "floor"): Bound("≥", 0.8),
    ("post", "workers", "pocketbase"): Bound("≥", 1.3),
    ("post1", "leadbook", "floor"): Bound("≥", 0.5),
    ("list20", "leadbook", "before"): Bound("≥", 1.2),
    ("one", "leadbook", "before"): Bound("≥", 1.3),
    ("post", "leadbook", "before"): Bound("≥", 1.05),
}


def ratio_table(loads: Loads, servers: Mapping[str, Server]) -> str:
    """Return how many times as fast Leadbook is, with targets and verdicts."""
    lines = []
    for name, by_server in loads.items():
        case = CASES[name]
        speeds = {each: [one.per_second for one in done] for each, done in by_server.items()}
        for ours, theirs in PAIRS:
            if not {ours, theirs} <= speeds.keys():
                continue
            if case.writes and servers[ours].synchronous != servers[theirs].synchronous:
                continue
            found = ratios(speeds[ours], speeds[theirs])
            target = TARGETS.get((name, ours, theirs))
            labels = f"{case.label(servers[ours])} / {case.label(servers[theirs])}"
            verdict = judged(target, statistics.median(found))
            lines.append([f"{case.title}: {labels}", with_spread(found), *verdict])
    return report.table(["ratio of throughputs", "median (least to most)", "target", ""], lines)
