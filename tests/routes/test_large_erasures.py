"""People with many tickets can be erased, however short the time limit is."""

from contextlib import closing, contextmanager

import pytest

from leadbook.app import create_app
from leadbook.models import RECORDS, Comment, FollowUp, Ticket
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.search_index import ERASES_ENTRIES

NAME, ADDRESS = "Unforgettable Byron", "unmistakable@engines.test"
PATIENCE_SECONDS, HASTE_SECONDS = 60, 0.01
DUE = "2026-02-02T10:00:00.000Z"


@pytest.fixture
def database(app):
    with app.extensions["leadbook"].use() as database:
        yield database


@pytest.fixture
def person(make_client):
    return make_client(name=NAME, email=ADDRESS)


def add_tickets(database, person, count, comments=1):
    with database.write():
        for number in range(count):
            texts = {"subject": f"{NAME} {number}", "description": f"{number} asks {ADDRESS}. " * 9}
            new = {**texts, "client_id": person["id"], "requester_email": ADDRESS}
            ticket = Ticket.create_from(new)
            for _ in range(comments):
                Comment.create_from(
                    {"ticket_id": ticket.id, "text": f"{NAME} asks.", "author": "B"}
                )


def erase(client, person, tickets):
    answer = client.delete(f"/clients/{person['id']}?permanent=true&tickets={tickets}")
    assert answer.status_code == 204, answer.json


def assert_in_order(path, words=(b"nforgettable", b"nmistakable")):
    assert [each for each in check(path, Clock(), RECORDS, repair=False) if each[1]] == []
    with closing(sqlite3.connect(path)) as other:
        config = dict(other.execute("SELECT * FROM ticket_search_config"))
        assert config.get("secure-delete", 0) == int(ERASES_ENTRIES)
    for file in path.parent.iterdir():
        kept = file.read_bytes().lower()
        assert [word for word in words if word in kept] == [], file.name


def assert_index_is_empty(database):
    """Assert that the index has no entries, not even those that only count as erased."""
    if ERASES_ENTRIES:
        [(size,)] = database.execute_sql("SELECT sum(length(block)) FROM ticket_search_data")
        assert size < 1000


@pytest.mark.parametrize(
    ("count", "tickets"),
    [
        (200, "erase"),
        (200, "keep"),
        pytest.param(10_000, "erase", marks=pytest.mark.long),
        pytest.param(3_000, "keep", marks=pytest.mark.long),
    ],
)
def test_person_with_many_tickets_is_erased_within_any_limit(tmp_path, clock, count, tickets):
    path = tmp_path / "leadbook.db"
    app = create_app({"DATABASE": path, "QUERY_TIMEOUT": HASTE_SECONDS}, clock)
    database, client = app.extensions["leadbook"], app.test_client()
    database.time_limit.hurry(PATIENCE_SECONDS)
    with closing(database), database.use():
        person = client.post("/clients", json={"name": NAME, "email": ADDRESS}).json
        add_tickets(database, person, count)
        database.time_limit.hurry(HASTE_SECONDS)
        erase(client, person, tickets)
        database.time_limit.hurry(PATIENCE_SECONDS)
        left = client.get("/tickets").json
        assert left["pagination"]["total"] == (count if tickets == "keep" else 0)
        assert {each["commentCount"] for each in left["data"]} <= {1}
        if tickets == "erase":
            assert_index_is_empty(database)
    assert_in_order(path)


def test_ticket_with_many_comments_is_erased_within_any_limit(client, database, person):
    add_tickets(database, person, 1, comments=300)
    [ticket] = client.get("/tickets").json["data"]
    database.time_limit.hurry(HASTE_SECONDS)
    assert client.delete(f"/tickets/{ticket['id']}").status_code == 204
    database.time_limit.hurry(PATIENCE_SECONDS)
    assert_in_order(database.path, ())


@contextmanager
def statements(database):
    """Yield the list of statements that this thread runs in the block."""
    seen = []
    database.connection().set_trace_callback(seen.append)
    try:
        yield seen
    finally:
        database.connection().set_trace_callback(None)


def test_words_of_a_person_are_looked_up_once(client, database, make_lead):
    lead = make_lead(name=NAME, email=ADDRESS)
    with database.write():
        for _ in range(20):
            new = {"lead_id": lead["id"], "subject": f"Call {NAME}", "due_at": DUE}
            FollowUp.create_from(new)
    client.post(f"/leads/{lead['id']}/convert", json={"name": "Ada King"})
    with statements(database) as seen:
        assert client.delete(f"/leads/{lead['id']}").status_code == 204
    assert len([each for each in seen if "instr(changes, '\"name\":[')" in each]) == 1
    assert len([each for each in seen if "FROM clients WHERE id = " in each]) < 10
    kept = client.get("/follow-ups").json["data"]
    assert {each["subject"] for each in kept} == {"Call [erased]"}


def test_kept_ticket_changes_once_whatever_its_comments_say(client, database, person):
    add_tickets(database, person, 1, comments=20)
    [before] = client.get("/tickets").json["data"]
    with statements(database) as seen:
        erase(client, person, "keep")
    # SQLite tells of some statements again for their triggers.
    assert len([each for each in seen if each.startswith("INSERT INTO ticket_texts")]) < 10
    [kept] = client.get("/tickets").json["data"]
    assert kept["version"] == before["version"] + 1
    assert client.get("/tickets?search=unforgettable").json["pagination"]["total"] == 0
    assert client.get("/tickets?search=asks").json["pagination"]["total"] == 1


def test_long_text_that_was_changed_leaves_no_entry(client, database):
    text = "Unforgettable Byron asks.\n" * 300
    ticket = client.post("/tickets", json={"subject": "Help", "description": text}).json
    for more in ("Now.", "Again."):
        text += more
        client.put(f"/tickets/{ticket['id']}", json={"description": text})
    assert client.get("/tickets?search=again").json["pagination"]["total"] == 1
    assert client.delete(f"/tickets/{ticket['id']}").status_code == 204
    assert_in_order(database.path)
    assert_index_is_empty(database)


def erase_all_and_fail(database):
    with database.write():
        for ticket in list(Ticket.select()):
            ticket.delete_for_good()
        raise KeyError


def test_small_erasures_go_on_after_a_large_one_has_failed(client, database, person):
    add_tickets(database, person, 120)
    with pytest.raises(KeyError):
        erase_all_and_fail(database)
    assert client.get("/tickets").json["pagination"]["total"] == 120
    for _ in range(2):
        for ticket in client.get("/tickets?limit=100").json["data"]:
            assert client.delete(f"/tickets/{ticket['id']}").status_code == 204
    assert_in_order(database.path, ())
    assert_index_is_empty(database)
