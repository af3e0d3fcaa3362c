"""Requests that the loop of the server answers itself, and those that it leaves to a thread."""

import fcntl
import json
import logging
import os
import signal
import threading
from contextlib import ExitStack, closing

import pytest
from raw_sockets import connect
from served import served
from waiting import wait_out_midnight

from leadbook.server import front
from leadbook.server.quick import HASTE_SECONDS, QuickCalls
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.web.logs import REQUESTS
from server import Server

HEALTH = {"REQUEST_METHOD": "GET", "PATH_INFO": "/health", "QUERY_STRING": ""}
SEARCH = {"REQUEST_METHOD": "GET", "PATH_INFO": "/leads", "QUERY_STRING": "search=ng&limit=1"}
LEADS = 100


class NothingToDo:
    has_work = False


class SomethingToDo:
    has_work = True


def fill(server):
    leads = [{"name": f"Ada {n}", "email": f"a{n}@engines.test"} for n in range(LEADS)]
    batch = server.app.test_client().post("/leads/batch", json={"create": leads})
    assert batch.status_code == 200


def test_kind_of_request_is_learned_from_one_that_took_a_moment():
    quick = QuickCalls(None, NothingToDo())
    one = {"REQUEST_METHOD": "GET", "PATH_INFO": "/leads/1", "QUERY_STRING": ""}
    assert not quick.may_take(one)
    quick.learn(one, "200 OK", HASTE_SECONDS / 2)
    assert quick.may_take(one | {"PATH_INFO": "/leads/2"})
    assert quick.may_take(one | {"PATH_INFO": "/v1/leads/2"})
    others = [
        {"PATH_INFO": "/leads"},
        {"PATH_INFO": "/clients/1"},
        {"PATH_INFO": "/leads/1/other"},
        {"QUERY_STRING": "search=a"},
        {"REQUEST_METHOD": "POST"},
    ]
    assert [other for other in others if quick.may_take(one | other)] == []
    quick.learn(one, "200 OK", HASTE_SECONDS * 2)
    assert not quick.may_take(one)


def test_request_that_is_refused_teaches_nothing():
    quick = QuickCalls(None, NothingToDo())
    for status in ("400 BAD REQUEST", "401 UNAUTHORIZED", "404 NOT FOUND", "503 UNAVAILABLE"):
        quick.learn(SEARCH, status, 0)
    assert not quick.may_take(SEARCH)
    quick.learn(SEARCH, "304 NOT MODIFIED", 0)
    assert quick.may_take(SEARCH)


def test_loop_leaves_it_to_a_thread_to_empty_the_log_of_the_database_or_to_try_its_disk():
    quick = QuickCalls(None, SomethingToDo())
    quick.learn(SEARCH, "200 OK", 0)
    assert not quick.may_take(SEARCH)


@pytest.mark.long
@pytest.mark.parametrize("workers", ["1", "2"])
def test_log_that_nobody_reads_does_not_keep_the_server_from_ending(path, workers):
    ours, theirs = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        fcntl.fcntl(theirs, fcntl.F_SETPIPE_SZ, 4096)
    server = Server("--database", str(path), "--workers", workers, stderr=theirs)
    os.close(theirs)
    with ExitStack() as stack:
        stack.callback(os.close, ours)
        stack.callback(server.process.stdout.close)
        stack.callback(server.process.kill)
        # A line each: more than there is room for.
        for _ in range(1_000):
            connection = stack.enter_context(connect(server))
            connection.sendall(b"GET /leads HTTP/1.1\r\nHost: localhost\r\n\r\n")
            connection.settimeout(1)
            try:
                assert connection.recv(9).startswith(b"HTTP/1.1 ")
            except TimeoutError:
                break
        else:
            raise AssertionError("the log has not filled")
        server.process.send_signal(signal.SIGTERM)
        # Its farewell takes ten seconds.
        server.process.wait(timeout=20)


def test_strangers_cannot_have_more_kinds_learned_than_there_is_room_for():
    quick = QuickCalls(None, NothingToDo())
    kinds = [SEARCH | {"QUERY_STRING": f"{number}=1"} for number in range(1_000)]
    for kind in kinds:
        quick.learn(kind, "200 OK", 0)
    assert sum(map(quick.may_take, kinds)) <= 256


def test_request_that_takes_longer_is_counted_and_logged_once(path, monkeypatch, caplog):
    # Nothing is left of it when SQLite looks for the first time.
    monkeypatch.setattr(front, "HASTE_SECONDS", 1e-9)
    caplog.set_level(logging.INFO, REQUESTS.name)
    wait_out_midnight()
    with served(path, RATE_LIMIT="100/day") as (server, get):
        fill(server)
        caplog.clear()
        call, tried, left = server.service.quick.call, [], []
        monkeypatch.setattr(
            server.service.quick, "call", lambda environ: tried.append(call(environ)) or tried[-1]
        )
        for _ in range(2):
            server.service.quick.learn(SEARCH, "200 OK", 0)
            status, headers, page = get("/leads?search=ng&limit=1")
            assert (status, json.loads(page)["pagination"]["total"]) == (200, LEADS)
            left.append(int(headers["X-RateLimit-Remaining"]))
    assert tried == [None] * 2
    assert left[0] - left[1] == 1
    assert [record.levelname for record in caplog.records] == ["INFO"] * 2
    assert [record.request["status"] for record in caplog.records] == [200] * 2


def test_request_that_waits_for_a_lock_holds_up_nobody(path, monkeypatch):
    monkeypatch.setattr("leadbook.storage.sqlite.connected_file.LOCK_TIMEOUT_SECONDS", 300)
    with served(path, QUERY_TIMEOUT=0) as (server, get), closing(sqlite3.connect(path)) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        # From now on, health tries to write.
        server.app.extensions["leadbook"].fault = "disk I/O error"
        server.service.quick.learn(HEALTH, "200 OK", 0)
        answers = []
        asking = threading.Thread(target=lambda: answers.append(get("/health")[0]))
        asking.start()
        for _ in range(20):
            assert get("/leads")[0] == 200
        assert answers == []
        other.execute("ROLLBACK")
        asking.join(30)
        assert answers == [200]
