"""Lists and exports filtered by fields of one's own."""

import json
from urllib.parse import quote

import pytest
from walks import get, walk

RECORDS = {
    "A": {"Region": "North", "Seats": 12, "VIP": True},
    "B": {"Region": "NORTH", "Seats": "12"},
    "C": {"region": "North", "VIP": "TRUE"},
    "D": {"Region": "South", "Seats": 12.5, "VIP": False},
    "E": {"Straße": "Große Gasse", "VIP": 1},
    "F": {'a.b"[0]$%\\': "x=y&z"},
    "G": {},
}


@pytest.fixture
def client(leadbook):
    return leadbook.client


@pytest.fixture(autouse=True)
def records(leadbook, kind):
    add = leadbook.add_lead if kind == "leads" else leadbook.add_client
    for name, custom in RECORDS.items():
        add(name=name, email=f"{name}@engines.test", custom=custom, company="Engines")


def names(client, kind, **filters):
    """Return the names in the list; a walk and an export agree with it."""
    asked = {f"custom.{name}": value for name, value in filters.items()}
    page = get(client, f"/{kind}", order="asc", **asked)
    found = [each["name"] for each in page["data"]]
    assert page["pagination"]["total"] == len(found)
    assert [
        each["name"] for each in walk(client, f"/{kind}", order="asc", limit=1, **asked)
    ] == found
    query = asked | {"format": "jsonl"}
    exported = client.get(f"/{kind}/export", query_string=query).text.splitlines()
    assert [json.loads(line)["name"] for line in exported] == found
    return "".join(found)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"Region": "north"}, "AB"),
        ({" Region ": " nORTH "}, "AB"),
        ({"region": "north"}, "C"),
        ({"REGION": "north"}, ""),
        ({"Seats": "12"}, "AB"),
        ({"Seats": "12.0"}, "A"),
        ({"Seats": "1.25e1"}, "D"),
        ({"Seats": "1"}, ""),
        ({"VIP": "true"}, "AC"),
        ({"VIP": "False"}, "D"),
        ({"VIP": "1"}, "E"),
        ({"Stra\u00dfe": "GROSSE gasse"}, "E"),
        ({'a.b"[0]$%\\': "X=Y&Z"}, "F"),
        ({"Region": "North", "VIP": "true"}, "A"),
        ({"Region": "North", "Seats": "12"}, "AB"),
        ({"Region": "North", "region": "North"}, ""),
        ({"Region": ""}, "ABCDEFG"),
        ({"Region": " \u200b", "VIP": "true"}, "AC"),
        ({"Nobody": "has it"}, ""),
    ],
)
def test_filter_finds(client, kind, filters, expected):
    assert names(client, kind, **filters) == expected


@pytest.mark.parametrize("few", [0, 10_000])
def test_filter_works_with_all_others(client, kind, monkeypatch, few):
    # With 0 a list takes the way of many hits.
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", few)
    query = {"custom.Region": "north", "company": "engines", "search": "engines", "limit": 1}
    status = "new,won" if kind == "leads" else "active,archived"
    for more in ({}, {"sort": "name", "order": "asc"}, {"status": status, "sort": "updatedAt"}):
        found = [each["name"] for each in walk(client, f"/{kind}", **query, **more)]
        assert found == (["A", "B"] if more.get("order") else ["B", "A"])
    since = {"updatedSince": "2020-01-01T00:00:00Z"}
    assert [each["name"] for each in walk(client, f"/{kind}", **query, **since)] == ["A", "B"]
    del query["search"]
    for page, expected in ((1, ["B"]), (2, ["A"]), (3, [])):
        answer = get(client, f"/{kind}", **query, page=page)
        assert [each["name"] for each in answer["data"]] == expected
        assert answer["pagination"]["total"] == 2


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("custom=", "custom", "Must have a name, such as custom.Region=North."),
        ("custom=x&custom.a=b", "custom", "Must have a name, such as custom.Region=North."),
        ("custom.=x", "custom.", "Must not be empty."),
        ("custom.%20=", "custom. ", "Must not be empty."),
        (f"custom.{'x' * 65}=1", f"custom.{'x' * 65}", "Must not be longer than 64 characters."),
        (f"custom.x={'y' * 1001}", "custom.x", "Must not be longer than 1000 characters."),
        ("custom.a=1&custom.a=2", "custom.a", "Must not be given more than once."),
        ("custom.a=1&custom.%20a=2", "custom. a", "Must not be given more than once."),
        ("custom.a%00=1", "custom.a\0", "Must not contain control or text-direction characters."),
        ("custom.a=%E2%80%AE", "custom.a", "Must not contain control or text-direction characters."),
        ("custom.a=%FF", "query", "Must be UTF-8."),
        ("Custom.a=1", "Custom.a", "Unknown field; did you mean `custom`?"),
    ],
)  # fmt: skip
def test_wrong_filter_is_refused(client, kind, query, field, message):
    for path in (f"/{kind}", f"/{kind}/export"):
        answer = client.get(f"{path}?{query}")
        assert (answer.status_code, answer.json["error"]["code"]) == (400, "VALIDATION_ERROR")
        assert answer.json["error"]["details"] == [{"field": field, "message": message}]


def test_filters_are_limited_together(client, kind):
    many = "&".join(f"custom.{number}=x" for number in range(51))
    long = "&".join(f"custom.{number}={'x' * 700}" for number in range(3))
    for query in (many, long):
        [detail] = client.get(f"/{kind}?{query}").json["error"]["details"]
        assert detail["field"] == "custom"


def test_cursor_of_the_longest_filters_is_accepted(leadbook, client, kind):
    custom = {f"{number}": "\U00010400" * 990 for number in range(2)}
    add = leadbook.add_lead if kind == "leads" else leadbook.add_client
    for number in range(3):
        add(name=f"Long {number}", email=f"long{number}@engines.test", custom=custom)
    query = {f"custom.{name}": value.lower() for name, value in custom.items()}
    page = get(client, f"/{kind}", limit=1, **query)
    seen = [page["data"][0]["name"]]
    while token := page["pagination"]["next"]:
        page = get(client, f"/{kind}", limit=1, cursor=token)
        seen.append(page["data"][0]["name"])
    assert seen == ["Long 2", "Long 1", "Long 0"]


def test_cursor_keeps_the_filter_and_takes_no_other(client, kind):
    first = client.get(f"/{kind}?custom.Region=north&limit=1")
    token = first.json["pagination"]["next"]
    for same in ("", "&custom.Region=north", "&custom.%20Region=north"):
        answer = client.get(f"/{kind}?limit=1&cursor={token}{same}")
        assert [each["name"] for each in answer.json["data"]] == ["A"]
        [own] = [part for part in answer.headers["Link"].split(", ") if 'rel="first"' in part]
        url = own[own.index("/", 9) : own.index(">")]
        assert [each["name"] for each in client.get(url).json["data"]] == ["B"]
    for other in ("custom.Region=south", "custom.Seats=12", "custom.Region=north&custom.Seats=12"):
        answer = client.get(f"/{kind}?cursor={token}&{other}")
        assert answer.json["error"]["details"][0]["field"] == "custom"


def test_links_lead_to_the_pages_of_the_filter(client, kind):
    name = 'a.b"[0]$%\\'
    answer = client.get(f"/{kind}?custom.{quote(name)}=x%3Dy%26z&page=2")
    urls = [
        part[part.index("/", 9) : part.index(">")] for part in answer.headers["Link"].split(", ")
    ]
    assert [client.get(url).json["data"][0]["name"] for url in urls] == ["F"] * len(urls)
    assert len(urls) == 3


def test_list_has_another_etag_after_a_change_of_entries(client, kind):
    answer = client.get(f"/{kind}?custom.Region=north")
    headers = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(f"/{kind}?custom.Region=north", headers=headers).status_code == 304
    first = answer.json["data"][0]["id"]
    client.put(f"/{kind}/{first}", json={"custom": {"Region": "South"}})
    changed = client.get(f"/{kind}?custom.Region=north", headers=headers)
    assert (changed.status_code, changed.json["pagination"]["total"]) == (200, 1)
