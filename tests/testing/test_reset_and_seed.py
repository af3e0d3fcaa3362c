"""What a test does to the service through `/_test`: reset, seed, snapshots, clock."""

import pytest

from leadbook.testing.app import create_test_app

LEAD = {"name": "Ada Byron", "email": "ada@engines.test"}
NO_PLANS = {"followUps": 0, "tickets": 0, "comments": 0}


@pytest.fixture
def app(app_in_test_mode):
    return app_in_test_mode


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


def test_same_requests_get_the_same_bytes_after_each_reset(client, answers):
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
    first = answers(*calls)
    client.put("/_test/clock", json={"running": True})
    client.get("/leads")
    assert answers(*calls) == first


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
    assert (made.status_code, made.json) == (201, NO_PLANS | {"leads": 40, "clients": 10})
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
            "custom": {},
            "nextFollowUpAt": None,
            "openFollowUps": 0,
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
    assert sum(lead["custom"] != {} for lead in leads) == 50
    assert all("2025-10-01" <= lead["createdAt"] < "2026-01-01" for lead in leads)
    clients = client.get("/clients?limit=100").json["data"]
    assert sum(each["leadId"] is not None for each in clients) == 10


def test_seeding_again_adds_other_people(client):
    for _ in range(3):
        assert client.post("/_test/seed", json={"leads": 20, "clients": 10}).status_code == 201
    leads = client.get("/leads?limit=100").json["data"]
    assert len({lead["email"] for lead in leads}) == 60
    assert client.post("/leads", json=LEAD).status_code == 201


@pytest.mark.parametrize("body", [{"leads": -1}, {"leads": 10_001}, {"seed": 2**32}, {"led": 1}])
def test_seed_refuses_what_it_cannot_make(client, body):
    assert client.post("/_test/seed", json=body).status_code == 400
    assert client.get("/leads").json["pagination"]["total"] == 0


def test_seed_has_defaults(client):
    assert client.post("/_test/seed").json == NO_PLANS | {"leads": 50, "clients": 10}


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
        **NO_PLANS,
        "leads": 10_000,
        "clients": 10_000,
    }


def test_other_machines_are_refused(client):
    for address in ("192.0.2.1", "2001:db8::1", "localhost", ""):
        answer = client.post("/_test/reset", environ_base={"REMOTE_ADDR": address})
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "FORBIDDEN")
    for address in ("127.0.0.1", "::1"):
        answer = client.post("/_test/reset", environ_base={"REMOTE_ADDR": address})
        assert answer.status_code == 204
