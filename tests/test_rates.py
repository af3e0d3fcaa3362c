"""Requests at a fixed rate are sent by their schedule, and latencies count from it."""

import socketserver
import threading
import time
from contextlib import contextmanager
from itertools import chain, count, repeat

import pytest

from leadbook.bench import connections, load, rates

_FEW = 20


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
    slow, quick = answers(88, 0.9, 2), answers(100, 0.0015, 2)
    assert rates.latencies([slow, slow, quick], 50) == ["falls behind: 44 a second", ""]
    assert rates.latencies([quick, quick, slow], 50)[0].startswith("1.50 (1.50 to 900.00)")


def test_server_that_fails_under_the_load_is_shown_and_ours_ends_the_run():
    failing = answers(99, 0.0015, 2, last=500)
    shown = rates.latencies([failing, answers(100, 0.0015, 2)], 50)
    assert shown == ["fails: 1 of 199 answers are errors", ""]
    assert 500 in rates.errors_of("FastAPI")
    assert 404 not in rates.errors_of("FastAPI")
    assert 500 not in rates.errors_of("Leadbook, 2 workers")


def answers(count, latency, seconds, last=200):
    found = [rates.Answer(b"", 200, latency)] * (count - 1)
    return rates.Paced([*found, rates.Answer(b"", last, latency)], seconds)
