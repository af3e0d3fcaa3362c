"""The front: whoever is slow, greedy or many holds up nobody else."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from command import run
from flask import request
from raw_sockets import LAST, LEAD, POST, connect, talk
from waiting import PATIENCE_SECONDS, wait_until

from leadbook.access.keys import create_key
from leadbook.app import create_app
from leadbook.server import connection, front, reader
from leadbook.server.front import Front
from leadbook.server.listener import listen_on_loopback
from leadbook.server.threads import Call
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.testing import running_server
from leadbook.transfer import importing
from server import PATIENT, Server

# Of a good request meanwhile. It takes milliseconds, and half a minute where somebody is waited for.
LONGEST_SECONDS = 20
# What a process that has been attacked may hold more than before.
ROOM_BYTES = 64 * 1024 * 1024
PAGE = b"GET /leads?limit=100 HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def server(start_server, tmp_path):
    server = start_server("--database", str(tmp_path / "leadbook.db"))
    lead = {"name": "Ada", "email": "ada@engines.test", "notes": "x" * 2_000}
    batch = {"create": [lead] * 100}
    assert server.request("POST", "/leads/batch", batch)[0] == 200
    return server


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory):
    """A server for tests that change nothing, since each start takes half a second."""
    path = tmp_path_factory.mktemp("shared") / "leadbook.db"
    server = Server("--database", str(path))
    yield server
    server.end()


def memory_of(server):
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        pytest.skip("only Linux tells how much memory a process holds")
    [line] = [each for each in status.read_text().splitlines() if each.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024


def cpu_of(server):
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def many(server, count):
    with ExitStack() as stack:
        yield [stack.enter_context(connect(server)) for _ in range(count)]


def send_without_waiting(connection, data):
    connection.setblocking(False)
    try:
        return connection.send(data)
    except (BlockingIOError, ConnectionError):
        return 0


def send_all_of(connection, parts):
    for part in parts:
        connection.sendall(part)


def read_all_of(connection):
    return b"".join(iter(lambda: connection.recv(1 << 20), b""))


def assert_others_are_served(server):
    _, page = server.request("GET", "/leads?limit=1")
    for path in ("/health", f"/leads/{page['data'][0]['id']}") * 3:
        start = time.monotonic()
        assert server.request("GET", path)[0] == 200
        assert time.monotonic() - start < LONGEST_SECONDS


ATTACKS = {
    "idle": b"",
    "slow heads": b"GET /leads HTTP/1.1\r\nX: ",
    "slow bodies": POST + b"Content-Length: 200000\r\n\r\n" + b" " * 1000,
    "unread answers": PAGE * 40,
}


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("count", [100, pytest.param(1_000, marks=pytest.mark.long)])
def test_many_connections_hold_up_nobody(server, many_descriptors, attack, count):
    before = memory_of(server)
    with many(server, count) as connections:
        for connection in connections:
            send_without_waiting(connection, ATTACKS[attack])
        for _ in range(3):
            for connection in connections:
                send_without_waiting(connection, b" ")
            assert_others_are_served(server)
        assert memory_of(server) - before < ROOM_BYTES
    assert_others_are_served(server)


def test_requests_of_a_large_file_that_nobody_reads_hold_no_thread(server):
    export = b"GET /leads/export?format=csv HTTP/1.1\r\nHost: localhost\r\n\r\n"
    lead = {"name": "Ada", "email": "ada@engines.test", "notes": "x" * 10_000}
    for _ in range(4):
        assert server.request("POST", "/leads/batch", {"create": [lead] * 200})[0] == 200
    with many(server, 8) as connections:
        for connection in connections:
            connection.sendall(export * 10)
        assert_others_are_served(server)
        # Nor do they keep others from exporting.
        assert len(server_export(server)) > 8_000_000


def server_export(server):
    with connect(server) as connection:
        connection.sendall(b"GET /leads/export?format=csv HTTP/1.0\r\nHost: localhost\r\n\r\n")
        return read_all_of(connection)


@pytest.mark.long
def test_exports_and_imports_at_once_hold_up_nobody(server):
    export = b"GET /leads/export?format=csv HTTP/1.1\r\nHost: localhost\r\n\r\n"
    lead = {"name": "Ada", "email": "ada@engines.test", "notes": "x" * 10_000}
    for _ in range(4):
        assert server.request("POST", "/leads/batch", {"create": [lead] * 200})[0] == 200
    rows = "".join(f"Name {number},n{number}@a.test\n" for number in range(2_000))
    file = f"name,email\n{rows}"

    def take_in():
        with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)) as one:
            one.request("POST", "/leads/import", file, {"Content-Type": "text/csv"})
            answer = one.getresponse()
            return answer.status, json.loads(answer.read())

    with many(server, 8) as connections, ThreadPoolExecutor(4) as pool:
        for connection in connections:
            send_without_waiting(connection, export)
        taken = [pool.submit(take_in) for _ in range(4)]
        while not all(each.done() for each in taken):
            assert_others_are_served(server)
        results = [each.result() for each in taken]
    assert [(status, report.get("created")) for status, report in results] == [(200, 2_000)] * 4, (
        results
    )


def test_body_of_somebody_without_a_key_is_not_taken_in(server):
    path = server.first_line.rpartition(" ")[2].strip()
    assert run("key", "create", "k", "--database", path).returncode == 0
    with many(server, 2) as connections:
        for connection in connections:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            connection.sendall(POST + b"Content-Length: 50000000\r\n\r\n")
            answer = connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 401 ")
            assert b"Connection: close" in answer
            # What lies in the buffers of the system counts too.
            assert sent_until_refused(connection, 50_000_000) <= 256 * 1024


def sent_until_refused(connection, most):
    sent = 0
    with suppress(ConnectionError):
        while sent < most:
            sent += connection.send(b" " * 65536)
    return sent


def test_who_is_refused_waits_behind_no_call_that_takes_long(tmp_path):
    app = create_app({"DATABASE": tmp_path / "leadbook.db"})
    with app.extensions["leadbook"].use(), app.extensions["leadbook"].write():
        create_key("k", "write", None)
    ours = Front(app, listener := listen_on_loopback("127.0.0.1", 0), 2)
    running = threading.Thread(target=ours.run)
    running.start()
    gate = threading.Event()
    try:
        with closing(socket.create_connection(listener.getsockname(), timeout=20)) as first:
            # All threads for long calls are at work, and the queue is full.
            first.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert first.recv(65536)
            for _ in range(20):
                ours.loop.call_soon_threadsafe(begin_long_call, ours, gate)
            first.sendall(b"GET /leads/export HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert first.recv(65536).startswith(b"HTTP/1.1 401 ")
    finally:
        gate.set()
        ours.stop()
        running.join(PATIENCE_SECONDS)
        app.extensions["leadbook"].close()


def begin_long_call(server, gate):
    server.service.keep(server.loop.create_task(server.service.long.run(Call(gate.wait))))


def test_only_who_is_let_in_is_told_to_go_on(server):
    expecting = b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    lead = b'{"name": "Ada", "email": "ada@engines.test"}'
    with connect(server) as connection:
        connection.sendall(POST + expecting % len(lead))
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(lead)
        assert connection.recv(65536).startswith(b"HTTP/1.1 201 ")
        # The same connection goes on.
        connection.sendall(POST + expecting % 9_000_000)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")
    with connect(server) as connection:
        # There is nothing to wait for.
        connection.sendall(POST + b"Expect: 100-continue\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_answers_without_a_body_keep_the_connection(server):
    _, page = server.request("GET", "/leads?limit=2")
    first, second = (lead["id"].encode() for lead in page["data"])
    host = b"Host: localhost\r\n"
    with connect(server) as connection:
        connection.sendall(b"DELETE /leads/%b HTTP/1.1\r\n%b\r\n" % (first, host))
        assert connection.recv(65536).startswith(b"HTTP/1.1 204 ")
        same = b'GET /leads/%b HTTP/1.1\r\n%bIf-None-Match: "1"\r\n\r\n'
        connection.sendall(same % (second, host))
        assert connection.recv(65536).startswith(b"HTTP/1.1 304 ")
        connection.sendall(b"HEAD /leads/%b HTTP/1.1\r\n%b\r\n" % (second, host))
        head = connection.recv(65536)
        assert head.startswith(b"HTTP/1.1 200 ")
        assert head.endswith(b"\r\n\r\n")
        connection.sendall(PAGE)
        assert connection.recv(1 << 20).startswith(b"HTTP/1.1 200 ")


UNREADABLE = {
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n": 400,
    b"GET / HTTP/1.1\nHost: a\n\n": 400,
    b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n": 400,
    b"GET / HTTP/2.0\r\nHost: a\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n": 400,
    POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\n{": 400,
    POST + b"Content-Length: +1\r\n\r\n{": 400,
    POST + b"Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n": 400,
    POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n": 400,
    POST + b"Transfer-Encoding: gzip\r\n\r\n": 400,
    b"GET / HTTP/1.1\r\nX: " + b"x" * 40_000: 431,
}


@pytest.mark.parametrize("request_bytes", UNREADABLE, ids=range(len(UNREADABLE)))
def test_what_cannot_be_read_gets_the_envelope_and_ends(shared_server, request_bytes):
    with connect(shared_server) as connection:
        connection.sendall(request_bytes)
        answer = read_all_of(connection)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % UNREADABLE[request_bytes])
    assert json.loads(body)["error"].keys() == {"code", "message", "details", "requestId"}


def test_requests_that_no_view_saw_are_in_the_log(tmp_path):
    command = [sys.executable, "-m", "leadbook.cli", "serve", "--port", "0", "--database"]
    with subprocess.Popen(
        [*command, str(tmp_path / "leadbook.db")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        port = int(re.search(r":(\d+)", process.stdout.readline())[1])
        for request_bytes in UNREADABLE:
            with socket.create_connection(("127.0.0.1", port)) as connection:
                connection.sendall(request_bytes)
                while connection.recv(65536):
                    pass
        process.terminate()
        _, log = process.communicate(timeout=PATIENCE_SECONDS)
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["status"] for line in lines] == list(UNREADABLE.values())
    readable = [re.match(rb"([A-Z]+) \S+ HTTP/...\r\n", each) for each in UNREADABLE]
    methods = [found[1].decode() if found else None for found in readable]
    assert [line["method"] for line in lines] == methods
    assert methods.count(None) == 2


def test_idle_server_sleeps(server):
    with connect(server) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.recv(65536)
    # It may still be at work on what it does after a request.
    for _ in range(5):
        before = cpu_of(server)
        # Nothing is waited for: it is the time in which nothing may happen.
        threading.Event().wait(1.5)
        if cpu_of(server) - before <= 0.05:
            return
    raise AssertionError("it never sleeps")


def test_delayed_requests_hold_up_nobody_and_a_reset_drops_them():
    with running_server() as leadbook, ExitStack() as stack:
        leadbook.fail(path="/leads", times=50, delay_ms=60_000)
        delayed = [stack.enter_context(connect(leadbook)) for _ in range(50)]
        for connection in delayed:
            connection.sendall(PAGE)
        wait_until(lambda: len(leadbook.requests) == 50)
        with closing(connect(leadbook)) as other:
            other.sendall(b"GET /clients HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert other.recv(65536).startswith(b"HTTP/1.1 200 ")
            other.sendall(b"POST /_test/reset HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert other.recv(65536).startswith(b"HTTP/1.1 204 ")
        for connection in delayed:
            with suppress(ConnectionResetError):
                assert connection.recv(1) == b""


def test_import_that_outlives_its_test_writes_nothing_into_the_next(monkeypatch):
    # So that most of it is still to come when the first rows are there.
    monkeypatch.setattr(importing, "BATCH", 100)
    rows = "".join(f"Name {number},n{number}@a.test\n" for number in range(40_000))
    with running_server() as leadbook, closing(connect(leadbook)) as connection:
        body = f"name,email\n{rows}".encode()
        head = b"POST /leads/import HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        wait_until(leadbook.leads)
        leadbook.reset()
        assert b"HTTP/1.1 503 " in connection.recv(65536)
        assert leadbook.leads() == []
        # Nothing of it is left that could.
        assert (
            leadbook.client.post("/leads", json={"name": "A", "email": "a@b.test"}).status_code
            == 201
        )
        assert len(leadbook.leads()) == 1


def test_journal_knows_a_request_when_it_arrives():
    with running_server() as leadbook, closing(connect(leadbook)) as connection:
        leadbook.fail(delay_ms=60_000)
        connection.sendall(PAGE)
        wait_until(lambda: leadbook.requests)
        [entry] = leadbook.requests
        assert (entry.path, entry.query, entry.status) == ("/leads", "limit=100", None)


@pytest.mark.parametrize("size", [10, 200_000])
def test_compressed_body_is_refused(shared_server, size):
    head = POST + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % size
    with connect(shared_server) as connection:
        connection.sendall(head + b"x" * 10)
        assert connection.recv(65536).startswith(b"HTTP/1.1 415 ")


@pytest.mark.parametrize("sent", [5, len(LEAD)], ids=["half", "queued"])
def test_request_that_arrived_before_a_reset_writes_nothing_after_it(sent):
    head = POST + b"Content-Length: %d\r\n\r\n" % len(LEAD)
    with running_server() as leadbook, ExitStack() as stack:
        connections = [stack.enter_context(connect(leadbook)) for _ in range(100)]
        for connection in connections:
            connection.sendall(head + LEAD[:sent])
        wait_until(lambda: len(leadbook.requests) == 100)
        leadbook.reset()
        for connection in connections:
            with suppress(ConnectionError):
                connection.sendall(LEAD[sent:])
                connection.recv(65536)
        assert leadbook.leads() == []
        # The next test is served.
        with closing(connect(leadbook)) as connection:
            connection.sendall(head + LEAD)
            assert connection.recv(65536).startswith(b"HTTP/1.1 201 ")


def test_dropped_connections_leave_no_line_of_their_own_in_the_log(caplog):
    with running_server() as leadbook:
        for fault in ({"drop": "before"}, {"drop": "after"}, {"truncate": True}):
            leadbook.fail(path="/clients", **fault)
            with closing(connect(leadbook)) as connection, suppress(ConnectionError):
                connection.sendall(b"GET /clients HTTP/1.1\r\nHost: localhost\r\n\r\n")
                read_all_of(connection)
    assert caplog.records == []


def test_request_behind_another_may_take_longer_than_an_idle_connection(monkeypatch):
    looks, is_overdue = [], connection.Connection.is_overdue
    entered, go_on = threading.Event(), threading.Event()

    def look(self, now):
        looks.append(now)
        return is_overdue(self, now)

    def wait():
        if request.path == "/leads":
            entered.set()
            go_on.wait(PATIENCE_SECONDS)

    monkeypatch.setattr(connection.Connection, "is_overdue", look)
    with running_server() as leadbook, closing(connect(leadbook)) as client:
        leadbook.app.before_request_funcs[None].append(wait)
        client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" + PAGE + LAST)
        assert entered.wait(PATIENCE_SECONDS)
        # Not before: a client that has sent nothing yet may be slow on a busy machine.
        monkeypatch.setattr(connection, "IDLE_SECONDS", 0)
        seen = len(looks)
        wait_until(lambda: len(looks) > seen + 1)
        monkeypatch.setattr(connection, "IDLE_SECONDS", 60)
        go_on.set()
        assert read_all_of(client).count(b"HTTP/1.1 200 ") == 3


def test_head_of_an_export_names_no_length(server):
    with connect(server) as connection:
        request = b"HEAD /leads/export?format=csv HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection.sendall(request + LAST)
        head, _, health = read_all_of(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"content-length" not in head.lower()
    assert health.startswith(b"HTTP/1.1 200 ")


def test_little_is_taken_in_of_what_is_sent_ahead(monkeypatch):
    held = []
    take_in = reader.Reader.add

    def note(self, data):
        take_in(self, data)
        held.append(self.unread)

    monkeypatch.setattr(reader.Reader, "add", note)
    with running_server() as leadbook, closing(connect(leadbook)) as client:
        leadbook.fail(path="/leads", delay_ms=500)
        client.sendall(PAGE)
        client.settimeout(5)
        # More than what the system itself takes in for us.
        with suppress(TimeoutError):
            client.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n" * 10_000)
        client.settimeout(PATIENCE_SECONDS)
        assert client.recv(12) == b"HTTP/1.1 200"
    assert max(held) <= 32 * 1024


def test_requests_that_outlast_the_farewell_end_without_a_line_in_the_log(monkeypatch, caplog):
    monkeypatch.setattr(front, "LONGEST_FAREWELL_SECONDS", 0.1)
    with ExitStack() as stack:
        with running_server() as leadbook:
            path = leadbook.app.extensions["leadbook"].path
            other = stack.enter_context(closing(sqlite3.connect(path, isolation_level=None)))
            other.execute("BEGIN IMMEDIATE")
            client = stack.enter_context(closing(connect(leadbook)))
            client.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(LEAD) + LEAD)
            wait_until(lambda: leadbook.requests)
        other.execute("ROLLBACK")
    assert [
        each for each in caplog.records if each.name.startswith(("asyncio", "leadbook.server"))
    ] == []


def test_reads_go_on_while_writers_wait_for_the_lock(start_server, tmp_path):
    path = tmp_path / "leadbook.db"
    # A read that waits for them is not answered in the time that it is given.
    server = start_server("--database", str(path), command=PATIENT)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, ExitStack() as stack:
        other.execute("BEGIN IMMEDIATE")
        writers = [stack.enter_context(connect(server)) for _ in range(16)]
        for writer in writers:
            writer.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(LEAD) + LEAD)
        for _ in range(10):
            assert server.request("GET", "/leads?limit=1")[0] == 200
        other.execute("ROLLBACK")
        answers = [writer.recv(65536) for writer in writers]
    assert {answer[:13] for answer in answers} == {b"HTTP/1.1 201 "}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_only_a_client_of_today_is_told_to_go_on(server, version):
    head = POST.replace(b"HTTP/1.1", f"HTTP/{version}".encode())
    with connect(server) as connection:
        connection.sendall(head + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(LEAD))
        if version == "1.1":
            assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(LEAD)
        assert connection.recv(65536).startswith(b"HTTP/1.1 201 ")


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"http://evil.example/leads", 400),
        (b"http://evil.example:81/leads?limit=1", 400),
        (b"http://localhost/leads", 200),
        (b"http://[::1]:80/leads", 200),
        (b"//evil.example/leads", 404),
    ],
)
def test_host_of_the_target_is_the_one_that_counts(shared_server, target, status):
    [(found, _)] = talk(
        shared_server, b"GET %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % target
    )
    assert found == status


def test_half_a_head_that_can_have_no_end_is_not_waited_for(start_server, tmp_path):
    server = start_server("--database", str(tmp_path / "leadbook.db"), command=PATIENT)
    with connect(server) as connection:
        body = b"Content-Length: %d\r\n\r\n" % len(LEAD)
        connection.sendall(POST + body + LEAD + b"GET /hea")
        connection.shutdown(socket.SHUT_WR)
        # The head of another would be waited for until this gives up.
        assert read_all_of(connection).startswith(b"HTTP/1.1 201 ")


def test_body_that_comes_later_makes_no_difference():
    answers = []
    head = POST + b"Connection: close\r\nExpect: 100-continue\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(LEAD)
    for is_late in (False, True):
        with running_server() as leadbook, connect(leadbook) as client:
            client.sendall(head if is_late else head + LEAD)
            if is_late:
                # Its head has been looked at then.
                assert client.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
                client.sendall(LEAD)
            answers.append(re.sub(rb"http://[^/]*", b"", read_all_of(client)))
    assert answers[0] == answers[1]
