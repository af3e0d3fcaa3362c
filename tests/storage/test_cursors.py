"""Walking a list by cursor: every record once, in order, whatever is made meanwhile."""

import base64
import itertools
import random

import pytest
from walks import get, walk

from leadbook.storage.cursors import Cursor, _check

LEAD_ORDERS = list(itertools.product(["createdAt", "updatedAt", "score"], ["asc", "desc"]))
CLIENT_ORDERS = list(itertools.product(["createdAt", "updatedAt", "name"], ["asc", "desc"]))


@pytest.fixture
def leads(make_lead):
    dice = random.Random(5)
    return [
        make_lead(
            name=f"Lead {number}", score=dice.randrange(3), status=dice.choice(["new", "won"])
        )
        for number in range(23)
    ]


@pytest.mark.parametrize(("sort", "order"), LEAD_ORDERS)
@pytest.mark.parametrize("filters", [{}, {"status": "won"}, {"search": "lead"}, {"search": "1"}])
def test_walk_sees_each_lead_once_and_in_order(client, leads, sort, order, filters):
    everything = get(client, "/leads", limit=100, sort=sort, order=order, **filters)["data"]
    assert len(everything) > 5
    for limit in (1, 5, 22, 23, 100):
        seen = walk(client, "/leads", limit=limit, sort=sort, order=order, **filters)
        assert seen == everything


@pytest.mark.parametrize(("sort", "order"), CLIENT_ORDERS)
def test_walk_sees_each_client_once_and_in_order(client, make_client, sort, order):
    for name in ("bob", "Ärmel", "Bob", "anna", "BOB", "Zoe", "漢"):
        make_client(name=name)
    everything = get(client, "/clients", limit=100, sort=sort, order=order)["data"]
    assert walk(client, "/clients", limit=2, sort=sort, order=order) == everything


@pytest.mark.parametrize(("sort", "order"), LEAD_ORDERS)
def test_walk_ends_and_sees_none_twice_however_many_are_made_meanwhile(
    client, leads, make_lead, sort, order
):
    seen = walk(
        client,
        "/leads",
        limit=2,
        sort=sort,
        order=order,
        between=lambda: [make_lead(score=score) for score in (0, 1, 2)],
    )
    assert sorted(lead["id"] for lead in seen) == [lead["id"] for lead in leads]


def test_walk_goes_on_where_the_last_record_has_been_removed(client, leads):
    page = get(client, "/leads", limit=5)
    client.delete(f"/leads/{page['data'][-1]['id']}")
    rest = get(client, "/leads", limit=5, cursor=page["pagination"]["next"])
    assert rest["data"] == leads[::-1][5:10]
    assert rest["pagination"] | {"next": ""} == {"total": 22, "page": None, "limit": 5, "next": ""}


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_link_is_the_url_of_the_next_page(client, leads, prefix):
    answer = client.get(f"{prefix}/leads?limit=10&sort=score")
    seen = answer.json["data"]
    while 'rel="next"' in (link := answer.headers["Link"]):
        # The next page comes first, for callers that read no further.
        url, relation = link.split(", ")[0].split("; ")
        assert relation == 'rel="next"'
        assert url.startswith(f"<http://localhost{prefix}/leads?limit=10&sort=score&")
        answer = client.get(url.strip("<>"))
        seen += answer.json["data"]
    assert answer.json["pagination"]["next"] is None
    assert seen == get(client, "/leads", limit=100, sort="score")["data"]


def test_page_by_number_says_where_the_next_begins(client, leads):
    page = get(client, "/leads", page=2, limit=5)
    rest = get(client, "/leads", limit=5, cursor=page["pagination"]["next"])
    assert rest["data"] == get(client, "/leads", page=3, limit=5)["data"]
    for last in ({"page": 5, "limit": 5}, {"page": 9}, {"limit": 100}):
        answer = client.get("/leads", query_string=last)
        assert answer.json["pagination"]["next"] is None
        assert 'rel="next"' not in answer.headers["Link"]


QUERY = {"sort": "score", "order": "asc", "status": "won", "search": "lead", "limit": 3}


def test_what_the_token_stands_for_may_be_repeated(client, leads):
    token = get(client, "/leads", **QUERY)["pagination"]["next"]
    expected = get(client, "/leads", cursor=token, limit=3)
    for name in ("sort", "order", "status", "search"):
        assert get(client, "/leads", cursor=token, limit=3, **{name: QUERY[name]}) == expected
    assert get(client, "/leads", cursor=token, **QUERY) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sort", "createdAt"),
        ("order", "desc"),
        ("status", "new"),
        ("search", "leads"),
        ("email", "ada@engines.test"),
        ("page", "1"),
    ],
)
def test_what_the_token_stands_for_cannot_be_changed(client, leads, name, value):
    token = get(client, "/leads", **QUERY)["pagination"]["next"]
    answer = client.get("/leads", query_string={"cursor": token, name: value})
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["error"]["details"]] == [name]


def altered(token):
    """Return tokens with a character left out, another in its place, or one more."""
    for place in range(len(token)):
        yield token[:place] + token[place + 1 :]
        yield token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
    yield from (token + more for more in ("A", "=", " ", "%00", "é", "\n"))


def refused(client, path, token):
    answer = client.get(path, query_string={"cursor": token})
    if answer.status_code == 200:
        return False
    assert answer.status_code == 400
    assert [detail["field"] for detail in answer.json["error"]["details"]] == ["cursor"]
    return True


def test_altered_token_is_refused(client, leads):
    token = get(client, "/leads", limit=3)["pagination"]["next"]
    # The last character holds bits that mean nothing: another may be the same token.
    assert [each for each in altered(token[:-1]) if not refused(client, "/leads", each)] == []
    for nonsense in ("", "x", "null", "0" * 8000, token[::-1], token * 2):
        assert refused(client, "/leads", nonsense)


def test_token_of_another_list_is_refused(client, leads):
    assert refused(client, "/clients", get(client, "/leads", limit=3)["pagination"]["next"])


@pytest.mark.parametrize(
    "change",
    [
        {"sort": "company"},
        {"sort": 1},
        {"order": None},
        {"filters": {"status": "open"}},
        {"filters": {"page": "2"}},
        {"filters": {"cursor": "x"}},
        {"filters": {"search": "x" * 201}},
        {"filters": {"search": "\0"}},
        {"filters": []},
        {"filters": {"limit": "5"}},
        {"value": 2**63},
        {"value": 1.5},
        {"value": True},
        {"value": None},
        {"value": []},
        {"id": 7},
        {"id": "xyz"},
        {"id": "0", "newest": "0"},
        {"newest": "1"},
        {"newest": 2},
        {"newest": None},
    ],
)
def test_token_made_by_hand_is_refused(client, leads, change):
    good = {"kind": "leads", "sort": "score", "order": "asc", "filters": {}, "value": 1}
    good |= {"id": "00", "newest": "00"}
    assert not refused(client, "/leads", Cursor(**good).token())
    assert refused(client, "/leads", Cursor(**good | change).token())


@pytest.mark.parametrize(
    "content",
    [
        b'["leads","score","asc",{},"\\ud800","00","00"]',
        b'["leads","score","asc",{"search":"\\ud800"},1,"00","00"]',
        b"[" * 3000,
        b"[]",
        b"7",
        b"\xff",
    ],
)
def test_token_that_is_no_cursor_is_refused(client, content):
    token = base64.urlsafe_b64encode(_check(content) + content).decode().rstrip("=")
    assert refused(client, "/leads", token)


@pytest.mark.parametrize("kind", ["leads", "clients"])
def test_cursor_of_the_longest_values_is_taken(client, make_lead, make_client, kind):
    name, email = "😀" * 200, f"{'😀' * 247}@a.test"
    for number in range(2):
        texts = {"name": name, "company": "😀" * 200, "source": "😀" * 50}
        make_lead(email=email, **texts)
        make_client(email=f"{number}{email[1:]}", **texts)
    query = {"search": "😀" * 200, "limit": 1, "sort": "name" if kind == "clients" else "score"}
    query |= {"company": "😀" * 200, "source": "😀" * 50}
    query |= {"email": email} if kind == "leads" else {}
    assert len(walk(client, f"/{kind}", **query)) == 2


def test_walk_whose_records_change_status_meanwhile_ends(client, leads, monkeypatch):
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", 5)
    page = get(client, "/leads", status="won", search="lead", limit=3)
    for lead in leads:
        client.put(f"/leads/{lead['id']}", json={"status": "lost"})
    rest = get(client, "/leads", cursor=page["pagination"]["next"], limit=3)
    assert rest["data"] == []
    assert rest["pagination"]["next"] is None


def test_walk_ends_while_as_many_are_removed_as_made(client, leads, make_lead):
    def replace_newest():
        newest = get(client, "/leads", limit=1)["data"][0]
        client.delete(f"/leads/{newest['id']}")
        make_lead()

    seen = walk(client, "/leads", limit=2, order="asc", between=replace_newest)
    assert len(seen) <= len(leads)
