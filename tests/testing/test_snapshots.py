"""Snapshots: everything as it was, again and again."""

from contextlib import closing

import pytest

from leadbook.models import Lead
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import open_database

LEAD = {"name": "Ada Byron", "email": "ada@engines.test"}


@pytest.fixture
def app(app_in_test_mode):
    return app_in_test_mode


def test_snapshot_brings_back_records_ids_and_time(client, make_lead, answers):
    lead = make_lead()
    assert client.put("/_test/snapshots/one-lead").status_code == 204
    after = [("POST", "/leads", LEAD), ("GET", "/leads", None)]
    first = answers(*after)
    for _ in range(2):
        client.put("/_test/clock", json={"advance": "1h"})
        client.delete(f"/leads/{lead['id']}")
        assert client.post("/_test/snapshots/one-lead/restore").status_code == 204
        again = answers(*after)
        assert [body for *_, body in again] == [body for *_, body in first]
    # Not even a reset makes the ids of a restored lead come again.
    client.post("/_test/reset")
    client.post("/_test/snapshots/one-lead/restore")
    assert client.post("/leads", json=LEAD).status_code == 201


def test_snapshot_is_replaced_and_an_unknown_one_is_not_found(client, make_lead):
    client.put("/_test/snapshots/s")
    make_lead()
    client.put("/_test/snapshots/s")
    client.post("/_test/reset")
    client.post("/_test/snapshots/s/restore")
    assert client.get("/leads").json["pagination"]["total"] == 1
    answer = client.post("/_test/snapshots/t/restore")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "NOT_FOUND")


def test_there_may_be_a_hundred_snapshots(client):
    for number in range(100):
        assert client.put(f"/_test/snapshots/{number}").status_code == 204
        client.post("/_test/reset")
    assert client.put("/_test/snapshots/0").status_code == 204
    answer = client.put("/_test/snapshots/one-more")
    assert answer.status_code == 400
    assert answer.json["error"]["details"][0]["message"] == "There are already 100 snapshots."


@pytest.mark.long
def test_reset_gives_up_while_another_process_writes(client, app, make_lead, monkeypatch):
    make_lead()
    monkeypatch.setattr("leadbook.storage.sqlite.connected_file.LOCK_TIMEOUT_SECONDS", 0.2)
    with closing(sqlite3.connect(app.config["DATABASE"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = client.post("/_test/reset")
        assert (answer.status_code, answer.json["error"]["code"]) == (503, "DATABASE_UNAVAILABLE")
        other.execute("ROLLBACK")
    assert client.get("/leads").json["pagination"]["total"] == 1
    assert client.post("/_test/reset").status_code == 204


def test_file_that_has_taken_its_place_is_not_emptied(client, app, tmp_path):
    path = app.config["DATABASE"]
    data = tmp_path / "data.db"
    with closing(open_database(data, Clock())) as database, database.use(), database.write():
        Lead.create_from(LEAD)
    data.replace(path)
    for call in ("/_test/reset", "/_test/seed"):
        assert client.post(call).status_code == 503
    assert client.put("/_test/snapshots/s").status_code == 503
    with closing(sqlite3.connect(path)) as reader:
        assert reader.execute("SELECT count(*) FROM leads").fetchone() == (1,)


def test_snapshot_is_given_up(client):
    client.put("/_test/snapshots/s")
    assert client.delete("/_test/snapshots/s").status_code == 204
    for method in ("delete", "post"):
        path = "/_test/snapshots/s" + ("/restore" if method == "post" else "")
        assert getattr(client, method)(path).status_code == 404
