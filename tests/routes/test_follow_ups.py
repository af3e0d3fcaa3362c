"""Follow-ups: what each needs, what may change, and what is refused."""

import json

import pytest

NOBODY = "019b76da-a800-7000-8000-00000000000f"
DUE = "2026-02-02T09:00:00.000Z"


@pytest.fixture
def client(leadbook):
    return leadbook.client


@pytest.fixture
def lead(leadbook):
    return leadbook.add_lead()


def post(client, **fields):
    return send(client, "POST", "/follow-ups", {"subject": "Call", "dueAt": DUE} | fields)


def send(client, method, path, body):
    # json.dumps escapes what is not ASCII: so lone surrogates can be sent.
    data = json.dumps(body)
    return client.open(path, method=method, data=data, content_type="application/json")


def plan(client, **fields):
    answer = post(client, **fields)
    assert answer.status_code == 201, answer.json
    return answer.json


def change(client, follow_up, **fields):
    answer = client.put(f"/follow-ups/{follow_up['id']}", json=fields)
    assert answer.status_code == 200, answer.json
    return answer.json


def assert_refused(answer, *fields):
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert [detail["field"] for detail in answer.json["error"]["details"]] == [*fields]


def total(client):
    return client.get("/follow-ups").json["pagination"]["total"]


def test_planned_follow_up_has_every_field(client, leadbook, lead):
    answer = post(client, leadId=lead["id"])
    made = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/follow-ups/{made['id']}"
    assert answer.headers["ETag"] == '"1"'
    now = leadbook.clock.now()
    assert made == {
        "id": made["id"], "leadId": lead["id"], "clientId": None, "type": "task",
        "subject": "Call", "notes": None, "dueAt": DUE, "remindAt": None, "assignee": None,
        "status": "open", "outcome": None, "doneAt": None, "version": 1,
        "createdAt": now, "updatedAt": now,
    }  # fmt: skip
    assert client.get(answer.headers["Location"]).json == made
    assert client.get(f"/v1{answer.headers['Location']}").json == made


def test_follow_up_is_for_exactly_one_person(client, leadbook, lead):
    customer = leadbook.add_client()
    assert_refused(post(client), "leadId")
    assert_refused(post(client, leadId=None, clientId=None), "leadId")
    assert_refused(post(client, leadId=lead["id"], clientId=customer["id"]), "clientId")
    assert plan(client, clientId=customer["id"])["leadId"] is None
    assert plan(client, leadId=lead["id"], clientId=None)["clientId"] is None
    assert total(client) == 2


@pytest.mark.parametrize("link", ["leadId", "clientId"])
@pytest.mark.parametrize("id", [NOBODY, "x", "0"])
def test_unknown_person_is_refused_and_named(client, lead, link, id):
    assert_refused(post(client, **{link: id}), link)
    follow_up = plan(client, leadId=lead["id"])
    answer = client.put(f"/follow-ups/{follow_up['id']}", json={"leadId": None, link: id})
    assert_refused(answer, link)
    assert client.get(f"/follow-ups/{follow_up['id']}").json == follow_up


def test_id_of_the_other_kind_is_unknown(client, leadbook, lead):
    assert_refused(post(client, clientId=lead["id"]), "clientId")
    assert_refused(post(client, leadId=leadbook.add_client()["id"]), "leadId")


def test_id_in_capitals_is_the_same_person(client, lead):
    assert plan(client, leadId=lead["id"].upper())["leadId"] == lead["id"]


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ("2026-02-02T10:00:00+01:00", DUE),
        ("2026-02-02t03:30:00.000999-05:30", DUE),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ("1970-01-01T01:00:00+01:00", "1970-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ("2028-02-29T23:59:60Z", "2028-02-29T23:59:59.000Z"),
    ],
)
@pytest.mark.parametrize("field", ["dueAt", "remindAt"])
def test_time_becomes_utc(client, lead, field, given, stored):
    assert plan(client, leadId=lead["id"], **{field: given})[field] == stored


@pytest.mark.parametrize(
    "given",
    [
        "2026-02-02", "2026-02-02T10:00:00", "1969-12-31T23:59:59.999Z",
        "1970-01-01T00:59:59+01:00", "9999-12-31T23:59:59-00:01", "2026-02-30T10:00:00Z",
        "tomorrow", 1_770_000_000_000, True, [], {},
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["dueAt", "remindAt"])
def test_anything_else_is_no_time(client, lead, field, given):
    assert_refused(post(client, leadId=lead["id"], **{field: given}), field)
    assert total(client) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", None), ("subject", " \t"), ("subject", "a\nb"), ("subject", "x" * 201),
        ("subject", 7), ("subject", "\u200b"), ("subject", "a\ud800"), ("notes", "x" * 10_001),
        ("notes", "\u202e"), ("assignee", "x" * 101), ("assignee", ["Grace"]),
        ("outcome", "x" * 1001), ("outcome", "\x00"), ("status", "finished"), ("status", None),
        ("status", ["open"]), ("type", "fax"), ("type", None), ("type", {"$ne": 1}),
        ("dueAt", None), ("dueat", DUE), ("paused", True), ("reminded", True), ("number", 1),
        ("leadId", 7), ("clientId", {"id": 1}), ("leadId", "' OR 1=1 --"),
    ],
)  # fmt: skip
def test_wrong_value_is_refused_and_named(client, lead, field, value):
    assert_refused(post(client, **{"leadId": lead["id"], field: value}), field)
    follow_up = plan(client, leadId=lead["id"])
    answer = send(client, "PATCH", f"/follow-ups/{follow_up['id']}", {field: value})
    assert_refused(answer, field)
    assert client.get(f"/follow-ups/{follow_up['id']}").json == follow_up


def test_texts_are_cleaned_before_they_are_measured(client, lead):
    longest = {"subject": 200, "notes": 10_000, "assignee": 100, "outcome": 1000}
    texts = {name: "ü" * size for name, size in longest.items()}
    padded = {name: f"  {text}\n" for name, text in texts.items()}
    made = plan(client, leadId=lead["id"], **padded)
    assert {name: made[name] for name in texts} == texts
    changed = change(client, made, notes="a\r\n\tb", assignee=" ", outcome="")
    assert (changed["notes"], changed["assignee"], changed["outcome"]) == ("a\n\tb", None, None)


@pytest.mark.parametrize("body", ["[]", "7", "null", '"x"'])
def test_body_is_an_object(client, lead, body):
    follow_up = plan(client, leadId=lead["id"])
    own = f"/follow-ups/{follow_up['id']}"
    for method, path in (("POST", "/follow-ups"), ("PUT", own), ("POST", f"{own}/complete")):
        answer = client.open(path, method=method, data=body, content_type="application/json")
        assert answer.status_code == 400, (method, path)
    assert client.get(own).json == follow_up


def test_what_was_done_may_be_logged_as_done(client, leadbook, lead):
    made = plan(client, leadId=lead["id"], status="done", type="call", outcome="Will think.")
    assert (made["doneAt"], made["status"]) == (leadbook.clock.now(), "done")
    assert (made["type"], made["outcome"]) == ("call", "Will think.")
    assert plan(client, leadId=lead["id"], status="cancelled")["doneAt"] is None


def test_status_sets_and_removes_the_time(client, leadbook, lead):
    follow_up = plan(client, leadId=lead["id"])
    leadbook.clock.advance("1h")
    done = change(client, follow_up, status="done")
    assert done["doneAt"] == leadbook.clock.now() == "2026-01-01T01:00:00.000Z"
    leadbook.clock.advance("1h")
    # What is done already keeps its time.
    assert change(client, follow_up, status="done", outcome="Yes")["doneAt"] == done["doneAt"]
    assert change(client, follow_up, outcome="No")["doneAt"] == done["doneAt"]
    for status in ("open", "cancelled"):
        assert change(client, follow_up, status="done")["doneAt"]
        assert change(client, follow_up, status=status)["doneAt"] is None
    # The time is Leadbook's.
    assert change(client, follow_up, doneAt=DUE)["doneAt"] is None


@pytest.mark.parametrize("link", ["leadId", "clientId"])
def test_sending_back_what_was_read_changes_nothing(client, leadbook, link):
    lead = leadbook.add_lead()
    if link == "clientId":
        client.post(f"/leads/{lead['id']}/convert")
    follow_up = plan(client, leadId=lead["id"], remindAt=DUE, status="done", notes="a")
    leadbook.clock.advance("1h")
    before = client.get(f"/leads/{lead['id']}").json
    assert change(client, follow_up, **follow_up) == follow_up
    assert change(client, follow_up) == follow_up
    assert client.get(f"/leads/{lead['id']}").json == before
    changed = change(client, follow_up, **follow_up | {"subject": "Write"})
    assert (changed["version"], changed["clientId"]) == (2, follow_up["clientId"])


def test_moving_to_another_person_changes_both(client, leadbook, lead):
    customer = leadbook.add_client()
    follow_up = plan(client, leadId=lead["id"])
    for body in (follow_up | {"leadId": None, "clientId": customer["id"]}, {"leadId": lead["id"]}):
        moved = change(client, follow_up, **body)
        now = [
            client.get(f"/leads/{lead['id']}").json,
            client.get(f"/clients/{customer['id']}").json,
        ]
        at_client = bool(moved["clientId"])
        assert moved["leadId"] == (None if at_client else lead["id"])
        assert [each["openFollowUps"] for each in now] == [not at_client, at_client]
        times = [each["nextFollowUpAt"] for each in now]
        assert times == ([None, DUE] if at_client else [DUE, None])
    assert [each["version"] for each in now] == [4, 3]
    answer = client.put(f"/follow-ups/{follow_up['id']}", json={"leadId": None})
    assert_refused(answer, "leadId")


def test_stale_version_changes_nothing(client, lead):
    follow_up = plan(client, leadId=lead["id"])
    changed = change(client, follow_up, subject="Write")
    path = f"/follow-ups/{follow_up['id']}"
    stale = {"If-Match": '"1"'}
    for answer in (
        client.put(path, json={"subject": "No"}, headers=stale),
        client.delete(path, headers=stale),
        client.post(f"{path}/complete", headers=stale),
    ):
        assert (answer.status_code, answer.json["error"]["code"]) == (412, "VERSION_MISMATCH")
    assert client.get(path).json == changed
    assert client.get(path, headers={"If-None-Match": '"2"'}).status_code == 304


def test_deleted_follow_up_is_gone(client, lead):
    follow_up = plan(client, leadId=lead["id"])
    path = f"/follow-ups/{follow_up['id']}"
    assert client.delete(path).status_code == 204
    for answer in (client.get(path), client.delete(path), client.post(f"{path}/complete")):
        assert answer.status_code == 404
    assert client.get(f"{path}/history").status_code == 404
    assert total(client) == 0
