"""The OpenAPI document: complete, valid, true."""

import json
import re

import openapi_spec_validator
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from places import ROOT

from leadbook.app import create_app
from leadbook.schemas import LEAD_STATUSES

OPERATIONS = {
    "listLeads": ("get", "/leads"),
    "createLead": ("post", "/leads"),
    "getLead": ("get", "/leads/{id}"),
    "updateLead": ("put", "/leads/{id}"),
    "patchLead": ("patch", "/leads/{id}"),
    "deleteLead": ("delete", "/leads/{id}"),
    "convertLead": ("post", "/leads/{id}/convert"),
    "listClients": ("get", "/clients"),
    "createClient": ("post", "/clients"),
    "getClient": ("get", "/clients/{id}"),
    "updateClient": ("put", "/clients/{id}"),
    "patchClient": ("patch", "/clients/{id}"),
    "archiveClient": ("delete", "/clients/{id}"),
    "restoreClient": ("post", "/clients/{id}/restore"),
    "changeLeads": ("post", "/leads/batch"),
    "changeClients": ("post", "/clients/batch"),
    "importLeads": ("post", "/leads/import"),
    "importClients": ("post", "/clients/import"),
    "exportLeads": ("get", "/leads/export"),
    "exportClients": ("get", "/clients/export"),
    "getCalendar": ("get", "/follow-ups/calendar.ics"),
    "getLeadHistory": ("get", "/leads/{id}/history"),
    "getClientHistory": ("get", "/clients/{id}/history"),
    "listFollowUps": ("get", "/follow-ups"),
    "createFollowUp": ("post", "/follow-ups"),
    "getFollowUp": ("get", "/follow-ups/{id}"),
    "updateFollowUp": ("put", "/follow-ups/{id}"),
    "patchFollowUp": ("patch", "/follow-ups/{id}"),
    "deleteFollowUp": ("delete", "/follow-ups/{id}"),
    "completeFollowUp": ("post", "/follow-ups/{id}/complete"),
    "changeFollowUps": ("post", "/follow-ups/batch"),
    "importFollowUps": ("post", "/follow-ups/import"),
    "exportFollowUps": ("get", "/follow-ups/export"),
    "getFollowUpHistory": ("get", "/follow-ups/{id}/history"),
    "listTickets": ("get", "/tickets"),
    "createTicket": ("post", "/tickets"),
    "getTicket": ("get", "/tickets/{id}"),
    "updateTicket": ("put", "/tickets/{id}"),
    "patchTicket": ("patch", "/tickets/{id}"),
    "deleteTicket": ("delete", "/tickets/{id}"),
    "changeTickets": ("post", "/tickets/batch"),
    "importTickets": ("post", "/tickets/import"),
    "exportTickets": ("get", "/tickets/export"),
    "getTicketHistory": ("get", "/tickets/{id}/history"),
    "planFollowUpOfTicket": ("post", "/tickets/{id}/follow-up"),
    "importComments": ("post", "/comments/import"),
    "exportComments": ("get", "/comments/export"),
    "listComments": ("get", "/tickets/{id}/comments"),
    "createComment": ("post", "/tickets/{id}/comments"),
    "getComment": ("get", "/tickets/{id}/comments/{commentId}"),
    "updateComment": ("put", "/tickets/{id}/comments/{commentId}"),
    "patchComment": ("patch", "/tickets/{id}/comments/{commentId}"),
    "deleteComment": ("delete", "/tickets/{id}/comments/{commentId}"),
    "getLeadTimeline": ("get", "/leads/{id}/timeline"),
    "getClientTimeline": ("get", "/clients/{id}/timeline"),
    "listEvents": ("get", "/events"),
    "listWebhooks": ("get", "/webhooks"),
    "createWebhook": ("post", "/webhooks"),
    "getWebhook": ("get", "/webhooks/{id}"),
    "updateWebhook": ("put", "/webhooks/{id}"),
    "patchWebhook": ("patch", "/webhooks/{id}"),
    "deleteWebhook": ("delete", "/webhooks/{id}"),
    "rotateSecret": ("post", "/webhooks/{id}/rotate"),
    "testWebhook": ("post", "/webhooks/{id}/test"),
    "replayEvents": ("post", "/webhooks/{id}/replay"),
    "listDeliveries": ("get", "/webhooks/{id}/deliveries"),
    "getHealth": ("get", "/health"),
    "getLive": ("get", "/health/live"),
    "getReady": ("get", "/health/ready"),
    "getService": ("get", "/"),
    "getOpenApi": ("get", "/openapi.json"),
    "getDocs": ("get", "/docs"),
    "getDocsAsset": ("get", "/docs/{asset}"),
}
STATUSES = {
    "listLeads": "200 304 400 401 403 429 500 503",
    "createLead": "200 201 400 401 403 409 410 413 415 429 500 503",
    "getLead": "200 304 400 401 403 404 429 500 503",
    "updateLead": "200 400 401 403 404 409 412 413 415 429 500 503",
    "patchLead": "200 400 401 403 404 409 412 413 415 429 500 503",
    "deleteLead": "204 400 401 403 404 412 413 429 500 503",
    "convertLead": "200 201 400 401 403 404 409 410 412 413 415 429 500 503",
    "createClient": "201 400 401 403 409 410 413 415 429 500 503",
    "updateClient": "200 400 401 403 404 409 412 413 415 429 500 503",
    "archiveClient": "200 204 400 401 403 404 412 413 429 500 503",
    "restoreClient": "200 400 401 403 404 409 410 412 413 429 500 503",
    "changeLeads": "200 400 401 403 404 409 410 412 413 415 429 500 503",
    "importLeads": "200 400 401 403 409 410 413 415 429 500 503",
    "exportLeads": "200 400 401 403 429 500 503",
    "getCalendar": "200 304 400 401 403 429 500 503",
    "getLeadHistory": "200 400 401 403 404 429 500 503",
    "createFollowUp": "201 400 401 403 409 410 413 415 429 500 503",
    "updateFollowUp": "200 400 401 403 404 409 412 413 415 429 500 503",
    "deleteFollowUp": "204 400 401 403 404 412 413 429 500 503",
    "completeFollowUp": "200 201 400 401 403 404 409 410 412 413 415 429 500 503",
    "createTicket": "201 400 401 403 409 410 413 415 429 500 503",
    "planFollowUpOfTicket": "201 400 401 403 404 409 410 412 413 415 429 500 503",
    "listComments": "200 304 400 401 403 404 429 500 503",
    "createComment": "201 400 401 403 404 409 410 412 413 415 429 500 503",
    "getComment": "200 304 400 401 403 404 429 500 503",
    "updateComment": "200 400 401 403 404 409 412 413 415 429 500 503",
    "deleteComment": "204 400 401 403 404 412 413 429 500 503",
    "getClientTimeline": "200 400 401 403 404 429 500 503",
    "listEvents": "200 400 401 403 410 429 500 503",
    "listWebhooks": "200 400 401 403 429 500 503",
    "createWebhook": "201 400 401 403 409 413 415 429 500 503",
    "getWebhook": "200 304 400 401 403 404 429 500 503",
    "updateWebhook": "200 400 401 403 404 409 412 413 415 429 500 503",
    "deleteWebhook": "204 400 401 403 404 412 413 429 500 503",
    "rotateSecret": "200 400 401 403 404 412 413 415 429 500 503",
    "testWebhook": "200 400 401 403 404 412 413 429 500 503",
    "replayEvents": "200 400 401 403 404 410 412 413 415 429 500 503",
    "listDeliveries": "200 400 401 403 404 429 500 503",
    "getHealth": "200 400 500 503",
    "getReady": "200 400 500 503",
    "getService": "200 400 429 500 503",
    "getOpenApi": "200 304 400 429 500 503",
    "getDocs": "200 304 400 429 500 503",
    "getDocsAsset": "200 304 400 404 429 500 503",
}


@pytest.fixture(scope="module")
def document(tmp_path_factory):
    app = create_app({"DATABASE": tmp_path_factory.mktemp("document") / "leadbook.db"})
    yield app.test_client().get("/openapi.json").json
    app.extensions["leadbook"].close()


@pytest.fixture(scope="module")
def operations(document):
    return {
        operation["operationId"]: operation
        for operations in document["paths"].values()
        for operation in operations.values()
        if isinstance(operation, dict)
    }


def example(message):
    # The other types of a message have the same content, or the same rows.
    first = next(iter(message["content"].values()))
    return first["example"]


def resolve(document, node):
    while "$ref" in node:
        parts = node["$ref"].removeprefix("#/").split("/")
        node = document
        for part in parts:
            node = node[part]
    return node


def test_document_is_valid(document):
    assert document["openapi"].startswith("3.1")
    openapi_spec_validator.validate(document)


def test_every_reference_leads_somewhere(document):
    references = set(re.findall(r'"\$ref": ?"([^"]+)"', json.dumps(document)))
    assert references
    for reference in references:
        assert resolve(document, {"$ref": reference})


def test_operation_ids_are_stable(document):
    found = {
        operation["operationId"]: (method, path)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method != "parameters"
    }
    assert found == OPERATIONS


def test_every_route_is_in_it(app, document):
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert method.lower() in document["paths"][path]


def test_every_operation_is_explained_and_shown(document, operations):
    for name, operation in operations.items():
        assert operation["summary"].endswith("."), name
        assert operation["description"], name
        done = [
            operation["responses"][each]
            for each in ("200", "201")
            if each in operation["responses"]
        ]
        for content in [each for answer in done for each in answer["content"].values()]:
            assert content["example"], name
        if "requestBody" in operation:
            assert example(operation["requestBody"])
        for parameter in document["paths"][OPERATIONS[name][1]].get("parameters", []):
            assert parameter["example"]


def objects(value, place="#"):
    """Yield every object of the document with its place, but none within an example."""
    if isinstance(value, dict):
        yield place, value
        for name, each in value.items():
            if name != "example":
                yield from objects(each, f"{place}/{name}")
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from objects(each, f"{place}/{number}")


def shown(document):
    """Yield each example and default with its place and its schema."""
    for place, value in objects(document):
        # A body, a parameter or a header; otherwise a schema itself.
        schema = value.get("schema", value)
        if "example" in value:
            yield place, schema, value["example"]
        if "default" in value and "schema" not in value and isinstance(value["default"], str | int):
            yield place, value, value["default"]


@pytest.fixture(params=["service", "test mode"])
def any_document(request, client, leadbook):
    return (client if request.param == "service" else leadbook.client).get("/openapi.json").json


def test_every_example_fits_its_schema(any_document):
    found = list(shown(any_document))
    assert len(found) > 150
    for place, schema, example in found:
        # Its references lead into the components.
        whole = schema | {"components": any_document["components"]}
        validator = Draft202012Validator(whole, format_checker=FormatChecker())
        assert not [error.message for error in validator.iter_errors(example)], place
    # Else the checker would let every time pass.
    assert not FormatChecker().conforms("yesterday", "date-time")


def test_every_body_has_an_example(any_document):
    bodies = [
        (place, content)
        for place, value in objects(any_document)
        for content in value.get("content", {}).values()
    ]
    assert len(bodies) > 40
    for place, content in bodies:
        assert "example" in content, place


def test_example_of_a_list_shows_its_records(document, operations):
    for kind in ("Lead", "Client"):
        page = example(operations[f"list{kind}s"]["responses"]["200"])
        assert page["data"] == [example(operations[f"get{kind}"]["responses"]["200"])]
        assert page["pagination"]["total"] == len(page["data"])


def test_examples_are_true(client, operations):
    def asked(name):
        return example(operations[name]["requestBody"])

    lead = client.post("/leads", json=asked("createLead")).json
    path = f"/leads/{lead['id']}"
    made = client.post(f"{path}/convert", json=asked("convertLead")).json
    answers = {"createLead": lead, "convertLead": made}
    path = f"/clients/{made['id']}"
    answers["updateClient"] = client.put(path, json=asked("updateClient")).json
    client.delete(f"{path}?permanent=true")
    other = client.post("/clients", json=asked("createClient")).json
    answers["createClient"] = other
    answers["archiveClient"] = client.delete(f"/clients/{other['id']}").json
    answers["restoreClient"] = client.post(f"/clients/{other['id']}/restore").json
    lead = client.post("/leads", json=asked("createLead")).json
    answers["updateLead"] = client.put(f"/leads/{lead['id']}", json=asked("updateLead")).json
    for name, answer in answers.items():
        responses = operations[name]["responses"]
        shown = example(responses.get("201", responses.get("200")))
        assert answer.keys() == shown.keys()
        for field, value in answer.items():
            assert (value is None) == (shown[field] is None) or field == "leadId", (name, field)
            if field in ("status", "score", "archivedAt") and not isinstance(value, str):
                assert value == shown[field], (name, field)
        assert answer["status"] == shown["status"], name


def test_error_codes_are_those_of_the_page_on_the_api(document):
    codes = document["components"]["schemas"]["ErrorBody"]["properties"]["code"]["enum"]
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    rows = [row for row in page.splitlines() if re.match(r"\| [45]\d\d", row)]
    assert sorted(codes) == sorted(re.findall(r"`([A-Z]+(?:_[A-Z]+)*)`", "\n".join(rows)))


@pytest.mark.parametrize("name", STATUSES)
def test_every_status_is_documented(document, operations, name):
    responses = operations[name]["responses"]
    assert sorted(responses) == STATUSES[name].split()
    for status, reference in responses.items():
        response = resolve(document, reference)
        assert response["description"]
        assert "X-Request-Id" in response["headers"]
        if status >= "4" and (name, status) not in (("getHealth", "503"), ("getReady", "503")):
            schema = response["content"]["application/json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/Error"}


def test_headers_of_records_are_documented(operations):
    for name in ("getLead", "updateLead", "patchLead", "getClient", "updateClient"):
        assert "ETag" in operations[name]["responses"]["200"]["headers"]
    for name in ("createLead", "createClient", "convertLead"):
        assert {"ETag", "Location"} <= set(operations[name]["responses"]["201"]["headers"])
    for name in ("listLeads", "listClients"):
        headers = operations[name]["responses"]["200"]["headers"]
        assert "Link" in headers
        assert headers["ETag"] == {"$ref": "#/components/headers/ListETag"}
        assert operations[name]["responses"]["304"]["headers"]["ETag"] == headers["ETag"]


def test_only_the_calendar_opens_by_a_key_in_the_query(document, operations):
    schemes = document["components"]["securitySchemes"]
    assert schemes["keyOfUrl"] == {"type": "apiKey", "in": "query", "name": "key"}
    opened = {
        name
        for name, operation in operations.items()
        if {"keyOfUrl": []} in operation.get("security", [])
    }
    assert opened == {"getCalendar"}
    calendar = operations["getCalendar"]
    assert calendar["security"] == [{"key": []}, {"keyOfUrl": []}, {}]
    answer = calendar["responses"]["200"]
    assert [*answer["content"]] == ["text/calendar"]
    assert answer["headers"]["ETag"] == {"$ref": "#/components/headers/ListETag"}
    assert "key" not in {each.get("name") for each in calendar["parameters"]}


def test_every_parameter_has_its_bounds_and_default(document, operations):
    parameters = [resolve(document, each) for each in operations["listClients"]["parameters"]]
    schemas = {each["name"]: each["schema"] for each in parameters if each["in"] == "query"}
    texts = ("search", "email", "company", "source", "leadId")
    assert all(schemas[name].pop("pattern") for name in texts)
    custom = schemas.pop("custom")
    names, values = custom.pop("propertyNames"), custom.pop("additionalProperties")
    assert custom == {"type": "object", "maxProperties": 50}
    # As OpenAPI writes an object in a query: its names are those of the parameters.
    assert re.search(names.pop("pattern"), "custom.Région")
    assert (names, values.pop("type"), values["maxLength"]) == ({"maxLength": 71}, "string", 1000)
    assert schemas == {
        "page": {"type": "integer", "default": 1, "minimum": 1, "maximum": 2**31 - 1},
        "limit": {"type": "integer", "default": 20, "minimum": 1, "maximum": 100},
        "cursor": {"type": "string", "maxLength": 20_000},
        "createdSince": {"type": "string", "format": "date-time"},
        "createdBefore": {"type": "string", "format": "date-time"},
        "updatedSince": {"type": "string", "format": "date-time"},
        "updatedBefore": {"type": "string", "format": "date-time"},
        "search": {"type": "string", "maxLength": 200},
        "email": {"type": "string", "maxLength": 254},
        "company": {"type": "string", "maxLength": 200},
        "source": {"type": "string", "maxLength": 50},
        "leadId": {"type": "string"},
        "status": {
            "type": "array",
            "default": ["active"],
            "items": {"type": "string", "enum": ["active", "archived", "all"]},
        },
        "sort": {
            "type": "string",
            "default": "createdAt",
            "enum": ["createdAt", "updatedAt", "name", "nextFollowUpAt"],
        },
        "followUp": {"type": "string", "enum": ["overdue", "planned", "none"]},
        "order": {"type": "string", "default": "desc", "enum": ["desc", "asc"]},
    }
    for operation in operations.values():
        for parameter in operation.get("parameters", []):
            assert resolve(document, parameter)["description"]


def test_preconditions_are_parameters(document, operations):
    def headers(name):
        parameters = [resolve(document, each) for each in operations[name]["parameters"]]
        return [each["name"] for each in parameters if each["in"] == "header"]

    for name in ("updateLead", "patchLead", "deleteLead", "archiveClient"):
        assert headers(name) == ["If-Match"]
    for name in ("convertLead", "restoreClient"):
        assert headers(name) == ["Idempotency-Key", "If-Match"]
    assert headers("createLead") == ["Idempotency-Key"]
    for name in ("getLead", "getClient", "listLeads", "listClients"):
        assert headers(name) == ["If-None-Match"]


def test_bounds_of_scores_are_those_of_leads(operations):
    parameters = [each for each in operations["listLeads"]["parameters"] if "name" in each]
    found = {each["name"]: each for each in parameters}
    for name in ("scoreMin", "scoreMax"):
        assert found[name]["schema"] == {"type": "integer", "minimum": 0, "maximum": 100}
    assert found["status"]["schema"]["items"]["enum"] == list(LEAD_STATUSES)
    # Repeated; commas are the shorter way.
    assert (found["status"]["style"], found["status"]["explode"]) == ("form", True)


def test_body_of_a_conversion_may_be_left_out(operations):
    assert operations["convertLead"]["requestBody"]["required"] is False
    assert operations["createLead"]["requestBody"]["required"] is True
    assert "requestBody" not in operations["restoreClient"]


def test_servers_are_the_mount_and_its_v1(client):
    assert client.get("/openapi.json").json["servers"] == [{"url": "/"}, {"url": "/v1"}]
    assert client.get("/openapi.json").data == client.get("/v1/openapi.json").data
    mounted = client.get("/v1/openapi.json", environ_overrides={"SCRIPT_NAME": "/my crm"}).json
    assert mounted["servers"] == [{"url": "/my%20crm"}, {"url": "/my%20crm/v1"}]
    for path in ("/openapi.json", "/v1/openapi.json"):
        mounted = client.get(path, environ_overrides={"SCRIPT_NAME": "/\xc3\xbc"}).json
        assert mounted["servers"][0] == {"url": "/%C3%BC"}
