"""The calendar of follow-ups, as two other implementations read it."""

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject

from leadbook.storage.clock import Clock

PATH = "/follow-ups/calendar.ics"
DAY_MS = 24 * 60 * 60 * 1000
# A Sunday on which Berlin changes to summer time; New York has by then, and Lord Howe changes back
# a week later, by half an hour.
CHANGE = "2026-03-29"
LONG = "Ümlaut 漢字 🎉 " * 12
HOSTILE = [
    "x\nEND:VEVENT\nBEGIN:VEVENT\nSUMMARY:Injected",
    "x\r\nEND:VEVENT\r\nBEGIN:VEVENT",
    "x\u2028BEGIN:VEVENT\u2029END:VCALENDAR",
    "; , : \\ \\n \\; \" ^n ^' DTSTART:20000101T000000Z",
    "C:\\New\\name",
    "BEGIN:VEVENT",
    "\tindented\n folded?",
    "\\",
    "a\\" * 60,
    LONG,
]


@pytest.fixture
def clock(time):
    return Clock(lambda: time[0])


@pytest.fixture
def lead(make_lead):
    return make_lead(name="Ada Byron", phone="+44 20 7946 0000")


@pytest.fixture
def plan(client, lead):
    """Plan a follow-up for the lead."""

    def plan(**fields):
        person = {} if "clientId" in fields else {"leadId": lead["id"]}
        body = {"subject": "Ask", "dueAt": "2026-01-05T10:00:00Z"} | person | fields
        answer = client.post("/follow-ups", json=body)
        assert answer.status_code == 201, answer.json
        return answer.json

    return plan


@pytest.fixture
def events(client):
    """Return the events of the calendar by their UID, once both implementations agree on them."""

    def events(**query):
        answer = client.get(PATH, query_string=query)
        assert answer.status_code == 200, answer.json
        assert answer.content_type == "text/calendar; charset=utf-8"
        return read(answer.data)

    return events


def read(file):
    assert_well_formed(file)
    calendar = icalendar.Calendar.from_ical(file)
    found = {str(each["UID"]): each for each in calendar.walk("VEVENT")}
    other = vobject.readOne(file.decode())
    assert other.validate()
    others = {each.uid.value: each for each in other.contents.get("vevent", [])}
    assert found.keys() == others.keys()
    for uid, event in found.items():
        assert not event.errors
        assert str(event["SUMMARY"]) == others[uid].summary.value
        assert str(event["DESCRIPTION"]) == others[uid].description.value
        assert event.start == others[uid].dtstart.value
        assert event.duration == others[uid].duration.value
        assert str(event["SEQUENCE"]) == others[uid].sequence.value
        alarms = others[uid].contents.get("valarm", [])
        assert [each.TRIGGER for each in event.subcomponents] == [
            each.trigger.value for each in alarms
        ]
    return found


def assert_well_formed(file):
    """Assert what RFC 5545 says about lines, whatever a lenient reader takes."""
    assert file.endswith(b"\r\nEND:VCALENDAR\r\n")
    lines = file.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    for line in lines:
        # A folded line never splits a character, and has no break of any kind in it.
        assert len(line.decode().splitlines()) <= 1
    opened = []
    for line in re.sub(rb"\r\n[ \t]", b"", file).decode().split("\r\n")[:-1]:
        name, colon, value = line.partition(":")
        assert colon, line
        assert re.fullmatch(r"[A-Z-]+(;VALUE=DURATION)?", name), line
        if name == "BEGIN":
            opened.append(value)
        elif name == "END":
            assert opened.pop() == value
    assert not opened


def test_calendar_has_what_is_open_and_what_was_done_of_late(client, plan, events, time):
    kept, done = plan(subject="Open"), plan(subject="Done", status="done", outcome="She agreed.")
    plan(status="cancelled")
    found = events()
    assert found.keys() == {kept["id"], done["id"]}
    assert str(found[kept["id"]]["SUMMARY"]) == "Open"
    assert str(found[done["id"]]["SUMMARY"]) == "✓ Done"
    assert str(found[done["id"]]["DESCRIPTION"]).endswith("Outcome: She agreed.")
    time[0] += 30 * DAY_MS + DAY_MS // 2
    assert events().keys() == {kept["id"], done["id"]}
    time[0] += DAY_MS // 2
    assert events().keys() == {kept["id"]}
    client.delete(f"/follow-ups/{kept['id']}")
    assert events() == {}


@pytest.mark.parametrize("status", ["open", "done"])
@pytest.mark.parametrize(
    ("kind", "minutes"), [("call", 30), ("email", 15), ("meeting", 60), ("task", 30)]
)
def test_only_an_open_meeting_takes_the_time(plan, events, kind, minutes, status):
    plan(type=kind, status=status)
    [event] = events().values()
    assert event.duration == timedelta(minutes=minutes)
    is_busy = (kind, status) == ("meeting", "open")
    assert str(event["TRANSP"]) == ("OPAQUE" if is_busy else "TRANSPARENT")


def test_event_changes_with_its_person(client, plan, events, time):
    made = plan()
    before = events()[made["id"]]
    time[0] += DAY_MS
    person = client.put(f"/leads/{made['leadId']}", json={"phone": "+1 555"}).json
    event = events()[made["id"]]
    assert "+1 555" in str(event["DESCRIPTION"])
    assert event["SEQUENCE"] == before["SEQUENCE"]
    changed = datetime.fromisoformat(person["updatedAt"]).replace(microsecond=0)
    assert event.DTSTAMP == event.LAST_MODIFIED == changed > before.DTSTAMP


def test_event_says_when_what_and_whom_to_call(plan, events):
    made = plan(
        subject="Call Ada",
        type="call",
        notes="Prefers mornings.\nNot on Fridays.",
        assignee="Grace",
        dueAt="2026-02-02T10:00:00.999+01:00",
        remindAt="2026-02-02T09:45:00.001+01:00",
    )
    [event] = events().values()
    assert str(event["UID"]) == made["id"]
    assert event.start == datetime(2026, 2, 2, 9, tzinfo=UTC)
    assert event.duration == timedelta(minutes=30)
    assert str(event["SUMMARY"]) == "Call Ada"
    assert str(event["DESCRIPTION"]) == (
        "Ada Byron\n+44 20 7946 0000\n\nPrefers mornings.\nNot on Fridays.\n\nAssignee: Grace"
    )
    assert event.categories == ["call"]
    assert (str(event["STATUS"]), event["SEQUENCE"]) == ("CONFIRMED", 0)
    created = datetime.fromisoformat(made["createdAt"]).replace(microsecond=0)
    assert event.DTSTAMP == event.LAST_MODIFIED == event["CREATED"].dt == created
    [alarm] = event.alarms.times
    assert alarm.trigger == datetime(2026, 2, 2, 8, 45, tzinfo=UTC)
    assert str(event.subcomponents[0]["ACTION"]) == "DISPLAY"


def test_calendar_says_what_it_is_and_when_to_look_again(client, plan):
    plan()
    calendar = icalendar.Calendar.from_ical(
        client.get(PATH, query_string={"assignee": "Grace"}).data
    )
    assert str(calendar["VERSION"]) == "2.0"
    assert re.fullmatch(r"-//Leadbook//Leadbook [\w.]+//EN", str(calendar["PRODID"]))
    assert str(calendar["X-WR-CALNAME"]) == str(calendar["NAME"]) == "Follow-ups: Grace"
    assert calendar["REFRESH-INTERVAL"].dt == timedelta(minutes=15)
    assert calendar["X-PUBLISHED-TTL"] == "PT15M"


def test_uid_stays_and_sequence_rises_with_each_change(client, plan, events, time):
    made = plan(remindAt="2026-01-05T09:00:00Z")
    [(uid, before)] = events().items()
    time[0] += 5_000
    changed = {"dueAt": "2026-01-06T12:00:00Z", "remindAt": "2026-01-06T11:30:00Z"}
    client.put(f"/follow-ups/{made['id']}", json=changed)
    [(same, moved)] = events().items()
    assert same == uid
    assert moved["SEQUENCE"] == before["SEQUENCE"] + 1 == 1
    assert (moved.DTSTAMP - before.DTSTAMP).total_seconds() == 5
    assert moved["CREATED"].dt == before["CREATED"].dt
    assert moved.start == datetime(2026, 1, 6, 12, tzinfo=UTC)
    assert [each.trigger for each in moved.alarms.times] == [moved.start - timedelta(minutes=30)]
    client.post(f"/follow-ups/{made['id']}/complete", json={})
    [(same, done)] = events().items()
    assert (same, done["SEQUENCE"]) == (uid, 2)
    # Nobody wants to be reminded of it any more.
    assert not done.subcomponents


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("Europe/Berlin", f"{CHANGE}T01:30:00+01:00", f"{CHANGE}T03:30:00+02:00"),
        ("America/New_York", "2026-03-08T01:30:00-05:00", "2026-03-08T03:30:00-04:00"),
        ("Australia/Lord_Howe", "2026-10-04T01:30:00+10:30", "2026-10-04T02:45:00+11:00"),
    ],
)
def test_times_are_right_on_both_sides_of_a_change_to_summer_time(
    plan, events, zone, before, after
):
    planned = {plan(dueAt=each)["id"]: each for each in (before, after)}
    for uid, event in events().items():
        assert event["DTSTART"].to_ical().endswith(b"Z")
        assert event.start.astimezone(ZoneInfo(zone)).isoformat() == planned[uid]
    first, second = (events()[uid].start for uid in planned)
    # On the clock of the wall, half an hour or an hour more.
    assert second - first < datetime.fromisoformat(after[:19]) - datetime.fromisoformat(before[:19])


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_of_a_user_adds_a_line_or_an_event(client, make_lead, plan, events, text):
    plain = "\n".join(text.strip().splitlines())
    made = plan(notes=text, status="done", outcome=text)
    [event] = events().values()
    assert str(event["UID"]) == made["id"]
    assert str(event["DESCRIPTION"]).count(plain) == 2
    client.delete(f"/follow-ups/{made['id']}")
    line = " ".join(plain.split("\n")).replace("\t", " ")[:200].strip()
    named = make_lead(name=line, phone=line[:50].strip())
    plan(leadId=named["id"], subject=line, assignee=line[:100], remindAt="2026-01-05T09:00:00Z")
    [event] = events().values()
    assert str(event["SUMMARY"]) == str(event.subcomponents[0]["DESCRIPTION"]) == line
    assert str(event["DESCRIPTION"]).startswith(f"{line}\n")


def test_calendar_at_the_ends_of_time(plan, events):
    for due, remind in (
        ("1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59Z", "1970-01-01T00:00:00Z"),
    ):
        made = plan(dueAt=due, remindAt=remind)
        event = events()[made["id"]]
        assert event.start + event.subcomponents[0].TRIGGER == datetime.fromisoformat(remind)


@pytest.mark.parametrize("kind", ["task", "call", "email", "meeting"])
def test_no_event_ends_after_the_last_year(plan, events, kind):
    last = plan(dueAt="9999-12-31T23:59:59Z", type=kind)["id"]
    other = plan(dueAt="9999-12-31T22:59:59Z", type=kind)["id"]
    found = events()
    assert found[last].end == found[last].start
    assert found[other].end > found[other].start


def test_filters_are_those_of_the_list(client, plan, make_client, events, time):
    person = make_client()
    mine = plan(assignee="Grace", type="call", subject="Quote")["id"]
    other = plan(clientId=person["id"], dueAt="2026-01-01T12:00:00Z")["id"]
    done = plan(status="done")["id"]
    time[0] += DAY_MS // 4
    for query, found in (
        ({"assignee": "grace"}, {mine}),
        ({"type": "call,email"}, {mine}),
        ({"search": "quote"}, {mine}),
        ({"clientId": person["id"]}, {other}),
        ({"dueBefore": "2026-01-02T00:00:00Z"}, {other}),
        ({"dueSince": "2026-01-02T00:00:00Z"}, {mine, done}),
        ({"due": "today", "timeZone": "Europe/Berlin"}, {other}),
        ({"status": "done"}, {done}),
        ({"status": "open"}, {mine, other}),
        ({"status": "done", "assignee": "grace"}, set()),
    ):
        assert events(**query).keys() == found, query
    for query in ({"page": 1}, {"status": "cancelled"}, {"updatedSince": "2026-01-01T00:00:00Z"}):
        assert client.get(PATH, query_string=query).status_code == 400


def test_follow_ups_of_an_archived_client_are_not_there(client, plan, make_client, events):
    person = make_client(name="Zoë", phone=None)
    made = plan(clientId=person["id"])
    plan(clientId=person["id"], status="done")
    assert str(events()[made["id"]]["DESCRIPTION"]) == "Zoë"
    client.delete(f"/clients/{person['id']}")
    assert events() == {}
    client.post(f"/clients/{person['id']}/restore")
    assert len(events()) == 2
    client.delete(f"/clients/{person['id']}?permanent=true")
    assert events() == {}


def test_converted_lead_shows_its_client(client, lead, plan, events):
    plan()
    client.post(f"/leads/{lead['id']}/convert", json={"name": "Ada King", "phone": None})
    [event] = events().values()
    assert str(event["DESCRIPTION"]) == "Ada King\n+44 20 7946 0000"


def test_calendar_without_events_is_valid(events, client):
    assert events() == {}
    # A calendar must have a component: https://www.rfc-editor.org/rfc/rfc5545#section-3.6
    assert client.get(PATH).text.count("BEGIN:") == 3


def test_unchanged_calendar_is_a_304_until_a_record_or_the_day_changes(client, plan, time):
    plan()
    first = client.get(PATH)
    asked = {"If-None-Match": first.headers["ETag"]}
    assert first.headers["Cache-Control"] == "private, no-cache"
    for again in (client.get(PATH, headers=asked), client.head(PATH, headers=asked)):
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
    time[0] += DAY_MS
    assert client.get(PATH, headers=asked).status_code == 200
    time[0] -= DAY_MS
    plan()
    assert client.get(PATH, headers=asked).status_code == 200
    # What is overdue changes with each moment, and no tag stands for that.
    due = client.get(PATH, query_string={"due": "overdue"}, headers={"If-None-Match": "*"})
    assert due.status_code == 200
    assert "ETag" not in due.headers


def test_head_and_other_methods(client, plan):
    plan()
    head = client.head(PATH)
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["ETag"] == client.get(PATH).headers["ETag"]
    assert client.get(f"/v1{PATH}").data == client.get(PATH).data
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.open(PATH, method=method, json={})
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_start_does_not_load_the_library(path):
    source = (
        "import sys; from leadbook.app import create_app;"
        f"create_app({{'DATABASE': {str(path)!r}}}).test_client().get('/follow-ups');"
        "assert not {'icalendar', 'leadbook.transfer.calendar'} & sys.modules.keys()"
    )
    done = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
