"""A POST that is sent again with the same Idempotency-Key happens once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from repeated_posts import BODY, HOUR, post, total

from leadbook.access.keys import create_key
from leadbook.storage import idempotency
from leadbook.storage.clock import Clock


@pytest.fixture
def clock(time):
    return Clock(lambda: time[0])


def test_same_request_gets_the_same_answer(client):
    first, second = post(client), post(client)
    assert total(client) == 1
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    for name in ("ETag", "Location", "Content-Type"):
        assert first.headers[name] == second.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


def test_answer_is_the_one_of_then(client):
    lead = post(client).json
    client.put(f"/leads/{lead['id']}", json={"name": "Eve"})
    assert post(client).json == lead


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/leads", BODY | {"name": "Eve"}),
        ("/clients", BODY),
        ("/v1/clients", BODY),
        ("/leads/x/convert?onDuplicate=link", {}),
    ],
)
def test_same_key_for_something_else_is_a_conflict(client, path, body):
    post(client)
    answer = post(client, path, json=body)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert total(client) == 1


@pytest.mark.parametrize(("first", "second"), [("", "/v1"), ("/v1", ""), ("/v1", "/v1")])
def test_path_with_and_without_its_version_is_one_request(client, first, second):
    made, repeated = post(client, f"{first}/leads"), post(client, f"{second}/leads")
    assert (made.status_code, repeated.status_code) == (201, 201)
    assert made.data == repeated.data
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert repeated.headers["Location"] == f"{second}/leads/{made.json['id']}"
    path = f"/leads/{made.json['id']}/convert"
    converted = [post(client, f"{each}{path}", "k2", json={}) for each in (first, second)]
    assert [each.headers["Location"] for each in converted] == [
        f"{each}/clients/{converted[0].json['id']}" for each in (first, second)
    ]
    assert total(client) == 1


def test_import_with_and_without_the_version_is_one_request(client):
    headers = {"Idempotency-Key": "k", "Content-Type": "text/csv"}
    for prefix in ("", "/v1"):
        answer = client.post(
            f"{prefix}/leads/import", data="name,email\nA,a@b.test\n", headers=headers
        )
        assert answer.json["created"] == 1
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert total(client) == 1


def test_paths_of_two_mounts_are_two_requests(client):
    post(client)
    answer = client.post(
        "/leads",
        json=BODY,
        headers={"Idempotency-Key": "k1"},
        environ_overrides={"SCRIPT_NAME": "/crm"},
    )
    assert answer.status_code == 409


def test_query_is_part_of_what_is_asked(client, make_lead):
    path = f"/leads/{make_lead()['id']}/convert"
    assert post(client, path, json={}).status_code == 201
    assert post(client, f"{path}?onDuplicate=link", json={}).status_code == 409


def test_body_is_judged_before_the_key(client):
    post(client)
    assert post(client, json={"name": ""}).status_code == 400


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb", "\xff", "é"])
def test_key_is_printable_ascii(client, key):
    answer = post(client, key=key)
    assert (answer.status_code, answer.json["error"]["details"][0]["field"]) == (
        400,
        "Idempotency-Key",
    )
    assert total(client) == 0


@pytest.mark.parametrize("key", [" ", "x" * 255, "~!\"'%"])
def test_any_other_key_will_do(client, key):
    assert post(client, key=f"a{key}"[:255]).status_code == 201
    assert post(client, key=f"a{key}"[:255]).headers["Idempotency-Replayed"] == "true"


def test_failures_are_not_kept(client, make_client):
    existing = make_client(email=BODY["email"])
    assert post(client, "/clients").status_code == 409
    client.delete(f"/clients/{existing['id']}")
    answer = post(client, "/clients")
    assert (answer.status_code, answer.headers.get("Idempotency-Replayed")) == (201, None)


def test_convert_and_restore_are_kept_too(client, make_lead):
    lead = make_lead()
    made = post(client, f"/leads/{lead['id']}/convert", key="a", json={})
    again = post(client, f"/leads/{lead['id']}/convert", key="a", json={})
    assert (made.status_code, again.status_code) == (201, 201)
    client.delete(f"/clients/{made.json['id']}")
    restored = post(client, f"/clients/{made.json['id']}/restore", key="b", json={})
    client.delete(f"/clients/{made.json['id']}")
    assert (
        post(client, f"/clients/{made.json['id']}/restore", key="b", json={}).json == restored.json
    )
    assert client.get(f"/clients/{made.json['id']}").json["status"] == "archived"


def test_key_means_nothing_on_other_methods(client, make_lead):
    path = f"/leads/{make_lead()['id']}"
    for score in (1, 2):
        answer = client.put(path, json={"score": score}, headers={"Idempotency-Key": "k"})
        assert answer.json["score"] == score


def test_two_callers_may_use_the_same_key(client, app):
    with app.extensions["leadbook"].use() as database, database.write():
        tokens = [create_key(name, "write", None) for name in "ab"]
    answers = [post(client, Authorization=f"Bearer {token}") for token in tokens]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json["id"] != answers[1].json["id"]


def test_two_at_once_make_one_record(app, client):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(app.test_client()), range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 15
    assert total(client) == 1


def test_answers_are_kept_for_24_hours(client, time):
    first = post(client).json
    time[0] += 24 * HOUR - 1
    assert post(client).json == first
    time[0] += 1
    assert post(client).json["id"] != first["id"]
    assert total(client) == 2


def test_old_and_surplus_answers_are_swept(app, client, time, monkeypatch):
    def kept():
        with app.extensions["leadbook"].use():
            return idempotency.StoredAnswer.select().count()

    for number in range(5):
        post(client, key=f"old{number}")
    time[0] += 25 * HOUR
    post(client, key="new")
    assert kept() == 1
    monkeypatch.setattr(idempotency, "MOST_ANSWERS", 3)
    for number in range(10):
        post(client, key=f"more{number}")
    assert kept() <= 4
