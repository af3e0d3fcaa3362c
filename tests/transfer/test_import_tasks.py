"""Follow-ups from the tasks and activities of other tools, for people found by their address."""

import json

import pytest

PIPEDRIVE = """\
Activity - Subject,Activity - Type,Activity - Due date,Activity - Due time,Activity - Done,Activity - Assigned to user,Activity - Contact person,Person - Email (Work),Activity - Deal,Activity - Note,Activity - Add time,Activity - Marked as done time
Call about the loom,Call,2026-03-02,14:30,To do,Grace,Ada Byron,ADA@engines.test,Looms,<p>Ask for <b>Ada</b></p>,2026-02-01 08:00:00,
Lunch in town,Lunch,2026-02-03,,Done,Grace,Ada Byron,ada@engines.test,,,2026-02-01 08:00:00,2026-02-03 13:05:00
Paint it,Painting,2026-03-04,,To do,,Nobody,nobody@a.test,,,,
Weave it,Weaving,2026-03-05,,To do,,Bo,"bo@looms.test, bo@home.test",,,,
"""
HUBSPOT = """\
Task Title,Task Type,Due Date,Task Status,Priority,Task Notes,Assigned to,Associated contact emails,Completed at,Reminder
Send the quote,TODO,2026-03-02T16:00:00Z,NOT_STARTED,HIGH,Two pages,Grace,ada@engines.test,,2026-03-02T15:00:00Z
Ring back,CALL,2026-03-03T16:00:00Z,COMPLETED,,,Grace,bo@looms.test,2026-03-03T17:00:00Z,
Write again,EMAIL,2026-03-04T16:00:00Z,WAITING,,,,bo@looms.test,,
"""


@pytest.fixture
def people(leadbook):
    leadbook.reset()
    ada = leadbook.add_lead(name="Ada", email="ada@engines.test")
    converted = leadbook.client.post(f"/leads/{ada['id']}/convert").json
    lost = leadbook.add_lead(name="Bo", email="bo@looms.test", status="lost")
    leadbook.clock.advance("1m")
    old = leadbook.add_lead(name="Bo", email="bo@looms.test")
    leadbook.clock.advance("1m")
    late = leadbook.add_lead(name="Bo", email="bo@looms.test", status="lost")
    return {"ada": ada, "client": converted, "lost": lost, "open": old, "late": late}


def listed(leadbook, kind="follow-ups"):
    found = leadbook.client.get(f"/{kind}?limit=100&sort=createdAt&order=asc").json["data"]
    return {each["subject"]: each for each in found}


def parts(record, *names):
    return tuple(record[name] for name in names)


def test_activities_of_pipedrive(leadbook, take, people):
    report = take(PIPEDRIVE, "follow-ups")
    assert (report["created"], report["rejected"]) == (3, 1)
    [reject] = report["rejects"]
    assert reject == {"line": 4, "reason": "email: No lead or client has this address."}
    assert report["reasons"][0]["value"] == "nobody@a.test"
    assert report["notUnderstood"]["type"] == {"Painting": 1, "Weaving": 1}
    assert {"Activity - Deal", "Activity - Contact person"} <= set(report["leftOut"])
    found = listed(leadbook)
    call = found["Call about the loom"]
    assert parts(call, "type", "dueAt", "status", "doneAt", "assignee") == (
        "call", "2026-03-02T14:30:00.000Z", "open", None, "Grace",
    )  # fmt: skip
    assert parts(call, "clientId", "leadId") == (people["client"]["id"], None)
    assert parts(call, "notes", "createdAt") == (
        "<p>Ask for <b>Ada</b></p>", "2026-02-01T08:00:00.000Z",
    )  # fmt: skip
    lunch = found["Lunch in town"]
    # A due date without a time is at nine in the morning.
    assert parts(lunch, "type", "dueAt", "status", "doneAt") == (
        "meeting", "2026-02-03T09:00:00.000Z", "done", "2026-02-03T13:05:00.000Z",
    )  # fmt: skip
    assert parts(found["Weave it"], "type", "leadId") == ("task", people["open"]["id"])


def test_people_show_what_was_planned(leadbook, take, people):
    version = leadbook.client.get(f"/leads/{people['open']['id']}").json["version"]
    take(PIPEDRIVE, "follow-ups")
    shown = leadbook.client.get(f"/leads/{people['open']['id']}").json
    assert parts(shown, "nextFollowUpAt", "openFollowUps") == ("2026-03-05T09:00:00.000Z", 1)
    assert shown["version"] > version


def test_tasks_of_hubspot(leadbook, take, people):
    report = take(HUBSPOT, "follow-ups")
    assert (report["created"], report["rejected"]) == (3, 0)
    assert report["leftOut"] == ["Priority"]
    found = listed(leadbook)
    assert parts(found["Send the quote"], "type", "status", "remindAt", "notes") == (
        "task", "open", "2026-03-02T15:00:00.000Z", "Two pages",
    )  # fmt: skip
    assert parts(found["Ring back"], "type", "status", "doneAt", "leadId") == (
        "call", "done", "2026-03-03T17:00:00.000Z", people["open"]["id"],
    )  # fmt: skip
    assert parts(found["Write again"], "type", "status") == ("email", "open")


def test_answers_of_the_api_of_hubspot(leadbook, take, people):
    task = {
        "id": "1",
        "properties": {
            "hs_task_subject": "Ring",
            "hs_timestamp": "1772467200000",
            "hs_task_status": "NOT_STARTED",
            "hs_task_type": "CALL",
        },
        "contact": {"email": "ada@engines.test"},
    }
    report = take(json.dumps({"results": [task]}), "follow-ups", "application/json")
    assert report["created"] == 1, report
    assert parts(listed(leadbook)["Ring"], "type", "dueAt") == ("call", "2026-03-02T16:00:00.000Z")


def test_tasks_of_atomic_crm(leadbook, take, people):
    text = "Ask whether\nthe loom " + "runs " * 60
    rows = [
        {"id": 1, "contact_id": 7, "type": "Demo", "text": "Show it", "due_date": "2026-03-02T10:00:00+01:00",
         "done_date": "2026-03-02T12:00:00+01:00", "sales_id": 1, "contact": {"email": "ada@engines.test"}},
        {"id": 2, "contact_id": 7, "type": "None", "text": text, "due_date": "2026-03-03T00:00:00+00:00",
         "done_date": None, "sales_id": 1, "contact": {"email": "bo@looms.test"}},
    ]  # fmt: skip
    report = take(json.dumps(rows), "follow-ups", "application/json")
    assert (report["created"], report["rejected"]) == (2, 0), report
    shown, asked = listed(leadbook).values()
    assert parts(shown, "type", "status", "doneAt") == (
        "meeting",
        "done",
        "2026-03-02T11:00:00.000Z",
    )
    # A subject has 200 characters in one line; the notes have the rest.
    assert asked["subject"].startswith("Ask whether the loom runs")
    assert (len(asked["subject"]) <= 200, asked["notes"]) == (True, text.strip())
    # A time is kept, even if it is midnight.
    assert parts(asked, "type", "status", "dueAt") == ("task", "open", "2026-03-03T00:00:00.000Z")


def test_newest_lead_is_found_if_none_is_open(leadbook, take, people):
    leadbook.client.put(f"/leads/{people['open']['id']}", json={"status": "lost"})
    assert take("subject,due date,email\nCall,2026-03-02,bo@looms.test\n", "follow-ups")["created"]
    assert listed(leadbook)["Call"]["leadId"] == people["late"]["id"]


def test_lead_of_an_archived_client_gets_nothing_new(leadbook, take, people):
    leadbook.client.delete(f"/clients/{people['client']['id']}")
    [reject] = take("subject,due date,email\nCall,2026-03-02,ada@engines.test\n", "follow-ups")[
        "rejects"
    ]
    assert reject["reason"] == "The client is archived; restore it first."


def test_order_of_dates_is_proven_or_said(leadbook, take, people):
    head = "subject,due date,email\n"
    row = "Call,2/3/2026,bo@looms.test\n"
    [reject] = take(head + row, "follow-ups")["rejects"]
    assert reject["reason"] == "dueAt: '2/3/2026' has two meanings; say the order of day and month."
    assert take(head + row, "follow-ups", dateOrder="mdy")["created"] == 1
    assert listed(leadbook)["Call"]["dueAt"] == "2026-02-03T09:00:00.000Z"
    proven = take(
        f"{head}Write,4/3/2026,bo@looms.test\nRing,13/3/2026,bo@looms.test\n", "follow-ups"
    )
    assert proven["created"] == 2
    assert proven["dateOrders"]["due date"]["order"] == "dmy"
    assert listed(leadbook)["Write"]["dueAt"] == "2026-03-04T09:00:00.000Z"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Call,soon,bo@looms.test", "dueAt: Must be a date or a time."),
        ("Call,,bo@looms.test", "dueAt: Must not be empty."),
        (",2026-03-02,bo@looms.test", "subject: Must not be empty."),
        ("Call,2026-03-02,", "email: Must not be empty."),
        ("Call,2026-03-02,nobody", "email: No lead or client has this address."),
    ],
)
def test_rows_that_cannot_come_in(take, people, row, reason):
    report = take(f"subject,due date,email\n{row}\nCall,2026-03-02,bo@looms.test\n", "follow-ups")
    assert (report["created"], [each["reason"] for each in report["rejects"]]) == (1, [reason])


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("name,email", "No column is the subject"),
        ("subject,email", "No column is the dueAt"),
        ("subject,due date,who", "No column has e-mail addresses"),
    ],
)
def test_file_without_a_needed_column_is_refused(take, people, header, message):
    refused = take(
        f"{header}\n{','.join('x' for _ in header.split(','))}\n", "follow-ups", status=400
    )
    assert message in refused["error"]["details"][0]["message"]


@pytest.mark.parametrize("text", [PIPEDRIVE, HUBSPOT])
def test_dry_run_reports_what_the_run_reports(leadbook, take, people, text):
    dry = take(text, "follow-ups", dryRun=True)
    assert listed(leadbook) == {}
    assert dry | {"dryRun": False} == take(text, "follow-ups")
    assert dry["shown"][0]["dueAt"]


def test_strict_import_takes_all_or_nothing(leadbook, take, people):
    refused = take(PIPEDRIVE, "follow-ups", strict=True, status=400)
    assert refused["error"]["details"][0]["field"] == "line 4"
    assert listed(leadbook) == {}
    assert take(PIPEDRIVE, "follow-ups", fromLine=5)["created"] == 1
