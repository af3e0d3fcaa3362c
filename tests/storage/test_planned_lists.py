"""Lists of what is planned, and of people by it: exact, at a cost that does not grow with them."""

from contextlib import closing

import pytest
from list_steps import steps_of

from leadbook.bench import plans, rows
from leadbook.models import FollowUp, Lead, Ticket
from leadbook.storage.clock import Clock
from leadbook.storage.cursors import read_token
from leadbook.storage.listing import list_page
from leadbook.storage.sqlite.opening import open_database
from leadbook.storage.times import text_of

NOW = text_of(plans.NOW)
STATUSES = [None, "won", "new", "qualified,lost"]
LIMIT = 20
_HOUR_MS = 3_600_000


def make(path, count, plan=plans.plan_some):
    """Make a database of leads with plans, some of which are due today."""
    database = open_database(path, Clock(lambda: plans.NOW))
    with database.use(), closing(database):
        with database.write():
            for _, fields in rows.rows(count):
                Lead.create_from(fields)
        plan(database)
        with database.write():
            for each in list(FollowUp.select().where(FollowUp.status == "open").limit(9)):
                each.change({"due_at": text_of(plans.NOW + each.number % 9 * _HOUR_MS)})
    return path


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return make(tmp_path_factory.mktemp("planned") / "leadbook.db", 1200)


@pytest.fixture(scope="module")
def leads(path):
    database = open_database(path, Clock(lambda: plans.NOW))
    with database.use(), closing(database):
        return list(Lead.select())


@pytest.fixture
def database(path):
    database = open_database(path, Clock(lambda: plans.NOW))
    with database.use(), closing(database):
        yield database


def plan_all_but_the_first(database):
    """Plan something for all leads but the oldest ones, and for no new one."""
    plans.plan_nearly_all(database)
    later = list(Lead.select().where(Lead.open_follow_ups == 0))
    with database.write():
        for lead in later:
            FollowUp.create_from({"lead_id": lead.id, "subject": "Call", "due_at": NOW})
        for lead in Lead.select().order_by(Lead.id).limit(len(later)):
            for each in FollowUp.select().where(FollowUp.lead_id == lead.id):
                each.change({"status": "done"})


@pytest.fixture(
    scope="module",
    params=[plans.plan_nearly_all, plan_all_but_the_first],
    ids=["all but the newest", "all but the oldest"],
)
def nearly_all(request, tmp_path_factory):
    """Return a database in which nearly all leads have a follow-up."""
    path = make(tmp_path_factory.mktemp("nearly") / "leadbook.db", 1200, request.param)
    database = open_database(path, Clock(lambda: plans.NOW))
    with database.use(), closing(database):
        yield database


@pytest.fixture(scope="module")
def leads_of_nearly_all(nearly_all):
    with nearly_all.use():
        return list(Lead.select())


@pytest.fixture(autouse=True)
def few(monkeypatch):
    """Let a hundred hits be many, as ten thousand are elsewhere."""
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", 200)


def ids_of(page):
    return [record["id"] for record in page.data]


def assert_pages(model, expected, **query):
    """Compare some pages by number, and all by cursor, with the expected ids."""
    last = max(len(expected) - 1, 0) // LIMIT + 1
    for number in sorted({1, 2, last // 2 + 1, last, last + 1}):
        page = list_page(model, page=number, limit=LIMIT, **query)
        assert page.total == len(expected)
        assert ids_of(page) == expected[(number - 1) * LIMIT :][:LIMIT]
    walked, page = [], list_page(model, limit=100, **query)
    walked += ids_of(page)
    while page.next:
        page = list_page(model, limit=100, cursor=read_token(page.next), **query)
        walked += ids_of(page)
    assert walked == expected


PLANNED = {
    "overdue": lambda lead: (lead.next_follow_up_at or "9") < NOW,
    "planned": lambda lead: lead.next_follow_up_at is not None and lead.next_follow_up_at >= NOW,
    "none": lambda lead: lead.next_follow_up_at is None,
    None: lambda _: True,
}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("word", PLANNED)
@pytest.mark.parametrize("sort", ["nextFollowUpAt", "createdAt"])
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.usefixtures("database")
def test_leads_by_what_is_planned_are_exact(leads, sort, order, word, status):
    assert_leads(leads, sort, order, word, status)


@pytest.mark.parametrize("status", [None, "new", "qualified,lost"])
@pytest.mark.parametrize("word", ["none", None])
@pytest.mark.parametrize("sort", ["nextFollowUpAt", "createdAt", "name"])
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("few", [20, 200])
def test_leads_are_exact_if_nearly_all_have_a_plan(
    leads_of_nearly_all, monkeypatch, few, sort, order, word, status
):
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", few)
    assert_leads(leads_of_nearly_all, sort, order, word, status)


def assert_leads(leads, sort, order, word, status):
    """Compare a list of leads with what their rows say."""
    wanted = [
        lead
        for lead in leads
        if PLANNED[word](lead) and (status is None or lead.status in status.split(","))
    ]
    column = Lead.sorts[sort]
    # None comes after every time.
    wanted.sort(key=lambda lead: (getattr(lead, column) or "9", lead.id), reverse=order == "desc")
    query = {"sort": sort, "order": order, "follow_up": word, "status": status}
    assert_pages(Lead, [lead.id for lead in wanted], **query)


MIDNIGHT, IN_A_WEEK = "2026-01-06T00:00:00.000Z", "2026-01-12T00:00:00.000Z"
DUE = {
    "overdue": lambda time: time < NOW,
    "today": lambda time: NOW <= time < MIDNIGHT,
    "week": lambda time: MIDNIGHT <= time < IN_A_WEEK,
    "later": lambda time: time >= IN_A_WEEK,
}


@pytest.mark.parametrize("word", DUE)
@pytest.mark.parametrize("assignee", [None, "DAGNY", "bjÖrn"])
@pytest.mark.parametrize("kind", [None, "call", "call,task"])
def test_what_is_due_is_exact(database, word, assignee, kind):
    wanted = [
        each
        for each in FollowUp.select()
        if each.status == "open"
        and DUE[word](each.due_at)
        and (assignee is None or each.assignee.casefold() == assignee.casefold())
        and (kind is None or each.type in kind)
    ]
    wanted.sort(key=lambda each: (each.due_at, each.id))
    assert wanted or kind or (word == "today" and assignee)
    query = {"sort": "dueAt", "order": "asc", "due": word, "assignee": assignee, "type": kind}
    assert_pages(FollowUp, [each.id for each in wanted], **query)


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("status", [None, "closed", "open,pending"])
def test_tickets_by_number_are_exact(database, order, status):
    wanted = [each for each in Ticket.select() if status is None or each.status in status]
    wanted.sort(key=lambda each: each.number, reverse=order == "desc")
    query = {"sort": "number", "order": order, "status": status}
    assert_pages(Ticket, [each.id for each in wanted], **query)


def test_lists_of_what_is_due_read_no_row_for_the_total(database, monkeypatch):
    """An entry of the index takes a few instructions, and a row of the table many more."""
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", 20)
    query = {"sort": "dueAt", "order": "asc", "due": "later"}
    found = list_page(FollowUp, limit=LIMIT, **query).total
    # Those of an assignee or a type are found in the index, too.
    for more in ({}, {"assignee": "nobody"}, {"type": "note"}, {"type": "call"}):
        assert steps_of(database, FollowUp, **query, **more) < 10 * found + 1000


EARLIEST = {"sort": "dueAt", "order": "asc"}


@pytest.mark.parametrize("more", [{"type": "call"}, {"status": "done"}, {"search": "call"}])
def test_total_of_what_is_due_heeds_other_filters(database, more):
    wanted = [
        each.id
        for each in FollowUp.select().order_by(FollowUp.due_at, FollowUp.id)
        if each.status == "open" == more.get("status", "open")
        and each.due_at < NOW
        and each.type == more.get("type", each.type)
        and more.get("search", "") in f"{each.subject} {each.notes}".casefold()
    ]
    assert_pages(FollowUp, wanted, **EARLIEST, due="overdue", **more)
    assert len(wanted) > 0 or "status" in more


@pytest.mark.parametrize("word", DUE)
def test_what_is_due_of_a_person_with_many_follow_ups_reads_only_that(tmp_path, word):
    path = make(tmp_path / "leadbook.db", 10)
    database = open_database(path, Clock(lambda: plans.NOW))
    with database.use(), closing(database):
        lead = Lead.select().first().id
        with database.write():
            for number in range(500):
                status = "open" if number % 100 == 0 else "done"
                new = {"lead_id": lead, "subject": "Call", "due_at": NOW, "status": status}
                FollowUp.create_from(new)
        query = {"sort": "dueAt", "order": "asc", "lead_id": lead, "due": word}
        assert steps_of(database, FollowUp, **query) < 700
        if word == "today":
            assert list_page(FollowUp, limit=LIMIT, **query).total >= 5


@pytest.mark.parametrize("sort", ["nextFollowUpAt", "createdAt"])
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("more", [{}, {"status": "new"}, {"follow_up": "none"}])
def test_a_page_of_people_without_a_follow_up_reads_few_rows(database, sort, order, more):
    planned = Lead.select().where(Lead.open_follow_ups > 0).count()
    query = {"sort": sort, "order": order, **more}
    most = 9000 + 10 * planned
    assert steps_of(database, Lead, **query) < most
    # The page of a cursor begins at its place, among people with a follow-up and without.
    token = list_page(Lead, limit=LIMIT, **query).next
    for _ in range(20):
        cursor = read_token(token)
        assert steps_of(database, Lead, **query, cursor=cursor) < most
        token = list_page(Lead, limit=LIMIT, **query, cursor=cursor).next


@pytest.mark.parametrize("sort", ["nextFollowUpAt", "createdAt"])
@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("word", [None, "none"])
@pytest.mark.parametrize("status", [None, "new", "new,contacted,qualified"])
def test_a_page_reads_few_rows_if_nearly_all_have_a_plan(nearly_all, sort, order, word, status):
    query = {"sort": sort, "order": order, "follow_up": word, "status": status}
    # A short walk looks for those without a plan, if the list begins with them.
    most = 9000 if (sort, order, word) == ("nextFollowUpAt", "desc", None) else 2000
    assert steps_of(nearly_all, Lead, **query) < most
    first = list_page(Lead, limit=LIMIT, **query)
    if first.next:
        assert steps_of(nearly_all, Lead, **query, cursor=read_token(first.next)) < most
