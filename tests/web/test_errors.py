"""The envelope, wherever something goes wrong."""

import re

import peewee
import pytest

from leadbook.storage.sqlite.driver import sqlite3


def assert_envelope(answer, status, code):
    assert answer.status_code == status
    assert answer.content_type == "application/json"
    assert set(answer.json) == {"error"}
    error = answer.json["error"]
    assert set(error) == {"code", "message", "details", "requestId"}
    assert error["code"] == code
    assert error["message"]
    assert error["requestId"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "path",
    [
        "/nope",
        "/leads/",
        "/clients/",
        "/Leads",
        "/leads/x/y",
        "/v1x",
        "/v1/v1",
        "/v2",
        "/v2/leads",
        "/static/x",
    ],
)
def test_unknown_path_is_not_found(client, path):
    assert_envelope(client.get(path), 404, "NOT_FOUND")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "path", ["//leads", "///leads", "/v1//leads", "//v1/leads", "//health", "//leads/import", "//"]
)
def test_path_with_more_slashes_is_not_found(client, method, path):
    # The client itself would take the first word for a host.
    answer = client.open("/", method=method, environ_overrides={"PATH_INFO": path})
    assert answer.status_code == 404
    if method != "HEAD":
        assert_envelope(answer, 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/leads", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/leads/x", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("GET", "/leads/x/convert", "OPTIONS, POST"),
        ("PUT", "/clients/x/restore", "OPTIONS, POST"),
        ("POST", "/health", "GET, HEAD, OPTIONS"),
        ("BREW", "/v1/clients", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_wrong_method_says_which_are_allowed(client, method, path, allowed):
    answer = client.open(path, method=method)
    assert_envelope(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == allowed


def test_offer_of_a_websocket_is_ignored_on_any_server(client):
    headers = {"Connection": "Upgrade", "Upgrade": "websocket"}
    assert client.get("/v1/leads", headers=headers).status_code == 200
    answer = client.post("/leads", json={"name": "A", "email": "a@b.test"}, headers=headers)
    assert answer.status_code == 201


def test_path_and_method_come_before_the_body(client):
    big = b"x" * 300_000
    assert_envelope(client.post("/nope", data=big), 404, "NOT_FOUND")
    assert_envelope(client.delete("/leads", data=big), 405, "METHOD_NOT_ALLOWED")


def test_every_answer_has_an_id_of_its_own(client, make_lead):
    lead = make_lead()
    paths = [
        "/leads",
        f"/leads/{lead['id']}",
        "/nope",
        "/leads?x=1",
        "/docs",
        "/openapi.json",
        "/health",
    ]
    ids = [client.get(path, buffered=True).headers["X-Request-Id"] for path in paths]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[0-9a-f-]{36}", each) for each in ids)


def test_fault_of_ours_hides_its_cause(client, monkeypatch, caplog):
    def fail(*_, **__):
        raise RuntimeError("SELECT secret FROM /etc/passwd")

    monkeypatch.setattr("leadbook.routes.leads.show", fail)
    answer = client.get("/leads/x")
    assert_envelope(answer, 500, "INTERNAL_ERROR")
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.json["error"]["requestId"] in caplog.text
    assert "SELECT secret" in caplog.text


def test_database_that_fails_is_unavailable(client, app, monkeypatch):
    def fail(*_, **__):
        raise peewee.OperationalError("disk I/O error at /secret/path")

    monkeypatch.setattr(app.extensions["leadbook"], "execute_sql", fail)
    for answer in (client.get("/leads"), client.get("/leads/x")):
        assert_envelope(answer, 503, "DATABASE_UNAVAILABLE")
        assert "secret" not in answer.text
    health = client.get("/health")
    assert health.status_code == 503
    assert health.json["status"] == "failing"
    assert health.json["database"]["ok"] is False
    assert "secret" not in health.text


@pytest.mark.parametrize(
    ("message", "code"),
    [("interrupted", "QUERY_TIMEOUT"), ("disk I/O error", "DATABASE_UNAVAILABLE")],
)
def test_error_while_rows_are_fetched_is_no_fault_of_ours(client, monkeypatch, message, code):
    def fail(*_, **__):
        # As the library raises it: peewee wraps what happens before the first row.
        raise sqlite3.OperationalError(message)

    monkeypatch.setattr("leadbook.routes.leads.list_page", fail)
    assert_envelope(client.get("/leads"), 503, code)


@pytest.mark.parametrize("error", [peewee.ProgrammingError, peewee.IntegrityError])
def test_broken_statement_is_our_fault(client, monkeypatch, error):
    def fail(*_, **__):
        raise error("no such column: x")

    monkeypatch.setattr("leadbook.routes.leads.show", fail)
    assert_envelope(client.get("/leads/x"), 500, "INTERNAL_ERROR")


def test_details_are_a_hundred_at_most(client):
    answer = client.post("/leads", json={f"field{number}": 1 for number in range(10_000)})
    assert len(answer.json["error"]["details"]) == 100


def test_host_may_push_a_context_of_its_own(app):
    with app.test_request_context("/leads") as context:
        assert context.request.path == "/leads"


def test_failed_write_leaves_nothing_behind(client, make_lead, monkeypatch):
    lead = make_lead()

    def fail(*_, **__):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr("leadbook.models.Lead.update_columns", fail)
        assert client.post(f"/leads/{lead['id']}/convert").status_code == 500
    assert client.get("/clients").json["pagination"]["total"] == 0
    assert client.get(f"/leads/{lead['id']}").json == lead


def test_health_names_the_version(client):
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json["status"] == "ok"
    assert answer.json["database"]["ok"] is True
    assert set(answer.json) == {"status", "version", "database"}
    assert set(answer.json["database"]) == {"ok", "message"}


@pytest.mark.parametrize(
    "origin", ["http://[", "http://[x]y", "null", "", "http://localhost.evil.test", "//localhost"]
)
def test_origin_that_is_not_ours_is_forbidden(client, origin):
    answer = client.post("/leads", json={}, headers={"Origin": origin})
    assert_envelope(answer, 403, "FORBIDDEN")


@pytest.mark.parametrize("origin", ["http://localhost", "https://LOCALHOST"])
def test_own_origin_may_write(client, origin):
    body = {"name": "Ada", "email": "ada@engines.test"}
    assert client.post("/leads", json=body, headers={"Origin": origin}).status_code == 201
