"""A clock that a test moves, follow-ups on it, and their events."""

import pytest

from leadbook.reminders.announcer import announce_due
from leadbook.storage.clock import Clock
from leadbook.storage.times import text_of

MINUTE = 60_000


@pytest.fixture
def clock(time):
    return Clock(lambda: time[0])


@pytest.fixture
def at(time):
    """Return the time so many minutes from the start of the test, as text."""
    start = time[0]
    return lambda minutes: text_of(start + minutes * MINUTE)


@pytest.fixture
def plan(client, make_lead, at):
    """Plan a follow-up so many minutes from the start of the test."""

    def plan(minutes, **fields):
        if not fields.keys() & {"leadId", "clientId"}:
            fields["leadId"] = make_lead()["id"]
        new = {"subject": "Call", "dueAt": at(minutes)} | fields
        answer = client.post("/follow-ups", json=new)
        assert answer.status_code == 201, answer.json
        return answer.json

    return plan


@pytest.fixture
def announced(client):
    """Return the ids of all records that were announced, in order."""

    def announced():
        page = client.get("/events?type=follow-up.due").json
        assert not page["pagination"]["hasMore"]
        return [each["recordId"] for each in page["data"]]

    return announced


@pytest.fixture
def go_on(app, time, at):
    """Move the clock on by minutes, announce what is due, and return how many that was."""

    def go_on(minutes=0):
        time[0] += minutes * MINUTE
        return announce_due(app.extensions["leadbook"])

    return go_on
