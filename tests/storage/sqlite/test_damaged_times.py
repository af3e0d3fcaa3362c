"""A time that no record can have hides no list: the rest stays readable."""

from contextlib import closing

import pytest

from leadbook.reminders.announcer import announce_due
from leadbook.storage.sqlite.driver import sqlite3

DUE = "2026-02-02T10:00:00.000Z"


@pytest.fixture
def known(client, make_lead, make_client):
    """A lead and a client with a follow-up and a ticket, and what shows them."""
    paths = []
    for kind, key, make in (("leads", "leadId", make_lead), ("clients", "clientId", make_client)):
        person = make(email=f"{kind}@engines.test")
        body = {key: person["id"], "subject": "Call", "dueAt": DUE, "remindAt": DUE}
        planned = client.post("/follow-ups", json=body).json
        client.put(f"/follow-ups/{planned['id']}", json={"outcome": "None"})
        ticket = client.post("/tickets", json={key: person["id"], "subject": "Help"}).json
        client.post(f"/tickets/{ticket['id']}/comments", json={"text": "Noted"})
        one = f"/{kind}/{person['id']}"
        paths += [f"/{kind}", one, f"{one}/timeline", f"{one}/history", f"/{kind}?followUp=overdue"]
        paths += [f"/{kind}/export", f"/{kind}?sort=nextFollowUpAt&limit=1"]
        paths += [f"/follow-ups/{planned['id']}", f"/tickets/{ticket['id']}/comments"]
    lists = ["/follow-ups", "/follow-ups?due=overdue", "/follow-ups?due=later", "/tickets"]
    files = ["/follow-ups/export", "/tickets/export", "/follow-ups/calendar.ics", "/events"]
    return paths + lists + files


@pytest.mark.parametrize("time", ["99999999999999999", "-99999999999999999", "9223372036854775807"])
@pytest.mark.parametrize(
    "column",
    [
        "follow_ups.due_at", "follow_ups.remind_at", "follow_ups.done_at", "follow_ups.created_at",
        "leads.created_at", "leads.updated_at", "leads.converted_at", "leads.next_follow_up_at",
        "clients.created_at", "clients.updated_at", "clients.archived_at", "tickets.resolved_at",
        "comments.created_at", "events.time",
    ],
)  # fmt: skip
def test_time_out_of_range_hides_no_list(app, client, known, column, time):
    table, name = column.split(".")
    with closing(sqlite3.connect(app.extensions["leadbook"].path)) as other, other:
        other.execute(f"UPDATE {table} SET {name} = {time}")
    announce_due(app.extensions["leadbook"])
    for path in known:
        assert client.get(path).status_code == 200, path
