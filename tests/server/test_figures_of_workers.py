"""The figures of /metrics that only the server knows, and those of several processes together."""

import http.client
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest
from raw_sockets import connect
from scrapes import answered, samples_of, total
from waiting import wait_until

from leadbook.server.seats import Seat, Seats
from leadbook.storage.sqlite.driver import sqlite3
from server import call, workers_of

LEAD = {"name": "Ada", "email": "ada@engines.test"}
WORKERS = pytest.mark.parametrize("workers", [pytest.param(1, marks=pytest.mark.long), 2])


@pytest.fixture
def start_workers(start_server, path):
    def start(workers, *arguments):
        options = ("--workers", str(workers), "--metrics", "on", *arguments)
        return start_server("--database", str(path), *options)

    return start


def scrape(server):
    status, page = call(server.url, "/metrics")
    assert status == 200
    return page.decode()


@contextmanager
def locked(path):
    """Hold the lock of the database, as another program would."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@WORKERS
def test_counts_under_load_are_those_of_all_workers(start_workers, workers):
    server = start_workers(workers)

    def load(number):
        body = LEAD | {"email": f"ada{number}@engines.test"}
        statuses = [server.request("POST", "/leads", body)[0]]
        statuses += [server.request("GET", path)[0] for path in ("/leads", "/leads/x", "/leads")]
        return [*statuses, call(server.url, "/metrics")[0]]

    with ThreadPoolExecutor(8) as pool:
        for statuses in pool.map(load, range(60)):
            assert statuses == [201, 200, 404, 200, 200]
    # Each of these reaches one of the workers.
    pages = [scrape(server) for _ in range(8)]
    for count, page in enumerate(pages):
        assert answered(page, route="/leads", method="POST", status="201") == 60
        assert answered(page, route="/leads", method="GET", status="200") == 120
        assert answered(page, route="/leads/{id}", status="404") == 60
        assert answered(page, route="/metrics") == 60 + count
        name = "leadbook_http_request_duration_seconds_count"
        assert total(page, name, route="/leads", method="GET") == 120
        assert total(page, "leadbook_records", kind="leads") == 60
        numbers = {
            sample.labels["worker"] for sample in samples_of(page) if "worker" in sample.labels
        }
        assert numbers <= {str(number) for number in range(workers)}


def test_what_a_dead_worker_has_counted_stays(start_workers):
    server = start_workers(2)
    before = workers_of(server)
    for _ in range(20):
        server.request("GET", "/leads")
    with ExitStack() as stack:
        # Of both workers.
        for _ in range(10):
            stack.enter_context(connect(server))
        wait_until(lambda: total(scrape(server), "leadbook_open_connections") == 11)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: len(set(workers_of(server)) - set(before)) == 2)
    assert answered(scrape(server), route="/leads") == 20
    wait_until(lambda: total(scrape(server), "leadbook_open_connections") == 1)
    server.request("GET", "/leads")
    assert answered(scrape(server), route="/leads") == 21


@WORKERS
def test_open_connections_come_and_go(start_workers, workers):
    server = start_workers(workers)
    # The scrape itself has one.
    assert total(scrape(server), "leadbook_open_connections") == 1
    with ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(connect(server))
        wait_until(lambda: total(scrape(server), "leadbook_open_connections") == 13)
    wait_until(lambda: total(scrape(server), "leadbook_open_connections") == 1)


@WORKERS
def test_queue_is_what_waits_for_a_thread(start_workers, path, workers):
    server = start_workers(workers, "--threads", "2")
    assert total(scrape(server), "leadbook_queued_requests") == 0
    with ThreadPoolExecutor(10) as pool:
        with locked(path):
            # One thread of each worker writes, and waits for the lock, but not for ever.
            sent = [pool.submit(server.request, "POST", "/leads", LEAD) for _ in range(10)]
            wait_until(lambda: total(scrape(server), "leadbook_queued_requests") >= 4)
            assert total(scrape(server), "leadbook_queued_requests") <= 10 - workers
        assert {each.result()[0] for each in sent} <= {201, 503}
    page = scrape(server)
    assert total(page, "leadbook_queued_requests") == 0
    refused = [each.result()[1]["error"]["code"] for each in sent if each.result()[0] == 503]
    assert total(page, "leadbook_failed_writes_total") == refused.count("DATABASE_UNAVAILABLE")
    assert answered(page, method="POST") == 10


@pytest.mark.skipif(not Path("/proc/stat").exists(), reason="the library reads /proc")
def test_each_worker_has_figures_of_its_own_process(start_workers):
    server = start_workers(2)
    before = workers_of(server)
    page = scrape(server)
    for worker in ("0", "1"):
        assert total(page, "process_resident_memory_bytes", worker=worker) > 1e6
        assert total(page, "process_open_fds", worker=worker) > 3
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: before[0] not in workers_of(server) and len(workers_of(server)) == 2)
    wait_until(lambda: total(scrape(server), "process_open_fds", worker="0"))
    page = scrape(server)
    began = [total(page, "process_start_time_seconds", worker=worker) for worker in ("0", "1")]
    assert began[0] > began[1]


def test_empty_seat_counts_for_nothing():
    seats = Seats(2)
    assert list(seats.processes()) == []
    first, second = Seat(seats, 0), Seat(seats, 1)
    first.set_connections(3)
    second.set_connections(4)
    second.add_waiting(5)
    assert [tuple(each) for each in seats.processes()] == [
        (0, os.getpid(), 3, 0),
        (1, os.getpid(), 4, 5),
    ]
    seats.empty(1)
    assert [tuple(each) for each in seats.processes()] == [(0, os.getpid(), 3, 0)]
    # Its successor begins anew.
    Seat(seats, 1)
    assert [tuple(each)[2:] for each in seats.processes()] == [(3, 0), (0, 0)]


@WORKERS
def test_connection_that_sends_nothing_counts(start_workers, workers):
    server = start_workers(workers)
    address = server.url.removeprefix("http://")
    with (
        closing(http.client.HTTPConnection(address, timeout=30)) as connection,
        ExitStack() as stack,
    ):

        def count():
            connection.request("GET", "/metrics")
            return total(connection.getresponse().read().decode(), "leadbook_open_connections")

        # No other connection comes or goes after the one that is looked for.
        for number in (1, 2, 3):
            wait_until(lambda number=number: count() == number)
            stack.enter_context(connect(server))
        wait_until(lambda: count() == 4)


def test_connection_that_is_kept_is_one(start_workers):
    server = start_workers(1)
    address = server.url.removeprefix("http://")
    with closing(http.client.HTTPConnection(address, timeout=30)) as connection:
        for count in range(5):
            connection.request("GET", "/metrics")
            page = connection.getresponse().read().decode()
            assert total(page, "leadbook_open_connections") == 1
            assert answered(page) == count
