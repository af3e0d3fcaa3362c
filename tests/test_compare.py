"""The comparison with other tools, in tiny runs against real servers."""

import argparse
import threading
import time

import pytest

from leadbook.bench import (
    compare,
    fill,
    load,
    mixed,
    rates,
    report,
    targets,
    traffic,
    writes,
)
from leadbook.bench.running import running
from leadbook.bench.servers import FRONTS, SERVERS
from leadbook.bench.throughput import CASES

_FEW = 20


@pytest.fixture(autouse=True)
def few_rows(monkeypatch, tmp_path):
    """Keep filled databases out of the checkout, and make them small."""
    monkeypatch.setattr(fill, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(compare, "ROWS", _FEW)
    monkeypatch.setattr(mixed, "ROWS", _FEW)
    monkeypatch.setattr(traffic, "BATCH", _FEW)
    monkeypatch.setattr(mixed, "IMPORTED", _FEW)
    monkeypatch.setattr(rates, "RATES", (("post", 50),))


def test_mixed_requests_have_the_shares_that_they_should(tmp_path):
    with running(SERVERS["floor"], _FEW, tmp_path / "floor") as server:
        requests = traffic.mixed(server)
        made = [next(requests) for _ in range(1000)]
    lists = sum(each.startswith(b"GET /leads?") for each in made)
    ones = sum(each.startswith(b"GET /leads/") for each in made)
    posts = sum(each.startswith(b"POST /leads ") for each in made)
    assert lists + ones + posts == 1000
    assert 650 < lists < 750
    assert 70 < posts < 130


def test_batches_are_counted_as_rows(tmp_path):
    with running(SERVERS["leadbook"], _FEW, tmp_path / "leadbook") as server:
        begin = time.perf_counter()
        rate = writes.send_batches(server, traffic.batches(), 0.1)
        longest = time.perf_counter() - begin
        stored = server.get("/leads?limit=1")["pagination"]["total"] - _FEW
    assert stored % _FEW == 0
    assert 0 < stored / longest <= rate < stored / 0.1


def test_jobs_go_on_until_the_end_and_their_errors_are_raised():
    times = []
    thrice = threading.Event()

    def job():
        times.append(1)
        if len(times) == 3:
            thrice.set()

    with mixed.going_on([job]):
        assert thrice.wait(60)
    at_the_end = len(times)
    assert at_the_end >= 3
    with pytest.raises(ZeroDivisionError), mixed.going_on([lambda: 1 / 0]):
        pass
    assert len(times) == at_the_end


def test_company_imports_and_exports(tmp_path):
    folder = tmp_path / "leadbook"
    with running(SERVERS["leadbook"], _FEW, folder) as server:
        total = _FEW
        for title, jobs in mixed.company(server, folder).items():
            for job in jobs:
                job()
            total += 0 if title == mixed.ALONE else _FEW
            assert server.get("/leads?limit=1")["pagination"]["total"] == total
    assert len((folder / "out.csv").read_text(encoding="utf-8").splitlines()) == 1 + total


@pytest.mark.long
def test_mixed_traffic_is_measured_with_and_without_company(tmp_path):
    done = mixed.measure(tmp_path / "mixed", 1, 0.2)
    assert (tmp_path / "mixed" / "out.csv").exists()
    lines = mixed.table(done).splitlines()[2:]
    assert [line.split(" | ")[0] for line in lines] == [f"| {title}" for title in done]
    assert [len(turns) for turns in done.values()] == [1, 1, 1]
    for (turn,) in done.values():
        assert len(turn.answers) == 40
        assert {each.request[:4] for each in turn.answers} == {b"GET ", b"POST"}


@pytest.mark.long
def test_comparison_has_all_tables_and_a_picture(tmp_path):
    given = argparse.Namespace(
        servers=["leadbook", "floor", "floor-normal"],
        cases=[each for each in compare.KINDS if each not in ("list100", "mixed")],
        rounds=1,
        seconds=0.05,
    )
    text = "\n\n".join(compare.beside_others(given, tmp_path))
    for name in ("list20", "one", "post", "post1"):
        case = CASES[name]
        assert f"| {case.title} | answers a second" in text
        assert text.count(f"| {case.title}: Leadbook") == 1
    lines = [line.split(" | ")[0] for line in text.splitlines()]
    after = lines.index("| POST /leads, 1 client") + 2
    assert lines[after : after + 3] == [
        "| Leadbook (full)",
        "| the floor (full)",
        "| the floor (normal)",
    ]
    # The floor with another way to commit reads like the floor: two tables of reads.
    assert lines.count("| the floor") == 2
    assert "| POST /leads, 1 client: Leadbook (full) / the floor (full) | " in text
    assert f"| POST /leads/batch of {_FEW}, 1 client | " in text
    assert "| POST /leads, 50 a second | p50 ms" in text
    drawn = compare.picture(text)
    assert [title in drawn for title in compare.DRAWN.values()] == [True, True, True, False]


def test_picture_shows_latencies_at_a_rate_that_all_bear():
    title = rates.title("list20", 100)
    lines = [
        ["Leadbook", "1.57 (1.50 to 1.60)", "6.26 (5.10 to 7.20)"],
        ["slow", "falls behind", ""],
    ]
    drawn = compare.picture(report.table([title, "p50 ms (least to most)", "p99 ms"], lines))
    assert compare.DRAWN[title] in drawn
    assert ">6.26<" in drawn
    assert drawn.count("<rect") == 1


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
