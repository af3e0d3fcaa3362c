"""Who makes way, or is given up, where clients take too much: room, memory, or time."""

import errno
import http.client
import json
from contextlib import ExitStack, closing, suppress
from urllib.parse import urlsplit

import pytest
from raw_sockets import JSON, LAST, LEAD, POST, connect
from waiting import PATIENCE_SECONDS, wait_until

from leadbook.server import bodies, connection, crowd
from leadbook.testing import running_server

PAGE = b"GET /leads?limit=100 HTTP/1.1\r\nHost: localhost\r\n\r\n"
IMPORT = b"POST /leads/import HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\n"


@pytest.fixture
def given_up(monkeypatch):
    """The connections that have made way for others."""
    found, give_up = [], crowd.Crowd._give_up

    def note(self, member):
        found.append(member)
        give_up(self, member)

    monkeypatch.setattr(crowd.Crowd, "_give_up", note)
    return found


def fill(leadbook):
    """Add a hundred leads: a page of all of them has more than the buffers of the system hold."""
    for _ in range(100):
        leadbook.add_lead(notes="x" * 9_000)


def send_without_waiting(client, data):
    client.setblocking(False)
    with suppress(BlockingIOError, ConnectionError):
        client.send(data)


def read_all_of(client):
    client.settimeout(PATIENCE_SECONDS)
    return b"".join(iter(lambda: client.recv(1 << 20), b""))


def test_who_sends_more_than_is_answered_makes_way(monkeypatch, given_up):
    monkeypatch.setattr(crowd, "_MOST_CONNECTIONS", 20)
    with running_server() as leadbook, ExitStack() as stack:
        fill(leadbook)
        # No address may have more than half of them.
        for _ in range(10):
            send_without_waiting(stack.enter_context(connect(leadbook)), PAGE * 40)
        wait_until(lambda: len(leadbook.requests) >= 10)
        assert given_up == []
        with connect(leadbook) as good:
            good.sendall(LAST)
            assert read_all_of(good).startswith(b"HTTP/1.1 200 ")
        assert len(given_up) == 1


def test_who_reads_most_slowly_is_given_up_where_too_much_is_unread(monkeypatch, given_up):
    monkeypatch.setattr(crowd, "_MOST_UNSENT", 3_000_000)
    with running_server() as leadbook, ExitStack() as stack:
        fill(leadbook)
        for _ in range(8):
            send_without_waiting(stack.enter_context(connect(leadbook)), PAGE * 40)
        wait_until(lambda: given_up)
        with connect(leadbook) as good:
            good.sendall(PAGE + LAST)
            # It takes all of it.
            assert read_all_of(good).count(b'"id":') == 100


def test_who_takes_nothing_is_given_up_in_time(monkeypatch):
    with running_server() as leadbook, closing(connect(leadbook)) as client:
        fill(leadbook)
        client.sendall(PAGE * 10)
        wait_until(lambda: leadbook.requests)
        monkeypatch.setattr(connection, "_WRITE_SECONDS", 0)
        wait_until(lambda: is_cut_off(client))
        # Nobody else is.
        assert leadbook.client.get("/leads?limit=1").status_code == 200


def is_cut_off(client):
    """Return whether the other end has gone; what has come before stays unread."""
    try:
        client.setblocking(False)
        client.send(b" ")
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return False


def test_delayed_request_does_not_hold_up_the_end():
    with ExitStack() as stack:
        with running_server() as leadbook:
            leadbook.fail(path="/leads", delay_ms=60_000)
            client = stack.enter_context(closing(connect(leadbook)))
            client.sendall(PAGE)
            wait_until(lambda: leadbook.requests)
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""


def ask(leadbook, head, body):
    with connect(leadbook) as client:
        with suppress(ConnectionError):
            client.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body))
            client.sendall(body)
        answer = http.client.HTTPResponse(client)
        answer.begin()
        return answer.status, json.loads(answer.read())


def test_bodies_beyond_the_memory_for_all_of_them_are_refused(monkeypatch):
    monkeypatch.setattr(bodies, "_ALL_IN_MEMORY", 1_000)
    batch = json.dumps({"create": [json.loads(LEAD)] * 100}).encode()
    head = b"POST /leads/batch HTTP/1.1\r\nHost: localhost\r\n" + JSON
    with running_server() as leadbook:
        status, answer = ask(leadbook, head, batch)
        assert (status, answer["error"]["code"]) == (503, "TOO_BUSY")
        assert leadbook.leads() == []
        # What was taken is given back.
        for _ in range(3):
            assert ask(leadbook, POST, LEAD)[0] == 201


def test_file_for_which_the_disk_has_no_room_is_refused(monkeypatch):
    def fail():
        raise OSError(errno.ENOSPC, "No space left on device")

    file = b"name,email,notes\n" + b"Ada,ada@a.test,%b\n" % (b"x" * 900) * 300
    with running_server() as leadbook:
        with monkeypatch.context() as patch:
            patch.setattr("leadbook.server.bodies.temporary_file", fail)
            status, answer = ask(leadbook, IMPORT, file)
        assert (status, answer["error"]["code"]) == (503, "STORAGE_UNAVAILABLE")
        assert leadbook.leads() == []
        assert ask(leadbook, IMPORT, file)[1]["created"] == 300


def test_app_that_fails_ends_one_connection_with_a_line_in_the_log(monkeypatch, caplog):
    def fail(*_):
        raise ZeroDivisionError

    with running_server() as leadbook:
        address = urlsplit(leadbook.url).netloc
        with (
            monkeypatch.context() as patch,
            closing(http.client.HTTPConnection(address, timeout=PATIENCE_SECONDS)) as client,
        ):
            patch.setattr(leadbook.app, "wsgi_app", fail)
            client.request("GET", "/leads")
            with pytest.raises(ConnectionError):
                client.getresponse()
        assert ask(leadbook, POST, LEAD)[0] == 201
    [record] = [each for each in caplog.records if each.name == "leadbook.server"]
    assert record.message == "A request could not be answered."
