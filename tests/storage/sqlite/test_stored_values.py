"""Values that no call can have stored are found, and mended if the file says what is right."""

from contextlib import closing

import pytest

from leadbook.models import RECORDS
from leadbook.reminders.announcer import announce_due
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.driver import sqlite3

DUE = "2026-02-02T10:00:00.000Z"
TOO_LATE = "99999999999999999"


@pytest.fixture
def path(app):
    return app.extensions["leadbook"].path


@pytest.fixture
def known(client, make_lead, make_client):
    """The paths of a converted lead, an archived client, and what belongs to a person."""

    def add(path, **fields):
        answer = client.post(path, json=fields)
        assert answer.status_code == 201, answer.json
        return answer.json

    lead, archived = make_lead(), make_client(email="eve@engines.test")
    client.delete(f"/clients/{archived['id']}")
    planned = add("/follow-ups", subject="Call", dueAt=DUE, leadId=lead["id"], type="call")
    body = {"subject": "Called", "dueAt": DUE, "leadId": lead["id"], "status": "done"}
    done = add("/follow-ups", **body)
    ticket = add("/tickets", subject="Help", leadId=lead["id"], priority="low", tags=["a", "b"])
    client.put(f"/tickets/{ticket['id']}", json={"status": "closed"})
    comment = add(f"/tickets/{ticket['id']}/comments", text="Noted", internal=True)
    client.post(f"/leads/{lead['id']}/convert")
    return {
        "lead": f"/leads/{lead['id']}", "client": f"/clients/{archived['id']}",
        "planned": f"/follow-ups/{planned['id']}", "done": f"/follow-ups/{done['id']}",
        "ticket": f"/tickets/{ticket['id']}",
        "comment": f"/tickets/{ticket['id']}/comments/{comment['id']}",
    }  # fmt: skip


def damage(path, statement):
    with closing(sqlite3.connect(path)) as other, other:
        assert other.execute(statement).rowcount


def faults_of(path, told=None, **options):
    tell = [].append if told is None else told.append
    found = check(path, Clock(), RECORDS, **{"repair": False, "tell": tell} | options)
    return {what: count for what, count in found if count}


# The damage, the record, and what is right then, if that is not what it was.
MENDED = [
    ("follow_ups SET done_at = 5 WHERE status = 'open'", "planned", {}),
    ("follow_ups SET done_at = NULL", "done", {"doneAt": "updatedAt"}),
    ("follow_ups SET status = 'weird'", "planned", {}),
    ("follow_ups SET status = 'weird'", "done", {}),
    ("follow_ups SET type = 'weird'", "planned", {"type": "task"}),
    (f"follow_ups SET done_at = {TOO_LATE} WHERE status = 'done'", "done", {"doneAt": "updatedAt"}),
    (f"follow_ups SET created_at = {TOO_LATE}", "planned", {}),
    ("follow_ups SET updated_at = -5", "planned", {}),
    ("tickets SET priority = 9", "ticket", {}),
    ("tickets SET priority = -1", "ticket", {}),
    ('tickets SET tags = \'["a", 7, "b"]\'', "ticket", {}),
    ("tickets SET closed_at = NULL", "ticket", {}),
    ("tickets SET status = 'weird'", "ticket", {}),
    ("comments SET internal = 7", "comment", {}),
    (f"leads SET converted_at = {TOO_LATE}", "lead", {}),
    (f"leads SET created_at = {TOO_LATE}", "lead", {}),
    ("leads SET status = 'weird'", "lead", {}),
    (f"clients SET archived_at = -{TOO_LATE}", "client", {}),
    ("clients SET status = 'weird' WHERE archived_at IS NOT NULL", "client", {}),
    ("clients SET archived_at = 7 WHERE archived_at IS NULL", "client", {}),
]


@pytest.mark.parametrize(("statement", "name", "differs"), MENDED)
def test_value_is_mended_by_what_the_row_says(client, path, known, statement, name, differs):
    before = client.get(known[name]).json
    damage(path, f"UPDATE {statement}")
    for repair in (False, True):
        assert f"the values of {statement.split()[0]}" in faults_of(path, repair=repair)
    assert faults_of(path) == {}
    after = client.get(known[name]).json
    right = {key: before.get(each, each) for key, each in differs.items()}
    changed = {key: after[key] for key in ("version", "updatedAt")}
    assert before | right | changed == after
    for each in known.values():
        assert client.get(each).status_code == 200


@pytest.mark.parametrize("tags", ["nope", "{}", '"a"', ""])
def test_tags_that_cannot_be_read_are_told_and_removed(client, path, known, tags):
    damage(path, f"UPDATE tickets SET tags = '{tags}'")
    told = []
    assert faults_of(path, told, repair=True) == {"the values of tickets": 1}
    assert told == [
        (
            f"The tags of the ticket {known['ticket'].rpartition('/')[2]} could not be read. "
            f"Leadbook removed: {tags!r}"
        )
    ]
    assert faults_of(path) == {}
    assert client.get(known["ticket"]).json["tags"] == []


@pytest.mark.parametrize("column", ["due_at", "remind_at"])
def test_time_that_only_a_person_knows_is_told_and_stays(client, path, known, column):
    damage(path, f"UPDATE follow_ups SET {column} = {TOO_LATE} WHERE status = 'open'")
    key = {"due_at": "dueAt", "remind_at": "remindAt"}[column]
    for repair in (False, True, False):
        told = []
        assert faults_of(path, told, repair=repair)["the values of follow_ups"] == 1
        assert told == [
            (
                f"The {key} of the follow-up {known['planned'].rpartition('/')[2]} is no time. "
                "Leadbook shows the nearest one. Send the right one."
            )
        ]
    assert client.put(known["planned"], json={key: DUE}).json[key] == DUE
    assert faults_of(path) == {}


def test_mark_that_is_none_is_announced_again(app, client, path, known):
    damage(path, "UPDATE follow_ups SET reminded = 7 WHERE status = 'open'")
    with app.extensions["leadbook"].use():
        faults_of(path, repair=True)
    assert faults_of(path) == {}
    assert client.get("/events?type=follow-up.due").json["data"] == []
    damage(path, "UPDATE follow_ups SET due_at = 5 WHERE status = 'open'")
    assert announce_due(app.extensions["leadbook"]) == 1


@pytest.mark.parametrize("time", [TOO_LATE, "-1"])
def test_event_at_no_time_is_mended_before_others_follow_it(client, path, known, time):
    right = [each["time"] for each in client.get("/events").json["data"]]
    damage(path, f"UPDATE events SET time = {time} WHERE number = (SELECT max(number) FROM events)")
    assert faults_of(path, repair=True) == {"the log of events": 1}
    assert faults_of(path) == {}
    mended = [each["time"] for each in client.get("/events").json["data"]]
    assert mended == [*right[:-1], right[-2]]


@pytest.mark.parametrize(
    "part",
    [
        "INDEX follow_up_reminder", "INDEX follow_up_due", "INDEX client_active_email",
        "INDEX lead_id", "TRIGGER tickets_forget", "TRIGGER leads_count_new",
        "TRIGGER lead_texts_changed",
    ],
)  # fmt: skip
def test_missing_index_or_trigger_is_made_again(app, client, path, known, part):
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(f"DROP {part}")
    assert faults_of(path) == {"the indexes and triggers": 1}
    assert faults_of(path, repair=True) == {"the indexes and triggers": 1}
    assert faults_of(path) == {}
    assert client.delete(known["ticket"]).status_code == 204
    announce_due(app.extensions["leadbook"])
    assert faults_of(path) == {}
