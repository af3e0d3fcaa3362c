"""Lists of many records: exact, and at a cost that does not grow with them."""

import itertools
import random
from contextlib import closing

import pytest

from leadbook.bench.fill import RowClock
from leadbook.models import Lead
from leadbook.storage.clock import Clock
from leadbook.storage.cursors import read_token
from leadbook.storage.listing import list_page
from leadbook.storage.sqlite.opening import open_database

STATUSES = ("new", "contacted", "qualified", "won", "lost")
ORDERS = list(itertools.product(["createdAt", "updatedAt", "score", "name"], ["asc", "desc"]))
SEARCHES = {
    "common": "engines",
    "common, of two characters": "en",
    "of one character": "7",
    "two words": "engines lead",
    "a long and a short word": "engines 7",
    "rare": "lead 77.",
    "none": "nobody",
    "of the oldest only": "ancient",
}


def make_leads(path, count):
    """Make leads with dates that do not follow their insertion, and a few statuses that are rare."""
    dice = random.Random(count)
    days = list(range(count))
    dice.shuffle(days)
    clock = RowClock()
    database = open_database(path, clock)
    with database.use(), closing(database), database.write(clock):
        for number, day in enumerate(days):
            clock.stamp = f"2020-01-01T00:{day // 60_000:02}:{day // 1000 % 60:02}.{day % 1000:03}Z"
            fields = {
                "name": f"Lead {number}.",
                "email": f"lead{number}@{dice.choice(['engines', 'looms'])}.test",
                "company": "Ancient" if day < count // 3 else None,
                "status": "won" if number % 100 == 0 else dice.choice(STATUSES),
                "score": dice.randrange(5),
                "custom": {"Half": number % 2 == 0, "Tenth": number % 10},
            }
            Lead.create_from(fields)
    return path


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    path = make_leads(tmp_path_factory.mktemp("many") / "leadbook.db", 6000)
    database = open_database(path, Clock())
    with database.use(), closing(database):
        yield database


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Let a thousand hits be many, as ten thousand are elsewhere."""
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", 1000)


@pytest.fixture(scope="module")
def leads(database):
    return list(Lead.select())


def expected_ids(leads, sort, order, status, search):
    words = (search or "").split()
    found = [
        lead
        for lead in leads
        if lead.status in (status or lead.status).split(",")
        and all(word in f"{lead.name} {lead.email} {lead.company}".lower() for word in words)
    ]
    column = Lead.sorts[sort]
    found.sort(key=lambda lead: (getattr(lead, column), lead.id), reverse=order == "desc")
    return [lead.id for lead in found]


@pytest.mark.parametrize(("sort", "order"), ORDERS)
@pytest.mark.parametrize("status", [None, "lost,won"])
def test_pages_of_many_hits_by_entries_are_exact(database, leads, sort, order, status):
    found = [lead for lead in leads if lead.custom["Half"]]
    expected = expected_ids(found, sort, order, status, None)
    query = {"sort": sort, "order": order, "status": status, "limit": 20}
    last = max(len(expected) - 1, 0) // 20 + 1
    for number in (1, 2, last // 2 + 1, last, last + 1):
        page = list_page(Lead, page=number, custom={"Half": "true"}, **query)
        assert page.total == len(expected) > 1000
        assert ids_of(page) == expected[(number - 1) * 20 :][:20]


def ids_of(page):
    return [record["id"] for record in page.data]


@pytest.mark.parametrize(("sort", "order"), ORDERS)
@pytest.mark.parametrize("search", [None, *SEARCHES.values()], ids=["all", *SEARCHES])
@pytest.mark.parametrize("status", [None, "won", "lost,won"])
def test_pages_and_totals_are_exact(database, leads, sort, order, search, status):
    expected = expected_ids(leads, sort, order, status, search)
    query = {"sort": sort, "order": order, "search": search, "status": status, "limit": 20}
    last = max(len(expected) - 1, 0) // 20 + 1
    for number in sorted({1, 2, last // 2 + 1, last - 1, last, last + 1} - {0}):
        page = list_page(Lead, page=number, **query)
        assert page.total == len(expected)
        assert ids_of(page) == expected[(number - 1) * 20 :][:20]


def steps_of(database, **query):
    """Return how many instructions SQLite's machine takes for a page, and the page."""
    steps = 0

    def count():
        nonlocal steps
        steps += 1
        return 0

    connection = database.connection()
    connection.set_progress_handler(count, 1)
    try:
        return list_page(Lead, **{"limit": 20, "order": "desc", "sort": "createdAt"} | query), steps
    finally:
        connection.set_progress_handler(None, 0)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return make_leads(tmp_path_factory.mktemp("few") / "leadbook.db", 600)


def costs(path):
    """Return the instructions for the first, the last and a cursor's page, in every order."""
    database = open_database(path, Clock())
    found = {}
    with database.use(), closing(database):
        for (sort, order), status in itertools.product(ORDERS, [None, "won", "lost", "new,won"]):
            query = {"sort": sort, "order": order, "status": status}
            first, found[sort, order, status, "first"] = steps_of(database, **query)
            _, found[sort, order, status, "last"] = steps_of(
                database, **query, page=-(-first.total // 20)
            )
            middle = list_page(Lead, limit=20, **query, page=first.total // 40)
            _, found[sort, order, status, "cursor"] = steps_of(
                database, **query, cursor=read_token(middle.next)
            )
    return found


def test_a_page_costs_the_same_in_a_file_ten_times_as_large(database, small):
    few, many = costs(small), costs(database.path)
    # A cursor adds a fifth to its page in both files: one row more, and two comparisons for each.
    limits = {place: 1.2 * max(few[place], few[*place[:3], "first"]) for place in many}
    assert {place: many[place] for place in many if many[place] > limits[place]} == {}


def test_filter_of_the_oldest_does_not_walk_through_all_newer_ones(database, leads):
    # Their updates are in the order of their creation, so a walk finds them last.
    times = sorted(lead.updated_at for lead in leads)
    for count in (1, 1500):
        query = {"updated_before": times[count], "sort": "createdAt"}
        oldest_last, steps = steps_of(database, **query)
        oldest_first, least = steps_of(database, **query, order="asc")
        assert oldest_last.total == oldest_first.total == count
        assert steps < 40_000 + least, (steps, least)


def test_common_search_costs_less_than_a_look_at_every_row(database):
    looks = steps_of(database, search="lead")[1], steps_of(database, search="engines", page=3)[1]
    assert all(steps < 6000 * 10 for steps in looks), looks
