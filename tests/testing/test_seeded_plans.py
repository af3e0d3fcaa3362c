"""Made-up follow-ups and tickets: around the day of the clock, and the same for the same day."""

from contextlib import closing

import pytest

from leadbook.models import RECORDS, FollowUp
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.opening import open_database
from leadbook.storage.times import milliseconds_of
from leadbook.testing import running_server
from leadbook.testing.demo import make

ALL = {"leads": 20, "clients": 6, "followUps": 30, "tickets": 12}
LISTS = ("/follow-ups?limit=100", "/tickets?limit=100", "/leads?limit=100", "/clients?limit=100")


def listed(client, path):
    return client.get(path).json["data"]


def test_seed_adds_follow_ups_around_the_day_of_the_clock(leadbook):
    client = leadbook.client
    leadbook.clock.set("2026-06-10T12:00:00Z")
    made = client.post("/_test/seed", json=ALL).json
    comments = made.pop("comments")
    assert made == ALL
    assert comments > 5
    for due in ("overdue", "today", "week", "later"):
        assert listed(client, f"/follow-ups?due={due}"), due
    follow_ups = listed(client, "/follow-ups?limit=100")
    assert {each["status"] for each in follow_ups} == {"open", "done", "cancelled"}
    assert len({each["subject"] for each in follow_ups}) > 5
    assert len({each["leadId"] or each["clientId"] for each in follow_ups}) > 8
    for each in follow_ups:
        assert "2026-05-30" < each["dueAt"] < "2026-07-01"
        if each["doneAt"]:
            late = milliseconds_of(each["doneAt"]) - milliseconds_of(each["dueAt"])
            assert 0 <= late <= 60 * 60 * 1000
        # All of it is past at any time of the day.
        assert each["createdAt"] <= each["updatedAt"] < "2026-06-10T00:00"
    tickets = listed(client, "/tickets?limit=100")
    assert {each["status"] for each in tickets} == {"open", "pending", "resolved", "closed"}
    assert any(each["tags"] for each in tickets)
    assert max(each["updatedAt"] for each in tickets) < "2026-06-10T00:00"
    assert sum(each["commentCount"] for each in tickets) == comments


def test_same_seed_and_day_make_the_same_plans():
    states = []
    for _ in range(2):
        with running_server() as leadbook:
            leadbook.seed(20, 6, follow_ups=30, tickets=12)
            states.append([leadbook.client.get(each).data for each in LISTS])
    assert states[0] == states[1]


def test_seed_without_people_has_tickets_only(leadbook):
    body = {"leads": 0, "clients": 0, "followUps": 5, "tickets": 2}
    made = leadbook.client.post("/_test/seed", json=body).json
    assert (made["followUps"], made["tickets"]) == (0, 2)
    assert all(each["requesterEmail"] for each in listed(leadbook.client, "/tickets"))


@pytest.mark.parametrize("body", [{"followUps": -1}, {"tickets": 10_001}, {"follow_ups": 1}])
def test_seed_refuses_such_numbers(leadbook, body):
    assert leadbook.client.post("/_test/seed", json=body).status_code == 400
    assert listed(leadbook.client, "/leads") == []


def rows(path):
    with closing(open_database(path, Clock())) as database, database.use():
        return {model: list(model.select().order_by(model.id).dicts()) for model in RECORDS}


def test_demo_is_around_the_day_on_which_it_is_made(tmp_path):
    day = milliseconds_of("2027-03-04T00:00:00Z")
    made = []
    for hours in (0, 23, 24):
        make(tmp_path / f"{hours}.db", day + hours * 60 * 60 * 1000)
        made.append(rows(tmp_path / f"{hours}.db"))
    assert made[0] == made[1]
    assert [len(made[0][model]) for model in RECORDS[:4]] == [200, 40, 30, 12]
    days = [{each["due_at"][:10] for each in one[FollowUp]} for one in made]
    assert "2027-03-04" in days[0]
    assert min(days[0]) < min(days[2])
