"""What a test does to the service through `/_test`: reset, seed, snapshots, clock."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from leadbook.clock import Clock
from leadbook.database_file import open_database
from leadbook.models import Lead
from leadbook.testmode.app import create_test_app

LEAD = {"name": "Ada Byron", "email": "ada@engines.test"}


@pytest.fixture
def app(tmp_path):
    app = create_test_app({"DATABASE": tmp_path / "test.db", "RATE_LIMIT": "50/minute"})
    yield app
    app.extensions["leadbook.controls"].snapshots.close()
    app.extensions["leadbook"].close()


def answers(client, *calls):
    """Return all bytes of the answers to some calls."""
    found = []
    for method, path, body in calls:
        answer = client.open(path, method=method, json=body)
        found.append((answer.status, list(answer.headers), answer.get_data()))
    return found


def test_reset_leaves_nothing(client, make_lead, make_client):
    lead = make_lead()
    client.post(f"/leads/{lead['id']}/convert", headers={"Idempotency-Key": "once"})
    make_client(email="other@engines.test")
    client.post("/_test/faults", json={"path": "/leads", "status": 503})
    client.put("/_test/clock", json={"advance": "36h", "running": True})
    assert client.post("/_test/reset").status_code == 204
    assert client.get("/_test/requests").json["data"] == []
    assert client.get("/_test/faults").json["data"] == []
    assert client.get("/_test/clock").json == {"at": "2026-01-01T00:00:00.000Z", "running": False}
    for path in ("/leads", "/clients?status=all", "/leads?search=ada"):
        assert client.get(path).json["pagination"]["total"] == 0
    assert (
        "Idempotency-Replayed"
        not in client.post("/leads", json=LEAD, headers={"Idempotency-Key": "once"}).headers
    )


def test_rows_of_a_thousand_leads_are_gone_from_every_connection(client, app):
    client.post("/_test/seed", json={"leads": 1000, "clients": 0})
    assert client.get("/leads").json["pagination"]["total"] == 1000
    client.post("/_test/reset")
    assert client.get("/leads?search=a").json["pagination"]["total"] == 0
    assert client.post("/leads", json=LEAD).status_code == 201
    assert client.get("/leads?search=byron").json["pagination"]["total"] == 1
    with app.extensions["leadbook"].use() as database:
        assert database.execute_sql("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_same_requests_get_the_same_bytes_after_each_reset(client):
    calls = [
        ("POST", "/_test/reset", None),
        ("POST", "/leads", LEAD),
        ("POST", "/_test/seed", {"leads": 5, "clients": 2}),
        ("GET", "/leads?limit=2", None),
        ("PUT", "/_test/clock", {"advance": "90d"}),
        ("POST", "/clients", LEAD | {"email": "c@engines.test"}),
        ("POST", "/clients", {}),
        ("GET", "/clients", None),
    ]
    first = answers(client, *calls)
    client.put("/_test/clock", json={"running": True})
    client.get("/leads")
    assert answers(client, *calls) == first


def test_another_seed_makes_other_ids(tmp_path):
    ids = set()
    for seed in (1, 1, 2):
        app = create_test_app({"DATABASE": tmp_path / f"{seed}.db"}, seed=seed)
        client = app.test_client()
        client.post("/_test/reset")
        ids.add(client.post("/leads", json=LEAD).json["id"])
        app.extensions["leadbook"].close()
    assert len(ids) == 2


def test_seeded_records_are_the_same_on_every_machine(client):
    made = client.post("/_test/seed", json={"leads": 40, "clients": 10, "seed": 42})
    assert (made.status_code, made.json) == (201, {"leads": 40, "clients": 10})
    oldest = client.get("/leads?order=asc&limit=1").json["data"]
    assert oldest == [
        {
            "id": "0199a065-da0b-7000-8ee3-ea8637f8a88b",
            "name": "Amira Haddad",
            "email": "amira.haddad1@cedar-robotics.example",
            "phone": "+99 555 016766",
            "company": "Cedar Robotics",
            "source": None,
            "notes": "Asked for a quote for ten seats.",
            "version": 1,
            "createdAt": "2025-10-01T15:30:53.579Z",
            "updatedAt": "2025-10-01T15:30:53.579Z",
            "status": "new",
            "score": 42,
            "clientId": None,
            "convertedAt": None,
        }
    ]


def test_seeded_records_are_believable_and_varied(client):
    client.post("/_test/seed", json={"leads": 100, "clients": 20})
    leads = client.get("/leads?limit=100").json["data"]
    assert len({lead["name"] for lead in leads}) > 80
    assert len({lead["createdAt"] for lead in leads}) == 100
    assert {lead["status"] for lead in leads} == {"new", "contacted", "qualified", "won", "lost"}
    assert sum(lead["clientId"] is not None for lead in leads) == 10
    assert all("2025-10-01" <= lead["createdAt"] < "2026-01-01" for lead in leads)
    clients = client.get("/clients?limit=100").json["data"]
    assert sum(each["leadId"] is not None for each in clients) == 10


def test_seeding_again_adds_other_people(client):
    for _ in range(3):
        assert client.post("/_test/seed", json={"leads": 20, "clients": 10}).status_code == 201
    leads = client.get("/leads?limit=100").json["data"]
    assert len({lead["email"] for lead in leads}) == 60
    assert client.post("/leads", json=LEAD).status_code == 201


def test_snapshot_brings_back_records_ids_and_time(client, make_lead):
    lead = make_lead()
    assert client.put("/_test/snapshots/one-lead").status_code == 204
    after = [("POST", "/leads", LEAD), ("GET", "/leads", None)]
    first = answers(client, *after)
    for _ in range(2):
        client.put("/_test/clock", json={"advance": "1h"})
        client.delete(f"/leads/{lead['id']}")
        assert client.post("/_test/snapshots/one-lead/restore").status_code == 204
        again = answers(client, *after)
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
    assert answer.json["error"]["details"][0]["message"] == "There are 100 snapshots already."


def test_clock_is_the_one_of_every_time(client, make_lead):
    at = client.put("/_test/clock", json={"at": "2030-05-01T12:00:00+02:00"}).json
    assert at == {"at": "2030-05-01T10:00:00.000Z", "running": False}
    lead = make_lead()
    answer = client.get("/leads")
    assert lead["createdAt"] == "2030-05-01T10:00:00.000Z"
    assert answer.headers["Date"] == "Wed, 01 May 2030 10:00:00 GMT"
    reset = int(datetime(2030, 5, 1, 10, 1, tzinfo=UTC).timestamp())
    assert answer.headers["X-RateLimit-Reset"] == str(reset)
    client.put("/_test/clock", json={"advance": "45s"})
    changed = client.put(f"/leads/{lead['id']}", json={"score": 1}).json
    assert changed["updatedAt"] == "2030-05-01T10:00:45.000Z"


def test_rate_limit_window_passes_with_the_clock(client):
    statuses = [client.get("/leads").status_code for _ in range(51)]
    assert statuses == [200] * 50 + [429]
    # What a test asks for is not counted, and not refused.
    assert client.put("/_test/clock", json={"advance": "60s"}).status_code == 200
    assert client.get("/leads").status_code == 200
    remaining = [client.get("/_test/clock").headers["X-RateLimit-Remaining"] for _ in range(2)]
    assert remaining == ["49", "49"]


def test_stored_answer_expires_with_the_clock(client):
    key = {"Idempotency-Key": "once"}
    made = client.post("/leads", json=LEAD, headers=key)
    client.put("/_test/clock", json={"advance": "23h"})
    assert client.post("/leads", json=LEAD, headers=key).json == made.json
    client.put("/_test/clock", json={"advance": "1h"})
    assert client.post("/leads", json=LEAD, headers=key).json["id"] != made.json["id"]


def test_running_clock_goes_on_from_where_it_was_set(client):
    client.put("/_test/clock", json={"at": "2030-01-01T00:00:00Z", "running": True})
    times = [client.get("/_test/clock").json["at"] for _ in range(200)]
    assert times == sorted(times)
    assert times[0] != times[-1]
    assert times[-1].startswith("2030-01-01T00:0")
    stopped = client.put("/_test/clock", json={"running": False}).json["at"]
    assert client.get("/_test/clock").json["at"] == stopped


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-01-01T00:00:00"}, "at"),
        ({"at": "0001-01-01T00:00:00Z"}, "at"),
        ({"at": "2990-01-02T00:00:00Z"}, "at"),
        ({"advance": "soon"}, "advance"),
        ({"advance": "99999w"}, "advance"),
        ({"at": "2026-02-01T00:00:00Z", "advance": "0d"}, "advance"),
        ({"running": "yes"}, "running"),
        ({"runing": True}, "runing"),
    ],
)
def test_clock_refuses_what_it_cannot_be(client, body, field):
    answer = client.put("/_test/clock", json=body)
    assert answer.status_code == 400
    assert answer.json["error"]["details"][0]["field"] == field
    assert client.get("/_test/clock").json["at"] == "2026-01-01T00:00:00.000Z"


@pytest.mark.parametrize("body", [{"leads": -1}, {"leads": 10_001}, {"seed": 2**32}, {"led": 1}])
def test_seed_refuses_what_it_cannot_make(client, body):
    assert client.post("/_test/seed", json=body).status_code == 400
    assert client.get("/leads").json["pagination"]["total"] == 0


def test_seed_has_defaults(client):
    assert client.post("/_test/seed").json == {"leads": 50, "clients": 10}


def test_key_is_needed_for_test_mode_too(tmp_path):
    app = create_test_app({"DATABASE": tmp_path / "keyed.db"}, api_key="leadbook_secret")
    client, key = app.test_client(), {"Authorization": "Bearer leadbook_secret"}
    assert client.post("/_test/reset").status_code == 401
    for _ in range(2):
        assert client.post("/_test/reset", headers=key).status_code == 204
        assert client.get("/leads").status_code == 401
        assert client.get("/leads", headers=key).status_code == 200
    app.extensions["leadbook"].close()


def test_file_of_test_mode_can_be_used_again(tmp_path):
    for number in range(2):
        app = create_test_app({"DATABASE": tmp_path / "again.db"}, api_key=f"leadbook_{number}")
        client = app.test_client()
        key = {"Authorization": f"Bearer leadbook_{number}"}
        assert client.get("/leads", headers=key).json["pagination"]["total"] == number
        client.post("/leads", json=LEAD, headers=key)
        app.extensions["leadbook"].close()
    client.post("/_test/reset", headers=key)
    assert client.get("/leads", headers=key).json["pagination"]["total"] == 0


def test_idempotency_key_is_refused_where_nothing_is_kept(client):
    answer = client.post("/_test/reset", headers={"Idempotency-Key": "once"})
    assert answer.status_code == 400
    assert answer.json["error"]["details"][0]["field"] == "Idempotency-Key"


def test_seeds_never_make_the_same_id_again(client):
    for count in (10, 5, 5, 5):
        client.post("/_test/seed", json={"leads": count, "clients": 0})
        for lead in client.get("/leads?order=asc&limit=5").json["data"]:
            client.delete(f"/leads/{lead['id']}")
    assert client.get("/leads").json["pagination"]["total"] == 5


@pytest.mark.long
def test_largest_seed_is_made(client):
    assert client.post("/_test/seed", json={"leads": 10_000, "clients": 10_000}).json == {
        "leads": 10_000,
        "clients": 10_000,
    }


def test_restored_clock_goes_on_from_the_snapshot(client):
    client.put("/_test/clock", json={"running": True})
    client.put("/_test/snapshots/s")
    client.put("/_test/clock", json={"advance": "1h"})
    client.post("/_test/snapshots/s/restore")
    clock = client.get("/_test/clock").json
    assert clock["running"]
    assert clock["at"] < "2026-01-01T00:30"


def test_reset_gives_up_while_another_process_writes(client, app, make_lead, monkeypatch):
    make_lead()
    monkeypatch.setattr("leadbook.database.LOCK_TIMEOUT_SECONDS", 0.2)
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


def test_other_machines_are_refused(client):
    answer = client.post("/_test/reset", environ_base={"REMOTE_ADDR": "192.0.2.1"})
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "FORBIDDEN")
    for address in ("127.0.0.1", "::1"):
        answer = client.post("/_test/reset", environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == 204


def test_snapshot_is_given_up(client):
    client.put("/_test/snapshots/s")
    assert client.delete("/_test/snapshots/s").status_code == 204
    for method in ("delete", "post"):
        path = "/_test/snapshots/s" + ("/restore" if method == "post" else "")
        assert getattr(client, method)(path).status_code == 404
