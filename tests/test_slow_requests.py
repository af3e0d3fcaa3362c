"""Requests that come slowly, are too large, or come before the last one was answered."""

import json
import resource
import time
from contextlib import ExitStack
from types import SimpleNamespace

import pytest
from raw_sockets import LAST, LEAD, POST, assert_well, connect, talk
from waitress.channel import HTTPChannel

from leadbook import serve


@pytest.fixture
def server(start_server, tmp_path):
    return start_server("--database", str(tmp_path / "leadbook.db"))


@pytest.fixture
def many_descriptors():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2048:
        wanted = 2048 if hard == resource.RLIM_INFINITY else min(hard, 2048)
        if wanted < 1000:
            pytest.skip("this process may not open 1,000 files")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_descriptors")
def test_slow_requests_do_not_hold_up_the_others(server):
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
    assert slowest <= 1


def test_only_requests_that_take_too_long_are_closed(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(serve.time, "monotonic", lambda: now)

    def channel(request):
        made = HTTPChannel.__new__(HTTPChannel)
        made.request = request
        made.will_close = False
        return made

    # The parsers are told apart by themselves, as they are by their identity.
    first, second = (type("Parser", (), {"body_bytes_received": 0})() for _ in range(2))
    slow, busy, idle = channel(first), channel(first), channel(None)
    sockets = {1: slow, 2: busy, 3: idle, 4: SimpleNamespace(will_close=False)}
    requests = serve.SlowRequests()
    for _ in range(serve.LONGEST_REQUEST_SECONDS + 1):
        requests.close_overdue(sockets)
        assert not any(each.will_close for each in sockets.values())
        now += 1
        busy.request = type("Parser", (), {"body_bytes_received": 0})()
    slow.request, busy.request = first, second
    requests.close_overdue(sockets)
    assert [each.will_close for each in sockets.values()] == [True, False, False, False]


@pytest.mark.long
def test_request_that_trickles_is_cut_off(server):
    start = time.monotonic()
    with connect(server) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nX: ")
        connection.settimeout(1)
        while time.monotonic() - start < 60:
            try:
                assert connection.recv(1) == b""
                break
            except TimeoutError:
                connection.sendall(b"x")
            except ConnectionResetError:
                break
    assert 25 <= time.monotonic() - start <= 45


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


def test_file_that_keeps_coming_may_take_longer(monkeypatch):
    now = 1000.0
    monkeypatch.setattr(serve.time, "monotonic", lambda: now)
    channel = HTTPChannel.__new__(HTTPChannel)
    channel.will_close = False
    channel.request = type("Parser", (), {"body_bytes_received": 0})()
    requests = serve.SlowRequests()
    for _ in range(300):
        requests.close_overdue({1: channel})
        assert not channel.will_close
        now += 1
        channel.request.body_bytes_received += serve.SLOWEST_RATE
    now += serve.LONGEST_REQUEST_SECONDS + 1
    requests.close_overdue({1: channel})
    assert channel.will_close
