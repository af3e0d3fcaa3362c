"""Exports of follow-ups, tickets and comments that somebody has changed, or imports twice."""

import csv
import io
import json

import pytest
from command import invoke

OTHER = "019b76da-a800-7000-8000-00000000ffff"


@pytest.fixture
def planned(leadbook):
    """Two leads, one of them converted, each with a follow-up and a ticket."""
    leadbook.reset()
    made = {}
    for name in ("ada", "bo"):
        lead = leadbook.add_lead(name=name, email=f"{name}@a.test")
        body = {"leadId": lead["id"], "subject": f"Call {name}", "dueAt": "2026-03-01T09:00:00Z"}
        follow_up = leadbook.client.post("/follow-ups", json=body).json
        body = {"leadId": lead["id"], "subject": f"Help {name}", "tags": ["a, b"]}
        ticket = leadbook.client.post("/tickets", json=body).json
        made[name] = {"lead": lead, "follow-ups": follow_up, "tickets": ticket}
    made["client"] = leadbook.client.post(f"/leads/{made['bo']['lead']['id']}/convert").json
    return made


def changed(leadbook, kind, path, **cells):
    """Return the export of a kind, whose first row has these cells."""
    text = leadbook.client.get(f"{path}/export").text
    first, *rows = csv.DictReader(io.StringIO(text, newline=""))
    out = io.StringIO()
    writer = csv.DictWriter(out, first.keys())
    writer.writeheader()
    writer.writerows([first | cells, *rows])
    return out.getvalue()


def empty(leadbook, kind):
    for each in leadbook.client.get(f"/{kind}").json["data"]:
        assert leadbook.client.delete(f"/{kind}/{each['id']}").status_code == 204


@pytest.mark.parametrize("kind", ["follow-ups", "tickets"])
@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"leadId": OTHER}, "leadId: No lead has this id."),
        ({"leadId": "7"}, "leadId: No lead has this id."),
        ({"clientId": OTHER, "leadId": ""}, "clientId: No client has this id."),
        ({"clientId": "client"}, "clientId: Give leadId or clientId, and not both."),
    ],
)
def test_links_must_lead_somewhere(leadbook, take, planned, kind, cells, reason):
    cells = {name: planned.get(text, {}).get("id", text) for name, text in cells.items()}
    text = changed(leadbook, kind, f"/{kind}", **cells)
    empty(leadbook, kind)
    for dry_run in (True, False):
        report = take(text, kind, dryRun=dry_run)
        assert (report["created"], report["rejects"]) == (1, [{"line": 2, "reason": reason}])


def test_follow_up_needs_a_person_and_a_ticket_does_not(leadbook, take, planned):
    for kind, created in (("follow-ups", 1), ("tickets", 2)):
        text = changed(leadbook, kind, f"/{kind}", leadId="", clientId="")
        empty(leadbook, kind)
        assert take(text, kind)["created"] == created


@pytest.mark.parametrize(
    ("kind", "cells", "reason"),
    [
        ("follow-ups", {"status": "done"}, "doneAt: Must be given if the status is done, and only then."),
        ("follow-ups", {"doneAt": "2026-03-01T09:00:00.000Z"}, "doneAt: Must be given if the status is done, and only then."),
        ("tickets", {"status": "resolved"}, "resolvedAt: Must be given if the status is resolved or closed, and only then."),
        ("follow-ups", {"dueAt": "2/3/2026"}, "dueAt: Must be"),
        ("tickets", {"number": "0"}, "number: Must be a whole number from 1 to 2,147,483,647."),
        ("tickets", {"number": "2147483648"}, "number: Must be a whole number from 1 to 2,147,483,647."),
        ("tickets", {"number": ""}, "number: Must not be empty."),
        ("tickets", {"priority": "higher"}, "priority: Must be one of: low, normal, high, urgent."),
    ],
)  # fmt: skip
def test_row_that_contradicts_itself_is_rejected(leadbook, take, planned, kind, cells, reason):
    text = changed(leadbook, kind, f"/{kind}", **cells)
    empty(leadbook, kind)
    report = take(text, kind)
    assert report["created"] == 1
    assert report["rejects"][0]["reason"].startswith(reason)


@pytest.mark.parametrize("kind", ["follow-ups", "tickets"])
def test_duplicates_are_found_by_id(leadbook, take, planned, kind):
    text = changed(leadbook, kind, f"/{kind}", subject="New")
    rejected = take(text, kind)
    assert {each["reason"] for each in rejected["rejects"]} == {
        "A record with this id already exists."
    }
    assert take(text, kind, onDuplicate="skip")["skipped"] == 2
    dry = take(text, kind, onDuplicate="update", dryRun=True)
    assert dry | {"dryRun": False} == take(text, kind, onDuplicate="update")
    assert (
        sorted(each["subject"] for each in leadbook.client.get(f"/{kind}").json["data"])[1] == "New"
    )


def test_number_of_another_ticket_is_rejected(leadbook, take, planned):
    text = changed(leadbook, "tickets", "/tickets", id=OTHER)
    for dry_run in (True, False):
        rejects = take(text, "tickets", dryRun=dry_run)["rejects"]
        assert rejects[0]["reason"] == "number: A ticket with this number already exists."


def test_largest_number_leaves_room_for_the_next(leadbook, take, planned):
    text = changed(leadbook, "tickets", "/tickets", number=2**31 - 1)
    empty(leadbook, "tickets")
    assert take(text, "tickets")["created"] == 2
    assert leadbook.client.post("/tickets", json={"subject": "Next"}).json["number"] == 2**31


def test_number_never_changes(leadbook, take, planned):
    before = leadbook.client.get("/tickets/export").text
    text = changed(leadbook, "tickets", "/tickets", number=7, subject="New")
    dry = take(text, "tickets", onDuplicate="update", dryRun=True)
    report = take(text, "tickets", onDuplicate="update")
    assert dry | {"dryRun": False} == report
    assert report["rejects"] == [
        {"line": 2, "reason": "number: It is 1 and cannot be changed to 7."}
    ]
    assert report["updated"] == 1
    assert leadbook.client.get("/tickets/export").text == before


def test_number_of_an_erased_ticket_is_never_given_again(leadbook, take, planned):
    text = leadbook.client.get("/tickets/export").text
    empty(leadbook, "tickets")
    # Numbers 1 and 2 were used, and are those of the export; 3 is the next one.
    assert take("subject\nForeign\n", "tickets")["created"] == 1
    assert take(text, "tickets")["created"] == 2
    found = {
        each["subject"]: each["number"] for each in leadbook.client.get("/tickets").json["data"]
    }
    assert found == {"Help ada": 1, "Help bo": 2, "Foreign": 3}
    assert leadbook.client.post("/tickets", json={"subject": "Next"}).json["number"] == 4


def test_address_of_a_ticket_finds_its_person(leadbook, take, planned):
    take("subject,requesterEmail\nA,BO@a.test\nB,ada@a.test\nC,nobody@a.test\n", "tickets")
    found = {each["subject"]: each for each in leadbook.client.get("/tickets").json["data"]}
    assert found["A"]["clientId"] == planned["client"]["id"]
    assert found["B"]["leadId"] == planned["ada"]["lead"]["id"]
    assert (found["C"]["leadId"], found["C"]["clientId"]) == (None, None)


def test_what_others_show_is_counted_again(leadbook, take, planned):
    ada = planned["ada"]["lead"]["id"]
    text = leadbook.client.get("/leads/export").text.replace("2026-03-01T09:00:00.000Z,1", ",99")
    for kind in ("follow-ups", "tickets", "leads"):
        empty(leadbook, kind)
    report = take(text)
    assert report["rejects"] == []
    shown = leadbook.client.get(f"/leads/{ada}").json
    assert (shown["nextFollowUpAt"], shown["openFollowUps"]) == (None, 0)


def test_export_of_people_without_these_columns_lacks_nothing(leadbook, take, planned):
    rows = [
        json.loads(line)
        for line in leadbook.client.get("/leads/export?format=jsonl").text.splitlines()
    ]
    for row in rows:
        del row["nextFollowUpAt"], row["openFollowUps"]
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    report = take(text, "leads", "application/x-ndjson", onDuplicate="skip")
    assert report["ownExport"] == {"missing": [], "extra": []}


def test_comment_needs_its_ticket(tmp_path, path):
    row = {"id": OTHER, "version": 1, "createdAt": "2026-03-01T09:00:00.000Z", "ticketId": OTHER,
           "updatedAt": "2026-03-01T09:00:00.000Z", "text": "a", "author": None, "internal": False}  # fmt: skip
    file = tmp_path / "comments.jsonl"
    file.write_text(json.dumps(row))
    done = invoke("import", "comments", file, "--database", path)
    assert done.returncode == 1
    assert "ticketId: No ticket has this id." in done.stdout
    other = tmp_path / "comments.csv"
    other.write_text("text,author\nHello,Ada\n")
    done = invoke("import", "comments", other, "--database", path)
    assert "Only an export of Leadbook" in done.stderr


def test_export_of_follow_ups_changes_people_who_are_here(leadbook, take, planned):
    ada = planned["ada"]["lead"]["id"]
    file = leadbook.client.get("/follow-ups/export").text
    empty(leadbook, "follow-ups")
    before = leadbook.client.get(f"/leads/{ada}")
    assert before.json["openFollowUps"] == 0
    take(file, "follow-ups")
    after = leadbook.client.get(f"/leads/{ada}")
    assert after.json["openFollowUps"] == 1
    assert after.json["version"] == before.json["version"] + 1
    assert after.headers["ETag"] != before.headers["ETag"]
    assert leadbook.client.get(f"/leads/{ada}/history").json["data"][0]["type"] == "lead.updated"


def test_comments_of_another_tool_are_refused_in_words(leadbook):
    file = f"text,ticketId\nIt hums.,{OTHER}\n"
    answer = leadbook.client.post("/comments/import", data=file, content_type="text/csv")
    assert answer.status_code == 400
    assert "Only an export of Leadbook" in answer.json["error"]["details"][0]["message"]
