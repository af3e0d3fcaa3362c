"""Health, live and ready: what each of them looks at, and what it says of it."""

import shutil
from contextlib import closing
from types import SimpleNamespace

import peewee
import pytest

from leadbook.app import create_app
from leadbook.models import RECORDS
from leadbook.routes.health import LEAST_FREE_BYTES
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.driver import sqlite3


def statuses(client):
    paths = ("/health/live", "/health", "/health/ready")
    return [client.get(path).status_code for path in paths]


def test_everything_is_told_when_all_is_well(client):
    health, live, ready = (client.get(f"/health{more}").json for more in ("", "/live", "/ready"))
    assert health == client.get("/v1/health").json
    assert live == {"status": "ok", "version": health["version"]}
    assert set(ready) == {"status", "version", "database", "searchIndex", "disk"}
    assert all(ready[part]["ok"] for part in ("database", "searchIndex", "disk"))
    assert statuses(client) == [200, 200, 200]


@pytest.mark.parametrize(
    "host", ["10.0.0.1", "10.0.0.1:8000", "[::1]:8000", "evil.test", "a b", "", "[", ":"]
)
def test_health_answers_whatever_its_host(tmp_path, host):
    config = {"DATABASE": tmp_path / "leadbook.db", "TRUSTED_HOSTS": "crm.example"}
    app = create_app(config)
    client = app.test_client()
    for path in ("/health", "/health/live", "/v1/health/ready"):
        assert client.get(path, headers={"Host": host}).status_code == 200
        assert client.head(path, headers={"Host": host}).status_code == 200
        assert client.post(path, headers={"Host": host}).status_code == 400
    for path in (
        "/",
        "/leads",
        "/docs",
        "/openapi.json",
        "/healthy",
        "/health/x",
        "/health/../leads",
    ):
        assert client.get(path, headers={"Host": host}).status_code == 400
    app.extensions["leadbook"].close()


def test_real_server_on_loopback_answers_monitors_by_any_name(server):
    headers = {"Host": "monitor.example"}
    assert server.request("GET", "/health", None, headers)[0] == 200
    assert server.request("GET", "/leads", None, headers)[0] == 400


# The record of the structure, number 10, is gone, or looks like that of an empty index.
DAMAGE = [
    "DELETE FROM {table}_data WHERE id = 10",
    "UPDATE {table}_data SET block = x'00' WHERE id = 10",
    "UPDATE {table}_data SET block = zeroblob(5000) WHERE id = 10",
    "DELETE FROM {table}_data WHERE id > 10",
    "DROP TABLE {table}_idx",
    # The totals, which searches do without.
    "DELETE FROM {table}_data WHERE id = 1",
]


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("table", ["lead_search", "client_search"])
def test_index_that_cannot_be_used_is_seen(app, client, make_lead, make_client, table, damage):
    lead = make_lead()
    make_client()
    client.get("/leads?search=ada")
    client.get("/clients?search=ada")
    path = app.extensions["leadbook"].path
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(damage.format(table=table))
    assert_index_is_failing(client, table)
    app.extensions["leadbook"].close()
    again = create_app({"DATABASE": path})
    assert_index_is_failing(again.test_client(), table)
    # What needs no search goes on.
    assert again.test_client().get(f"/leads/{lead['id']}").json == lead
    assert again.test_client().get("/leads").json["data"] == [lead]
    again.extensions["leadbook"].close()
    assert list(check(path, Clock(), RECORDS, repair=True))
    mended = create_app({"DATABASE": path})
    assert statuses(mended.test_client()) == [200, 200, 200]
    mended.extensions["leadbook"].close()


def assert_index_is_failing(client, table):
    assert statuses(client) == [200, 503, 503]
    ready = client.get("/health/ready").json
    parts = ("database", "searchIndex", "disk")
    assert [ready[part]["ok"] for part in parts] == [True, False, True]
    assert (ready["status"], client.get("/health/live").json["status"]) == ("failing", "ok")
    for part in (ready["searchIndex"], client.get("/health").json["database"]):
        assert "check --repair" in part["message"]
        assert table not in part["message"]


def test_live_touches_no_database(client, app, monkeypatch):
    def fail(*_, **__):
        raise AssertionError("The database is asked.")

    monkeypatch.setattr(app.extensions["leadbook"], "execute_sql", fail)
    assert client.get("/health/live").json["status"] == "ok"
    app.extensions["leadbook"].path.unlink()
    assert client.get("/health/live").status_code == 200


def test_cause_that_may_tell_too_much_is_in_the_log_alone(client, app, monkeypatch, caplog):
    def fail(*_, **__):
        raise peewee.OperationalError("no such file: /secret/path")

    monkeypatch.setattr(app.extensions["leadbook"], "execute_sql", fail)
    for path in ("/health", "/health/ready"):
        answer = client.get(path)
        assert (answer.status_code, "secret" in answer.text) == (503, False)
        assert "see the log" in answer.json["database"]["message"]
    assert "/secret/path" in caplog.text


def test_file_that_has_gone_is_seen(app, client):
    app.extensions["leadbook"].path.unlink()
    assert statuses(client) == [200, 503, 503]
    ready = client.get("/health/ready").json
    # The index is not to blame, and nothing of it can be mended.
    for part in (client.get("/health").json["database"], ready["database"], ready["searchIndex"]):
        assert part["message"].endswith("the file has been removed.")


def test_folder_that_has_gone_is_seen(app, client):
    shutil.rmtree(app.extensions["leadbook"].path.parent)
    assert statuses(client) == [200, 503, 503]
    assert client.get("/health/ready").json["disk"]["ok"] is False


def test_too_little_room_on_the_disk_is_seen(client, monkeypatch):
    blocks = SimpleNamespace(f_frsize=4096, f_bavail=LEAST_FREE_BYTES // 4096 - 1)
    monkeypatch.setattr("leadbook.routes.health.statvfs", lambda _: blocks)
    assert statuses(client) == [200, 200, 503]
    assert client.get("/health/ready").json["disk"] == {
        "ok": False,
        "message": "63 MiB are free on the disk of the database.",
    }
