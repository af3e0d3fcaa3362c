"""What leads and clients show of their follow-ups, and what becomes of these with them."""

import json

import pytest
from walks import get, walk

SOON, LATER = "2026-02-02T09:00:00.000Z", "2026-03-02T09:00:00.000Z"


@pytest.fixture
def client(leadbook):
    return leadbook.client


@pytest.fixture(params=["leads", "clients"])
def kind(request):
    return request.param


@pytest.fixture
def person(leadbook, kind):
    return leadbook.add_lead() if kind == "leads" else leadbook.add_client()


def plan(client, person, due=SOON, **fields):
    link = "leadId" if "score" in person else "clientId"
    new = {link: person["id"], "subject": "Call", "dueAt": due, **fields}
    answer = client.post("/follow-ups", json=new)
    assert answer.status_code == 201, answer.json
    return answer.json


def change(client, follow_up, **fields):
    answer = client.put(f"/follow-ups/{follow_up['id']}", json=fields)
    assert answer.status_code == 200, answer.json
    return answer.json


def read(client, record):
    """Return the record as it is now."""
    kind = "leads" if "score" in record else "clients" if "archivedAt" in record else "follow-ups"
    return get(client, f"/{kind}/{record['id']}")


def planned(client, person):
    now = read(client, person)
    return now["nextFollowUpAt"], now["openFollowUps"]


def test_person_shows_the_earliest_open_one_and_how_many(client, person):
    assert (person["nextFollowUpAt"], person["openFollowUps"]) == (None, 0)
    later = plan(client, person, LATER)
    assert planned(client, person) == (LATER, 1)
    soon = plan(client, person, SOON)
    assert planned(client, person) == (SOON, 2)
    plan(client, person, "2026-01-15T09:00:00Z", status="done")
    plan(client, person, "2026-01-15T09:00:00Z", status="cancelled")
    assert planned(client, person) == (SOON, 2)
    change(client, soon, status="done")
    assert planned(client, person) == (LATER, 1)
    change(client, soon, status="open", dueAt="2026-04-02T09:00:00Z")
    assert planned(client, person) == (LATER, 2)
    client.delete(f"/follow-ups/{later['id']}")
    assert planned(client, person) == ("2026-04-02T09:00:00.000Z", 1)
    change(client, soon, status="cancelled")
    assert planned(client, person) == (None, 0)


def test_last_moment_of_9999_is_a_time_and_null_is_none(client, leadbook):
    nobody, last = leadbook.add_lead(), leadbook.add_lead()
    plan(client, last, "9999-12-31T23:59:59.999Z")
    assert planned(client, last) == ("9999-12-31T23:59:59.999Z", 1)
    assert [each["id"] for each in get(client, "/leads", followUp="planned")["data"]] == [
        last["id"]
    ]
    assert [each["id"] for each in get(client, "/leads", followUp="none")["data"]] == [nobody["id"]]


def test_what_the_service_counts_is_ignored_in_a_body(client, kind, person):
    body = person | {"nextFollowUpAt": SOON, "openFollowUps": 7}
    assert client.put(f"/{kind}/{person['id']}", json=body).json == person
    assert planned(client, person) == (None, 0)


def test_planning_is_a_change_of_the_person(client, leadbook, kind, person):
    path = f"/{kind}/{person['id']}"
    leadbook.clock.advance("1h")
    follow_up = plan(client, person)
    stale = {"If-Match": '"1"'}
    assert client.put(path, json={"notes": "x"}, headers=stale).status_code == 412
    assert client.get(path, headers={"If-None-Match": '"1"'}).status_code == 200
    now = get(client, path)
    assert (now["version"], now["updatedAt"]) == (2, leadbook.clock.now())
    changed = get(client, f"/{kind}", updatedSince=leadbook.clock.now())
    assert changed["data"] == [now]
    [last, _] = get(client, f"{path}/history")["data"]
    assert (last["type"], last["version"]) == (f"{kind[:-1]}.updated", 2)
    assert last["changes"] == {
        "nextFollowUpAt": {"from": None, "to": SOON}, "openFollowUps": {"from": 0, "to": 1}
    }  # fmt: skip
    _, *feed = get(client, "/events")["data"]
    assert [event["type"] for event in feed] == ["follow-up.created", f"{kind[:-1]}.updated"]
    assert [event["record"] for event in feed] == [follow_up, now]
    # Nothing that the person shows.
    change(client, follow_up, notes="x", assignee="Grace", type="call")
    plan(client, person, status="done")
    assert get(client, path) == now


def test_history_of_a_follow_up_tells_its_changes(client, leadbook):
    follow_up = plan(client, leadbook.add_lead())
    change(client, follow_up, status="done", outcome="Yes")
    last, first = get(client, f"/follow-ups/{follow_up['id']}/history")["data"]
    assert (last["type"], first["type"]) == ("follow-up.updated", "follow-up.created")
    assert last["changes"].keys() == {"status", "outcome", "doneAt"}
    assert first["changes"]["subject"] == {"from": None, "to": "Call"}


def test_lists_of_people_are_sorted_and_filtered_by_it(client, leadbook, kind):
    add = leadbook.add_lead if kind == "leads" else leadbook.add_client
    people = {name: add(name=name) for name in ("none", "later", "soon", "past")}
    for name, due in (("later", LATER), ("soon", SOON), ("past", "2026-01-10T09:00:00Z")):
        plan(client, people[name], due)
    plan(client, people["later"], "2026-03-09T09:00:00Z")
    leadbook.clock.set("2026-01-20T00:00:00Z")

    def names(**query):
        found = [each["name"] for each in get(client, f"/{kind}", **query)["data"]]
        assert [each["name"] for each in walk(client, f"/{kind}", limit=1, **query)] == found
        filters = {name: query[name] for name in query if name not in ("sort", "order")}
        filters |= {"format": "jsonl"} | ({"status": "active"} if kind == "clients" else {})
        lines = client.get(f"/{kind}/export", query_string=filters).text.splitlines()
        assert sorted(json.loads(each)["name"] for each in lines) == sorted(found)
        return found

    assert names(sort="nextFollowUpAt", order="asc") == ["past", "soon", "later", "none"]
    assert names(sort="nextFollowUpAt", order="desc") == ["none", "later", "soon", "past"]
    assert names(followUp="overdue") == ["past"]
    assert names(followUp="none") == ["none"]
    assert names(followUp="planned", sort="nextFollowUpAt", order="asc") == ["soon", "later"]
    # It is overdue when its time has passed, not when it comes.
    leadbook.clock.set(SOON)
    assert names(followUp="planned", order="asc") == ["later", "soon"]
    leadbook.clock.set("2026-02-02T09:00:00.001Z")
    assert names(followUp="overdue", order="asc") == ["soon", "past"]
    assert client.get(f"/{kind}?followUp=later").status_code == 400


@pytest.mark.parametrize("query", ["", "?onDuplicate=link"])
def test_conversion_takes_all_of_them_along(client, leadbook, query):
    lead, other = leadbook.add_lead(email="a@a.test"), leadbook.add_lead()
    if query:
        leadbook.add_client(email="a@a.test")
    mine = [plan(client, lead), plan(client, lead, LATER, status="done")]
    theirs = plan(client, other)
    made = client.post(f"/leads/{lead['id']}/convert{query}").json
    for each in mine:
        now = read(client, each)
        assert (now["leadId"], now["clientId"], now["version"]) == (lead["id"], made["id"], 2)
        assert now["doneAt"] == each["doneAt"]
    assert read(client, theirs) == theirs
    # The answer of the conversion is the client as it is then.
    assert made == read(client, made)
    assert planned(client, made) == planned(client, lead) == (SOON, 1)
    # What is planned later for the lead is also for the client.
    assert plan(client, lead)["clientId"] == made["id"]
    assert planned(client, made) == planned(client, lead) == (SOON, 2)


def test_lead_that_is_deleted_takes_its_own_along(client, leadbook):
    lead, other = leadbook.add_lead(), leadbook.add_lead()
    gone, left = plan(client, lead), plan(client, other)
    assert client.delete(f"/leads/{lead['id']}").status_code == 204
    assert get(client, "/follow-ups")["data"] == [left]
    assert client.get(f"/follow-ups/{gone['id']}").status_code == 404
    events = {event["recordId"]: event for event in get(client, "/events")["data"]}
    assert events[lead["id"]]["type"] == "lead.deleted"
    assert events[gone["id"]]["type"] == "follow-up.deleted"
    assert planned(client, other) == (SOON, 1)


def test_converted_person_is_unlinked_on_one_side_only(client, leadbook):
    lead = leadbook.add_lead()
    follow_up = plan(client, lead)
    made = client.post(f"/leads/{lead['id']}/convert").json
    client.delete(f"/clients/{made['id']}?permanent=true")
    now = read(client, follow_up)
    assert (now["leadId"], now["clientId"]) == (lead["id"], None)
    assert planned(client, lead) == (SOON, 1)
    # It can be converted again, and then the lead may go.
    again = client.post(f"/leads/{lead['id']}/convert").json
    assert read(client, follow_up)["clientId"] == again["id"]
    client.delete(f"/leads/{lead['id']}")
    now = read(client, follow_up)
    assert (now["leadId"], now["clientId"]) == (None, again["id"])
    assert planned(client, again) == (SOON, 1)
    client.delete(f"/clients/{again['id']}?permanent=true")
    assert get(client, "/follow-ups")["data"] == []


def test_archived_client_keeps_them_and_nothing_of_it_is_due(client, leadbook):
    customer = leadbook.add_client()
    follow_up = plan(client, customer)
    client.delete(f"/clients/{customer['id']}")
    assert planned(client, customer) == (SOON, 1)
    assert get(client, "/follow-ups")["data"] == [read(client, follow_up)] == [follow_up]
    for part in ("today", "week", "later", "overdue"):
        assert get(client, "/follow-ups", due=part)["data"] == []
    leadbook.clock.set(LATER)
    assert get(client, "/follow-ups", due="overdue")["data"] == []
    # What was planned may be changed and done. Nothing new is planned.
    assert change(client, follow_up, notes="x")["version"] == 2
    body = {"clientId": customer["id"], "subject": "Call", "dueAt": SOON}
    answer = client.post("/follow-ups", json=body)
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "CLIENT_ARCHIVED")
    other = plan(client, leadbook.add_lead())
    move = {"leadId": None, "clientId": customer["id"]}
    assert client.put(f"/follow-ups/{other['id']}", json=move).status_code == 409
    client.post(f"/clients/{customer['id']}/restore")
    due = get(client, "/follow-ups", due="overdue")["data"]
    assert {each["id"] for each in due} == {follow_up["id"], other["id"]}


def test_follow_up_that_leaves_an_archived_client_is_due_again(client, leadbook):
    customer, lead = leadbook.add_client(), leadbook.add_lead()
    follow_up = plan(client, customer)
    client.delete(f"/clients/{customer['id']}")
    moved = change(client, follow_up, clientId=None, leadId=lead["id"])
    assert get(client, "/follow-ups", due="later")["data"] == [moved]
    assert (planned(client, customer), planned(client, lead)) == ((None, 0), (SOON, 1))


def test_follow_up_of_an_archived_client_that_is_erased_is_due_for_its_lead(client, leadbook):
    lead = leadbook.add_lead()
    plan(client, lead)
    made = client.post(f"/leads/{lead['id']}/convert").json
    client.delete(f"/clients/{made['id']}")
    assert get(client, "/follow-ups", due="later")["data"] == []
    client.delete(f"/clients/{made['id']}?permanent=true")
    [left] = get(client, "/follow-ups", due="later")["data"]
    assert (left["leadId"], left["clientId"]) == (lead["id"], None)
