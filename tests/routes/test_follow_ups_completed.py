"""POST /follow-ups/{id}/complete: it is done, and the next one is planned, in one step."""

import pytest

DUE, LATER = "2026-02-02T09:00:00.000Z", "2026-03-02T09:00:00.000Z"
NEXT = {"subject": "Send the contract", "dueAt": LATER}
NOBODY = "019b76da-a800-7000-8000-00000000000f"


@pytest.fixture
def client(leadbook):
    return leadbook.client


@pytest.fixture
def lead(leadbook):
    return leadbook.add_lead()


@pytest.fixture
def follow_up(client, lead):
    new = {"leadId": lead["id"], "subject": "Call", "dueAt": DUE, "assignee": "Grace"}
    return client.post("/follow-ups", json=new).json


def complete(client, follow_up, body=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/follow-ups/{follow_up['id']}/complete", json=body, headers=headers)


def everything(client):
    """Return all that a refused request must leave as it was."""
    paths = ("/leads", "/clients?status=all", "/follow-ups", "/events")
    return [client.get(path).json for path in paths]


@pytest.mark.parametrize("body", [None, {}, {"outcome": "Yes"}, {"outcome": None, "next": None}])
def test_it_is_done_and_nothing_else_is_planned(client, leadbook, lead, follow_up, body):
    leadbook.clock.advance("1h")
    answer = complete(client, follow_up, body)
    now = leadbook.clock.now()
    assert answer.status_code == 200
    assert answer.json == follow_up | {
        "status": "done", "doneAt": now, "updatedAt": now, "version": 2,
        "outcome": (body or {}).get("outcome"),
    }  # fmt: skip
    assert answer.headers["ETag"] == '"2"'
    assert "Location" not in answer.headers
    person = client.get(f"/leads/{lead['id']}").json
    assert (person["openFollowUps"], person["nextFollowUpAt"]) == (0, None)


def test_the_next_one_is_planned_for_the_same_person(client, lead, follow_up):
    answer = complete(client, follow_up, {"outcome": "Yes", "next": NEXT})
    following = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"/follow-ups/{following['id']}"
    assert (following["subject"], following["dueAt"]) == (NEXT["subject"], LATER)
    assert (following["leadId"], following["status"]) == (lead["id"], "open")
    done = client.get(f"/follow-ups/{follow_up['id']}").json
    assert (done["status"], done["outcome"]) == ("done", "Yes")
    person = client.get(f"/leads/{lead['id']}").json
    assert (person["openFollowUps"], person["nextFollowUpAt"]) == (1, LATER)


def test_the_next_one_of_a_converted_lead_has_both_links(client, lead, follow_up):
    customer = client.post(f"/leads/{lead['id']}/convert").json
    following = complete(client, follow_up, {"next": NEXT}).json
    assert (following["leadId"], following["clientId"]) == (lead["id"], customer["id"])


def test_the_next_one_of_a_client_is_for_the_client(client, leadbook):
    new = {"clientId": leadbook.add_client()["id"], "subject": "Call", "dueAt": DUE}
    follow_up = client.post("/follow-ups", json=new).json
    assert complete(client, follow_up, {"next": NEXT}).json["clientId"] == new["clientId"]


def test_the_next_one_may_be_for_another_person(client, leadbook, lead, follow_up):
    customer = leadbook.add_client()
    following = complete(client, follow_up, {"next": {**NEXT, "clientId": customer["id"]}}).json
    assert (following["leadId"], following["clientId"]) == (None, customer["id"])
    assert client.get(f"/clients/{customer['id']}").json["nextFollowUpAt"] == LATER
    assert client.get(f"/leads/{lead['id']}").json["nextFollowUpAt"] is None


def test_null_links_of_the_next_one_mean_the_same_person(client, lead, follow_up):
    body = {"next": {**NEXT, "leadId": None, "clientId": None}}
    assert complete(client, follow_up, body).json["leadId"] == lead["id"]


def test_repeating_plans_no_second_one(client, follow_up):
    body = {"outcome": "Yes", "next": NEXT}
    complete(client, follow_up, body)
    before = everything(client)
    again = complete(client, follow_up, {"outcome": "No", "next": NEXT})
    assert (again.status_code, again.json["id"]) == (200, follow_up["id"])
    assert (again.json["outcome"], again.json["version"]) == ("Yes", 2)
    assert everything(client) == before


def test_the_same_key_gets_the_same_answer(client, follow_up):
    first = complete(client, follow_up, {"next": NEXT}, Idempotency_Key="one")
    again = complete(client, follow_up, {"next": NEXT}, Idempotency_Key="one")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert client.get("/follow-ups").json["pagination"]["total"] == 2
    other = complete(client, follow_up, {"next": {**NEXT, "type": "call"}}, Idempotency_Key="one")
    assert other.json["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"


def test_cancelled_one_may_be_completed(client, follow_up):
    client.put(f"/follow-ups/{follow_up['id']}", json={"status": "cancelled"})
    answer = complete(client, follow_up, {"next": NEXT})
    assert answer.status_code == 201
    done = client.get(f"/follow-ups/{follow_up['id']}").json
    assert (done["status"], done["doneAt"]) == ("done", done["updatedAt"])


def test_version_must_match_where_it_is_sent(client, follow_up):
    client.put(f"/follow-ups/{follow_up['id']}", json={"notes": "a"})
    before = everything(client)
    answer = complete(client, follow_up, {"next": NEXT}, If_Match='"1"')
    assert (answer.status_code, answer.json["error"]["code"]) == (412, "VERSION_MISMATCH")
    assert everything(client) == before
    assert complete(client, follow_up, {"next": NEXT}, If_Match='"2"').status_code == 201


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"outcome": "x" * 1001}, "outcome"),
        ({"outcome": 7}, "outcome"),
        ({"status": "done"}, "status"),
        ({"next": []}, "next"),
        ({"next": "Call"}, "next"),
        ({"next": {"dueAt": LATER}}, "next.subject"),
        ({"next": {"subject": "Write"}}, "next.dueAt"),
        ({"next": {**NEXT, "dueAt": "2026-03-02"}}, "next.dueAt"),
        ({"next": {**NEXT, "stauts": "open"}}, "next.stauts"),
        ({"next": {**NEXT, "leadId": NOBODY}}, "next.leadId"),
        ({"next": {**NEXT, "clientId": "x"}}, "next.clientId"),
        ({"next": {**NEXT, "next": NEXT}}, "next.next"),
    ],
)
def test_wrong_body_changes_nothing(client, follow_up, body, field):
    before = everything(client)
    answer = complete(client, follow_up, body)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert [detail["field"] for detail in answer.json["error"]["details"]] == [field]
    assert everything(client) == before


def test_the_next_one_of_an_archived_client_is_refused(client, leadbook):
    new = {"clientId": leadbook.add_client()["id"], "subject": "Call", "dueAt": DUE}
    follow_up = client.post("/follow-ups", json=new).json
    client.delete(f"/clients/{new['clientId']}")
    before = everything(client)
    answer = complete(client, follow_up, {"next": NEXT})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "CLIENT_ARCHIVED")
    assert everything(client) == before
    # What was done may still be said.
    assert complete(client, follow_up, {"outcome": "Bought"}).json["status"] == "done"


def test_unknown_follow_up_is_not_found(client):
    assert complete(client, {"id": NOBODY}, {"next": NEXT}).status_code == 404
