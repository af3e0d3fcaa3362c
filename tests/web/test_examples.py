"""The document shows what the service does: its examples work as they are."""

import json
import re

import pytest

from leadbook.fields.schema import EXAMPLE_ID
from leadbook.models import RECORDS
from leadbook.storage.columns import JsonEntries
from leadbook.storage.naming import plural_of

KINDS = {plural_of(model): model for model in RECORDS}
PEOPLE = ("leads", "clients")
IN_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
def document(client):
    return client.get("/openapi.json").json


@pytest.fixture
def asked(document):
    """Return a function that finds the example of a body."""

    def find(path, method="post"):
        content = document["paths"][path][method]["requestBody"]["content"]
        return content["application/json"]["example"]

    return find


@pytest.fixture
def shown(document):
    """Return a function that finds the example of an answer."""

    def find(path, status, method="post"):
        answer = document["paths"][path][method]["responses"][str(status)]
        return answer["content"]["application/json"]["example"]

    return find


def assert_like(answer, example):
    """Check the fields that are the same each time, and which of the others are null."""
    assert answer.keys() == example.keys()
    for name, value in answer.items():
        assert (value is None) == (example[name] is None), name
        if not (name.endswith("At") or name in ("id", "leadId", "clientId", "ticketId")):
            assert value == example[name], name


@pytest.mark.parametrize("kind", KINDS)
def test_example_of_each_import_creates_a_record(client, document, asked, kind):
    content = document["paths"][f"/{kind}/import"]["post"]["requestBody"]["content"]
    assert ("text/vcard" in content) == (kind in PEOPLE)
    tried = 0
    for media_type, each in content.items():
        if "contentMediaType" in each["schema"]:
            continue
        # Each has the same address, and what belongs to people belongs to one who is there.
        for path in PEOPLE:
            for record in client.get(f"/{path}?limit=100").json["data"]:
                client.delete(f"/{path}/{record['id']}")
        if kind not in PEOPLE:
            assert client.post("/leads", json=asked("/leads")).status_code == 201
        example = each["example"]
        data = example if isinstance(example, str) else json.dumps(example)
        if kind == "comments":
            ticket = client.post("/tickets", json={"subject": "Stops"}).json
            data = data.replace(EXAMPLE_ID, ticket["id"])
            # In the next file, it would be the same one.
            data = data.replace(f"{EXAMPLE_ID[:-1]}2", f"{EXAMPLE_ID[:-1]}{tried}")
        report = client.post(f"/{kind}/import", data=data, content_type=media_type).json
        assert (report["created"], report["rejected"]) == (1, 0), (media_type, report)
        tried += 1
    assert tried >= 4


@pytest.mark.parametrize("kind", KINDS)
def test_example_of_an_export_has_the_columns_of_one(client, document, asked, make_lead, kind):
    content = document["paths"][f"/{kind}/export"]["get"]["responses"]["200"]["content"]
    path, place = f"/{kind}", f"/{kind}"
    if kind == "comments":
        path = "/tickets/{id}/comments"
        place = f"/tickets/{client.post('/tickets', json={'subject': 'Stops'}).json['id']}/comments"
    body = asked(path)
    if {"leadId", "clientId"} & body.keys():
        body |= {"clientId": None, "leadId": make_lead()["id"]}
    assert client.post(place, json=body).status_code == 201
    header, row = content["text/csv"]["example"].splitlines()
    exported = client.get(f"/{kind}/export").text.splitlines()
    assert header == exported[0]
    assert row.count(",") == exported[1].count(",")
    line = client.get(f"/{kind}/export?format=jsonl").text
    assert [*json.loads(content["application/x-ndjson"]["example"])] == [*json.loads(line)]


def test_example_of_a_completion_is_true(client, asked, shown, make_lead):
    path = "/follow-ups/{id}/complete"
    new = asked("/follow-ups") | {"leadId": make_lead()["id"]}

    def complete(body):
        follow_up = client.post("/follow-ups", json=new).json
        return client.post(f"/follow-ups/{follow_up['id']}/complete", json=body)

    body = asked(path)
    done = complete({"outcome": body["outcome"]})
    assert done.status_code == 200
    assert_like(done.json, shown(path, 200))
    following = complete(body)
    assert following.status_code == 201
    assert_like(following.json, shown(path, 201))


def test_example_of_a_follow_up_of_a_ticket_is_true(client, asked, shown, make_lead):
    path = "/tickets/{id}/follow-up"
    ticket = asked("/tickets") | {"clientId": None, "leadId": make_lead()["id"]}
    ticket = client.post("/tickets", json=ticket).json
    planned = client.post(f"/tickets/{ticket['id']}/follow-up", json=asked(path))
    assert planned.status_code == 201
    assert_like(planned.json, shown(path, 201))


def test_times_in_answers_are_in_utc(document):
    found = 0
    for operations in document["paths"].values():
        for method, operation in operations.items():
            if method == "parameters":
                continue
            for answer in operation["responses"].values():
                text = json.dumps(answer.get("content", {}).get("application/json", {}))
                for time in re.findall(r"\d{4}-\d\d-\d\dT[^\"]*", text):
                    assert IN_UTC.fullmatch(time), (operation["operationId"], time)
                    found += 1
    assert found > 100


def test_every_id_in_a_path_says_whose_it_is(document):
    said = {
        path: [(each["description"], each["example"]) for each in operations["parameters"]]
        for path, operations in document["paths"].items()
        if "parameters" in operations
    }
    assert [text for text, _ in said["/leads/{id}/timeline"]] == ["The lead's id."]
    assert [text for text, _ in said["/follow-ups/{id}"]] == ["The follow-up's id."]
    assert [text for text, _ in said["/webhooks/{id}"]] == ["The webhook's id."]
    [ticket, comment] = said["/tickets/{id}/comments/{commentId}"]
    assert (ticket[0], comment[0]) == ("The ticket's id.", "The comment's id.")
    assert ticket[1] != comment[1]


def test_each_write_of_a_comment_says_whose_version_is_meant(document):
    def said(path, method):
        return document["paths"][path][method]["description"]

    assert "has the ticket's ETag" in said("/tickets/{id}/comments", "post")
    for method in ("put", "patch", "delete"):
        assert "has the comment's ETag" in said("/tickets/{id}/comments/{commentId}", method)


def test_document_tells_what_is_kept(document):
    assert all(kind in document["info"]["description"] for kind in KINDS if kind != "comments")


def test_public_names_have_no_underscore(document):
    assert [name for name in document["components"]["schemas"] if "_" in name] == []


@pytest.mark.parametrize(("kind", "model"), KINDS.items())
def test_import_has_only_parameters_that_do_something(client, document, kind, model):
    columns = model._meta.fields.values()
    has_entries = any(isinstance(each, JsonEntries) for each in columns)
    parameters = document["paths"][f"/{kind}/import"]["post"]["parameters"]
    said = {each["name"]: each["description"] for each in parameters if "name" in each}
    assert ("custom" in said) == ("`custom`" in said["dateOrder"]) == has_entries
    answer = client.post(f"/{kind}/import?custom=true", data="x,y\n1,2\n", content_type="text/csv")
    refused = [each["field"] for each in answer.json["error"]["details"]]
    assert refused == ["body" if has_entries else "custom"]
