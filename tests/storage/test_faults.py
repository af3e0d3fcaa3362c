"""Disks that fail or fill up, files that go away, locks that are held: refused, then mended."""

import http.client
import itertools
import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
from failing_disk import failing_disk
from waiting import wait_until

from leadbook.app import create_app
from leadbook.storage.sqlite import connected_file
from leadbook.storage.sqlite.driver import sqlite3

LEAD = {"name": "Ada", "email": "ada@engines.test"}


@pytest.fixture
def faults(tmp_path, monkeypatch):
    return failing_disk(tmp_path, monkeypatch)


def post(server, name):
    """Return the status, the headers and the JSON of a POST of this name, with it as its key."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    headers = {"Content-Type": "application/json", "Idempotency-Key": name}
    connection.request("POST", "/leads", json.dumps(LEAD | {"name": name}), headers)
    with connection.getresponse() as response:
        answer = json.loads(response.read())
    connection.close()
    return response.status, response.headers, answer


def assert_unavailable(status, headers, answer):
    assert (status, answer["error"]["code"]) == (503, "DATABASE_UNAVAILABLE")
    assert int(headers["Retry-After"]) > 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("fault", "message"), [("fsync", "disk I/O error"), ("full", "database or disk is full")]
)
def test_failing_disk_refuses_writes_until_it_works_again(
    start_server, tmp_path, faults, fault, message
):
    path = tmp_path / "leadbook.db"
    server = start_server("--database", str(path))
    names = [f"lead {number}" for number in range(8)]
    acknowledged = {}

    def write(name):
        status, _, answer = post(server, name)
        assert status == 201
        acknowledged[answer["id"]] = name

    for round_of_faults in range(3):
        write(f"before {round_of_faults}")
        (faults / fault).touch()
        # More than there are threads, and at once: none may take the failed write of another for
        # done.
        with ThreadPoolExecutor(len(names)) as pool:
            tried = [f"{name} of {round_of_faults}" for name in names]
            for answer in pool.map(partial(post, server), tried):
                assert_unavailable(*answer)
        listed = server.request("GET", "/leads?limit=100")
        assert listed[0] == 200
        assert {lead["id"] for lead in listed[1]["data"]} == set(acknowledged)
        status, health = server.request("GET", "/health")
        assert status == 503
        assert message in health["database"]["message"]
        (faults / fault).unlink()
        assert server.request("GET", "/health")[0] == 200
        # With the keys of those that were refused: what failed was not kept as an answer.
        for name in names:
            write(f"{name} of {round_of_faults}")
    server.stop(signal.SIGKILL)
    again = start_server("--database", str(path))
    _, listed = again.request("GET", "/leads?limit=100")
    assert {lead["id"]: lead["name"] for lead in listed["data"]} == acknowledged


@pytest.mark.long
def test_writes_that_share_a_failing_fsync_are_refused_and_no_others(
    start_server, tmp_path, faults
):
    server = start_server("--database", str(tmp_path / "leadbook.db"))
    acknowledged, refused, is_over = {}, [], Event()

    def write(number):
        for count in itertools.count():
            if is_over.is_set():
                return
            name = f"lead {number} {count}"
            status, headers, answer = post(server, name)
            if status == 201:
                acknowledged[answer["id"]] = name
            else:
                assert_unavailable(status, headers, answer)
                refused.append(name)

    with ThreadPoolExecutor(8) as pool:
        writing = [pool.submit(write, number) for number in range(8)]
        try:
            for _ in range(10):
                stored, failed = len(acknowledged), len(refused)
                wait_until(lambda stored=stored: len(acknowledged) >= stored + 20)
                (faults / "fsync").touch()
                wait_until(lambda failed=failed: len(refused) >= failed + 20)
                (faults / "fsync").unlink()
        finally:
            is_over.set()
        for each in writing:
            each.result()
    with closing(sqlite3.connect(tmp_path / "leadbook.db")) as file:
        kept = [name for (name,) in file.execute("SELECT name FROM leads")]
    assert sorted(kept) == sorted(acknowledged.values())
    assert server.stop() == 0


def in_new_thread(work):
    """Return what `work` returns when it is called where no connection is open yet."""
    results = []
    thread = Thread(target=lambda: results.append(work()))
    thread.start()
    thread.join()
    return results[0]


def assert_nothing_works(app, reason):
    for call in (lambda work: work(), in_new_thread):
        answers = [
            call(lambda: app.test_client().get("/leads")),
            call(lambda: app.test_client().post("/leads", json=LEAD)),
        ]
        for answer in answers:
            assert_unavailable(answer.status_code, answer.headers, answer.json)
        health = call(lambda: app.test_client().get("/health"))
        assert health.status_code == 503
        assert reason in health.json["database"]["message"]


def assert_works_with(app, lead):
    client = app.test_client()
    assert client.get("/health").status_code == 200
    assert client.get(f"/leads/{lead['id']}").json == lead
    assert client.post("/leads", json=LEAD).status_code == 201


def test_removed_file_is_noticed_and_not_made_anew(app, tmp_path, make_lead):
    lead = make_lead()
    path, aside = tmp_path / "leadbook.db", tmp_path / "aside.db"
    path.rename(aside)
    assert_nothing_works(app, "the file has been removed")
    assert not path.exists()
    aside.rename(path)
    assert_works_with(app, lead)


def test_replaced_file_is_noticed_and_not_touched(app, tmp_path, make_lead):
    lead = make_lead()
    other = create_app({"DATABASE": tmp_path / "other.db"})
    other.extensions["leadbook"].close()
    path, aside = tmp_path / "leadbook.db", tmp_path / "aside.db"
    path.rename(aside)
    (tmp_path / "other.db").rename(path)
    before = path.read_bytes()
    assert_nothing_works(app, "the file has been replaced")
    assert path.read_bytes() == before
    os.replace(aside, path)
    assert_works_with(app, lead)


def test_lock_that_another_process_holds_delays_writes_only(tmp_path, monkeypatch):
    monkeypatch.setattr(connected_file, "LOCK_TIMEOUT_SECONDS", 0.1)
    app = create_app({"DATABASE": tmp_path / "leadbook.db"})
    client = app.test_client()
    with closing(sqlite3.connect(tmp_path / "leadbook.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = client.post("/leads", json=LEAD)
        assert_unavailable(answer.status_code, answer.headers, answer.json)
        assert client.get("/leads").json["pagination"]["total"] == 0
        assert "database is locked" in client.get("/health").json["database"]["message"]
        other.execute("ROLLBACK")
    assert client.get("/health").status_code == 200
    assert client.post("/leads", json=LEAD).status_code == 201
    assert client.get("/leads").json["pagination"]["total"] == 1
    app.extensions["leadbook"].close()
