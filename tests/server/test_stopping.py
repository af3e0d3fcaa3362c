"""What happens to requests when the server is told to stop."""

import http.client
import json
import signal
import socket
import threading
from contextlib import closing, suppress
from urllib.parse import urlsplit

import pytest
from raw_sockets import connect
from waiting import PATIENCE_SECONDS

from leadbook.app import create_app
from leadbook.server import front
from leadbook.server.front import Front
from leadbook.server.listener import listen_on_loopback
from leadbook.storage.sqlite.driver import sqlite3
from server import PATIENT, wait_until_refused


def send_slowly_answered(server):
    """Send a write that has to wait for the lock; return its connection."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    body = '{"name": "Ada", "email": "ada@engines.test"}'
    connection.request("POST", "/leads", body, {"Content-Type": "application/json"})
    return connection


@pytest.mark.parametrize(
    ("threads", "workers"),
    [("2", "1"), *(pytest.param("8", each, marks=pytest.mark.long) for each in "12")],
)
def test_requests_in_flight_are_finished(start_server, path, threads, workers):
    options = ["--database", str(path), "--threads", threads, "--workers", workers]
    for turn in range(1, 6):
        server = start_server(*options, command=PATIENT)
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            connections = [send_slowly_answered(server) for _ in range(6)]
            server.process.send_signal(signal.SIGTERM)
            wait_until_refused(server)
            assert server.process.poll() is None
            other.execute("ROLLBACK")
        for connection in connections:
            with connection.getresponse() as response:
                assert response.status == 201
                assert response.headers["Connection"] == "close"
                response.read()
            connection.close()
        assert server.process.wait(timeout=30) == 0
        with closing(sqlite3.connect(path)) as reader:
            assert reader.execute("SELECT COUNT(*) FROM leads").fetchone() == (6 * turn,)


def test_idle_connections_do_not_hold_it_up(start_server, path):
    server = start_server("--database", str(path))
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    connection.request("GET", "/health")
    connection.getresponse().read()
    assert server.stop() == 0
    connection.close()


@pytest.mark.parametrize("is_running", [False, True])
def test_it_may_be_stopped_at_any_moment_and_twice(app, is_running):
    server = Front(app, listen_on_loopback("127.0.0.1", 0), 2)
    began = threading.Event()
    running = threading.Thread(target=server.run, args=(began.set,))
    if is_running:
        running.start()
        assert began.wait(PATIENCE_SECONDS)
    server.stop()
    server.stop()
    if not is_running:
        running.start()
    running.join(PATIENCE_SECONDS)
    assert not running.is_alive()
    server.stop()


@pytest.mark.long
def test_unfinished_request_is_waited_for_ten_seconds_at_most(start_server, path):
    server = start_server("--database", str(path))
    with connect(server) as half:
        half.sendall(b"POST /leads HTTP/1.1\r\nContent-Length: 10\r\n\r\n{")
        assert server.request("GET", "/health")[0] == 200
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=20) == 0


def test_second_signal_ends_it_at_once(start_server, path):
    server = start_server("--database", str(path), command=PATIENT)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        connection = send_slowly_answered(server)
        server.process.send_signal(signal.SIGTERM)
        wait_until_refused(server)
        assert server.stop(signal.SIGINT) == 128 + signal.SIGINT
    connection.close()


def test_half_a_head_does_not_hold_up_the_end(start_server, path):
    server = start_server("--database", str(path), command=PATIENT)
    with connect(server) as half:
        half.sendall(b"GET /hea")
        assert server.request("GET", "/health")[0] == 200
        server.process.send_signal(signal.SIGTERM)
        # Less than the farewell.
        assert server.process.wait(timeout=PATIENCE_SECONDS) == 0


@pytest.mark.parametrize("workers", ["1", "2"])
def test_answers_to_what_was_kept_arrive_however_much_was_sent_ahead(start_server, path, workers):
    server = start_server("--database", str(path), "--workers", workers, "--synchronous", "off")
    address = urlsplit(server.url)
    body = json.dumps({"name": "Ada", "email": "ada@engines.test", "notes": "x" * 1_500}).encode()
    post = (
        b"POST /leads HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    with socket.create_connection((address.hostname, address.port), timeout=30) as client:
        sending = threading.Thread(target=send_until_refused, args=(client, post * 400))
        sending.start()
        read = client.recv(65536)
        server.process.send_signal(signal.SIGTERM)
        while part := client.recv(65536):
            read += part
        sending.join()
    assert server.process.wait(timeout=30) == 0
    with closing(sqlite3.connect(path)) as reader:
        [kept] = reader.execute("SELECT count(*) FROM leads").fetchone()
    assert 0 < kept == read.count(b"HTTP/1.1 201 ")


def send_until_refused(client, data):
    with suppress(ConnectionError):
        client.sendall(data)


def test_export_that_nobody_takes_ends_with_the_farewell(monkeypatch, tmp_path):
    monkeypatch.setattr(front, "LONGEST_FAREWELL_SECONDS", 0.1)
    app = create_app({"DATABASE": tmp_path / "leadbook.db"})
    lead = {"name": "Ada", "email": "ada@engines.test", "notes": "x" * 10_000}
    for _ in range(4):
        assert app.test_client().post("/leads/batch", json={"create": [lead] * 200}).json
    listener = listen_on_loopback("127.0.0.1", 0)
    server = Front(app, listener, 2)
    running = threading.Thread(target=server.run)
    running.start()
    with socket.create_connection(listener.getsockname()) as client:
        client.sendall(b"GET /leads/export?format=csv HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert client.recv(1000)
        server.stop()
        # Less than a client that takes nothing is waited for.
        running.join(20)
    assert not running.is_alive()
    app.extensions["leadbook"].close()
