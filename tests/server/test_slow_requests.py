"""Requests that come slowly, are too large, or come before the last one was answered."""

import json
import time
from contextlib import ExitStack

import pytest
from raw_sockets import LAST, LEAD, POST, assert_well, connect, talk
from waiting import PATIENCE_SECONDS

from leadbook.server import connection as connection_room
from leadbook.testing import running_server
from server import PATIENT


@pytest.mark.usefixtures("many_descriptors")
def test_slow_requests_do_not_hold_up_the_others(start_server, tmp_path):
    server = start_server("--database", str(tmp_path / "leadbook.db"), command=PATIENT)
    head = POST + b"Content-Length: 1000\r\n\r\n"
    slowest = 0.0
    with ExitStack() as stack:
        headers = [stack.enter_context(connect(server)) for _ in range(600)]
        bodies = [stack.enter_context(connect(server)) for _ in range(8)]
        for connection in headers:
            connection.sendall(b"GET /leads HTTP/1.1\r\nX: ")
        for connection in bodies:
            connection.sendall(head)
        for _ in range(10):
            for connection in headers + bodies:
                connection.sendall(b" ")
            start = time.monotonic()
            assert server.request("GET", "/leads?limit=1")[0] == 200
            slowest = max(slowest, time.monotonic() - start)
        # None of them was closed to make room.
        for connection in headers + bodies:
            connection.setblocking(False)
            with pytest.raises(BlockingIOError):
                connection.recv(1)
    # They are there for minutes: who waited for one would take as long.
    assert slowest <= 10


def test_only_who_keeps_the_server_waiting_is_cut_off(monkeypatch):
    monkeypatch.setattr(connection_room, "_HEAD_SECONDS", 1)
    monkeypatch.setattr(connection_room, "_BODY_SECONDS", 1)
    monkeypatch.setattr(connection_room, "_SLOWEST_RATE", 1)
    with running_server() as leadbook, ExitStack() as stack:
        idle, head, body, file = (stack.enter_context(connect(leadbook)) for _ in range(4))
        idle.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"
        head.sendall(b"GET /leads HTTP/1.1\r\nX: ")
        body.sendall(POST + b"Content-Length: 1000\r\n\r\n")
        # Enough for ten minutes at that rate.
        file.sendall(POST + b"Content-Length: 1000\r\n\r\n" + b" " * 600)
        for slow in (head, body):
            slow.settimeout(PATIENCE_SECONDS)
            answer = b""
            while part := slow.recv(65536):
                answer += part
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b"REQUEST_TIMEOUT" in answer
        told = [(each.method, each.path) for each in leadbook.requests if each.status == 408]
        assert sorted(told) == [("GET", "/leads"), ("POST", "/leads")]
        for other in (idle, file):
            other.setblocking(False)
        idle.recv(65536)
        for other in (idle, file):
            with pytest.raises(BlockingIOError):
                other.recv(1)


@pytest.mark.long
def test_request_that_trickles_is_cut_off(server):
    start, answer = time.monotonic(), b""
    with connect(server) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nX: ")
        connection.settimeout(1)
        while time.monotonic() - start < 60:
            try:
                answer = connection.recv(65536)
                break
            except TimeoutError:
                connection.sendall(b"x")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert 8 <= time.monotonic() - start <= 45


def test_headers_that_are_too_large_are_refused(server):
    request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: %b\r\n\r\n" % (b"x" * 33 * 1024)
    # The second is not answered: the connection is closed.
    assert [status for status, _ in talk(server, request, LAST)] == [431]
    assert_well(server, leads=0)


def test_bodies_that_are_too_large_are_refused(server):
    nine = 9 * 1024 * 1024
    answers = talk(server, POST + b"Content-Length: %d\r\n\r\n" % nine, b" " * nine)
    assert [status for status, _ in answers] == [413]
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 5 + b"0\r\n\r\n"
    [(status, body)] = talk(server, chunked, LAST)
    assert (status, json.loads(body)["error"]["code"]) == (413, "BODY_TOO_LARGE")
    assert_well(server, leads=0)


def test_body_in_chunks_is_read(server):
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    body = b"".join(b"1;a=b\r\n%c\r\n" % byte for byte in LEAD) + b"0\r\nX-Trailer: y\r\n\r\n"
    assert talk(server, head + body)[0][0] == 201
    assert_well(server, leads=1)


def test_pipelined_requests_are_answered_in_order(server):
    paths = [b"/health", b"/leads?limit=7", b"/nothing", b"/clients?limit=9"] * 5
    request = b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n"
    answers = talk(server, b"".join(request % path for path in paths), LAST)
    assert [status for status, _ in answers] == [200, 200, 404, 200] * 5 + [200]
    pages = [json.loads(body) for _, body in answers[1::2]]
    limits = [page["pagination"]["limit"] for page in pages]
    assert limits == [7, 9] * 5


def test_client_is_not_blamed_for_what_the_server_waits_for(monkeypatch):
    monkeypatch.setattr(connection_room, "_BODY_SECONDS", 1)
    # More than lies in the buffers on the way.
    body = b"name,email,notes\n" + b"Ada,ada@engines.test,%b\n" % (b"x" * 9_000) * 1_000
    head = b"POST /leads/import HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"
    with running_server() as leadbook, connect(leadbook) as connection:
        leadbook.fail(path="/leads/import", delay_ms=3_000)
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body))
        connection.sendall(body)
        assert connection.recv(12) == b"HTTP/1.1 200"
