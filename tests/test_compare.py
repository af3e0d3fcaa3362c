"""The comparison with other tools, in tiny runs against real servers."""

from leadbook.bench import load, targets
from leadbook.bench.servers import FRONTS, SERVERS
from leadbook.bench.throughput import CASES


def test_targets_are_about_pairs_that_are_compared():
    for case, ours, theirs in targets.TARGETS:
        assert (ours, theirs) in targets.PAIRS
        assert {ours, theirs} <= {*SERVERS, *FRONTS, "before"}
        assert case in CASES


def test_writes_are_compared_if_they_commit_in_the_same_way():
    servers = ("workers", "leadbook", "normal")
    loads = {
        case: {name: [load.Load(100, 1, 2, 100)] for name in servers} for case in ("one", "post")
    }
    table = targets.ratio_table(loads, SERVERS)
    assert "| GET /leads/{id}: Leadbook, 2 workers / Leadbook | 1.00 " in table
    assert "POST /leads, 8 clients: Leadbook, 2 workers (normal) / Leadbook (normal) | " in table
    assert table.count("POST") == 1
