"""What happens to requests when the server is told to stop."""

import http.client
import signal
import socket
import threading
import time
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from leadbook.listener import listen_on_loopback
from leadbook.serve import Server
from leadbook.sqlite import sqlite3


@pytest.fixture
def path(tmp_path):
    return tmp_path / "leadbook.db"


def send_slowly_answered(server):
    """Send a write that has to wait for the lock; return its connection."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    body = '{"name": "Ada", "email": "ada@engines.test"}'
    connection.request("POST", "/leads", body, {"Content-Type": "application/json"})
    return connection


def wait_until_refused(server):
    host, port = urlsplit(server.url).hostname, urlsplit(server.url).port
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except ConnectionRefusedError:
            return
        except OSError:
            pass  # the listener was closed while we waited in its queue
        # Nothing tells that the listener has gone but trying, until the deadline.
        time.sleep(0.01)
    pytest.fail("new connections are still accepted")


@pytest.mark.parametrize("threads", ["8", "2"])
def test_requests_in_flight_are_finished(start_server, path, threads):
    for turn in range(1, 6):
        server = start_server("--database", str(path), "--threads", threads)
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


def test_trigger_is_not_closed_before_it_is_pulled(app, monkeypatch):
    monkeypatch.setattr("leadbook.serve._POLL_SECONDS", 0.01)
    server = Server(app, listen_on_loopback("127.0.0.1", 0), 2)
    pull, running = server._waitress.pull_trigger, threading.Thread(target=server.run)

    def pull_late():
        # As long as the other thread would take to end.
        running.join(0.5)
        pull()

    monkeypatch.setattr(server._waitress, "pull_trigger", pull_late)
    running.start()
    server.stop()
    server.stop()
    running.join(10)
    assert not running.is_alive()


@pytest.mark.long
def test_unfinished_request_is_waited_for_ten_seconds_at_most(start_server, path):
    server = start_server("--database", str(path))
    host, port = urlsplit(server.url).hostname, urlsplit(server.url).port
    with socket.create_connection((host, port)) as half:
        half.sendall(b"POST /leads HTTP/1.1\r\nContent-Length: 10\r\n\r\n{")
        assert server.request("GET", "/health")[0] == 200
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=20) == 0


def test_second_signal_ends_it_at_once(start_server, path):
    server = start_server("--database", str(path))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        connection = send_slowly_answered(server)
        server.process.send_signal(signal.SIGTERM)
        wait_until_refused(server)
        assert server.stop(signal.SIGINT) == 128 + signal.SIGINT
    connection.close()
