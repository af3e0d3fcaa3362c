"""The comparison with other tools, in tiny runs against real servers."""

import argparse
import socketserver
import threading
import time
from contextlib import contextmanager
from itertools import chain, count, repeat

import pytest

from leadbook.bench import (
    compare,
    connections,
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


@contextmanager
def answering(wait=lambda _: None, status="200 OK"):
    """Serve answers on a free port, each after a call of `wait` with the path; yield the port."""

    class Answers(socketserver.StreamRequestHandler):
        def handle(self):
            while line := self.rfile.readline():
                while self.rfile.readline().strip():
                    pass
                wait(line.split()[1].decode())
                self.wfile.write(f"HTTP/1.1 {status}\r\nContent-Length: 3\r\n\r\n[1]".encode())

    class Server(socketserver.ThreadingTCPServer):
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def test_requests_are_sent_by_the_schedule_whatever_the_answers():
    together = threading.Barrier(_FEW, timeout=60)

    def wait(path):
        if path == "/together":
            together.wait()

    # A load that waits for answers would send eight of them, and no answer would ever come.
    assert _FEW > load.CONNECTIONS
    uncounted = repeat(load.get("/"), int(rates.WARM_UP_SECONDS * 100))
    with answering(wait) as port:
        requests = chain(uncounted, repeat(load.get("/together")))
        done = rates.run(port, requests, 100, _FEW / 100)
    assert len(done.answers) == _FEW
    # The first one had to wait until the last one was sent.
    longest = max(each.seconds for each in done.answers)
    assert longest >= (_FEW - 1) / 100
    assert done.load().p99 == longest * 1000


def test_latency_begins_when_a_request_should_have_been_sent():
    def late():
        yield from repeat(load.get("/"), int(rates.WARM_UP_SECONDS * 100))
        yield load.get("/first")
        time.sleep(0.2)
        yield from repeat(load.get("/late"))

    with answering() as port:
        done = rates.run(port, late(), 100, 0.03)
    by_path = [each.seconds for each in done.answers if b"/late" in each.request]
    assert len(by_path) == 2
    # The schedule says 10 and 20 ms after the first one.
    assert min(by_path) >= 0.2 - 0.02


def test_no_more_connections_than_allowed_wait_for_answers(monkeypatch):
    monkeypatch.setattr(rates, "MOST_CONNECTIONS", 10)
    numbers, threads = count(1), set()
    together = threading.Barrier(10, timeout=60)

    def wait(_):
        # Each connection has a thread.
        threads.add(threading.get_ident())
        if next(numbers) <= 10:
            together.wait()

    with answering(wait) as port:
        done = rates.run(port, repeat(load.get("/")), 1000, 0.1)
    assert len(done.answers) == 100
    assert len(threads) == 10


def test_allowed_refusals_are_answers_and_others_are_errors():
    with answering(status="503 Unavailable") as port:
        done = rates.run(port, repeat(load.get("/")), 100, 0.05, allowed=(503,))
        assert {each.status for each in done.answers} == {503}
        with pytest.raises(connections.LoadError, match="503"):
            rates.run(port, repeat(load.get("/")), 100, 0.05)


def test_server_that_falls_behind_gets_no_figures():
    slow, quick = load.Load(44, 900.0, 2000.0, 100), load.Load(50, 1.5, 2.5, 100)
    assert rates.latencies([slow, slow, quick], 50) == ["falls behind: 44 a second", ""]
    assert rates.latencies([quick, quick, slow], 50)[0].startswith("1.50 (1.50 to 900.00)")


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


def test_mixed_traffic_is_measured_with_and_without_company(tmp_path):
    done = mixed.measure(tmp_path / "mixed", 1, 0.2)
    assert (tmp_path / "mixed" / "out.csv").exists()
    lines = mixed.table(done).splitlines()[2:]
    assert [line.split(" | ")[0] for line in lines] == [f"| {title}" for title in done]
    assert [len(turns) for turns in done.values()] == [1, 1, 1]
    for (turn,) in done.values():
        assert len(turn.answers) == 40
        assert {each.request[:4] for each in turn.answers} == {b"GET ", b"POST"}


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
