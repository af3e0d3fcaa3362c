"""Believable records, the same in every run."""

import random
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from leadbook.models import RECORDS, Client, Lead
from leadbook.people.conversion import convert
from leadbook.schemas import LEAD_STATUSES
from leadbook.storage.clock import Clock
from leadbook.storage.database import Database
from leadbook.storage.sqlite.opening import open_database
from leadbook.testing.believable import People
from leadbook.testing.plans import DAY, steps

LEADS = 200
CLIENTS = 40
FOLLOW_UPS = 30
TICKETS = 12
_SEED = 20260101
_FIRST_DAY = int(datetime(2026, 1, 5, 8, tzinfo=UTC).timestamp() * 1000)
_LONGEST_PAUSE = 3 * 60 * 60 * 1000
_QUARTER_START = int(datetime(2025, 10, 1, tzinfo=UTC).timestamp() * 1000)
_QUARTER = 92 * DAY


def make(path: Path, now: int | None = None) -> None:
    """Make a database with 200 leads and 40 clients, half of them converted from leads.

    The 30 follow-ups and 12 tickets are around the day of `now`, in milliseconds; by default, that
    is today. The same day gives the same records.
    """
    source = random.Random(_SEED)  # noqa: S311  # repeatable on purpose
    people = People(source, _FIRST_DAY, _LONGEST_PAUSE, known=0)
    clock = Clock(people.milliseconds, source)
    today = Clock().milliseconds() if now is None else now
    with closing(open_database(path, clock)) as database, database.use():
        with database.write(clock):
            _add(people, LEADS, CLIENTS)
        for time, step in steps(people, FOLLOW_UPS, TICKETS, today):
            people.wait_until(time)
            # An event has the time of its write.
            with database.write(clock):
                step()


def seed(
    database: Database,
    leads: int,
    clients: int,
    seed: int,
    follow_ups: int = 0,
    tickets: int = 0,
) -> None:
    """Add records to `database`; the same seed gives the same bytes in an empty database.

    Their times are in the last quarter of 2025. Half of the clients are converted from leads.
    Follow-ups and tickets are around the day of the database's clock.
    """
    with database.use():
        events, _ = database.last_event()
        # Depends on earlier events too: the same people again would get the same ids.
        source = random.Random(f"{seed}/{events}" if events else seed)  # noqa: S311  # as above
        pause = _QUARTER // (2 * leads + clients + 1)
        known = sum(model.select().count() for model in RECORDS)
        people = People(source, _QUARTER_START, pause, known)
        with database.write(Clock(people.milliseconds, source)):
            _add(people, leads, clients)
            for time, step in steps(people, follow_ups, tickets, database.clock.milliseconds()):
                people.wait_until(time)
                step()


def _add(people: People, leads: int, clients: int) -> None:
    open_statuses = [status for status in LEAD_STATUSES if status != "won"]
    converted = min(clients // 2, leads)
    for number in range(leads):
        fields = people.contact() | {"score": people.number(101)}
        lead = Lead.create_from(fields | {"status": people.pick(open_statuses)})
        people.wait()
        if number * converted // leads < (number + 1) * converted // leads:
            convert(lead, Client, {}, "reject")
    for _ in range(clients - converted):
        fields = people.contact()
        Client.create_from(fields)
