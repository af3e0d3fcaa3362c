"""Lists and batches, as users of other software found them wrong."""

import re
from urllib.parse import quote, urlsplit

import pytest


def links_of(answer):
    """Return the targets of the Link header by their relations, without scheme and host."""
    found = re.findall(r'<([^>]+)>; rel="(\w+)"', answer.headers["Link"] or "")
    targets = {name: urlsplit(url) for url, name in found}
    return {name: f"{target.path}?{target.query}" for name, target in targets.items()}


def pages_from(ask, path):
    while path:
        page = ask("GET", path)
        assert page.status == 200, page.body
        yield page
        path = links_of(page).get("next")


@pytest.fixture
def many(leadbook):
    """Return the names of nine leads with equal times and three different scores."""
    for number in range(9):
        leadbook.add_lead(name=f"Lead {number}", score=number // 3, company="Engines & Co")
    return {f"Lead {number}" for number in range(9)}


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("sort=score", id="postlight/lux#631"),
        pytest.param("sort=createdAt&order=asc", id="thomas4019/expressa#211"),
        pytest.param("sort=updatedAt", id="stac-utils/stac-server#1161"),
        pytest.param(
            "sort=score&order=asc&search=engines%20%26", id="vertical-knowledge/ripozo#64"
        ),
    ],
)
def test_each_record_is_on_one_page_though_values_are_equal(ask, many, query):
    by_cursor = [page.names for page in pages_from(ask, f"/leads?limit=2&{query}")]
    by_number = [ask("GET", f"/leads?limit=2&{query}&page={page}").names for page in range(1, 6)]
    assert by_cursor == by_number
    assert [len(names) for names in by_number] == [2, 2, 2, 2, 1]
    assert {name for names in by_number for name in names} == many


def test_records_created_while_paging_push_none_out(ask, leadbook, many):
    """hapifhir/hapi-fhir#3608: with offsets, records came twice or never."""
    seen = []
    for page in pages_from(ask, "/leads?limit=4"):
        seen += page.names
        leadbook.clock.advance("1s")
        leadbook.add_lead(name="Late")
    assert sorted(seen) == sorted(many)


def test_records_deleted_while_paging_hide_no_others(ask, many):
    """alexcastrodev/flexysearch#53: an item deleted between two pages hid the next one."""
    seen = []
    for page in pages_from(ask, "/leads?limit=3"):
        seen += page.names
        assert ask("DELETE", f"/leads/{page.json['data'][0]['id']}").status == 204
    assert sorted(seen) == sorted(many)


def test_links_move_on_and_keep_filters(ask, many):
    """json-api-dotnet/JsonApiDotNetCore#273: the links of a filtered page forgot the filter."""
    page = ask("GET", "/leads?limit=2&page=2&search=engines&sort=score")
    links = links_of(page)
    assert (
        ask("GET", links["next"]).names
        == ask("GET", "/leads?limit=2&page=3&search=engines&sort=score").names
    )
    assert "limit=2" in links["next"]


@pytest.mark.parametrize(
    ("page", "relations"),
    [
        pytest.param(1, {"first", "next", "last"}, id="typicode/json-server#751"),
        pytest.param(3, {"first", "prev", "next", "last"}, id="pulsar-edit/package-backend#4"),
        pytest.param(5, {"first", "prev", "last"}, id="json-api-dotnet/JsonApiDotNetCore#242"),
    ],
)
def test_links_name_the_pages_around(ask, many, page, relations):
    links = links_of(ask("GET", f"/leads?limit=2&page={page}&search=lead"))
    assert set(links) == relations
    assert ask("GET", links["last"]).names == ask("GET", "/leads?limit=2&page=5&search=lead").names
    assert ask("GET", links["first"]).names == ask("GET", "/leads?limit=2&search=lead").names


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("status=new,won", id="typicode/json-server#1503"),
        pytest.param("status=new&status=won", id="typicode/json-server#1531"),
    ],
)
def test_several_statuses_are_any_of_them(ask, leadbook, query):
    for status in ("new", "won", "lost"):
        leadbook.add_lead(name=status, status=status)
    assert set(ask("GET", f"/leads?{query}").names) == {"new", "won"}


def test_bounds_of_a_score_exclude_nothing_between(ask, many):
    """typicode/json-server#938: two filters of one field excluded each other."""
    found = ask("GET", "/leads?scoreMin=1&scoreMax=1").names
    assert sorted(found) == ["Lead 3", "Lead 4", "Lead 5"]


@pytest.mark.parametrize(
    ("name", "word"),
    [
        pytest.param("fts_5 100%", "_5", id="zotero/zotero#1787"),
        pytest.param("fts_5 100%", "0%", id="taginfo/taginfo#40"),
        pytest.param("mins. of park.", "park.", id="simonw/datasette#651"),
        pytest.param("Conan O'Brien", "o'b", id="spences10/ccrecall#29"),
        pytest.param("Downloads/transcripts", "ds/tr", id="spences10/ccrecall#23"),
        pytest.param('the "quoted" one', '"quo', id="arabold/docs-mcp-server#262"),
        pytest.param("multi-agent", "i-a", id="Dicklesworthstone/meta_skill#100"),
        pytest.param("@nasa a=b", "=b @na", id="calebevans/mulder#152"),
        pytest.param("grammar::fa", "r::f", id="dbohdan/tinyfts#2"),
        pytest.param("cat AND dog", "AND", id="simonw/sqlite-utils#296"),
    ],
)
def test_operators_in_a_search_are_plain_characters(ask, post, name, word):
    post(name=name)
    post(name="Ada 5100")
    assert ask("GET", f"/leads?search={quote(word)}").names == [name]


def test_batch_is_all_or_nothing_and_names_the_item(ask, post):
    """mevdschee/php-crud-api#744: some rows stayed, and nobody knew which one was wrong."""
    lead = post()
    create = [{"name": "Bob", "email": "bob@b.example"}, {"name": "Eve", "email": "nobody"}]
    refused = ask("POST", "/leads/batch", {"create": create, "delete": [{"id": lead["id"]}]})
    assert (refused.status, [*refused.faults]) == (400, ["create[1].email"])
    assert ask("GET", "/leads").json["data"] == [lead]


def test_refused_batch_names_no_record_that_it_undid(ask):
    """objectstack-ai/objectstack#19452: a batch that was rolled back blamed the wrong row."""
    twice = [{"name": name, "email": "Ada@b.example"} for name in ("Ada", "Bob")]
    refused = ask("POST", "/clients/batch", {"create": twice})
    [detail] = refused.error["details"]
    assert (refused.status, detail["field"]) == (409, "create[1].email")
    assert "existingId" not in detail
    assert "create[0]" in detail["message"]
    assert ask("GET", "/clients?status=all").json["data"] == []


def test_unchanged_list_is_not_sent_again(ask, leadbook, many):
    """fastify/fastify-etag#108: behind a proxy, no list was ever the same."""
    first = ask("GET", "/leads?limit=2")
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    same = ask("GET", "/leads?limit=2", If_None_Match=tag)
    assert (same.status, same.body) == (304, b"")
    ask("DELETE", f"/leads/{first.json['data'][0]['id']}")
    assert ask("GET", "/leads?limit=2", If_None_Match=tag).status == 200
