"""Bodies and fields that no client should send, and some do."""

import json
from urllib.parse import quote

import pytest

LEAD = {"name": "Ada", "email": "ada@engines.example"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"name": "Ada", "score": NaN}', id="Kludex/starlette#548"),
        pytest.param('{"name": "Ada", "score": -Infinity}', id="encode/django-rest-framework#5235"),
        pytest.param("[" * 20_000 + "]" * 20_000, id="flop-labs/technocore-chat#130"),
        pytest.param('{"x":' + "[" * 10_000 + "0" + "]" * 10_000 + "}", id="antirez/ds4#43"),
        pytest.param('{"name": "Ada", "name": "Bob"}', id="jqlang/jq#1509"),
        pytest.param("", id="keygen-sh/keygen-api#303"),
    ],
)
def test_body_that_is_no_json_is_the_callers_mistake(ask, text):
    refused = ask("POST", "/leads", data=text, Content_Type="application/json")
    assert (refused.status, refused.error["code"]) == (400, "MALFORMED_JSON")
    assert ask("GET", "/health").status == 200


@pytest.mark.parametrize(
    "body",
    [
        pytest.param([LEAD], id="strapi/strapi#11489"),
        pytest.param("text", id="kirodotdev/KiroCrew#5575"),
        pytest.param({"data": LEAD}, id="strapi/strapi#11489-wrapped"),
        pytest.param(LEAD | {"notes": [None]}, id="strapi/strapi#21936"),
        pytest.param(LEAD | {"score": True}, id="marshmallow-code/marshmallow#623"),
        pytest.param(LEAD | {"score": 3.14}, id="marshmallow-code/marshmallow#667"),
        pytest.param(LEAD | {"score": "80"}, id="marshmallow-code/marshmallow#1601"),
        pytest.param(LEAD | {"score": 2**64}, id="beetbox/beets#348"),
        pytest.param(LEAD | {"name": "Ada\0"}, id="KAMRONBEK/talim-ai#64"),
        pytest.param(LEAD | {"name": "\ud83d"}, id="encode/django-rest-framework#7026"),
        pytest.param(LEAD | {"stream": False}, id="byte5ai/omadia#1109"),
        pytest.param({"name": "Ada", "emial": "ada@b.example"}, id="loonfs/loonfs#535"),
        pytest.param({"email": "ada@b.example"}, id="cloudify-cosmo/cloudify-manager#1053"),
    ],
)
def test_wrong_field_is_refused_and_nothing_is_stored(ask, body):
    refused = ask("POST", "/leads", body)
    assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")
    assert refused.faults
    assert ask("GET", "/leads").json["pagination"]["total"] == 0


def test_field_that_is_nearly_known_is_suggested(ask):
    """loonfs/loonfs#535: a misspelt guard was ignored, and nobody noticed."""
    body = {"name": "Ada", "emial": "ada@b.example", "Phone": "1"}
    faults = ask("POST", "/leads", body).faults
    assert "email" in faults["emial"]
    assert "phone" in faults["Phone"]


@pytest.mark.parametrize(
    "media_type",
    [
        pytest.param(None, id="keygen-sh/keygen-api#303"),
        pytest.param("application/x-www-form-urlencoded", id="byte5ai/omadia#1109"),
        pytest.param("text/plain;charset=UTF-8", id="GIScience/openrouteservice#164"),
    ],
)
def test_answer_to_another_media_type_says_what_to_send(ask, media_type):
    headers = {"Content-Type": media_type} if media_type else {}
    refused = ask("POST", "/leads", data=json.dumps(LEAD), **headers)
    assert (refused.status, refused.error["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert "application/json" in refused.error["message"]


def test_import_says_which_types_it_takes(ask):
    """Kademi/kademi-dev#920: a file of another type was taken without a word."""
    refused = ask("POST", "/leads/import", data="[]", Content_Type="text/plain")
    assert refused.status == 415
    assert "text/csv" in refused.error["message"]
    assert "application/x-ndjson" in refused.error["message"]


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("search=%FF", id="Pylons/pyramid#639"),
        pytest.param("search=%92", id="Pylons/pyramid#1230"),
        pytest.param("search=%00", id="modelcontextprotocol/registry#862"),
        pytest.param("cursor=%00", id="modelcontextprotocol/registry#862-cursor"),
        pytest.param("page=9" + "0" * 30, id="izumin2000/subekashi#953"),
        pytest.param("page=0", id="typicode/json-server#909"),
        pytest.param("limit=-1", id="directus/directus#4244"),
        pytest.param("fields=Title", id="strapi/strapi#11696"),
        pytest.param("active=true", id="strapi/strapi#14060"),
        pytest.param("createdSince=2024-06-31T00:00:00Z", id="caido/caido#1116"),
        pytest.param("createdSince=yesterday", id="up-banking/api#175"),
        pytest.param("page=1&page=2", id="fortunejs/fortune#325"),
    ],
)
def test_wrong_parameter_is_refused_and_not_ignored(ask, query):
    refused = ask("GET", f"/leads?{query}")
    assert (refused.status, refused.error["code"]) == (400, "VALIDATION_ERROR")


def test_time_whose_plus_became_a_space_is_explained(ask, post):
    """up-banking/api#116: offsets with a plus never worked, and the answer did not say why."""
    post()
    since = "2026-01-01T00:00:00+02:00"
    refused = ask("GET", f"/leads?createdSince={since}".replace("+", "%20"))
    assert refused.status == 400
    assert "%2B" in refused.faults["createdSince"]
    assert ask("GET", f"/leads?createdSince={quote(since)}").names == ["Ada"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/api/v1/getconnectiond", 404, id="apache/airflow#12131"),
        pytest.param("GET", "/leads/%FF", 404, id="ngageoint/geoq#330"),
        pytest.param("GET", "/leads/", 404, id="eneo-ai/eneo#871"),
        pytest.param("PUT", "/leads", 405, id="KSP-SpaceDock/SpaceDock#284"),
        pytest.param("GET", "/leads/none", 404, id="luanti-org/contentdb#384"),
    ],
)
def test_errors_are_json_even_for_a_browser(ask, method, path, status):
    refused = ask(method, path, Accept="text/html,*/*;q=0.8")
    assert (refused.status, refused.headers["Content-Type"]) == (status, "application/json")
    assert refused.error["requestId"] == refused.headers["X-Request-Id"]
    assert refused.headers["Location"] is None
