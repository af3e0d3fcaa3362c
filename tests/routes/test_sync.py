"""Following what has changed: createdSince, updatedSince, and the order of the changes."""

from contextlib import closing

import pytest
from walks import get, walk

from leadbook.models import Lead
from leadbook.storage.clock import Clock
from leadbook.storage.cursors import Cursor
from leadbook.storage.listing import BY_CHANGE, selection_of
from leadbook.storage.sqlite.opening import open_database
from leadbook.testing import running_server

PATHS = ["/leads", "/clients"]


@pytest.fixture
def client(leadbook):
    return leadbook.client


def names(records):
    return [record["name"] for record in records]


def add(leadbook, path, name, **fields):
    add_one = leadbook.add_lead if path == "/leads" else leadbook.add_client
    return add_one(name=name, email=f"{name.lower()}@engines.test", **fields)


@pytest.mark.parametrize("path", PATHS)
def test_created_since_narrows_every_list(leadbook, client, path):
    for number in range(4):
        add(leadbook, path, f"N{number}")
        leadbook.clock.advance("1h")
    assert names(get(client, path, createdSince="2026-01-01T02:00:00Z")["data"]) == ["N3", "N2"]
    page = get(client, path, createdSince="2026-01-01T03:00:00+02:00", sort="updatedAt", limit=1)
    assert page["pagination"]["total"] == 3
    assert get(client, path, createdSince="2026-01-01T04:00:00Z")["data"] == []
    found = get(client, path, createdSince="2026-01-01T01:00:00Z", search="n1")
    assert (names(found["data"]), found["pagination"]["total"]) == (["N1"], 1)
    assert names(walk(client, path, limit=1, createdSince="2026-01-01T02:00:00Z")) == ["N3", "N2"]


@pytest.mark.parametrize("path", PATHS)
def test_updated_since_lists_in_the_order_of_the_changes(leadbook, client, path):
    made = [add(leadbook, path, f"N{number}") for number in range(4)]
    leadbook.clock.advance("1h")
    for number in (2, 0, 2):
        client.put(f"{path}/{made[number]['id']}", json={"notes": f"{number}, again"})
        client.put(f"{path}/{made[number]['id']}", json={"notes": None})
    changed = get(client, path, updatedSince="2026-01-01T01:00:00Z")
    assert (names(changed["data"]), changed["pagination"]["total"]) == (["N0", "N2"], 2)
    everything = get(client, path, updatedSince="2026-01-01T00:00:00Z", order="asc")
    assert names(everything["data"]) == ["N1", "N3", "N0", "N2"]
    assert get(client, path, updatedSince="2026-01-01T01:00:00.001Z")["data"] == []


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_walk_skips_no_row_of_the_same_millisecond(leadbook, client, limit):
    # The clock stands still: all of them have one time.
    made = [leadbook.add_lead() for _ in range(20)]
    seen = walk(client, "/leads", limit=limit, updatedSince="2026-01-01T00:00:00Z")
    assert seen == made


def test_walk_ends_although_whoever_walks_changes_what_it_sees(leadbook, client):
    for _ in range(10):
        leadbook.add_lead()
    page = get(client, "/leads", limit=2, updatedSince="2026-01-01T00:00:00Z")
    seen = []
    while True:
        for lead in page["data"]:
            seen.append(lead["id"])
            assert client.put(f"/leads/{lead['id']}", json={"score": 1}).status_code == 200
        if not (token := page["pagination"]["next"]):
            break
        page = get(client, "/leads", limit=2, cursor=token)
    assert len(seen) == len(set(seen)) == 10
    # What was changed meanwhile is what the next walk begins with.
    again = walk(client, "/leads", limit=4, updatedSince="2026-01-01T00:00:00Z")
    assert [lead["id"] for lead in again] == seen


def test_clock_that_is_set_back_and_forth_loses_no_change(leadbook, client):
    first, other = leadbook.add_lead(), leadbook.add_lead()
    seen = other["updatedAt"]
    leadbook.clock.set("2025-12-31T00:00:00Z")
    client.put(f"/leads/{first['id']}", json={"score": 7})
    second = leadbook.add_lead()
    assert second["createdAt"] == second["updatedAt"] == seen
    changed = get(client, "/leads", updatedSince=seen)["data"]
    assert [lead["id"] for lead in changed] == [other["id"], first["id"], second["id"]]
    leadbook.clock.set("2026-01-01T00:00:05Z")
    third = leadbook.add_lead()
    leadbook.clock.set("2026-01-01T00:00:02Z")
    made = client.post(f"/leads/{third['id']}/convert").json
    changed = get(client, "/leads", updatedSince=third["updatedAt"])["data"]
    assert [lead["clientId"] for lead in changed] == [made["id"]]
    assert made["createdAt"] == changed[0]["convertedAt"] == "2026-01-01T00:00:05.000Z"


def test_another_process_with_a_clock_behind_stamps_no_earlier(tmp_path):
    # As after a restart, or beside another process: all they share is the file.
    ids, times = [], []
    for milliseconds in (5_000, 1_000, 6_000, 2_000):
        clock = Clock(lambda now=milliseconds: now)
        database = open_database(tmp_path / "leadbook.db", clock)
        with closing(database), database.use(), database.write():
            lead = Lead.create_from({"name": "Ada", "email": "ada@engines.test"})
        ids.append(lead.id)
        times.append(lead.updated_at[-7:])
    assert times == ["05.000Z", "05.000Z", "06.000Z", "06.000Z"]
    # The part of an id that tells the time goes back no more than the stamps do.
    assert [each[:13] for each in ids] == sorted(each[:13] for each in ids)


def test_archiving_converting_and_unlinking_are_changes(leadbook, client):
    lead, other = leadbook.add_lead(), leadbook.add_lead()
    made = client.post(f"/leads/{lead['id']}/convert").json
    since = "2026-01-01T00:00:00Z"
    order = [each["id"] for each in get(client, "/leads", updatedSince=since)["data"]]
    assert order == [other["id"], lead["id"]]
    client.delete(f"/clients/{made['id']}")
    assert get(client, "/clients", updatedSince=since)["data"] == []
    archived = get(client, "/clients", updatedSince=since, status="all")["data"]
    assert [each["status"] for each in archived] == ["archived"]


def test_number_of_an_erased_change_is_not_given_again(leadbook, client):
    kept, erased = leadbook.add_lead(), leadbook.add_lead()
    page = get(client, "/leads", limit=1, updatedSince="2026-01-01T00:00:00Z")
    client.delete(f"/leads/{erased['id']}")
    client.put(f"/leads/{kept['id']}", json={"score": 1})
    # The erasure has a number, too.
    assert open_database_of(leadbook).last_event()[0] == 4
    assert get(client, "/leads", limit=1, cursor=page["pagination"]["next"])["data"] == []


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "query",
    [
        {"sort": "createdAt"}, {"sort": "updatedAt"}, {"sort": "change"}, {"order": "desc"}, {"sort": "createdAt", "order": "asc"},
    ],
)  # fmt: skip
def test_another_order_beside_updated_since_is_refused(client, path, query):
    answer = client.get(path, query_string={"updatedSince": "2026-01-01T00:00:00Z"} | query)
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json["error"]["details"]] == [next(iter(query))]


def test_order_of_changes_is_only_there_with_updated_since(client):
    assert client.get("/leads?sort=change").status_code == 400


@pytest.mark.parametrize("name", ["createdSince", "updatedSince"])
@pytest.mark.parametrize(
    "time",
    [
        "", "yesterday", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00 02:00", "2026-13-01T00:00:00Z",
         "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:61Z", "２026-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_time_that_is_none_is_refused(client, name, time):
    answer = client.get("/leads", query_string={name: time})
    assert answer.status_code == 400, answer.json
    [detail] = answer.json["error"]["details"]
    assert detail["field"] == name
    assert detail["message"].startswith("Must be a time")


@pytest.mark.parametrize(
    "time",
    [
        "2026-01-01t00:00:00z",
        "2026-01-01 00:00:00.123456789+00:00",
        "0472-08-17T05:06:34Z",
        "2016-12-31T23:59:60Z",
    ],
)
def test_all_that_rfc_3339_allows_is_taken(client, time):
    assert client.get("/leads", query_string={"createdSince": time}).status_code == 200


def test_cursor_keeps_the_times_it_began_with(leadbook, client):
    for _ in range(4):
        leadbook.add_lead()
    since = "2026-01-01T01:00:00+01:00"
    token = get(client, "/leads", limit=1, updatedSince=since)["pagination"]["next"]
    for repeated in ({}, {"updatedSince": since}, {"updatedSince": "2026-01-01T00:00:00Z"}):
        assert get(client, "/leads", limit=9, cursor=token, **repeated)["data"]
    for other in (
        {"updatedSince": "2026-01-01T00:00:01Z"},
        {"sort": "score"},
        {"createdSince": since},
    ):
        assert client.get("/leads", query_string={"cursor": token} | other).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"value": "x"}, {"value": -1}, {"value": 2**63 - 1}, {"id": ""}, {"id": "7f 7f"}, {"newest": ""},
        {"newest": "7f 7f"}, {"newest": "ff" * 20},
    ],
)  # fmt: skip
def test_token_made_by_hand_breaks_nothing(leadbook, client, change):
    leadbook.add_lead()
    since = {"updated_since": "2026-01-01T00:00:00.000Z"}
    good = {"kind": "leads", "sort": BY_CHANGE, "order": "asc", "filters": since, "value": 0}
    good |= {"id": "00", "newest": "07"}
    assert len(get(client, "/leads", cursor=Cursor(**good).token())["data"]) == 1
    answer = client.get("/leads", query_string={"cursor": Cursor(**good | change).token()})
    assert answer.status_code in (200, 400), answer.json


@pytest.fixture
def few(monkeypatch):
    """Let a thousand changes be many, as ten thousand are elsewhere."""
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", 1000)
    return 1000


def test_many_changes_are_walked_in_order(tmp_path, few):
    with running_server(tmp_path / "many.db") as leadbook:
        database = open_database_of(leadbook)
        with database.use(), database.write():
            for number in range(few + 500):
                Lead.create_from({"name": f"L{number}", "email": "l@engines.test"})
        seen = walk(leadbook.client, "/leads", limit=100, updatedSince="2026-01-01T00:00:00Z")
        assert names(seen) == [f"L{number}" for number in range(few + 500)]


def open_database_of(leadbook):
    return leadbook.app.extensions["leadbook"]


def test_followed_changes_cost_no_more_in_a_larger_file(tmp_path, few):
    steps = {}
    for count in (2 * few, 4 * few):
        database = open_database(tmp_path / f"{count}.db", Clock(lambda: 1_767_225_600_000))
        with database.use():
            with database.write():
                for number in range(count):
                    Lead.create_from({"name": f"L{number}", "email": "l@engines.test"})
            steps[count] = cost_of_a_page(database)
        database.close()
    assert steps[4 * few] <= steps[2 * few] * 1.1


def cost_of_a_page(database):
    """Return how many steps SQLite's machine takes for a page in the middle of the changes."""
    since = {"updated_since": "2026-01-01T00:00:00.000Z"}
    place = Cursor("leads", BY_CHANGE, "asc", since, 1, "7f" * 16, f"{2**40:016x}")
    selection = selection_of(Lead, BY_CHANGE, "asc", **since)
    assert selection.total
    assert selection._source.count is None, "many"
    counted = [0]

    def count():
        counted[0] += 1

    database.connection().set_progress_handler(count, 10)
    selection.rows_after(place, 100)
    database.connection().set_progress_handler(None, 0)
    return counted[0]
