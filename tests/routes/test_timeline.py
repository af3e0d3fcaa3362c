"""The timeline of a person: events, follow-ups and tickets, each once, newest first."""

import random

import pytest

from leadbook.storage.clock import Clock
from leadbook.storage.cursors import token_of, values_of
from leadbook.storage.times import text_of

DAY = 24 * 60 * 60 * 1000


@pytest.fixture
def clock(time):
    """A clock on which each look takes a second, so that no two writes have the same time."""

    def tick():
        time[0] += 1000
        return time[0]

    return Clock(tick)


@pytest.fixture
def call(client):
    def call(method, path, **body):
        answer = client.open(path, method=method, json=body or None)
        assert answer.status_code in (200, 201, 204), answer.json
        return answer.json

    return call


@pytest.fixture
def plan(call, time):
    """Plan a follow-up, so many days from now."""

    def plan(days, person, **fields):
        due = {"dueAt": text_of(time[0] + int(days * DAY)), "subject": f"In {days} days"}
        return call("POST", "/follow-ups", **due, **link_of(person), **fields)

    return plan


@pytest.fixture
def page_of(client):
    def page_of(person, status=200, **query):
        answer = client.get(f"{path_of(person)}/timeline", query_string=query)
        assert answer.status_code == status, answer.json
        return answer.json

    return page_of


@pytest.fixture
def walk(page_of):
    def walk(person, limit=100, between=lambda: None):
        page = page_of(person, limit=limit)
        found = page["data"]
        while cursor := page["pagination"]["next"]:
            between()
            page = page_of(person, limit=limit, cursor=cursor)
            found = found + page["data"]
        return found

    return walk


def path_of(person):
    return f"/{'leads' if 'score' in person else 'clients'}/{person['id']}"


def link_of(person):
    return {"leadId" if "score" in person else "clientId": person["id"]}


def names(entries):
    """Return the type of each event, and the subject of each record."""
    return [
        each["event"]["type"] if each["event"] else (each["followUp"] or each["ticket"])["subject"]
        for each in entries
    ]


def keys(entries):
    return [(each["kind"], each["id"]) for each in entries]


def test_future_comes_first_and_then_what_was_done(call, make, plan, walk):
    person = make()
    one = person["id"]
    plan(2, person)
    plan(1, person)
    late = plan(-1, person)
    done = plan(0.5, person)
    call("POST", "/tickets", **link_of(person), subject="It stops")
    call("POST", f"/follow-ups/{done['id']}/complete", outcome="Bought")
    call("PATCH", path_of(person), notes="Likes engines")
    plan(3, person, status="cancelled")
    found = walk(person)
    kind = "lead" if "score" in person else "client"
    assert names(found) == [
        "In 3 days", "In 2 days", "In 1 days", f"{kind}.updated", "In 0.5 days", "It stops",
        f"{kind}.created", "In -1 days",
    ]  # fmt: skip
    times = [each["time"] for each in found]
    assert times == sorted(times, reverse=True)
    by_kind = {each["kind"]: each for each in found}
    assert found[-1]["followUp"] == call("GET", f"/follow-ups/{late['id']}")
    assert found[4]["time"] == found[4]["followUp"]["doneAt"]
    assert found[4]["followUp"]["outcome"] == "Bought"
    ticket = by_kind["ticket"]
    assert ticket["ticket"] == call("GET", f"/tickets/{ticket['id']}")
    assert ticket["time"] == ticket["ticket"]["createdAt"]
    event = by_kind["event"]
    assert event["event"] == call("GET", f"{path_of(person)}/history?limit=100")["data"][-1]
    assert (event["id"], event["time"]) == (str(event["event"]["number"]), event["event"]["time"])
    assert event["event"]["recordId"] == one
    for each in found:
        shown = [name for name in ("event", "followUp", "ticket") if each[name] is not None]
        assert shown == [{"follow-up": "followUp"}.get(each["kind"], each["kind"])]


def test_update_that_only_counts_follow_ups_is_left_out(call, make, plan, walk, page_of):
    person = make()
    follow_ups = [plan(days, person) for days in range(1, 9)]
    for each in follow_ups:
        call("DELETE", f"/follow-ups/{each['id']}")
    call("PATCH", path_of(person), company="Engines")
    assert [each.partition(".")[2] for each in names(walk(person))] == ["updated", "created"]
    # A page is full, however many of them are between its entries.
    page = page_of(person, limit=1)
    assert (
        names(page_of(person, limit=1, cursor=page["pagination"]["next"])["data"])
        == names(walk(person))[1:]
    )
    history = call("GET", f"{path_of(person)}/history?limit=100")["data"]
    assert len(history) == 2 + 2 * len(follow_ups)


def test_timeline_of_a_client_begins_with_its_leads(call, make_lead, plan, walk):
    lead, other = make_lead(email="ada@engines.test"), make_lead(email="ada@engines.test")
    stranger = make_lead()
    for each in (lead, other, stranger):
        plan(1, each, assignee=each["id"])
        call("POST", "/tickets", **link_of(each), subject="It stops")
    client = call("POST", f"/leads/{lead['id']}/convert")
    call("POST", f"/leads/{other['id']}/convert?onDuplicate=link")
    plan(2, lead)
    plan(3, client)
    found = walk(client)
    assert names(found) == [
        "In 3 days", "In 2 days", "In 1 days", "In 1 days",
        "lead.converted", "lead.converted", "client.created",
        "It stops", "It stops", "lead.created", "lead.created",
    ]  # fmt: skip
    assert len(set(keys(found))) == len(found)
    for limit in (1, 2, 3, 10):
        assert walk(client, limit) == found
    assert names(walk(lead)) == [
        "In 2 days", "In 1 days", "lead.converted", "It stops", "lead.created",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_walk_sees_each_entry_once_while_others_write(call, make, plan, walk, make_lead, seed):
    dice, person, stranger = random.Random(seed), make(), make_lead()
    live = [plan(dice.uniform(-20, 20), person) for _ in range(12)]
    for _ in range(6):
        call("POST", "/tickets", **link_of(person), subject="It stops")
        call("PATCH", path_of(person), notes=str(dice.random()))
    for each in live[:4]:
        call("PATCH", f"/follow-ups/{each['id']}", status="done")
    before = walk(person)
    gone = set()

    def change():
        for _ in range(dice.randrange(4)):
            one = dice.choice(live)
            deed = dice.randrange(7)
            if deed == 0 and len(live) > 5:
                live.remove(one)
                gone.add(("follow-up", one["id"]))
                call("DELETE", f"/follow-ups/{one['id']}")
            elif deed == 1:
                live.append(plan(dice.uniform(-30, 10), person))
            elif deed == 2:
                call("POST", "/tickets", **link_of(person), subject="New")
            elif deed == 3:
                call("PATCH", path_of(person), notes=str(dice.random()))
            elif deed == 4:
                plan(dice.uniform(-30, 10), stranger)
            elif deed == 5:
                due = text_of(1_767_225_600_000 + dice.randrange(-30 * DAY, 30 * DAY))
                call("PATCH", f"/follow-ups/{one['id']}", dueAt=due)
            else:
                status = dice.choice(["open", "done", "cancelled"])
                call("PATCH", f"/follow-ups/{one['id']}", status=status)

    seen = walk(person, dice.choice([1, 2, 5]), change)
    assert [each for each in keys(seen) if each not in gone] == [
        each for each in keys(before) if each not in gone
    ]
    # What is shown is the record as it is now; only its place is the one of before.
    places = {(each["kind"], each["id"]): each["time"] for each in before}
    assert all(each["time"] == places[each["kind"], each["id"]] for each in seen)


def test_entries_of_one_time_are_each_on_one_page(call, make, walk):
    person, due = make(), "2026-02-02T10:00:00Z"
    link = link_of(person)
    for _ in range(3):
        call("POST", "/follow-ups", subject="Call", dueAt=due, **link)
    batch = [{"subject": "It stops", **link}] * 3
    call("POST", "/tickets/batch", create=batch)
    found = walk(person)
    assert len(set(keys(found))) == len(found) == 7
    for limit in (1, 2, 5):
        assert walk(person, limit) == found


def test_what_is_erased_leaves_the_timeline(call, make_lead, plan, walk):
    lead = make_lead()
    client = call("POST", f"/leads/{lead['id']}/convert")
    erased = plan(1, lead)
    ticket = call("POST", "/tickets", **link_of(client), subject="It stops")
    call("DELETE", f"/follow-ups/{erased['id']}")
    call("DELETE", f"/tickets/{ticket['id']}")
    call("DELETE", f"/leads/{lead['id']}")
    assert {each["kind"] for each in walk(client)} == {"event"}
    assert {each["event"]["kind"] for each in walk(client)} == {"client"}


def test_timeline_of_nobody_is_a_404(call, make, page_of):
    person = make()
    call("DELETE", f"{path_of(person)}{'' if 'score' in person else '?permanent=true'}")
    for each in (person["id"], "019b76da-a800-7000-8000-000000000000", "none"):
        page_of({**person, "id": each}, status=404)
    other = make()
    assert page_of({**other, "id": other["id"].upper()}) == page_of(other)


def test_cursor_is_that_of_a_page_of_this_timeline(call, make, make_lead, make_client, page_of):
    person = make()
    call("PATCH", path_of(person), notes="Likes engines")
    cursor = page_of(person, limit=1)["pagination"]["next"]
    assert len(page_of(person, cursor=cursor)["data"]) == 1
    assert page_of({**person, "id": person["id"].upper()}, cursor=cursor)["data"]
    for other in (make_lead(), make_client()):
        refused = page_of(other, 400, cursor=cursor)["error"]["details"]
        assert [each["field"] for each in refused] == ["cursor"]
    values = values_of(cursor)
    wrong = [values[:-1], [*values, 1], {"of": 1}, [[]] * len(values)]
    for place, each in enumerate(values):
        other_type = 1 if isinstance(each, str) else str(each)
        wrong.append([*values[:place], other_type, *values[place + 1 :]])
        wrong.append([*values[:place], None, *values[place + 1 :]])
    wrong += [[values[0], 2**63, *values[2:]], [*values[:4], "x", values[5]]]
    tokens = ["", "x", "é", f"{cursor}A", *map(token_of, wrong)]
    for _ in range(2):
        make_lead()
    tokens.append(call("GET", "/leads?limit=1")["pagination"]["next"])
    for token in tokens:
        assert page_of(person, 400, cursor=token)["error"]["code"] == "VALIDATION_ERROR", token


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"page": 1}, {"limit": "x"}])
def test_wrong_query_is_refused(make, page_of, query):
    page_of(make(), 400, **query)
