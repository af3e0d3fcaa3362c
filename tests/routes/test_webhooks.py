"""The calls under /webhooks; tests/webhooks has what is sent."""

import pytest

from leadbook.testing import running_server
from leadbook.webhooks.models import MOST_WEBHOOKS
from leadbook.webhooks.signing import make_secret

URL = "https://hooks.example/x"
SECRET = make_secret()


@pytest.fixture
def make_webhook(client):
    def make(**fields):
        answer = client.post("/webhooks", json={"url": URL, "events": ["lead.*"]} | fields)
        assert answer.status_code == 201, answer.json
        return answer

    return make


@pytest.fixture
def webhook(make_webhook):
    return make_webhook().json


def path_of(webhook, call=""):
    return f"/webhooks/{webhook['id']}{call}"


def details(answer):
    assert answer.status_code == 400, answer.json
    return {each["field"]: each["message"] for each in answer.json["error"]["details"]}


def test_secret_is_shown_once(client, make_webhook):
    answer = make_webhook(description=" In step. ", events=["client.archived", "lead.*"])
    made = dict(answer.json)
    assert answer.headers["Location"] == path_of(made)
    assert answer.headers["ETag"] == '"1"'
    assert made.pop("secret").startswith("whsec_")
    assert made == {
        "id": made["id"],
        "url": URL,
        "events": ["client.archived", "lead.*"],
        "description": "In step.",
        "active": True,
        "reason": None,
        "oldSecretUntil": None,
        "version": 1,
        "createdAt": made["createdAt"],
        "updatedAt": made["createdAt"],
    }
    read = client.get(path_of(made))
    assert (read.json, read.headers["ETag"]) == (made, '"1"')
    assert client.get("/webhooks").json == {"data": [made]}
    assert client.put(path_of(made), json={"active": False}).json.keys() == made.keys()


def test_given_secret_is_kept(make_webhook):
    assert make_webhook(secret=SECRET).json["secret"] == SECRET


def test_made_secrets_differ(make_webhook):
    assert len({make_webhook().json["secret"] for _ in range(10)}) == 10


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"url": None}, "url"),
        ({"url": ""}, "url"),
        ({"url": "ftp://hooks.example"}, "url"),
        ({"url": "https://user:word@hooks.example"}, "url"),
        ({"url": "https://hooks.example/#part"}, "url"),
        ({"url": f"https://hooks.example/{'x' * 2000}"}, "url"),
        ({"url": "http://127.0.0.1/x"}, "url"),
        ({"url": "http://10.0.0.1/x"}, "url"),
        ({"url": "http://[::1]/x"}, "url"),
        ({"url": "http://[::ffff:127.0.0.1]/x"}, "url"),
        ({"url": "http://127.1/x"}, "url"),
        ({"url": "http://2130706433/x"}, "url"),
        ({"url": "http://0x7f000001/x"}, "url"),
        ({"url": "http://017700000001/x"}, "url"),
        ({"url": "http://169.254.169.254/latest/meta-data"}, "url"),
        ({"events": []}, "events"),
        ({"events": "lead.*"}, "events"),
        ({"events": ["lead.*", "lead.*"]}, "events"),
        ({"events": ["lead"]}, "events[0]"),
        ({"events": ["*"]}, "events[0]"),
        ({"active": 1}, "active"),
        ({"active": None}, "active"),
        ({"description": "x" * 1001}, "description"),
        ({"secret": "secret"}, "secret"),
        ({"secret": "whsec_c2hvcnQ="}, "secret"),
        ({"event": ["lead.*"]}, "event"),
    ],
)
def test_wrong_fields_are_named(client, webhook, fields, field):
    new = {"url": URL, "events": ["lead.*"]} | fields
    assert details(client.post("/webhooks", json=new)).keys() == {field}
    assert field in details(client.put(path_of(webhook), json=fields))
    assert len(client.get("/webhooks").json["data"]) == 1


def test_url_and_events_are_required(client):
    assert details(client.post("/webhooks", json={})).keys() == {"url", "events"}


def test_change_keeps_other_fields(client, webhook):
    changed = client.put(path_of(webhook), json={"events": ["client.*"]}).json
    assert (changed["events"], changed["url"], changed["version"]) == (["client.*"], URL, 2)
    same = client.patch(path_of(webhook), json={"events": ["client.*"]}).json
    assert same == changed


def test_what_was_read_can_be_sent_back(client, webhook):
    read = client.get(path_of(webhook)).json
    assert client.put(path_of(webhook), json=read).json == read


def test_lost_updates_are_refused(client, webhook):
    old = {"If-Match": '"7"'}
    for method, call in [
        ("PUT", ""),
        ("DELETE", ""),
        ("POST", "/rotate"),
        ("POST", "/replay"),
        ("POST", "/test"),
    ]:
        body = {"after": 0} if call == "/replay" else {}
        body = None if call == "/test" or method == "DELETE" else body
        answer = client.open(path_of(webhook, call), method=method, json=body, headers=old)
        assert answer.json["error"]["code"] == "VERSION_MISMATCH", (method, call)
    assert client.get(path_of(webhook)).json["version"] == 1
    assert client.get(path_of(webhook), headers={"If-None-Match": '"1"'}).status_code == 304


def test_unknown_webhook_is_a_404(client, webhook):
    client.delete(path_of(webhook))
    for method, call in [
        ("GET", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("POST", "/rotate"),
        ("POST", "/test"),
        ("GET", "/deliveries"),
    ]:
        body = {} if method != "GET" else None
        answer = client.open(path_of(webhook, call), method=method, json=body)
        assert (answer.status_code, answer.json["error"]["message"]) == (
            404,
            "No webhook has this id.",
        ), (method, call)
    assert client.get("/webhooks/import").status_code == 404


@pytest.mark.parametrize("call", ["", "/rotate", "/test", "/replay"])
def test_answers_with_secrets_are_not_stored(client, webhook, call):
    path = path_of(webhook, call) if call else "/webhooks"
    body = None if call == "/test" else {"url": URL, "events": ["lead.*"]}
    answer = client.post(path, json=body, headers={"Idempotency-Key": "once"})
    assert answer.status_code == 400
    assert "Idempotency-Key" in details(answer) or call in ("/rotate", "/replay")


def test_there_are_not_too_many(client, make_webhook):
    for _ in range(MOST_WEBHOOKS):
        make_webhook()
    answer = client.post("/webhooks", json={"url": URL, "events": ["lead.*"]})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "TOO_MANY_WEBHOOKS")
    assert len(client.get("/webhooks").json["data"]) == MOST_WEBHOOKS


def test_rotated_secret_is_new_or_given(client, webhook):
    made = client.post(path_of(webhook, "/rotate")).json
    assert made["secret"] not in (webhook["secret"], SECRET)
    assert made["oldSecretUntil"] > made["updatedAt"]
    assert (
        client.post(path_of(webhook, "/rotate"), json={"secret": SECRET}).json["secret"] == SECRET
    )
    assert details(client.post(path_of(webhook, "/rotate"), json={"secrets": SECRET}))


@pytest.mark.parametrize("after", [-1, "0", None, True, 2**63])
def test_replay_needs_a_number(client, webhook, after):
    answer = client.post(path_of(webhook, "/replay"), json={"after": after})
    assert details(answer).keys() == {"after"}


def test_replay_needs_a_number_that_there_is(client, webhook, make_lead):
    make_lead()
    assert client.post(path_of(webhook, "/replay"), json={"after": 1}).status_code == 200
    answer = client.post(path_of(webhook, "/replay"), json={"after": 2})
    assert details(answer) == {"after": "Must be at most 1, that of the last event."}


def test_replay_needs_events_that_are_kept():
    with running_server(EVENTS_KEPT="1d") as leadbook:
        webhook = leadbook.client.post("/webhooks", json={"url": URL, "events": ["lead.*"]}).json
        leadbook.add_lead()
        leadbook.clock.advance("3d")
        leadbook.add_lead()
        answer = leadbook.client.post(path_of(webhook, "/replay"), json={"after": 0})
    assert (answer.status_code, answer.json["error"]["code"]) == (410, "EVENTS_EXPIRED")


def test_webhook_begins_with_the_events_after_it(client, make_webhook, make_lead):
    make_lead()
    deliveries = client.get(path_of(make_webhook().json, "/deliveries")).json
    assert deliveries == {"data": [], "after": 1, "failures": 0, "nextTry": None}
