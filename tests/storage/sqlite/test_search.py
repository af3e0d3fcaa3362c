"""Searches among many hits: the same rows as a filter in Python finds, of one state."""

import random
import threading
from contextlib import closing

import pytest

from leadbook.models import Lead
from leadbook.storage.clock import Clock
from leadbook.storage.listing import list_page
from leadbook.storage.sqlite.opening import open_database
from leadbook.storage.sqlite.search import Search
from leadbook.storage.text import fold_for_search

STATUSES = ("new", "contacted", "won")
# Also the wildcards of GLOB and LIKE, and quotes.
PIECES = [
    "solar",
    "Sol*",
    "ar?",
    "[a]",
    "]",
    "[",
    "50%",
    "a_b",
    "\"'",
    "Łódź",
    "が",
    "🌞",
    "^-",
    "\\",
]


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    """Leads of pieces in any order; between their numbers are those of erased leads."""
    dice = random.Random(17)
    database = open_database(tmp_path_factory.mktemp("search") / "leadbook.db", Clock())
    with database.use(), closing(database):
        with database.write():
            for number in range(400):
                fields = {
                    "name": " ".join(dice.choices(PIECES, k=2)),
                    "email": f"{number}@{dice.choice(['engines', 'looms'])}.test",
                    "company": dice.choice([*PIECES, None]),
                    "status": dice.choice(STATUSES),
                    "score": dice.randrange(5),
                }
                Lead.create_from(fields)
            for lead in dice.sample(list(Lead.select()), 150):
                lead.delete_for_good()
        yield database


@pytest.fixture(params=[0, 20, 10_000])
def few(request, monkeypatch):
    """Let searches take each of their ways."""
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", request.param)
    monkeypatch.setattr("leadbook.storage.sqlite.search._CHARACTERS_AT_ONCE", 50)
    monkeypatch.setattr("leadbook.storage.listing._FAR", 60)
    return request.param


def matching(leads, words, filters):
    status, least = filters.get("status"), filters.get("score_min", 0)
    for lead in leads:
        text = fold_for_search(f"{lead.name}\n{lead.email}\n{lead.company or ''}")
        has_words = all(fold_for_search(word) in text for word in words)
        is_of_status = lead.status in (status or lead.status).split(",")
        if has_words and is_of_status and lead.score >= least:
            yield lead


def drawn_words(dice):
    """Return parts of pieces, of one letter or more, and words that every lead has."""
    found = []
    for piece in dice.choices(
        [*PIECES, "engines.test", "looms.test", ".test"], k=dice.choice([1, 1, 2])
    ):
        start = dice.randrange(len(piece))
        found.append(piece[start : start + dice.choice([1, 2, 3, 8])])
    return found


@pytest.mark.parametrize("seed", range(20))
def test_any_words_find_what_a_filter_in_python_finds(database, few, seed):
    dice = random.Random(seed)
    leads = list(Lead.select())
    for _ in range(20):
        words = drawn_words(dice)
        filters = {
            "status": dice.choice([None, "won", "new,contacted"]),
            "source": dice.choice([None, None, None, "nowhere"]),
            "score_min": dice.choice([0, 0, 2]),
        }
        given = {name: value for name, value in filters.items() if value}
        sort, order = dice.choice(["createdAt", "score", "name"]), dice.choice(["asc", "desc"])
        column = Lead.sorts[sort]
        found = [] if filters["source"] else list(matching(leads, words, given))
        found.sort(key=lambda lead: (getattr(lead, column), lead.id), reverse=order == "desc")
        last = max(len(found) - 1, 0) // 7 + 1
        for number in {1, 2, last // 2 + 1, last, last + 1}:
            asked = {"sort": sort, "order": order, "search": " ".join(words), **given}
            page = list_page(Lead, page=number, limit=7, **asked)
            assert page.total == len(found), asked
            expected = [lead.id for lead in found[(number - 1) * 7 : number * 7]]
            assert [each["id"] for each in page.data] == expected, asked


def test_marked_rows_are_those_that_are_fetched(database, few):
    numbers = [lead.number for lead in Lead.select() if lead.score > 1]
    random.Random(few).shuffle(numbers)
    listed = "SELECT value AS hit FROM json_each(?)"
    known = Search(Lead, "a").scanned(listed, (str(numbers),))
    condition, values = known.has("number")
    found = database.execute_sql(f"SELECT number FROM leads WHERE {condition}", values)
    assert sorted(numbers) == sorted(number for (number,) in found)
    nothing, values = Search(Lead, "a").scanned(listed, ("[]",)).has("number")
    assert database.execute_sql(f"SELECT 1 FROM leads WHERE {nothing}", values).fetchall() == []


@pytest.mark.parametrize("search", ["solar", "so", "solar so", "s"])
@pytest.mark.parametrize("status", [None, "won"])
def test_far_page_shows_one_state_while_another_thread_writes(
    tmp_path, monkeypatch, search, status
):
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", 0)
    monkeypatch.setattr("leadbook.storage.listing._FAR", 0)
    database = open_database(tmp_path / "leadbook.db", Clock())
    leads = []

    def write():
        with database.use(), database.write():
            if leads:
                leads.pop(0).delete_for_good()
            fields = {"email": "a@b.test", "status": "won"}
            names = ("Solar one", "Solar two")
            leads.extend([Lead.create_from({"name": name, **fields}) for name in names])
        database.close()

    def in_another_thread():
        writer = threading.Thread(target=write)
        writer.start()
        writer.join()

    for _ in range(5):
        in_another_thread()
    expected = [lead.id for lead in sorted(leads, key=lambda each: (each.created_at, each.id))]
    execute = database.execute_sql

    def execute_and_let_write(sql, params=None):
        found = execute(sql, params)
        if threading.current_thread() is threading.main_thread() and sql.startswith("SELECT"):
            in_another_thread()
        return found

    monkeypatch.setattr(database, "execute_sql", execute_and_let_write)
    asked = {"search": search, "status": status, "sort": "createdAt", "order": "asc"}
    with database.use(), closing(database):
        page = list_page(Lead, page=2, limit=3, **asked)
    assert len(leads) > page.total == len(expected)
    assert [each["id"] for each in page.data] == expected[3:6]
