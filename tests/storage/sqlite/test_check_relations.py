"""Damage to links, and to what records show about others, is found and mended."""

from contextlib import closing

import pytest

from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.driver import sqlite3

DUE = "2026-02-02T10:00:00.000Z"


@pytest.fixture
def path(app):
    return app.extensions["leadbook"].path


@pytest.fixture
def known(client, make_lead, make_client):
    """A converted lead and an archived client with follow-ups, a ticket and its comments."""

    def add(path, **fields):
        answer = client.post(path, json=fields)
        assert answer.status_code == 201, answer.json
        return answer.json

    lead, archived = make_lead(), make_client(email="eve@engines.test")
    ticket = add("/tickets", subject="The engine stops", leadId=lead["id"])
    comments = [add(f"/tickets/{ticket['id']}/comments", text=f"c {n}") for n in range(2)]
    planned = add("/follow-ups", subject="Call", dueAt=DUE, leadId=lead["id"])
    paused = add("/follow-ups", subject="Wait", dueAt=DUE, clientId=archived["id"])
    made = client.post(f"/leads/{lead['id']}/convert").json
    client.delete(f"/clients/{archived['id']}")
    return {
        f"/leads/{lead['id']}": None, f"/clients/{made['id']}": None,
        f"/clients/{archived['id']}": None, f"/tickets/{ticket['id']}": None,
        f"/follow-ups/{planned['id']}": None, f"/follow-ups/{paused['id']}": None,
        **{f"/tickets/{ticket['id']}/comments/{each['id']}": None for each in comments},
    }  # fmt: skip


def damage(path, statement):
    with closing(sqlite3.connect(path)) as other, other:
        assert other.execute(statement).rowcount


def faults_of(path, **options):
    found = check(path, Clock(), RECORDS, **{"repair": False} | options)
    return {what for what, count in found if count}


def without_times(record):
    return {name: each for name, each in record.items() if name not in ("version", "updatedAt")}


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE tickets SET comment_count = 7", "the comment_count of tickets"),
        ("UPDATE leads SET open_follow_ups = 0", "the open_follow_ups of leads"),
        ("UPDATE clients SET open_follow_ups = -1", "the open_follow_ups of clients"),
        ("UPDATE leads SET next_follow_up_at = 5", "the next_follow_up_at of leads"),
        ("UPDATE follow_up_days SET count = 7", "the counts by day of follow_ups"),
        ("DELETE FROM follow_up_days", "the counts by day of follow_ups"),
        ("INSERT INTO follow_up_days VALUES (5, 1)", "the counts by day of follow_ups"),
        ("UPDATE clients SET next_follow_up_at = 1 << 53", "the next_follow_up_at of clients"),
        ("UPDATE follow_ups SET paused = 1 - paused", "the paused of follow_ups"),
        ("UPDATE follow_ups SET paused = 7", "the paused of follow_ups"),
    ],
)
def test_damaged_summary_is_what_the_rows_say_again(client, path, known, statement, fault):
    before = {each: client.get(each).json for each in known}
    due = client.get("/follow-ups?due=overdue").json["data"]
    damage(path, statement)
    assert faults_of(path) == faults_of(path, repair=True) == {fault}
    assert faults_of(path) == set()
    for each, record in before.items():
        assert without_times(client.get(each).json) == without_times(record)
    assert client.get("/follow-ups?due=overdue").json["data"] == due


def links(client, path):
    answer = client.get(path)
    if answer.status_code == 404:
        return None
    return answer.json["leadId"] is not None, answer.json["clientId"] is not None


@pytest.mark.parametrize("gone", ["leads", "clients"])
def test_links_to_the_missing_half_of_a_person_are_removed(client, path, known, gone):
    damage(path, f"DELETE FROM {gone} WHERE status <> 'archived'")
    many = ("follow_ups", "tickets")
    assert {f"links from {each} to {gone}" for each in many} <= faults_of(path)
    faults_of(path, repair=True)
    assert faults_of(path) == set()
    paths = [each for each in known if each.count("/") == 2]
    _, _, archived, ticket, planned, paused = paths
    left = (True, False) if gone == "clients" else (False, True)
    assert links(client, ticket) == links(client, planned) == left
    assert links(client, paused) == (False, True)
    assert client.get(archived).json["openFollowUps"] == 1


def test_what_belongs_to_nobody_is_erased_but_tickets_stay(client, path, known):
    damage(path, "DELETE FROM leads")
    damage(path, "DELETE FROM clients")
    faults_of(path, repair=True)
    assert faults_of(path) == set()
    assert client.get("/follow-ups").json["data"] == []
    [ticket] = client.get("/tickets").json["data"]
    assert (ticket["leadId"], ticket["clientId"], ticket["commentCount"]) == (None, None, 2)


@pytest.mark.parametrize("link", ["zeroblob(16)", "x''"])
def test_comment_of_a_missing_ticket_is_erased(client, path, known, link):
    damage(path, f"UPDATE comments SET ticket_id = {link} WHERE number = 2")
    assert "links from comments to tickets" in faults_of(path)
    faults_of(path, repair=True)
    assert faults_of(path) == set()
    assert [client.get(each).status_code for each in known][-2:] == [200, 404]
    assert client.get("/tickets").json["data"][0]["commentCount"] == 1


def test_all_comments_go_if_their_ticket_is_missing(client, path, known):
    damage(path, "DELETE FROM tickets")
    faults_of(path, repair=True)
    assert faults_of(path) == set()
    kinds = [each["type"] for each in client.get("/events").json["data"]]
    assert kinds.count("comment.deleted") == 2


BOB = "(SELECT id FROM clients WHERE status = 'archived')"


@pytest.mark.parametrize("client_id", ["NULL", BOB])
@pytest.mark.parametrize("table", ["follow_ups", "tickets"])
def test_link_that_contradicts_that_of_the_lead_is_mended(client, path, known, table, client_id):
    before = {each: client.get(each).json for each in known}
    damage(path, f"UPDATE {table} SET client_id = {client_id} WHERE lead_id IS NOT NULL")
    assert f"the links of {table} to one person" in faults_of(path)
    assert f"the links of {table} to one person" in faults_of(path, repair=True)
    assert faults_of(path) == set()
    for each, record in before.items():
        assert without_times(client.get(each).json) == without_times(record)


@pytest.mark.parametrize("table", ["follow_ups", "tickets"])
def test_link_to_a_client_that_the_lead_has_not_become_is_removed(
    client, path, known, make_lead, table
):
    stored = make_lead(email="joan@engines.test")["id"].replace("-", "")
    damage(path, f"UPDATE {table} SET lead_id = x'{stored}' WHERE lead_id IS NOT NULL")
    faults_of(path, repair=True)
    assert faults_of(path) == set()
    name = "/follow-ups/" if table == "follow_ups" else "/tickets/"
    one = next(each for each in known if each.startswith(name))
    assert links(client, one) == (True, False)
    # The event tells the other one.
    assert "clientId" in client.get(f"{one}/history").json["data"][0]["changes"]


def test_record_of_a_client_needs_no_link_to_its_lead(client, path, make_lead):
    made = client.post(f"/leads/{make_lead()['id']}/convert").json
    for kind, fields in (("follow-ups", {"dueAt": DUE}), ("tickets", {})):
        new = client.post(f"/{kind}", json={"clientId": made["id"], "subject": "Call", **fields})
        assert new.json["leadId"] is None
    assert faults_of(path) == set()


def test_follow_up_of_nobody_stays_until_a_person_decides(client, path, known):
    damage(path, "UPDATE follow_ups SET lead_id = NULL, client_id = NULL WHERE number = 1")
    [planned] = [each for each in known if each.startswith("/follow-ups/")][:1]
    for repair in (True, False):
        told = []
        assert "the follow_ups of nobody" in faults_of(path, tell=told.append, repair=repair)
        assert told == [
            (
                f"The follow-up {planned.rpartition('/')[2]} belongs to nobody, and nothing says to "
                "whom. Send its leadId or clientId, or delete it."
            )
        ]
    # Until then, it is like any other.
    assert client.get("/follow-ups").json["pagination"]["total"] == 2
    lead = next(each for each in known if each.startswith("/leads/"))
    body = {"leadId": lead.rpartition("/")[2], "outcome": "Found"}
    assert client.put(planned, json=body).status_code == 200
    assert links(client, planned) == (True, True)
    assert faults_of(path) == set()
