"""Who may manage webhooks: keys with the scope admin, or programs here while there is no key."""

import pytest

from leadbook.access.gate import OPEN_TO_ALL
from leadbook.access.keys import create_key
from leadbook.testing import running_server

ID = "0199a065-da0b-7000-8ee3-ea8637f8a88b"
WEBHOOK = {"url": "https://hooks.example/x", "events": ["lead.*"]}
CALLS = [
    ("GET", "/webhooks"),
    ("POST", "/webhooks"),
    ("GET", f"/webhooks/{ID}"),
    ("PUT", f"/webhooks/{ID}"),
    ("PATCH", f"/webhooks/{ID}"),
    ("DELETE", f"/webhooks/{ID}"),
    ("POST", f"/webhooks/{ID}/rotate"),
    ("POST", f"/webhooks/{ID}/test"),
    ("POST", f"/webhooks/{ID}/replay"),
    ("GET", f"/webhooks/{ID}/deliveries"),
]
FROM_AFAR = [
    ({}, {"REMOTE_ADDR": "10.0.0.9"}),
    ({}, {"REMOTE_ADDR": ""}),
    ({"X-Forwarded-For": "127.0.0.1"}, {}),
    ({"Forwarded": "for=127.0.0.1"}, {}),
]


def make_key(app, scope):
    database = app.extensions["leadbook"]
    with database.use(), database.write():
        return {"Authorization": f"Bearer {create_key(scope, scope, None)}"}


@pytest.mark.parametrize("prefix", ["", "/v1"])
@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("scope", ["read", "write"])
def test_other_keys_may_not(app, client, scope, method, path, prefix):
    headers = make_key(app, scope)
    answer = client.open(prefix + path, method=method, json={}, headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "FORBIDDEN")
    assert "scope admin" in answer.json["error"]["message"]
    assert client.open(prefix + path, method=method, json={}).status_code == 401


def test_admin_may_and_may_also_read_and_write(app, client):
    headers = make_key(app, "admin")
    webhook = client.post("/webhooks", json=WEBHOOK, headers=headers)
    assert webhook.status_code == 201
    path = f"/webhooks/{webhook.json['id']}"
    assert client.put(path, json={"active": False}, headers=headers).status_code == 200
    assert client.delete(path, headers=headers).status_code == 204
    lead = {"name": "Ada", "email": "ada@engines.test"}
    assert client.post("/leads", json=lead, headers=headers).status_code == 201
    assert client.get("/leads", headers=headers).status_code == 200


@pytest.mark.parametrize(("headers", "environ"), FROM_AFAR)
def test_open_service_is_managed_from_its_own_machine(client, headers, environ):
    assert client.post("/webhooks", json=WEBHOOK).status_code == 201
    for method, path in CALLS:
        answer = client.open(path, method=method, headers=headers, environ_overrides=environ)
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "FORBIDDEN")
        assert "--scope admin" in answer.json["error"]["message"]


def test_service_that_is_open_on_purpose_is_managed_by_keys_only(app, client):
    app.extensions[OPEN_TO_ALL] = True
    assert client.get("/webhooks").status_code == 403
    assert client.get("/leads").status_code == 200


def test_exposed_test_mode_is_managed_by_everybody():
    far = {"REMOTE_ADDR": "10.0.0.9"}
    with running_server(exposed=True, HOST="127.0.0.1") as leadbook:
        answer = leadbook.client.get("/webhooks", environ_overrides=far)
        assert answer.status_code == 200
        # But they reach nothing on this machine with it.
        here = {"url": "http://127.0.0.1:9/", "events": ["lead.*"]}
        answer = leadbook.client.post("/webhooks", json=here, environ_overrides=far)
        assert answer.status_code == 400
    with running_server(exposed=False) as leadbook:
        answer = leadbook.client.get("/webhooks", environ_overrides={"REMOTE_ADDR": "10.0.0.9"})
        assert answer.status_code == 403


def test_key_of_test_mode_may():
    with running_server(api_key="leadbook_for_tests") as leadbook:
        assert leadbook.client.post("/webhooks", json=WEBHOOK).status_code == 201
