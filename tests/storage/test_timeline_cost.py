"""A page of a timeline costs the same, however many records of others there are."""

from contextlib import closing

import pytest

from leadbook.models import Client, FollowUp, Lead, Ticket
from leadbook.people.conversion import convert
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.opening import open_database
from leadbook.storage.summaries import once
from leadbook.storage.timeline import timeline


def add_person(number):
    lead = Lead.create_from({"name": f"Ada {number}", "email": f"ada{number}@engines.test"})
    client, _ = convert(lead, Client, {}, "link")
    for year in range(2020, 2026):
        due = f"{year}-01-01T00:00:00.000Z"
        FollowUp.create_from({"subject": "Call", "due_at": due, "lead_id": lead.id})
    Ticket.create_from({"subject": "It stops", "client_id": client.id})
    return client


def steps_of(database, client):
    """Return the instructions of SQLite's machine for the first page, and for the second."""
    steps = 0

    def count():
        nonlocal steps
        steps += 1
        return 0

    found, place = [], None
    database.connection().set_progress_handler(count, 1)
    try:
        for _ in range(2):
            steps = 0
            entries, place = timeline(Client, client.id, limit=4, place=place, origin=Lead)
            assert len(entries) == 4
            found.append(steps)
    finally:
        database.connection().set_progress_handler(None, 0)
    return found


@pytest.mark.parametrize("is_first", [True, False])
def test_page_costs_the_same_among_many_others(path, is_first):
    database, found = open_database(path, Clock()), []
    with database.use(), closing(database):
        for numbers in (range(20), range(20, 200)):
            with database.write():
                people = [add_person(number) for number in numbers]
            found.append(steps_of(database, people[-1] if not is_first else first_client()))
    few, many = found
    assert all(more < 1.2 * less for less, more in zip(few, many, strict=True)), found


def first_client():
    return Client.select().order_by(Client.number).get()


@pytest.mark.parametrize("is_quiet", [True, False])
def test_page_needs_as_many_queries_for_many_records_that_were_written_at_once(path, is_quiet):
    # The clock stands, as in test mode.
    database, found = open_database(path, Clock(lambda: 1_767_225_600_000)), []
    with database.use(), closing(database):
        for many in (10, 100):
            # Otherwise, each one would be a change of the person, which the page would read.
            with database.write(), once():
                person = Lead.create_from({"name": "Ada", "email": "ada@engines.test"})
                for minute in range(many):
                    due = f"2026-01-02T{minute // 60:02}:{minute % 60:02}:00.000Z"
                    planned = {"subject": "Call", "due_at": due, "lead_id": person.id}
                    made = FollowUp.create_from(planned)
            seen, (_, place) = [], timeline(Lead, person.id, limit=4)
            if not is_quiet:
                with database.write():
                    made.change({"due_at": "2027-01-01T00:00:00.000Z"})
            database.connection().set_trace_callback(seen.append)
            entries, _ = timeline(Lead, person.id, limit=4, place=place)
            database.connection().set_trace_callback(None)
            assert len(entries) == 4
            found.append(len(seen))
    few, many = found
    assert few == many
