"""The filters of lists and exports: which records each leaves, alone and together."""

import itertools
import json
import random

import pytest
from walks import get, walk

NOBODY = "019b76da-a800-7000-8000-000000000001"
STATUSES = ("new", "contacted", "qualified", "won", "lost")


@pytest.fixture
def client(leadbook):
    return leadbook.client


@pytest.fixture
def add(leadbook, kind):
    """Add a record of the kind; its name is what the tests know it by."""
    add_one = leadbook.add_lead if kind == "leads" else leadbook.add_client
    numbers = itertools.count()

    def add(name, **fields):
        return add_one(name=name, email=f"{next(numbers)}@engines.test", **fields)

    return add


def names(client, path, **query):
    """Return the names of the list in order of creation; a walk and an export agree with it."""
    query |= {"limit": 100} | ({} if "updatedSince" in query else {"order": "asc"})
    page = get(client, path, **query)
    found = [each["name"] for each in page["data"]]
    assert page["pagination"]["total"] == len(found)
    assert [each["name"] for each in walk(client, path, **query | {"limit": 2})] == found
    filters = {name: query[name] for name in query if name not in ("limit", "order", "sort")}
    if path == "/clients":
        filters = {"status": "active"} | filters
    answer = client.get(f"{path}/export", query_string=filters | {"format": "jsonl"})
    assert answer.status_code == 200, answer.json
    exported = [json.loads(line)["name"] for line in answer.text.splitlines()]
    assert sorted(exported) == sorted(found)
    return found


def refused(client, path, name, value):
    answer = client.get(path, query_string={name: value})
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "VALIDATION_ERROR")
    [detail] = answer.json["error"]["details"]
    assert detail["field"] == name
    return detail["message"]


@pytest.fixture
def leads(leadbook):
    for number, status in enumerate([*STATUSES, *STATUSES]):
        leadbook.add_lead(name=f"L{number}", status=status, score=10 * number)


@pytest.mark.usefixtures("leads")
@pytest.mark.parametrize("sort", ["createdAt", "updatedAt", "score"])
@pytest.mark.parametrize("status", ["new,won", "won,new", ["new", "won"], ["won,new", "new"]])
def test_several_statuses_by_commas_or_repeated(client, status, sort):
    assert names(client, "/leads", status=status, sort=sort) == ["L0", "L3", "L5", "L8"]


@pytest.mark.usefixtures("leads")
def test_all_statuses_together_are_no_filter(client):
    for several in (",".join(STATUSES), list(STATUSES[::-1])):
        assert len(names(client, "/leads", status=several)) == 10
    assert names(client, "/leads", status="lost,lost") == ["L4", "L9"]


def test_all_includes_every_other_status_of_clients(leadbook, client):
    kept, gone = leadbook.add_client(name="Kept"), leadbook.add_client(name="Gone")
    client.delete(f"/clients/{gone['id']}")
    for status in ("all", "active,archived", "all,active", ["archived", "active"]):
        assert names(client, "/clients", status=status) == ["Kept", "Gone"]
    assert names(client, "/clients") == names(client, "/clients", status="active") == [kept["name"]]
    assert names(client, "/clients", status="archived,archived") == ["Gone"]


@pytest.mark.parametrize("path", ["/leads", "/clients", "/leads/export", "/clients/export"])
@pytest.mark.parametrize(
    ("status", "wrong"),
    [
        ("wno", "wno"), ("", ""), (" new", " new"), ("lost,", None), (["archived", "x"], None),
        ("ALL", "ALL"), ("x" * 500, "x" * 50),
    ],
)  # fmt: skip
def test_unknown_status_is_named(client, path, status, wrong):
    message = refused(client, path, "status", status)
    assert message.startswith("Must be one of: ")
    if wrong is not None:
        assert message.endswith(f'; not "{wrong}".')


def test_leads_have_no_status_all(client):
    # All leads are the default, so there is nothing to ask for.
    assert refused(client, "/leads", "status", "all").endswith('; not "all".')


@pytest.mark.usefixtures("leads")
def test_total_of_several_statuses_reads_no_rows(leadbook):
    with leadbook.app.extensions["leadbook"].use() as database:
        # Only for this test: the counts say something else than the rows.
        database.execute_sql("UPDATE lead_counts SET count = 1000 WHERE status = 'won'")
        page = get(leadbook.client, "/leads", status="new,won")
        assert page["pagination"]["total"] == 1002
        database.execute_sql("UPDATE lead_counts SET count = 2 WHERE status = 'won'")


@pytest.mark.usefixtures("leads")
def test_order_of_the_words_does_not_matter_to_a_cursor(client):
    token = get(client, "/leads", status="new,won,lost", limit=1)["pagination"]["next"]
    rest = get(client, "/leads", cursor=token)
    for same in ("lost,won,new", ["lost", "new", "won", "won"]):
        assert get(client, "/leads", cursor=token, status=same) == rest
    answer = client.get("/leads", query_string={"cursor": token, "status": "new,won"})
    assert [each["field"] for each in answer.json["error"]["details"]] == ["status"]


def test_other_parameters_may_be_given_only_once(client, kind):
    for name, value in (("email", "a@b.test"), ("company", "A"), ("createdBefore", "x"), ("q", 1)):
        message = refused(client, f"/{kind}", name, [value, value])
        assert message == "Must not be given more than once."


@pytest.mark.parametrize("name", ["company", "source"])
def test_company_and_source_are_the_whole_text_in_any_case(client, kind, add, name):
    stored = ["Straße", "STRASSE", "strasse 2", "ÉCOLE", "École", "Kelvin", "İstanbul", "μ", None]
    for number, text in enumerate(stored):
        add(f"N{number}", **{name: text})
    found = {
        "strasse": ["N0", "N1"],
        "STRAẞE": ["N0", "N1"],
        "e\u0301cole": ["N3", "N4"],
        "\u212aELVIN": ["N5"],
        " kelvin ": ["N5"],
        "\u00b5": ["N7"],
        "i\u0307stanbul": ["N6"],
        "trasse": [],
        "%": [],
        "Straße*": [],
    }
    for text, expected in found.items():
        assert names(client, f"/{kind}", **{name: text}) == expected, text
    # Like an empty search or address.
    assert len(names(client, f"/{kind}", **{name: ""})) == len(stored)


def test_long_and_forbidden_texts_are_refused(client, kind):
    assert "longer than 200" in refused(client, f"/{kind}", "company", "x" * 201)
    assert "longer than 50" in refused(client, f"/{kind}", "source", "x" * 51)
    assert "control" in refused(client, f"/{kind}", "company", "a\0b")


@pytest.mark.usefixtures("leads")
def test_scores_from_and_to(client):
    assert names(client, "/leads", scoreMin=70) == ["L7", "L8", "L9"]
    assert names(client, "/leads", scoreMax=10) == ["L0", "L1"]
    assert names(client, "/leads", scoreMin=30, scoreMax=30) == ["L3"]
    assert names(client, "/leads", scoreMin=0, scoreMax=100, status="won") == ["L3", "L8"]
    # Bounds that cross leave nothing, as for times.
    assert names(client, "/leads", scoreMin=31, scoreMax=30) == []


@pytest.mark.parametrize("value", ["-1", "101", "1.5", "", "x", "1_0", "٣", "9" * 30])
def test_score_that_no_lead_can_have_is_refused(client, value):
    for name in ("scoreMin", "scoreMax"):
        refused(client, "/leads", name, value)
        refused(client, "/leads/export", name, value)


def test_clients_have_no_score(client):
    assert refused(client, "/clients", "scoreMin", "1") == "Unknown field."
    assert refused(client, "/clients", "clientId", NOBODY) == "Unknown field."
    assert refused(client, "/leads", "leadId", NOBODY) == "Unknown field."


def test_times_before_are_exclusive(leadbook, client, kind, add):
    made = []
    for number in range(4):
        made.append(add(f"N{number}"))
        leadbook.clock.advance("1h")
    path = f"/{kind}"
    assert names(client, path, createdBefore="2026-01-01T02:00:00Z") == ["N0", "N1"]
    assert names(client, path, createdBefore="2026-01-01T02:00:00.001Z") == ["N0", "N1", "N2"]
    hour = {"createdSince": "2026-01-01T01:00:00Z", "createdBefore": "2026-01-01T02:00:00Z"}
    assert names(client, path, **hour) == ["N1"]
    assert names(client, path, **{"createdSince": "2026-02-01T00:00:00Z"} | hour) == ["N1"]
    crossed = {"createdSince": "2026-01-01T03:00:00Z", "createdBefore": "2026-01-01T01:00:00Z"}
    assert names(client, path, **crossed) == []
    client.put(f"{path}/{made[1]['id']}", json={"notes": "changed"})
    assert names(client, path, updatedBefore="2026-01-01T03:30:00Z") == ["N0", "N2", "N3"]
    window = {"updatedSince": "2026-01-01T02:00:00Z", "updatedBefore": "2026-01-01T04:00:00Z"}
    assert names(client, path, **window) == ["N2", "N3"]
    for name in ("createdBefore", "updatedBefore"):
        assert refused(client, path, name, "yesterday").startswith("Must be a time")


def test_record_changed_while_its_window_is_walked_leaves_it(leadbook, client, kind, add):
    made = [add(f"N{number}") for number in range(4)]
    leadbook.clock.advance("1h")
    query = {"updatedSince": "2026-01-01T00:00:00Z", "updatedBefore": "2026-01-01T01:00:00Z"}
    page = get(client, f"/{kind}", limit=2, **query)
    client.put(f"/{kind}/{made[2]['id']}", json={"notes": "changed"})
    rest = get(client, f"/{kind}", cursor=page["pagination"]["next"], limit=2)
    # The next window has it.
    assert [each["name"] for each in rest["data"]] == ["N3"]
    assert names(client, f"/{kind}", updatedSince="2026-01-01T01:00:00Z") == ["N2"]


def test_links_are_filters(leadbook, client):
    lead, other = leadbook.add_lead(name="L"), leadbook.add_lead(name="Other")
    made = client.post(f"/leads/{lead['id']}/convert").json
    assert names(client, "/leads", clientId=made["id"]) == ["L"]
    assert names(client, "/clients", leadId=lead["id"]) == ["L"]
    assert names(client, "/clients", leadId=other["id"]) == []
    assert names(client, "/leads", clientId=NOBODY) == []
    client.delete(f"/clients/{made['id']}")
    assert names(client, "/clients", leadId=lead["id"]) == []
    assert names(client, "/clients", leadId=lead["id"], status="all") == ["L"]
    for value in ("", "x", NOBODY[:-1], NOBODY.replace("-", ""), f"{NOBODY}\0", "é"):
        assert refused(client, "/leads", "clientId", value) == "Must be an id."


@pytest.fixture(params=[0, 3, 10_000])
def few(request, monkeypatch):
    """Let rows be many, or few, as ten thousand are elsewhere."""
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", request.param)


@pytest.mark.usefixtures("leads", "few")
def test_filters_together_leave_what_all_of_them_leave(leadbook, client):
    for number in range(12):
        leadbook.clock.advance("1m")
        leadbook.add_lead(
            name=f"M{number}",
            email=f"{'ada' if number % 2 else 'bob'}@engines.test",
            score=number,
            status=STATUSES[number % 5],
            company=["ACME", "acme", "Looms"][number % 3],
            source="Fair" if number < 6 else None,
        )
    everything = leadbook.leads()
    choices = {
        "status": [None, "won", "new,won,lost"],
        "search": [None, "m1", "engines", "en"],
        "company": [None, "Acme"],
        "scoreMin": [None, 3],
        "createdSince": [None, "2026-01-01T00:03:00Z"],
        "email": [None, "ADA@engines.test"],
    }
    for values in random.Random(7).sample(list(itertools.product(*choices.values())), 60):
        query = {name: value for name, value in zip(choices, values, strict=True) if value}
        expected = [each for each in everything if matches(each, query)]
        for sort in ("createdAt", "score"):
            expected.sort(key=lambda each: (each[sort], each["id"]))  # used at once
            page = get(client, "/leads", order="asc", sort=sort, limit=100, **query)
            assert page["pagination"]["total"] == len(expected), query
            assert page["data"] == expected, query
            assert walk(client, "/leads", order="asc", sort=sort, limit=7, **query) == expected


def matches(lead, query):
    text = f"{lead['name']} {lead['email']} {lead['company']}".lower()
    return (
        lead["status"] in query.get("status", lead["status"]).split(",")
        and query.get("search", "") in text
        and query.get("company", lead["company"] or "").lower() == (lead["company"] or "").lower()
        and lead["score"] >= query.get("scoreMin", 0)
        and lead["createdAt"] >= query.get("createdSince", "").replace("Z", ".000Z")
        and query.get("email", lead["email"]).lower() == lead["email"].lower()
    )


@pytest.mark.usefixtures("leads", "few")
def test_python_lists_take_the_same_filters(leadbook):
    assert [each["name"] for each in leadbook.leads(status=["won", "new"], scoreMin=40)] == [
        "L5", "L8",
    ]  # fmt: skip
