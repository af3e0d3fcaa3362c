"""Health, live and ready: what each of them looks at, and what it says of it."""

from contextlib import closing
from types import SimpleNamespace

import pytest

from leadbook.routes.health import LEAST_FREE_BYTES
from leadbook.sqlite import sqlite3


def statuses(client):
    paths = ("/health/live", "/health", "/health/ready")
    return [client.get(path).status_code for path in paths]


def test_everything_is_told_when_all_is_well(client):
    live, health, ready = (client.get(f"/health{more}").json for more in ("", "/live", "/ready"))
    assert live == client.get("/v1/health").json
    assert set(health) == {"status", "version"}
    assert set(ready) == {"status", "version", "database", "searchIndex", "disk"}
    assert all(ready[part]["ok"] for part in ("database", "searchIndex", "disk"))
    assert statuses(client) == [200, 200, 200]


@pytest.mark.parametrize("table", ["lead_search", "client_search"])
def test_index_that_cannot_be_used_is_seen(app, client, table):
    client.get("/leads?search=ada")
    with closing(sqlite3.connect(app.extensions["leadbook"].path)) as other, other:
        other.execute(f"DELETE FROM {table}_data WHERE id = 10")
    assert statuses(client) == [200, 503, 503]
    ready = client.get("/health/ready").json
    assert [ready[part]["ok"] for part in ("database", "searchIndex", "disk")] == [
        True,
        False,
        True,
    ]
    for part in (ready["searchIndex"], client.get("/health").json["database"]):
        assert "check --repair" in part["message"]
        assert table not in part["message"]


def test_file_that_has_gone_is_seen(app, client):
    app.extensions["leadbook"].path.unlink()
    assert statuses(client) == [200, 503, 503]
    assert client.get("/health").json["database"]["message"].endswith("the file has been removed.")


def test_too_little_room_on_the_disk_is_seen(client, monkeypatch):
    blocks = SimpleNamespace(f_frsize=4096, f_bavail=LEAST_FREE_BYTES // 4096 - 1)
    monkeypatch.setattr("os.statvfs", lambda _: blocks)
    assert statuses(client) == [200, 200, 503]
    assert client.get("/health/ready").json["disk"] == {
        "ok": False,
        "message": "63 MiB are free on the disk of the database.",
    }
