"""Tickets: whose they are, their numbers, statuses, tags, lists and searches."""

import pytest
from repeated_posts import post

from leadbook.storage.clock import Clock

SOON = "2026-02-02T10:00:00Z"


@pytest.fixture
def clock(time):
    return Clock(lambda: time[0])


@pytest.fixture
def make_ticket(client):
    def make(**fields):
        answer = client.post("/tickets", json={"subject": "The engine stops"} | fields)
        assert answer.status_code == 201, answer.json
        return answer.json

    return make


def get(client, ticket):
    return client.get(f"/tickets/{ticket['id']}").json


def change(client, ticket, **fields):
    answer = client.put(f"/tickets/{ticket['id']}", json=fields)
    assert answer.status_code == 200, answer.json
    return answer.json


def numbers(client, **query):
    answer = client.get("/tickets", query_string=query)
    assert answer.status_code == 200, answer.json
    return [each["number"] for each in answer.json["data"]]


def field_of(answer):
    assert answer.status_code == 400, answer.json
    return [each["field"] for each in answer.json["error"]["details"]]


def test_ticket_without_fields_has_defaults(client, make_ticket):
    ticket = make_ticket()
    assert client.get(f"/tickets/{ticket['id']}").json == ticket
    known = {name: ticket[name] for name in ticket if not name.endswith("At") and name != "id"}
    assert known == {
        "version": 1, "number": 1, "subject": "The engine stops", "description": None,
        "status": "open", "priority": "normal", "leadId": None, "clientId": None,
        "requesterEmail": None, "assignee": None, "tags": [], "commentCount": 0,
    }  # fmt: skip
    assert (ticket["resolvedAt"], ticket["closedAt"]) == (None, None)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"subject": None}, "subject"),
        ({"subject": " "}, "subject"),
        ({"subject": "a" * 201}, "subject"),
        ({"description": "a" * 20_001}, "description"),
        ({"status": "done"}, "status"),
        ({"priority": "highest"}, "priority"),
        ({"requesterEmail": "nobody"}, "requesterEmail"),
        ({"leadId": "01a22194-9377-7000-a1e6-d423c0cee158"}, "leadId"),
        ({"clientId": "unknown"}, "clientId"),
        ({"tags": [f"{number}" for number in range(21)]}, "tags"),
        ({"tags": ["a" * 51]}, "tags[0]"),
        ({"tags": "a"}, "tags"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_wrong_field_is_named(client, make_ticket, fields, field):
    assert field_of(client.post("/tickets", json={"subject": "a"} | fields)) == [field]
    ticket = make_ticket()
    assert field_of(client.put(f"/tickets/{ticket['id']}", json=fields)) == [field]
    assert get(client, ticket) == ticket


def test_tags_are_kept_once_in_any_case(client, make_ticket):
    twenty = [f"tag {number}" for number in range(20)]
    assert make_ticket(tags=twenty)["tags"] == twenty
    ticket = make_ticket(tags=[" Hot", "hot", "STRASSE", "straße", "", "a" * 50])
    assert ticket["tags"] == ["Hot", "STRASSE", "a" * 50]
    assert numbers(client, tag="HOT") == [2]
    assert numbers(client, tag="Straße") == [2]
    assert numbers(client, tag="ho") == []
    assert change(client, ticket, tags=None)["tags"] == []


def test_address_finds_the_active_client_before_a_lead(client, make_lead, make_client, make_ticket):
    make_lead(email="both@engines.test")
    known = make_client(email="Both@Engines.test")
    ticket = make_ticket(requesterEmail="both@engines.TEST")
    assert (ticket["clientId"], ticket["leadId"]) == (known["id"], None)
    assert ticket["requesterEmail"] == "both@engines.TEST"


def test_address_finds_the_newest_open_lead(client, make_lead, make_client, make_ticket, time):
    archived = make_client(email="ada@bücher.test")
    client.delete(f"/clients/{archived['id']}")
    leads = {}
    for status in ("new", "contacted", "won", "lost"):
        time[0] += 1
        leads[status] = make_lead(email="ada@bücher.test", status=status)
    ticket = make_ticket(requesterEmail="Ada@xn--bcher-kva.test")
    assert (ticket["clientId"], ticket["leadId"]) == (None, leads["contacted"]["id"])


def test_address_of_nobody_is_kept_alone(client, make_lead, make_ticket):
    make_lead(email="ada@engines.test", status="lost")
    ticket = make_ticket(requesterEmail="ada@engines.test")
    assert (ticket["clientId"], ticket["leadId"]) == (None, None)
    assert ticket["requesterEmail"] == "ada@engines.test"


def test_id_comes_before_the_address(make_lead, make_ticket):
    lead, other = make_lead(), make_lead()
    assert make_ticket(requesterEmail=other["email"], leadId=lead["id"])["leadId"] == lead["id"]


def test_address_that_is_set_later_finds_the_person(client, make_lead, make_ticket):
    lead, other = make_lead(), make_lead()
    ticket = make_ticket()
    changed = change(client, ticket, requesterEmail=lead["email"].upper())
    assert (changed["leadId"], changed["version"]) == (lead["id"], 2)
    # It has a person by now.
    assert change(client, ticket, requesterEmail=other["email"])["leadId"] == lead["id"]
    read_back = get(client, ticket) | {"requesterEmail": lead["email"].upper(), "leadId": None}
    assert change(client, ticket, **read_back)["leadId"] == lead["id"]


def test_ticket_that_is_sent_back_does_not_change(client, make_lead, make_ticket):
    alone = make_ticket(requesterEmail="late@engines.test", tags=["a", "A "], priority="high")
    lead = make_lead(email="late@engines.test")
    linked = make_ticket(requesterEmail="late@engines.test", status="closed")
    client.post(f"/leads/{lead['id']}/convert")
    for ticket in (alone, linked):
        before = get(client, ticket)
        assert change(client, ticket, **before) == before
    # Unlinked on purpose: the address stays, and names nobody again.
    unlinked = change(client, linked, leadId=None, clientId=None)
    assert (unlinked["leadId"], unlinked["clientId"]) == (None, None)
    assert change(client, linked, **unlinked) == unlinked
    spelled = change(client, linked, requesterEmail="LATE@engines.test")
    assert (spelled["leadId"], spelled["clientId"]) == (None, None)


@pytest.mark.parametrize("link", ["leadId", "clientId"])
def test_links_to_one_person_are_removed_together(client, make_lead, make_ticket, link):
    lead = make_lead()
    ticket = make_ticket(leadId=lead["id"])
    client.post(f"/leads/{lead['id']}/convert")
    before = get(client, ticket)
    answer = client.put(f"/tickets/{ticket['id']}", json={link: None})
    assert answer.status_code == 400
    assert answer.json["error"]["details"][0]["field"] == link
    assert get(client, ticket) == before
    assert change(client, ticket, leadId=None, clientId=None)["clientId"] is None


def test_ticket_follows_its_lead_to_the_client(client, make_lead, make_ticket):
    lead = make_lead()
    ticket = make_ticket(leadId=lead["id"])
    made = client.post(f"/leads/{lead['id']}/convert").json
    moved = get(client, ticket)
    assert (moved["leadId"], moved["clientId"], moved["version"]) == (lead["id"], made["id"], 2)
    assert numbers(client, clientId=made["id"]) == numbers(client, leadId=lead["id"]) == [1]
    later = make_ticket(leadId=lead["id"])
    assert (later["leadId"], later["clientId"]) == (lead["id"], made["id"])


def test_archived_client_keeps_its_tickets_and_gets_no_new_one(client, make_client, make_ticket):
    known = make_client()
    ticket = make_ticket(clientId=known["id"])
    client.delete(f"/clients/{known['id']}")
    assert get(client, ticket) == ticket
    answer = client.post("/tickets", json={"subject": "a", "clientId": known["id"]})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "CLIENT_ARCHIVED")
    assert change(client, ticket, subject="b")["clientId"] == known["id"]


@pytest.mark.parametrize(
    ("statuses", "resolved", "closed"),
    [
        (["resolved"], 1, None),
        (["resolved", "closed"], 1, 2),
        (["closed"], 1, 1),
        (["closed", "resolved"], 1, None),
        (["closed", "pending"], None, None),
        (["resolved", "open", "resolved"], 3, None),
    ],
)
def test_status_sets_and_removes_the_times(client, make_ticket, time, statuses, resolved, closed):
    ticket = make_ticket()
    times = {None: None}
    for number, status in enumerate(statuses, 1):
        time[0] += 1000
        changed = change(client, ticket, status=status, resolvedAt="2020-01-01T00:00:00Z")
        times[number] = changed["updatedAt"]
    assert (changed["resolvedAt"], changed["closedAt"]) == (times[resolved], times[closed])


def test_ticket_may_be_closed_from_the_beginning(make_ticket):
    ticket = make_ticket(status="closed")
    assert ticket["resolvedAt"] == ticket["closedAt"] == ticket["createdAt"]


def test_lists_are_filtered_and_sorted(client, make_lead, make_ticket, time):
    lead = make_lead()
    for fields in (
        {"priority": "high", "assignee": "Grace"},
        {"priority": "low", "status": "pending", "leadId": lead["id"]},
        {"priority": "urgent", "status": "closed", "assignee": "GRACE"},
        {"status": "pending"},
    ):
        time[0] += 1000
        make_ticket(**fields)
    assert numbers(client) == [4, 3, 2, 1]
    assert numbers(client, sort="priority") == [3, 1, 4, 2]
    assert numbers(client, sort="priority", order="asc") == [2, 4, 1, 3]
    assert numbers(client, sort="number", order="asc") == [1, 2, 3, 4]
    assert numbers(client, status="open,pending") == [4, 2, 1]
    assert numbers(client, priority="high,urgent") == [3, 1]
    assert numbers(client, assignee="grace") == [3, 1]
    assert numbers(client, leadId=lead["id"]) == [2]
    assert numbers(client, status="pending", priority="low") == [2]
    assert field_of(client.get("/tickets?priority=most")) == ["priority"]


def test_cursor_walks_by_priority(client, make_ticket):
    for priority in ("high", "low", "urgent", "high", "normal"):
        make_ticket(priority=priority)
    query, found = {"sort": "priority", "limit": 2}, []
    while query:
        page = client.get("/tickets", query_string=query).json
        found += [each["priority"] for each in page["data"]]
        token = page["pagination"]["next"]
        query = token and {"cursor": token, "limit": 2}
    assert found == ["urgent", "high", "high", "normal", "low"]


def test_search_reads_texts_comments_and_numbers(client, make_ticket):
    for number in range(12):
        make_ticket(subject=f"Ticket {number}", description="Éngine" if number == 3 else None)
    path = f"/tickets/{client.get('/tickets?sort=number&order=asc').json['data'][6]['id']}"
    client.post(f"{path}/comments", json={"text": "It hums again."})
    assert numbers(client, search="#12") == [12]
    assert numbers(client, search="#1") == [1]
    assert numbers(client, search="#012") == []
    assert numbers(client, search="ENGINE") == [4]
    assert numbers(client, search="hums") == numbers(client, search="ticket HUM") == [7]


def test_number_is_never_used_twice(client, make_ticket):
    assert make_ticket()["number"] == 1
    last = make_ticket()
    client.delete(f"/tickets/{last['id']}")
    assert make_ticket()["number"] == 3
    assert change(client, make_ticket(), number=1)["number"] == 4
    # Those of a batch that fails are not used.
    made = [{"subject": "a"}, {"subject": "a", "leadId": "unknown"}]
    assert client.post("/tickets/batch", json={"create": made}).status_code == 400
    assert make_ticket()["number"] == 5


def test_follow_up_of_a_ticket_is_for_its_person(client, make_lead, make_ticket):
    lead, other = make_lead(), make_lead()
    ticket = make_ticket(leadId=lead["id"])
    path, body = f"/tickets/{ticket['id']}/follow-up", {"subject": "Call", "dueAt": SOON}
    answer = post(client, path, json=body)
    assert answer.status_code == 201
    assert answer.json["leadId"] == lead["id"]
    assert answer.headers["Location"] == f"/follow-ups/{answer.json['id']}"
    assert client.get(answer.headers["Location"]).json == answer.json
    again = post(client, path, json=body)
    assert (again.json, again.headers["Location"]) == (answer.json, answer.headers["Location"])
    assert client.get(f"/leads/{lead['id']}").json["openFollowUps"] == 1
    assert client.post(path, json=body | {"leadId": other["id"]}).json["leadId"] == other["id"]
    empty = client.post(path, json=body | {"leadId": None, "clientId": None})
    assert empty.json["leadId"] == lead["id"]
    stale = client.post(path, json=body, headers={"If-Match": '"7"'})
    assert stale.status_code == 412


def test_follow_up_of_a_ticket_of_nobody_needs_a_person(client, make_lead, make_ticket):
    path, body = f"/tickets/{make_ticket()['id']}/follow-up", {"subject": "Call", "dueAt": SOON}
    answer = client.post(path, json=body)
    assert field_of(answer) == ["leadId"]
    assert "The ticket has no person" in answer.json["error"]["details"][0]["message"]
    lead = make_lead()
    assert client.post(path, json=body | {"leadId": lead["id"]}).status_code == 201
    assert client.post("/tickets/unknown/follow-up", json=body).status_code == 404


def test_follow_up_of_a_converted_ticket_has_both_links(client, make_lead, make_ticket):
    lead = make_lead()
    ticket = make_ticket(leadId=lead["id"])
    made = client.post(f"/leads/{lead['id']}/convert").json
    body = {"subject": "Call", "dueAt": SOON}
    planned = client.post(f"/tickets/{ticket['id']}/follow-up", json=body).json
    assert (planned["leadId"], planned["clientId"]) == (lead["id"], made["id"])
    client.delete(f"/clients/{made['id']}")
    assert client.post(f"/tickets/{ticket['id']}/follow-up", json=body).status_code == 409
