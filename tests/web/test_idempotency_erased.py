"""A key whose record is erased remembers that, and nothing else."""

import pytest
from repeated_posts import BODY, HOUR, post, total

from leadbook.storage import idempotency
from leadbook.storage.clock import Clock


@pytest.fixture
def clock(time):
    return Clock(lambda: time[0])


@pytest.mark.parametrize("path", ["/leads", "/clients"])
def test_answer_goes_with_the_record_that_is_erased(app, client, path):
    record = post(client, path, json=BODY | {"name": "Unforgettable"}).json
    query = "?permanent=true" if path == "/clients" else ""
    assert client.delete(f"{path}/{record['id']}{query}").status_code == 204
    for file in app.extensions["leadbook"].path.parent.iterdir():
        assert b"Unforgettable" not in file.read_bytes()
    assert_gone(post(client, path, json=BODY | {"name": "Unforgettable"}))
    assert total(client, path) == 0


def assert_gone(answer):
    assert (answer.status_code, answer.json["error"]["code"]) == (410, "RECORD_GONE")
    assert "Idempotency-Replayed" not in answer.headers


def stored(app):
    with app.extensions["leadbook"].use():
        return list(idempotency.StoredAnswer.select().dicts())


def assert_nowhere(app, *words):
    for file in app.extensions["leadbook"].path.parent.iterdir():
        kept = file.read_bytes()
        assert not [word for word in words if word.encode() in kept], file.name


def test_key_remembers_for_24_hours_that_its_record_is_gone(app, client, time):
    lead = post(client).json
    [before] = stored(app)
    time[0] += HOUR
    client.delete(f"/leads/{lead['id']}")
    [row] = stored(app)
    kept = {"id", "key", "created_at"}
    assert {name: row[name] for name in kept} == {name: before[name] for name in kept}
    assert {name: value for name, value in row.items() if name not in kept} == {
        "request": "", "status": 410, "body": b"", "content_type": "",
        "etag": None, "location": None, "record_id": None,
    }  # fmt: skip
    # Whatever is asked with it.
    assert_gone(post(client))
    assert_gone(post(client, json=BODY | {"name": "Eve"}))
    assert_gone(post(client, "/clients"))
    assert total(client) == total(client, "/clients") == 0
    time[0] += 23 * HOUR
    assert post(client).status_code == 201


@pytest.mark.parametrize("on_duplicate", ["skip", "update", "create"])
def test_captured_lead_that_is_erased_is_gone(app, client, make_lead, on_duplicate):
    existing = make_lead(email=BODY["email"])
    path = f"/leads?onDuplicate={on_duplicate}"
    lead = post(client, path, json=BODY | {"notes": "Unforgettable"}).json
    client.delete(f"/leads/{lead['id']}")
    assert_nowhere(app, "Unforgettable")
    assert_gone(post(client, path, json=BODY | {"notes": "Unforgettable"}))
    assert total(client) == (lead["id"] != existing["id"])


def test_conversion_whose_client_is_erased_is_gone(client, make_lead):
    lead = make_lead()
    path = f"/leads/{lead['id']}/convert"
    made = post(client, path, json={}).json
    client.delete(f"/clients/{made['id']}?permanent=true")
    assert_gone(post(client, path, json={}))
    assert client.get(f"/leads/{lead['id']}").json["clientId"] is None
    assert total(client, "/clients") == 0


def test_conversion_whose_lead_is_erased_shows_the_client_of_now(app, client, make_lead):
    lead = make_lead(name="Unforgettable")
    path = f"/leads/{lead['id']}/convert"
    made = post(client, path, json={})
    client.put(f"/clients/{made.json['id']}", json={"name": "Eve"})
    client.delete(f"/leads/{lead['id']}")
    assert_nowhere(app, "Unforgettable", lead["id"])
    again = post(client, path, json={})
    now = client.get(f"/clients/{made.json['id']}")
    assert (again.status_code, again.json) == (201, now.json)
    assert (again.json["leadId"], again.json["name"]) == (None, "Eve")
    assert again.headers["ETag"] == now.headers["ETag"] != made.headers["ETag"]
    assert again.headers["Location"] == made.headers["Location"]
    assert again.headers["Content-Type"] == made.headers["Content-Type"]
    client.delete(f"/clients/{made.json['id']}?permanent=true")
    assert_gone(post(client, path, json={}))


def test_linked_client_forgets_the_words_of_the_lead(app, client, make_lead, make_client):
    existing = make_client(email="both@a.test", leadId=None)
    lead = make_lead(email="both@a.test", notes="Unforgettable")
    first = make_lead(email="both@a.test")
    client.post(f"/leads/{first['id']}/convert?onDuplicate=link")
    path = f"/leads/{lead['id']}/convert?onDuplicate=link"
    assert post(client, path, json={}).json["id"] == existing["id"]
    client.put(f"/clients/{existing['id']}", json={"notes": None})
    client.delete(f"/leads/{lead['id']}")
    assert_nowhere(app, "Unforgettable")
    assert post(client, path, json={}).json == client.get(f"/clients/{existing['id']}").json


def test_batch_is_not_repeated_when_its_records_are_erased(app, client):
    body = {"create": [BODY | {"name": "Unforgettable"}]}
    first = post(client, "/leads/batch", json=body)
    client.post("/leads/batch", json={"delete": [{"id": first.json["created"][0]}]})
    assert_nowhere(app, "Unforgettable")
    assert post(client, "/leads/batch", json=body).data == first.data
    assert total(client) == 0


def test_batch_that_erases_leaves_its_mark_too(app, client):
    lead = post(client).json
    client.post("/leads/batch", json={"delete": [{"id": lead["id"]}]})
    assert_gone(post(client))


def test_gone_answers_are_swept_with_the_others(app, client, time):
    client.delete(f"/leads/{post(client).json['id']}")
    time[0] += 25 * HOUR
    post(client, key="new")
    assert [row["status"] for row in stored(app)] == [201]


def test_guesses_do_not_tell_what_a_batch_said_of_an_erased_lead(app, client):
    body = b'{"create": [{"name": "Ada", "email": "ada@engines.test"}]}'
    headers = {"Idempotency-Key": "c6e1c1b5", "Content-Type": "application/json"}
    made = client.post("/leads/batch", data=body, headers=headers).json["created"]
    assert client.delete(f"/leads/{made[0]}").status_code == 204
    [row] = stored(app)
    # All of the request but for the key, which is nowhere in the file.
    guess = idempotency._hash(b"POST", b"/leads/batch", b"", body)
    assert guess != row["request"]
    assert_nowhere(app, "c6e1c1b5")
    repeated = client.post("/leads/batch", data=body, headers=headers)
    assert (repeated.status_code, repeated.json["created"]) == (200, made)


def test_guesses_do_not_tell_what_a_completion_said_of_an_erased_lead(app, client, make_lead):
    lead, other = make_lead(), make_lead()
    new = {"subject": "a", "dueAt": "2026-02-02T10:00:00Z"}
    done = client.post("/follow-ups", json={**new, "leadId": lead["id"]}).json
    body = {"outcome": "Ada is ill", "next": {**new, "leadId": other["id"]}}
    path = f"/follow-ups/{done['id']}/complete"
    made = post(client, path, json=body)
    assert made.json["leadId"] == other["id"]
    guess = idempotency._hash(b"POST", path.encode(), b"", app.json.dumps(body).encode())
    client.delete(f"/leads/{lead['id']}")
    [row] = stored(app)
    assert row["request"] != guess
    assert post(client, path, json=body).json == made.json


def test_batch_of_an_earlier_version_is_replayed(app, client):
    body = b'{"create": [{"name": "Ada", "email": "ada@engines.test"}]}'
    headers = {"Idempotency-Key": "k", "Content-Type": "application/json"}
    made = client.post("/leads/batch", data=body, headers=headers).json
    with app.extensions["leadbook"].use() as database, database.write():
        # Its hash was without the key.
        plain = idempotency._hash(b"POST", b"/leads/batch", b"", body)
        idempotency.StoredAnswer.update(request=plain).execute()
    assert client.post("/leads/batch", data=body, headers=headers).json == made
