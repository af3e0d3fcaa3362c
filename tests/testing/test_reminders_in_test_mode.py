"""Reminders in test mode: a test moves the clock, and they are there before the answer."""

from datetime import timedelta

import pytest
from waiting import wait_until

from leadbook.reminders import announcer
from leadbook.testing import running_server
from leadbook.testing.clock import AdjustableClock


@pytest.fixture
def plan(leadbook):
    def plan(due_at, **fields):
        if "clientId" not in fields:
            fields["leadId"] = leadbook.add_lead()["id"]
        new = {"subject": "Call", "dueAt": due_at} | fields
        answer = leadbook.client.post("/follow-ups", json=new)
        assert answer.status_code == 201, answer.json
        return answer.json

    return plan


def announced(leadbook):
    events = leadbook.client.get("/events?type=follow-up.due").json["data"]
    return [each["recordId"] for each in events]


def test_clock_brings_what_is_due(leadbook, plan):
    first, second, third = (plan(f"2026-01-0{day}T12:00:00Z") for day in (2, 3, 4))
    assert announced(leadbook) == []
    assert leadbook.client.put("/_test/clock", json={"advance": "36h"}).status_code == 200
    assert announced(leadbook) == [first["id"]]
    leadbook.clock.advance("24h")
    assert announced(leadbook) == [first["id"], second["id"]]
    leadbook.clock.set("2026-01-04T11:59:59.999Z")
    assert len(announced(leadbook)) == 2
    leadbook.clock.advance(timedelta(milliseconds=1))
    assert announced(leadbook)[2:] == [third["id"]]
    leadbook.clock.advance("1000h")
    assert len(announced(leadbook)) == 3


def test_event_is_nobodys_and_not_of_the_request_that_moved_the_clock(leadbook, plan):
    plan("2026-01-02T12:00:00Z")
    leadbook.client.put("/_test/clock", json={"advance": "48h"})
    [event] = leadbook.client.get("/events?type=follow-up.due").json["data"]
    assert (event["actor"], event["requestId"]) == (None, None)
    assert event["time"] == "2026-01-03T00:00:00.000Z"


def test_past_time_is_announced_before_the_answer(leadbook, plan):
    past = plan("2025-12-31T12:00:00Z")
    assert announced(leadbook) == [past["id"]]


def test_restored_client_is_announced_before_the_answer(leadbook, plan):
    customer = leadbook.add_client()
    path = f"/clients/{customer['id']}"
    follow_up = plan("2026-01-02T12:00:00Z", clientId=customer["id"])
    leadbook.client.delete(path)
    leadbook.clock.advance("48h")
    assert announced(leadbook) == []
    assert leadbook.client.post(f"{path}/restore").status_code == 200
    assert announced(leadbook) == [follow_up["id"]]


def test_reset_and_snapshot_bring_back_what_was_announced(leadbook, plan):
    follow_up = plan("2026-01-02T12:00:00Z")
    leadbook.snapshot()
    for _ in range(2):
        leadbook.clock.advance("48h")
        assert announced(leadbook) == [follow_up["id"]]
        leadbook.restore()
        assert announced(leadbook) == []
    leadbook.reset()
    leadbook.clock.advance("48h")
    assert announced(leadbook) == []


def test_running_clock_brings_what_is_due(leadbook, plan):
    follow_up = plan("2026-01-02T12:00:00.200Z")
    leadbook.clock.set("2026-01-02T12:00:00Z")
    leadbook.clock.run()
    wait_until(lambda: announced(leadbook))
    leadbook.clock.stop()
    assert announced(leadbook) == [follow_up["id"]]


def test_stopped_clock_is_quiet(leadbook, plan, monkeypatch):
    reads, looks, look = [], [], announcer.next_time
    plan("2026-01-02T12:00:00Z")

    def count(model):
        looks.append(model)
        return look(model)

    monkeypatch.setattr(announcer, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(announcer, "next_time", count)
    with running_server():
        monkeypatch.setattr(AdjustableClock, "is_running", property(reads.append))
        wait_until(lambda: len(reads) > 20)
    assert looks == []


def test_same_requests_give_the_same_events(leadbook):
    def feed():
        with running_server() as server:
            lead = server.add_lead()["id"]
            new = {"leadId": lead, "subject": "Call", "dueAt": "2025-12-31T00:00:00Z"}
            for _ in range(3):
                server.client.post("/follow-ups", json=new)
                server.clock.advance("1h")
            return server.client.get("/events").json

    assert feed() == feed()
