"""Waiting for events: one answer, or a stream."""

import json
import signal
import time
from contextlib import ExitStack, closing

import pytest
from raw_sockets import connect

from leadbook.access import keys
from leadbook.models import Lead
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.opening import open_database

ADA = {"name": "Ada", "email": "ada@engines.test"}


def ask(server, query="after=0&wait=30", version="1.1", accept="application/json"):
    """Send a GET of the feed, and return the connection without reading the answer."""
    connection = connect(server)
    head = f"GET /events?{query} HTTP/{version}\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n"
    connection.sendall(head.encode())
    return connection


def read_until(connection, wanted):
    read = b""
    while wanted not in read:
        some = connection.recv(65536)
        assert some, read
        read += some
    return read


def page_of(connection):
    """Read one whole answer, and return its JSON."""
    read = read_until(connection, b"\r\n\r\n")
    head, _, body = read.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 "), head
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
    while len(body) < length:
        body += connection.recv(65536)
    assert len(body) == length
    return json.loads(body)


def stream(server, query="after=0", version="1.1"):
    return ask(server, query, version, "text/event-stream")


def test_waiting_request_is_answered_by_a_write_of_the_same_process(server):
    with closing(ask(server)) as connection:
        status, lead = server.request("POST", "/leads", ADA)
        assert status == 201
        page = page_of(connection)
    assert [event["type"] for event in page["data"]] == ["lead.created"]
    assert page["data"][0]["record"] == lead
    assert page["pagination"] == {"next": 1, "hasMore": False}


def test_waiting_request_is_answered_by_a_write_of_another_process(server, path):
    with closing(ask(server)) as connection:
        # Its own process would be no different: all they share is the file.
        database = open_database(path, Clock())
        with closing(database), database.use(), database.write():
            lead = Lead.create_from(ADA)
        assert page_of(connection)["data"][0]["recordId"] == lead.id


def test_waiting_request_of_one_worker_is_answered_by_a_write_of_another(start_server, path):
    server = start_server("--database", str(path), "--workers", "2")
    with ExitStack() as stack:
        # The process with fewer connections gets the next one.
        asked = [stack.enter_context(closing(ask(server))) for _ in range(4)]
        server.request("POST", "/leads", ADA)
        assert [len(page_of(each)["data"]) for each in asked] == [1] * 4


def test_answer_after_the_time_is_that_of_the_app(server):
    began = time.monotonic()
    with closing(ask(server, "after=0&wait=1")) as connection:
        assert page_of(connection) == {"data": [], "pagination": {"next": 0, "hasMore": False}}
    assert time.monotonic() - began >= 1


def test_event_of_another_type_does_not_end_the_waiting(server):
    with closing(ask(server, "after=0&wait=30&type=client.*")) as connection:
        server.request("POST", "/leads", ADA)
        server.request("POST", "/clients", ADA)
        page = page_of(connection)
    assert [event["number"] for event in page["data"]] == [2]


def test_what_is_there_already_is_not_waited_for(server):
    server.request("POST", "/leads", ADA)
    with closing(ask(server, "wait=30")) as connection:
        assert len(page_of(connection)["data"]) == 1


def test_next_request_of_a_connection_comes_after_the_waiting_one(server):
    with closing(ask(server)) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        server.request("POST", "/leads", ADA)
        read = read_until(connection, b'"status":"ok"')
    assert read.index(b"lead.created") < read.index(b'"status":"ok"')


def test_stream_sends_what_comes(server):
    server.request("POST", "/leads", ADA)
    with closing(stream(server)) as connection:
        read = read_until(connection, b'"type":"lead.created"')
        assert b"Content-Type: text/event-stream" in read
        assert b"Content-Length" not in read
        assert b"id: 1\ndata: {" in read
        server.request("POST", "/clients", ADA)
        read += read_until(connection, b'"type":"client.created"')
        assert b"id: 2\ndata: {" in read


def test_stream_goes_on_after_the_last_event_that_the_client_has(server):
    for number in range(3):
        server.request("POST", "/leads", ADA | {"name": f"N{number}"})
    head = b"GET /events?after=0 HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nLast-Event-ID: 2\r\n\r\n"
    with closing(connect(server)) as connection:
        connection.sendall(head)
        read = read_until(connection, b"id: 3\n")
        assert b"id: 2\n" not in read


def test_stream_ends_with_the_key(start_server, path):
    database = open_database(path, Clock())
    with closing(database), database.use():
        with database.write():
            reader, writer = keys.create_key("r", "read", None), keys.create_key("w", "write", None)
        server = start_server("--database", str(path))
        head = f"GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nAuthorization: Bearer {reader}\r\n\r\n"
        with closing(connect(server)) as connection:
            connection.sendall(head.encode())
            read_until(connection, b"retry: ")
            with database.write():
                keys.revoke_key("r")
            server.request("POST", "/leads", ADA, {"Authorization": f"Bearer {writer}"})
            read = read_until(connection, b"0\r\n\r\n")
    assert b"lead.created" not in read


@pytest.mark.parametrize("workers", ["1", "2"])
def test_server_ends_at_once_with_waiting_clients(start_server, path, workers):
    server = start_server("--database", str(path), "--workers", workers)
    with ExitStack() as stack:
        asked = [stack.enter_context(closing(ask(server))) for _ in range(10)]
        streams = [stack.enter_context(closing(stream(server))) for _ in range(10)]
        for each in streams:
            read_until(each, b"retry: ")
        began = time.monotonic()
        assert server.stop(signal.SIGTERM) == 0
        # Connections that do not end are aborted after ten seconds. Alone it takes half of one.
        assert time.monotonic() - began < 9
        assert [page_of(each)["data"] for each in asked] == [[]] * 10
        for each in streams:
            read_until(each, b"0\r\n\r\n")
