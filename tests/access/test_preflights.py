"""What a browser asks before a page of another origin may call."""

import json

import pytest

from leadbook.access.keys import create_key
from leadbook.app import create_app
from leadbook.testing import running_server
from leadbook.testing.app import create_test_app
from server import call

APP = "https://app.example"
ALL = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match"


@pytest.fixture
def friendly(tmp_path):
    apps = []

    def make(create=create_app, **config):
        config = {"DATABASE": tmp_path / "leadbook.db", "CORS_ORIGINS": APP} | config
        apps.append(create(config))
        return apps[-1].test_client()

    yield make
    for app in apps:
        app.extensions["leadbook"].close()


def ask(client, path, method="POST", origin=APP, **headers):
    headers |= {"Origin": origin, "Access-Control-Request-Method": method}
    return client.options(path, headers=headers)


def methods(answer):
    return answer.headers["Access-Control-Allow-Methods"]


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_preflight_names_the_methods_of_the_path(friendly, prefix):
    client = friendly()
    rules = {}
    for rule in client.application.url_map.iter_rules():
        path = prefix + rule.rule.replace("<record:id>", "x").replace("<asset>", "x.js")
        rules.setdefault(path, set()).update(rule.methods)
    assert len(rules) > 10
    for path, allowed in rules.items():
        answer = ask(client, path)
        assert (answer.status_code, answer.data) == (200, b"")
        assert methods(answer).split(", ") == sorted(allowed)
        assert set(answer.headers["Allow"].split(", ")) == allowed
    assert methods(ask(client, f"{prefix}/leads")) == "GET, HEAD, OPTIONS, POST"
    assert methods(ask(client, f"{prefix}/leads/x/convert")) == "OPTIONS, POST"


def test_preflight_of_an_unknown_path_is_not_found(friendly):
    answer = ask(friendly(), "/nothing")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "NOT_FOUND")
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    assert "Access-Control-Allow-Methods" not in answer.headers


def test_more_headers_are_allowed_by_name(friendly):
    assert ask(friendly(), "/leads").headers["Access-Control-Allow-Headers"] == ALL
    client = friendly(CORS_HEADERS="Traceparent, tracestate")
    answer = ask(client, "/leads", **{"Access-Control-Request-Headers": "traceparent"})
    assert answer.headers["Access-Control-Allow-Headers"] == f"{ALL}, traceparent, tracestate"


def test_only_a_preflight_names_methods_and_headers(friendly):
    client = friendly(CORS_HEADERS="traceparent")
    for answer in (client.get("/leads", headers={"Origin": APP}), client.options("/leads")):
        assert answer.status_code == 200
        assert "Access-Control-Allow-Methods" not in answer.headers
        assert "Access-Control-Allow-Headers" not in answer.headers
        assert "Origin" in answer.headers["Vary"]
    assert set(client.options("/leads").headers["Allow"].split(", ")) == {
        "GET", "HEAD", "OPTIONS", "POST",
    }  # fmt: skip


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{APP}.evil.example", ""])
def test_other_origins_are_told_nothing(friendly, origin):
    answer = ask(friendly(), "/leads", origin=origin)
    assert answer.status_code == 200
    assert "Access-Control" not in str(answer.headers)
    assert "Origin" in answer.headers["Vary"]


def test_preflight_needs_no_key_and_is_never_limited(friendly):
    client = friendly(RATE_LIMIT="1/day", TRUSTED_HOSTS="localhost")
    with client.application.extensions["leadbook"].use() as database, database.write():
        create_key("page", "write", None)
    for _ in range(3):
        assert ask(client, "/leads").status_code == 200
        assert ask(client, "/leads", Host="evil.example").status_code == 400
        assert client.get("/health", headers={"Host": "10.0.0.1"}).status_code == 200
    # None of them was counted, neither as accepted nor as refused.
    assert client.get("/leads").status_code == 401
    assert client.get("/leads").status_code == 429
    assert ask(client, "/leads").status_code == 200


@pytest.mark.parametrize("origin", [APP, "http://localhost:5173", "null", "https://other.example"])
def test_pages_of_every_origin_may_call_test_mode_if_told_so(friendly, origin):
    client = friendly(create_test_app, CORS_ORIGINS="*")
    assert ask(client, "/leads", origin=origin).headers["Access-Control-Allow-Origin"] == "*"
    lead = {"name": "Ada", "email": "ada@engines.test"}
    made = client.post("/leads", json=lead, headers={"Origin": origin})
    assert made.status_code == 201
    assert made.headers["Access-Control-Allow-Origin"] == "*"
    assert "Location" in made.headers["Access-Control-Expose-Headers"]
    # The controls stay closed to web pages.
    assert client.post("/_test/reset", headers={"Origin": origin}).status_code == 403


def test_every_origin_is_allowed_by_a_real_server_of_test_mode_only(start_server, path):
    with running_server(CORS_ORIGINS="*") as leadbook:
        assert call(leadbook.url, "/leads", Origin=APP)[0] == 200
    server = start_server("--test-mode", "--cors-origins", "*", "--cors-headers", "traceparent")
    url = json.loads(server.first_line)["url"]
    assert call(url, "/leads", "OPTIONS", Origin="null")[0] == 200
