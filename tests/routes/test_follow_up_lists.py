"""Lists of follow-ups: filters, sort keys, searches, cursors, and what is due."""

import itertools
import json

import pytest
from walks import get, walk

from leadbook.storage.due import time_zones

NOBODY = "019b76da-a800-7000-8000-00000000000f"


@pytest.fixture
def client(leadbook):
    return leadbook.client


@pytest.fixture
def lead(leadbook):
    return leadbook.add_lead()


@pytest.fixture
def plan(client, lead):
    """Plan a follow-up of this subject, due at a time of 2026 such as `03-01T09:00:00Z`."""

    def plan(subject, due="02-02T09:00:00Z", **fields):
        person = {} if "clientId" in fields else {"leadId": lead["id"]}
        new = {"subject": subject, "dueAt": f"2026-{due}", **person, **fields}
        answer = client.post("/follow-ups", json=new)
        assert answer.status_code == 201, answer.json
        return answer.json

    return plan


def subjects(client, **query):
    """Return the subjects of a list; a walk and an export agree with it."""
    page = get(client, "/follow-ups", **query)
    found = [each["subject"] for each in page["data"]]
    assert page["pagination"]["total"] == len(found)
    walked = walk(client, "/follow-ups", **query, limit=1)
    assert [each["subject"] for each in walked] == found
    filters = {name: query[name] for name in query if name not in ("sort", "order")}
    answer = client.get("/follow-ups/export", query_string=filters | {"format": "jsonl"})
    assert answer.status_code == 200, answer.json
    assert sorted(json.loads(line)["subject"] for line in answer.text.splitlines()) == sorted(found)
    return found


def refused(client, **query):
    answer = client.get("/follow-ups", query_string=query)
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "VALIDATION_ERROR")
    return [detail["field"] for detail in answer.json["error"]["details"]]


def test_earliest_comes_first_and_equal_times_by_id(client, plan):
    for subject, due in (("c", "03-03"), ("a", "03-01"), ("b", "03-02"), ("d", "03-03")):
        plan(subject, f"{due}T09:00:00Z")
    assert subjects(client) == ["a", "b", "c", "d"]
    assert subjects(client, order="desc") == ["d", "c", "b", "a"]
    assert subjects(client, sort="dueAt", order="asc") == ["a", "b", "c", "d"]


def test_other_orders(client, leadbook, plan):
    made = []
    for subject in "abc":
        made.append(plan(subject))
        leadbook.clock.advance("1s")
    client.put(f"/follow-ups/{made[0]['id']}", json={"notes": "x"})
    assert subjects(client, sort="createdAt", order="asc") == ["a", "b", "c"]
    assert subjects(client, sort="createdAt", order="desc") == ["c", "b", "a"]
    assert subjects(client, sort="updatedAt", order="desc") == ["a", "c", "b"]
    since = {"updatedSince": "2026-01-01T00:00:01Z"}
    assert [each["subject"] for each in get(client, "/follow-ups", **since)["data"]] == [*"bca"]
    assert refused(client, sort="subject") == ["sort"]
    assert refused(client, sort="nextFollowUpAt") == ["sort"]


def test_filters_by_what_it_is(client, plan):
    plan("a", type="call", status="done", assignee="Grace")
    plan("b", type="meeting", assignee="GRACE")
    plan("c", type="call", status="cancelled", assignee="Éva")
    plan("d")
    for query, expected in (
        ({"status": "open"}, "bd"),
        ({"status": "open,done"}, "abd"),
        ({"status": ["done", "cancelled"]}, "ac"),
        ({"type": "call"}, "ac"),
        ({"type": "task,meeting"}, "bd"),
        ({"assignee": "grace"}, "ab"),
        ({"assignee": "E\u0301VA"}, "c"),
        ({"assignee": "Grac"}, ""),
        ({"assignee": "grace", "type": "call", "status": "done"}, "a"),
    ):
        assert subjects(client, **query) == [*expected], query
    for name in ("status", "type", "due", "leadId", "clientId", "dueSince", "timeZone"):
        assert refused(client, **{name: "x"}) == [name]
    assert refused(client, asignee="Grace") == ["asignee"]


def test_filters_by_person(client, leadbook, lead, plan):
    other, customer = leadbook.add_lead(), leadbook.add_client()
    plan("a")
    plan("b", leadId=other["id"])
    plan("c", clientId=customer["id"])
    made = client.post(f"/leads/{lead['id']}/convert").json
    plan("d", clientId=made["id"])
    for query, expected in (
        ({"leadId": lead["id"]}, "a"),
        ({"leadId": other["id"].upper()}, "b"),
        ({"clientId": customer["id"]}, "c"),
        ({"clientId": made["id"]}, "ad"),
        ({"clientId": made["id"], "leadId": lead["id"]}, "a"),
        ({"clientId": NOBODY}, ""),
    ):
        assert subjects(client, **query) == [*expected], query


def test_window_of_times_includes_its_beginning(client, plan):
    for subject, second in (("a", "08:59:59.999"), ("b", "09:00:00"), ("c", "09:00:00.001")):
        plan(subject, f"02-02T{second}Z")
    at = "2026-02-02T10:00:00+01:00"
    assert subjects(client, dueSince=at) == ["b", "c"]
    assert subjects(client, dueBefore=at) == ["a"]
    assert subjects(client, dueSince=at, dueBefore="2026-02-02T09:00:00.001Z") == ["b"]
    assert subjects(client, dueSince=at, dueBefore=at) == []
    assert refused(client, dueSince="2026-02-02T10:00:00 01:00") == ["dueSince"]


@pytest.mark.parametrize("words", ["quote", "QUÓTE send", "ßend", "mornings send"])
def test_search_reads_subject_and_notes(client, plan, words):
    plan("Send the quote", notes="Prefers mornings; ßend")
    plan("Call", notes=None, outcome="quote send ßend", assignee="mornings")
    assert subjects(client, search=words) == ["Send the quote"]
    assert subjects(client, search=words, status="done") == []


def test_search_follows_changes_and_deletions(client, plan):
    follow_up = plan("Call", notes="about engines")
    client.put(f"/follow-ups/{follow_up['id']}", json={"subject": "Write", "notes": None})
    assert subjects(client, search="engines") == subjects(client, search="call") == []
    assert subjects(client, search="write") == ["Write"]
    client.delete(f"/follow-ups/{follow_up['id']}")
    assert subjects(client, search="write") == []


# By time zone: the day of the clock, its first moment, that of the next day, and that of the day a
# week later, in UTC. On 29 March the summer time of Berlin begins, on 8 March that of New York.
DAYS = [
    ("UTC", "03-28T12:00:00Z", "03-29T00:00:00Z", "04-04T00:00:00Z"),
    ("Europe/Berlin", "03-28T12:00:00Z", "03-28T23:00:00Z", "04-03T22:00:00Z"),
    ("Europe/Berlin", "03-29T12:00:00Z", "03-29T22:00:00Z", "04-04T22:00:00Z"),
    ("Europe/Berlin", "10-24T12:00:00Z", "10-24T22:00:00Z", "10-30T23:00:00Z"),
    ("America/New_York", "03-08T04:59:00Z", "03-08T05:00:00Z", "03-14T04:00:00Z"),
    ("Asia/Kathmandu", "03-28T18:14:00Z", "03-28T18:15:00Z", "04-03T18:15:00Z"),
    ("Pacific/Kiritimati", "03-28T12:00:00Z", "03-29T10:00:00Z", "04-04T10:00:00Z"),
    # Its summer time begins at midnight: this day begins at one o'clock.
    ("Africa/Cairo", "04-23T12:00:00Z", "04-23T22:00:00Z", "04-29T21:00:00Z"),
]


@pytest.mark.parametrize(("zone", "now", "tomorrow", "after"), DAYS)
def test_each_open_one_is_due_in_one_part(client, leadbook, plan, zone, now, tomorrow, after):
    # Everything is created before: test mode would announce it otherwise, and take longer.
    edges = [f"2026-{each}" for each in (now, tomorrow, after)]
    for number, edge in enumerate(edges):
        for letter, seconds in (("a", ":59.999Z"), ("b", None)):
            moment = _minute_before(edge) + seconds if seconds else edge
            plan(f"{number}{letter}", moment[5:])
    plan("done", edges[0][5:], status="done")
    plan("cancelled", edges[0][5:], status="cancelled")
    leadbook.clock.set(edges[0])
    parts = {
        part: subjects(client, due=part, timeZone=zone)
        for part in ("overdue", "today", "week", "later")
    }
    assert parts == {
        "overdue": ["0a"], "today": ["0b", "1a"], "week": ["1b", "2a"], "later": ["2b"]
    }  # fmt: skip
    if zone == "UTC":
        assert subjects(client, due="today") == parts["today"]
    # It is due until its time is past.
    leadbook.clock.advance("1s")
    assert subjects(client, due="overdue", timeZone=zone) == ["0a", "0b"]


def _minute_before(moment):
    minutes = int(moment[11:13]) * 60 + int(moment[14:16]) - 1
    day = moment[:10] if minutes >= 0 else f"{moment[:8]}{int(moment[8:10]) - 1:02}"
    minutes %= 1440
    return f"{day}T{minutes // 60:02}:{minutes % 60:02}"


def test_due_can_be_combined(client, leadbook, plan):
    for subject, assignee in itertools.product("ab", ("Grace", "Ada")):
        plan(f"{subject} {assignee}", assignee=assignee)
    leadbook.clock.set("2026-02-02T08:00:00Z")
    assert subjects(client, due="today", assignee="ada", search="b") == ["b Ada"]
    assert subjects(client, due="today", status="done") == []
    assert subjects(client, due="today", status="open", order="desc", assignee="ada") == [
        "b Ada",
        "a Ada",
    ]
    # A time zone alone leaves all.
    assert len(subjects(client, timeZone="Asia/Tokyo")) == 4


@pytest.mark.parametrize(
    "zone",
    ["Mars/Olympus", "europe/berlin", "+01:00", "../UTC", "CEST", "/", "localtime", "Factory"],
)
def test_unknown_time_zone_is_refused(client, zone):
    assert refused(client, due="today", timeZone=zone) == ["timeZone"]


def test_known_time_zones_are_taken(client):
    for zone in [*sorted(time_zones())[::40], "Etc/GMT+12"]:
        assert get(client, "/follow-ups", due="week", timeZone=zone)["data"] == []


def test_time_zone_whose_plus_became_a_space_gets_a_hint(client):
    answer = client.get("/follow-ups?due=today&timeZone=Etc/GMT+12")
    [wrong] = answer.json["error"]["details"]
    assert (answer.status_code, wrong["field"]) == (400, "timeZone")
    assert "%2B" in wrong["message"]


def test_what_is_due_is_another_list_later_although_nothing_has_changed(client, leadbook, plan):
    # Its reminder was before, so no event is made at the time.
    plan("a", remindAt="2026-02-01T09:00:00Z")
    leadbook.clock.set("2026-02-02T08:59:59.999Z")
    lists = (
        ("/follow-ups", {"due": "today"}, 200),
        ("/follow-ups", {"due": "overdue", "timeZone": "Asia/Tokyo"}, 200),
        ("/leads", {"followUp": "overdue"}, 200),
        ("/follow-ups", {"status": "open"}, 304),
        ("/leads", {}, 304),
    )
    tags = []
    for path, query, _ in lists:
        tags.append({"If-None-Match": client.get(path, query_string=query).headers["ETag"]})
        assert client.get(path, query_string=query, headers=tags[-1]).status_code == 304
    leadbook.clock.advance("1s")
    for (path, query, status), tag in zip(lists, tags, strict=True):
        answer = client.get(path, query_string=query, headers=tag)
        assert answer.status_code == status, query
