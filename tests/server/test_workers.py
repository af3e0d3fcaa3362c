"""Several processes that serve one address: what they share, and what becomes of those that die."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from command import run
from waiting import PATIENCE_SECONDS, wait_out_midnight, wait_until

from leadbook.server.seats import Seat, Seats
from leadbook.server.turns import DONE, WANTED, Turn, Turns
from leadbook.storage.sqlite.driver import sqlite3
from server import PATIENT, wait_until_refused, workers_of

LEAD = {"name": "Ada", "email": "ada@engines.test"}


@pytest.fixture
def start_workers(start_server, path):
    def start(*arguments, **options):
        return start_server("--database", str(path), "--workers", "2", *arguments, **options)

    return start


def sockets_of(pid):
    found = 0
    for each in Path(f"/proc/{pid}/fd").iterdir():
        # It may be closed before we look at it.
        with suppress(FileNotFoundError):
            found += str(each.readlink()).startswith("socket:")
    return found


def is_alive(pid):
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_connections_are_shared_out(start_workers):
    server = start_workers()
    address = urlsplit(server.url).netloc
    before = [sockets_of(pid) for pid in workers_of(server)]
    with ExitStack() as stack:
        # One that was busy when it was offered a connection has fewer, and gets the next ones.
        for count in range(1, 200):
            connection = stack.enter_context(
                closing(http.client.HTTPConnection(address, timeout=PATIENCE_SECONDS))
            )
            connection.request("GET", "/health/live")
            connection.getresponse().read()
            each = [
                sockets_of(pid) - idle for pid, idle in zip(workers_of(server), before, strict=True)
            ]
            assert sum(each) == count
            if count >= 20 and max(each) - min(each) <= 10:
                return
    raise AssertionError(each)


def test_a_process_steps_back_for_those_with_fewer_connections():
    seats = Seats(3)
    first, second, third = (Seat(seats, number) for number in range(3))
    first.set_connections(2)
    second.set_connections(1)
    assert [first.is_next(), second.is_next(), third.is_next()] == [False, False, True]
    third.set_connections(1)
    assert [first.is_next(), second.is_next(), third.is_next()] == [False, True, True]
    seats.empty(1)
    seats.empty(2)
    assert first.is_next()
    assert Seat(Seats()).is_next()


def test_rate_limit_is_one_for_all(start_workers):
    wait_out_midnight()
    server = start_workers("--rate-limit", "40/day")
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: server.request("GET", "/leads")[0], range(60)))
    assert sorted(statuses) == [200] * 40 + [429] * 20


def test_logs_of_all_are_one(start_workers, tmp_path):
    log = tmp_path / "log"
    with log.open("wb") as errors:
        server = start_workers(stderr=errors)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: server.request("GET", "/leads"), range(100)))
        assert server.stop() == 0
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert len({line["requestId"] for line in lines}) == len(lines) == 100


def test_worker_that_dies_is_replaced_and_named(start_workers, tmp_path):
    log = tmp_path / "log"
    with log.open("wb") as errors:
        server = start_workers(stderr=errors)
        before = workers_of(server)
        os.kill(before[0], signal.SIGKILL)
        wait_until(lambda: len(set(workers_of(server)) - {before[0]}) == 2)
        assert server.request("POST", "/leads", LEAD)[0] == 201
        assert server.stop() == 0
    [warning, _] = [json.loads(line) for line in log.read_text().splitlines()]
    assert warning["message"].startswith(f"Worker process {before[0]} has ended by signal 9")


def test_worker_that_is_told_to_end_finishes_and_is_replaced(start_workers):
    server = start_workers()
    before = workers_of(server)
    os.kill(before[1], signal.SIGTERM)
    wait_until(lambda: before[1] not in workers_of(server) and len(workers_of(server)) == 2)
    assert server.request("GET", "/leads")[0] == 200
    assert server.stop() == 0


@pytest.mark.parametrize("is_stopped", [False, True], ids=["running", "stopped"])
def test_no_worker_outlives_the_first_process(start_workers, is_stopped):
    server = start_workers()
    workers = workers_of(server)
    if is_stopped:
        server.process.send_signal(signal.SIGSTOP)
    server.stop(signal.SIGKILL)
    wait_until(lambda: not any(map(is_alive, workers)))
    # Another server can take their place.
    wait_until(lambda: is_free(urlsplit(server.url).port))


def is_free(port):
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    ("sent", "turns"),
    [
        (signal.SIGTERM, 1),
        (signal.SIGINT, 1),
        (signal.SIGHUP, 1),
        pytest.param(signal.SIGTERM, 10, marks=pytest.mark.long),
    ],
)
def test_signal_to_all_finishes_what_is_in_flight(start_workers, path, sent, turns):
    for turn in range(1, turns + 1):
        server = start_workers(command=PATIENT, start_new_session=True)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            asked = [send_lead(server) for _ in range(6)]
            wait_until(lambda server=server: requests_in_flight(server) >= 6)
            # A terminal, or a supervisor, sends it to each process.
            os.killpg(server.process.pid, sent)
            wait_until_refused(server)
            other.execute("ROLLBACK")
            for connection in asked:
                with closing(connection):
                    assert connection.getresponse().status == 201
        assert server.process.wait(timeout=PATIENCE_SECONDS) == 0
        with closing(sqlite3.connect(path)) as reader:
            assert reader.execute("SELECT count(*) FROM leads").fetchone() == (6 * turn,)


def send_lead(server):
    """Send a POST, and return the connection over which its answer will come."""
    # A machine with other work may hold up the disk.
    address = urlsplit(server.url).netloc
    connection = http.client.HTTPConnection(address, timeout=PATIENCE_SECONDS)
    connection.request("POST", "/leads", json.dumps(LEAD), {"Content-Type": "application/json"})
    return connection


def requests_in_flight(server):
    """Return how many connections its workers have; each of the test has sent one request."""
    # Of its own each has the listener, the way to the first process and two of its event loop.
    return sum(sockets_of(pid) - 4 for pid in workers_of(server))


def test_second_signal_ends_it_at_once(start_workers, path):
    server = start_workers(command=PATIENT)
    workers = workers_of(server)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with closing(send_lead(server)) as asked:
            wait_until(lambda: requests_in_flight(server) >= 1)
            server.process.send_signal(signal.SIGTERM)
            wait_until_refused(server)
            assert server.stop(signal.SIGTERM) == 128 + signal.SIGTERM
            with pytest.raises((OSError, http.client.HTTPException)):
                asked.getresponse()
    wait_until(lambda: not any(map(is_alive, workers)))


def test_none_starts_where_the_database_cannot_be_opened(tmp_path):
    path = tmp_path / "leadbook.db"
    path.write_bytes(b"no database at all" * 100)
    done = run("serve", "--database", path, "--workers", "2", "--port", "0")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1


def test_workers_that_cannot_start_end_it_with_one_line(path):
    script = (
        "import os; from leadbook.server import workers; from leadbook.cli.main import main;"
        "workers.serve_as_worker = lambda *_: os._exit(3);"
        f"main(['serve', '--database', {str(path)!r}, '--workers', '2', '--port', '0'])"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == (
        "leadbook: A worker process ended with exit code 3 before it could answer.\n"
    )


def test_ready_file_is_there_when_all_answer_and_goes_at_the_end(start_workers, tmp_path):
    ready = tmp_path / "ready.json"
    server = start_workers("--ready-file", str(ready))
    assert json.loads(ready.read_text())["pid"] == server.process.pid
    assert server.stop() == 0
    assert not ready.exists()


def test_one_worker_serves_in_test_mode(tmp_path):
    done = run("serve", "--test-mode", "--workers", "2", "--port", "0")
    assert done.returncode == 1
    assert "--test-mode works with one worker only" in done.stderr


@pytest.fixture
def ends():
    """Turns that are given by a thread, and the ends of three workers."""
    turns, pairs, wanted = Turns(), [socket.socketpair() for _ in range(3)], []

    def listen(ours):
        while said := ours.recv(2):
            with lock:
                if said[0] == WANTED:
                    turns.want(ours, said[1])
                    wanted.append(ours)
                else:
                    assert said[0] == DONE
                    turns.end(ours)
        with lock:
            turns.end(ours)

    lock = threading.Lock()
    threads = [threading.Thread(target=listen, args=(ours,)) for ours, _ in pairs]
    for thread in threads:
        thread.start()
    yield [theirs for _, theirs in pairs], wanted
    for _, theirs in pairs:
        theirs.close()
    for thread in threads:
        thread.join()
    for ours, _ in pairs:
        ours.close()


def test_turns_come_in_the_order_in_which_they_were_wanted(ends):
    ends, wanted = ends
    first, second, third = map(Turn, ends)
    order = []

    def write(turn, name):
        assert turn.acquire(timeout=PATIENCE_SECONDS)
        order.append(name)
        turn.release()

    assert first.acquire()
    threads = []
    for count, (turn, name) in enumerate([(third, "third"), (second, "second")], 2):
        threads.append(threading.Thread(target=write, args=(turn, name)))
        threads[-1].start()
        wait_until(lambda count=count: len(wanted) == count)
    first.release()
    # Whoever has just had its turn waits behind those who were there.
    write(first, "first again")
    for thread in threads:
        thread.join()
    assert order == ["third", "second", "first again"]


def test_who_does_not_wait_any_longer_loses_its_turn_and_no_other(ends):
    first, second, third = map(Turn, ends[0])
    assert first.acquire()
    assert not second.acquire(blocking=False)
    assert not third.acquire(timeout=0.01)
    first.release()
    assert second.acquire(timeout=PATIENCE_SECONDS)
    second.release()
    assert third.acquire(timeout=PATIENCE_SECONDS)
    third.release()


def test_turn_of_who_has_died_is_over(ends):
    first, second = map(Turn, ends[0][:2])
    assert first.acquire()
    ends[0][0].close()
    assert second.acquire(timeout=PATIENCE_SECONDS)
    second.release()
