"""Totals of what is due: exact, at a cost that does not grow with what is due on each day."""

from contextlib import closing
from random import Random

import pytest
from list_steps import steps_of

from leadbook.bench import plans
from leadbook.models import Client, FollowUp, Lead
from leadbook.storage.clock import Clock
from leadbook.storage.database import current
from leadbook.storage.due import DUE, DayCounts, bounds
from leadbook.storage.listing import list_page
from leadbook.storage.sqlite.opening import open_database
from leadbook.storage.summaries import once
from leadbook.storage.times import LATEST, text_of

DAY_MS = 86_400_000
LIMIT = 20
EARLIEST = {"sort": "dueAt", "order": "asc"}


def add_around(now, times):
    """Plan so many follow-ups for each of a hundred days before `now`, and after it."""
    with current.write():
        lead = Lead.create_from({"name": "Ada", "email": "ada@engines.test"})
        for day in (*range(-100, 0), *range(1, 101)):
            for number in range(times):
                due = text_of(now + day * DAY_MS + number)
                FollowUp.create_from({"lead_id": lead.id, "subject": "Call", "due_at": due})


def test_total_of_what_is_due_does_not_count_each_day_again(tmp_path, monkeypatch):
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", 20)
    database, steps = open_database(tmp_path / "leadbook.db", Clock(lambda: plans.NOW)), []
    with database.use(), closing(database):
        for times in (1, 9):
            add_around(plans.NOW, times)
            queries = [{**EARLIEST, "due": word} for word in DUE]
            totals = [list_page(FollowUp, limit=LIMIT, **query).total for query in queries]
            steps.append([steps_of(database, FollowUp, **query) for query in queries])
    assert totals == [1000, 0, 60, 940]
    # The page itself has more rows now.
    assert all(many < few + 500 for few, many in zip(*steps, strict=True)), steps


def any_time(draw):
    return text_of(plans.NOW + draw.randrange(-(10**9), 10**9))


CHANGES = (
    lambda draw, one, _: one.change({"due_at": any_time(draw)}),
    lambda draw, one, _: one.change({"status": draw.choice(["open", "done", "cancelled"])}),
    lambda _, one, __: one.delete_for_good(),
    lambda draw, _, owners: draw.choice(owners[1:]).archive(),
    lambda draw, _, owners: draw.choice(owners).restore(),
)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Kathmandu", "Pacific/Kiritimati"])
def test_total_of_what_is_due_follows_each_change(tmp_path, zone):
    database, draw = open_database(tmp_path / "leadbook.db", Clock(lambda: plans.NOW)), Random(zone)
    with database.use(), closing(database), database.write():
        for number in range(5):
            Client.create_from({"name": "Ada", "email": f"ada{number}@engines.test"})
        for _ in range(60):
            owners = list(Client.select().order_by(Client.id))
            owner = draw.choice([each for each in owners if each.status == "active"])
            new = {"client_id": owner.id, "subject": "Call", "due_at": any_time(draw)}
            draw.choice(CHANGES)(draw, FollowUp.create_from(new), owners)
            to_do = [
                each for each in FollowUp.select() if each.status == "open" and not each.paused
            ]
            for word in DUE:
                since, before = bounds(word, plans.NOW, zone)
                first, end = text_of(since or 0), text_of(LATEST if before is None else before)
                wanted = [each for each in to_do if first <= each.due_at < end]
                page = list_page(FollowUp, due=word, time_zone=zone, limit=LIMIT, **EARLIEST)
                assert page.total == len(wanted)
        days = current.execute_sql("SELECT count(*), min(count) FROM follow_up_days").fetchone()
        assert 1 < days[0] < 30
        assert days[1] == 1


def test_total_of_what_is_due_is_exact_at_each_end(tmp_path):
    noon = plans.NOW // DAY_MS * DAY_MS + DAY_MS // 2
    ends = [noon + day * DAY_MS + part * DAY_MS // 2 for day in (-1, 0, 1) for part in (-1, 0, 1)]
    times = sorted({end + more for end in ends for more in (-1, 0, 1)})
    database = open_database(tmp_path / "leadbook.db", Clock(lambda: plans.NOW))
    counts = DayCounts.of(FollowUp, FollowUp.filters["due"])
    with database.use(), closing(database):
        with database.write(), once():
            lead = Lead.create_from({"name": "Ada", "email": "ada@engines.test"})
            for time in times:
                new = {"lead_id": lead.id, "subject": "Call", "due_at": text_of(time)}
                FollowUp.create_from(new)
        bounds = [(since, before) for since in (None, *times) for before in (*times, None)]
        for since, before in bounds:
            found = [each for each in times if (since or 0) <= each < (before or LATEST)]
            if total := counts.total(since, before):
                assert database.execute_sql(*total).fetchone() == (len(found),)
        assert sum(counts.total(*each) is not None for each in bounds) > 100
