"""Tickets from lists of other tools: who asks, how far they are, and how urgent they are."""

import json

import pytest


@pytest.fixture
def ada(leadbook):
    leadbook.reset()
    return leadbook.add_lead(name="Ada", email="ada@x.test")


@pytest.fixture
def one(leadbook, take, ada):
    """Import one ticket, and return it and the report."""

    def one(header, row):
        report = take(f"{header}\n{row}\n", "tickets")
        [made] = leadbook.client.get("/tickets").json["data"]
        return made, report

    return one


@pytest.mark.parametrize(
    "header", ["Email", "Contact email", "Customer email", "Requester email", "requesterEmail"]
)
def test_address_is_that_of_the_requester(one, ada, header):
    made, report = one(f"Subject,{header}", "a,ADA@x.test")
    assert (made["requesterEmail"], made["leadId"]) == ("ADA@x.test", ada["id"])
    assert report["leftOut"] == []


def test_address_of_a_colleague_is_not(one):
    made, report = one("Subject,Assignee email", "a,ada@x.test")
    assert (made["requesterEmail"], report["leftOut"]) == (None, ["Assignee email"])


@pytest.mark.parametrize(
    ("cell", "address", "words"),
    [
        ("unknown", None, {"unknown": 1}),
        ("N/A", None, {}),
        ("Ada <ada@x.test>", "ada@x.test", {}),
        ('"ada@x.test, bob@x.test"', "ada@x.test", {}),
        ("mailto:ada@x.test", "ada@x.test", {}),
        ("ada@x.test;", "ada@x.test", {}),
    ],
)
def test_odd_address_does_not_cost_the_ticket(one, ada, cell, address, words):
    made, report = one("Subject,Email", f"a,{cell}")
    assert (made["requesterEmail"], made["leadId"]) == (address, address and ada["id"])
    assert report["notUnderstood"].get("requesterEmail", {}) == words
    assert report["leftOut"] == []


JANUARY = "2026-01-01T00:00:00.000Z"
FEBRUARY = "2026-02-01T00:00:00.000Z"


@pytest.mark.parametrize(
    ("header", "cells", "status", "resolved", "closed"),
    [
        ("Resolved at,Closed at,status", "2026-01-01,,resolved", "resolved", JANUARY, None),
        ("Resolved at,Closed at", "2026-01-01,", "resolved", JANUARY, None),
        ("Resolved at,Closed at", "2026-01-01,2026-02-01", "closed", JANUARY, FEBRUARY),
        ("Closed at", "2026-02-01", "closed", FEBRUARY, FEBRUARY),
        ("Closed at,status", "2026-02-01,open", "open", None, None),
        ("Resolved at,status", "2026-01-01,closed", "closed", JANUARY, JANUARY),
        ("Created at,status", "2026-01-01,closed", "closed", JANUARY, JANUARY),
        ("Status", "Done", "resolved", "now", None),
        ("Status", "Completed", "resolved", "now", None),
        ("Ticket status", "Solved", "resolved", "now", None),
        ("Status", "On hold", "pending", None, None),
        ("Status", "In Progress", "open", None, None),
        ("Status", "Geschlossen", "closed", "now", "now"),
    ],
)
def test_words_and_times_say_how_far_it_is(leadbook, one, header, cells, status, resolved, closed):
    leadbook.clock.set("2026-03-01T00:00:00Z")
    made, report = one(f"Subject,{header}", f"a,{cells}")
    now = "2026-03-01T00:00:00.000Z"
    wanted = [now if each == "now" else each for each in (resolved, closed)]
    assert [made["status"], made["resolvedAt"], made["closedAt"]] == [status, *wanted]
    assert (report["leftOut"], report["notUnderstood"]["status"]) == ([], {})


@pytest.mark.parametrize(
    ("word", "priority"),
    [("Medium", "normal"), ("Critical", "urgent"), ("HIGH", "high"), ("niedrig", "low")],
)
def test_words_for_priorities(one, word, priority):
    made, report = one("Subject,Priority", f"a,{word}")
    assert (made["priority"], report["notUnderstood"]) == (
        priority,
        {"status": {}, "createdAt": {}},
    )


def test_unknown_priority_is_told(one):
    made, report = one("Subject,Priority", "a,Purple")
    assert (made["priority"], report["notUnderstood"]["priority"]) == ("normal", {"Purple": 1})


def test_list_of_texts_is_tags_for_tickets_only(leadbook, take, ada):
    ticket = {"subject": "a", "tags": ["", "x, y", "z"]}
    take(json.dumps([ticket]), "tickets", "application/json")
    assert leadbook.client.get("/tickets").json["data"][0]["tags"] == ["x, y", "z"]
    lead = {"name": "A", "email": "a@x.test", "tags": ["", "x", "a, b"], "labels": ["", "x"]}
    take(json.dumps([lead]), "leads", "application/json")
    found = next(each for each in leadbook.leads() if each["email"] == "a@x.test")
    assert found["custom"] == {"tags": "x, a, b", "labels": "x"}


@pytest.mark.parametrize(
    ("lacking", "given"),
    [
        ({"status", "resolvedAt"}, {"closedAt": FEBRUARY}),
        ({"status", "resolvedAt", "closedAt"}, {}),
        ({"status", "closedAt"}, {"resolvedAt": JANUARY}),
        ({"status"}, {"resolvedAt": JANUARY, "closedAt": FEBRUARY}),
        ({"resolvedAt"}, {"status": "closed", "closedAt": FEBRUARY}),
        ({"closedAt"}, {"status": "closed", "resolvedAt": JANUARY}),
    ],
)
def test_export_without_some_columns_is_completed(leadbook, take, ada, lacking, given):
    made = leadbook.client.post("/tickets", json={"subject": "a"}).json
    leadbook.client.delete(f"/tickets/{made['id']}")
    wanted = {"status": "open", "resolvedAt": None, "closedAt": None}
    if "closedAt" in given or given.get("status") == "closed":
        time = given.get("closedAt", given.get("resolvedAt"))
        wanted = {"status": "closed", "resolvedAt": given.get("resolvedAt", time), "closedAt": time}
    elif given:
        wanted = {"status": "resolved", "resolvedAt": JANUARY, "closedAt": None}
    row = {name: each for name, each in (made | given).items() if name not in lacking}
    report = take(json.dumps(row), "tickets", "application/x-ndjson")
    assert report["rejects"] == []
    assert sorted(report["ownExport"]["missing"]) == sorted(lacking)
    found = leadbook.client.get(f"/tickets/{made['id']}").json
    assert {name: found[name] for name in wanted} == wanted
