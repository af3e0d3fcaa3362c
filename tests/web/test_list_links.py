"""The Link header of lists: first, prev, next and last, with the parameters kept."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

LINK = re.compile(r'<([^<>]*)>; rel="(\w+)"(?:, |$)')


def links(answer):
    """Return the URLs by relation; the header has nothing else."""
    header = answer.headers.get("Link", "")
    assert LINK.sub("", header) == ""
    found = LINK.findall(header)
    assert len({relation for _, relation in found}) == len(found)
    return {relation: url for url, relation in found}


def query_of(url):
    return parse_qs(urlsplit(url).query, keep_blank_values=True)


@pytest.fixture
def nine(make):
    return [make(company="A & B", source="é,ü") for _ in range(9)]


@pytest.mark.usefixtures("nine")
def test_pages_lead_to_their_neighbours(client, kind):
    def numbers(path):
        found = links(client.get(path))
        return {each: int(query_of(found[each])["page"][0]) for each in found if each != "next"}

    path = f"/{kind}?limit=4"
    assert numbers(path) == {"first": 1, "last": 3}
    assert numbers(f"{path}&page=2") == {"first": 1, "prev": 1, "last": 3}
    assert numbers(f"{path}&page=3") == {"first": 1, "prev": 2, "last": 3}
    # Past the end, the way back is the last page.
    assert numbers(f"{path}&page=9") == {"first": 1, "prev": 3, "last": 3}
    assert numbers(f"/{kind}?limit=9") == numbers(f"/{kind}") == {"first": 1, "last": 1}
    assert numbers(f"/{kind}?search=nobody") == {"first": 1, "last": 1}


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_every_link_is_a_page_of_the_same_list(client, kind, make, prefix, nine):
    make(company="Other")
    path = f"{prefix}/{kind}"
    asked = {"limit": ["2"], "company": ["a & b"], "source": ["É,Ü"], "order": ["asc"]}
    asked |= {"status": ["new,won", "new"]} if kind == "leads" else {"status": ["active"]}
    answer = client.get(path, query_string=asked | {"page": "3"})
    found = links(answer)
    assert list(found) == ["next", "first", "prev", "last"]
    expected = {"first": nine[:2], "prev": nine[2:4], "next": nine[6:8], "last": nine[8:]}
    for relation, url in found.items():
        assert url.startswith(f"http://localhost{path}?")
        kept = {name: value for name, value in query_of(url).items() if name in asked}
        assert kept == asked
        assert client.get(url).json["data"] == expected[relation]
        assert client.head(url).status_code == 200


@pytest.mark.usefixtures("nine")
@pytest.mark.parametrize("query", ["", "updatedSince=2020-01-01T00:00:00Z&", "sort=updatedAt&"])
def test_page_of_a_cursor_leads_on_and_to_the_start(client, kind, query):
    first = client.get(f"/{kind}?{query}company=a%20%26%20b&limit=4")
    # A caller may send nothing but the cursor, which knows the rest.
    token = first.json["pagination"]["next"]
    answer = client.get(f"/{kind}?limit=4&cursor={token}")
    found = links(answer)
    assert list(found) == ["next", "first"]
    assert client.get(found["first"]).json == first.json
    last = client.get(found["next"])
    assert list(links(last)) == ["first"]
    pages = [each.json["data"] for each in (first, answer, last)]
    assert [len(each) for each in pages] == [4, 4, 1]
    assert client.get(links(last)["first"]).json["data"] == pages[0]


@pytest.mark.usefixtures("nine")
def test_head_and_refusals(client, kind):
    answer = client.get(f"/{kind}?limit=2&page=2")
    assert client.head(f"/{kind}?limit=2&page=2").headers["Link"] == answer.headers["Link"]
    assert "Link" not in client.get(f"/{kind}?limit=0").headers
    assert "Link" not in client.get(f"/{kind}/nobody").headers


@pytest.mark.usefixtures("nine")
def test_longest_query_leaves_the_head_small(client, kind):
    texts = {"company": "漢" * 200, "source": "漢" * 50, "search": "漢" * 200}
    for number in range(2):
        body = {"name": texts["search"], "email": f"{number}@a.test", "company": texts["company"]}
        body["source"] = texts["source"]
        assert client.post(f"/{kind}", json=body).status_code == 201
    answer = client.get(f"/{kind}", query_string=texts | {"limit": 1})
    assert answer.json["pagination"]["total"] == 2
    assert len(answer.headers["Link"]) < 9000
    # The cursor alone leads on; the pages by number are left out.
    [(relation, url)] = links(answer).items()
    assert relation == "next"
    assert len(client.get(url).json["data"]) == 1
    assert len(client.get(url).headers["Link"]) < 9000


def test_link_cannot_be_broken_by_its_query(client, kind, make):
    make()
    url = f"/{kind}?search=%3E;%20rel=%22next%22,%20%3Chttp://evil.test%3E"
    for link in links(client.get(url)).values():
        assert link.startswith(f"http://localhost/{kind}?search=")
