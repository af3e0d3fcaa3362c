"""What a web page of another origin can make a browser send, against the real server."""

import http.client
import json
import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit

import pytest

LEAD = {"name": "Ada", "email": "ada@engines.test"}
# As a browser would send it without asking first: it looks like JSON, but is called otherwise.
FORMS = [
    ("application/x-www-form-urlencoded", "name=Ada&email=ada@engines.test"),
    ("application/x-www-form-urlencoded", json.dumps(LEAD)),
    ("text/plain", json.dumps(LEAD)),
    ("multipart/form-data; boundary=x", json.dumps(LEAD)),
]
FOREIGN = [
    "https://evil.example", "http://evil.example:80", "null", "", "http://127.0.0.1", "http://localhost:{port}",
    "http://127.0.0.1.evil.example:{port}", "http://evil.example@127.0.0.1:{port}", "http://127.0.0.1:{port}@evil.example",
]  # fmt: skip
APP = "https://app.example"
EXPOSED = "ETag, Idempotency-Replayed, Link, Location, Retry-After, WWW-Authenticate, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id"


def ask(server, method, path, body=None, **headers):
    """Return status, JSON and headers; a _ in the name of a header stands for -."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    payload = json.dumps(body) if isinstance(body, dict) else body
    if isinstance(body, dict):
        headers["Content-Type"] = "application/json"
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)) as connection:
        connection.request(method, path, payload, headers)
        with connection.getresponse() as response:
            text = response.read()
    return response.status, json.loads(text) if text else None, response.headers


def assert_refused(answer, status=403, code="FORBIDDEN"):
    assert answer[0] == status, answer[1]
    assert answer[1]["error"]["code"] == code
    assert answer[1]["error"]["requestId"] == answer[2]["X-Request-Id"]
    assert not cors_of(answer)


def cors_of(answer):
    return {name: value for name, value in answer[2].items() if name.lower().startswith("access-")}


def records(server):
    return [server.request("GET", f"/{kind}?limit=100")[1] for kind in ("leads", "clients")]


@pytest.fixture
def writes(server):
    """Return one write of each kind that would do something now."""
    lead = server.request("POST", "/leads", LEAD)[1]["id"]
    client = server.request("POST", "/clients", LEAD)[1]["id"]
    archived = server.request("POST", "/clients", LEAD | {"email": "old@engines.test"})[1]["id"]
    server.request("DELETE", f"/clients/{archived}")
    return [
        ("POST", "/leads", LEAD | {"email": "new@engines.test"}),
        ("POST", "/v1/clients", LEAD | {"email": "new@engines.test"}),
        ("PUT", f"/leads/{lead}", {"score": 5}),
        ("POST", f"/leads/{lead}/convert?onDuplicate=link", None),
        ("POST", f"/clients/{archived}/restore", None),
        ("DELETE", f"/leads/{lead}", None),
        ("DELETE", f"/clients/{client}", None),
        ("DELETE", f"/clients/{client}?permanent=true", None),
    ]


def test_page_of_another_origin_changes_nothing(server, writes):
    before = records(server)
    for pattern in FOREIGN:
        origin = pattern.format(port=urlsplit(server.url).port)
        for write in writes:
            assert_refused(ask(server, *write, Origin=origin))
    assert records(server) == before


def test_form_of_another_origin_changes_nothing(server):
    before = records(server)
    for content_type, body in FORMS:
        for origin in ("https://evil.example", "null"):
            answer = ask(server, "POST", "/leads", body, Content_Type=content_type, Origin=origin)
            assert_refused(answer)
        # Nor is it believed where an old browser names no origin.
        answer = ask(server, "POST", "/leads", body, Content_Type=content_type)
        assert_refused(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
    assert records(server) == before


def test_name_of_somebody_that_leads_here_is_not_answered(server, writes):
    before = records(server)
    port = urlsplit(server.url).port
    for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1.evil.example:{port}", "[::2]"):
        for write in [
            *writes,
            ("GET", "/leads", None),
            ("GET", "/", None),
            ("POST", "/health", None),
        ]:
            answer = ask(server, *write, Host=host, Origin=f"http://{host}")
            assert_refused(answer, 400, "UNTRUSTED_HOST")
            assert_refused(ask(server, *write, Host=host), 400, "UNTRUSTED_HOST")
    assert records(server) == before


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST"])
def test_own_page_may_write(server, writes, name):
    host = f"{name}:{urlsplit(server.url).port}"
    for write in writes:
        answer = ask(server, *write, Host=host, Origin=f"http://{host.lower()}")
        assert answer[0] in (200, 201, 204), write
        assert not cors_of(answer)


def preflight(server, origin):
    wanted = {
        "Access_Control_Request_Method": "PUT",
        "Access_Control_Request_Headers": "authorization, content-type, if-match, if-none-match, idempotency-key",
    }
    answer = ask(server, "OPTIONS", "/leads/x", Origin=origin, **wanted)
    assert answer[0] in (200, 204)
    return answer


def assert_cors(answer):
    assert answer[2]["Access-Control-Allow-Origin"] == APP
    assert answer[2]["Access-Control-Expose-Headers"] == EXPOSED
    assert "Origin" in answer[2]["Vary"]
    # No cookies are read here, and none are wanted.
    assert "Access-Control-Allow-Credentials" not in answer[2]


@pytest.fixture(params=["option", "environment"])
def friendly(request, start_server, path, monkeypatch):
    """Return a server on which the pages of https://app.example may call."""
    if request.param == "option":
        return start_server("--database", str(path), "--cors-origins", APP)
    monkeypatch.setenv("LEADBOOK_CORS_ORIGINS", APP)
    return start_server("--database", str(path))


def test_page_of_a_named_origin_may_write_and_read(friendly):
    answer = preflight(friendly, APP)
    assert_cors(answer)
    assert set(answer[2]["Access-Control-Allow-Methods"].split(", ")) >= {"GET", "PUT", "DELETE"}
    allowed = answer[2]["Access-Control-Allow-Headers"].lower().split(", ")
    assert sorted(allowed) == ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match"]  # fmt: skip
    created = ask(friendly, "POST", "/leads", LEAD, Origin=APP)
    assert created[0] == 201
    assert_cors(created)
    assert_cors(ask(friendly, "GET", urlsplit(created[2]["Location"]).path, Origin=APP))
    for status, error in (
        (404, ask(friendly, "GET", "/leads/x", Origin=APP)),
        (404, ask(friendly, "GET", "/nothing", Origin=APP)),
        (405, ask(friendly, "PATCH", "/leads", Origin=APP)),
        (400, ask(friendly, "POST", "/leads", "{", Origin=APP, Content_Type="application/json")),
    ):
        assert error[0] == status
        assert_cors(error)


def test_page_of_no_named_origin_is_told_nothing(friendly):
    for origin in ("https://evil.example", "null", "http://app.example", f"{APP}:8443", f"{APP}.evil.example", "https://xapp.example", "https://appXexample"):  # fmt: skip
        assert not cors_of(preflight(friendly, origin)), origin
        assert not cors_of(ask(friendly, "GET", "/leads", Origin=origin)), origin
        assert_refused(ask(friendly, "POST", "/leads", LEAD, Origin=origin))
    assert records(friendly)[0]["pagination"]["total"] == 0


def test_nobody_is_told_anything_without_the_setting(server):
    for origin in ("https://evil.example", APP, server.url):
        assert not cors_of(preflight(server, origin))
        assert not cors_of(ask(server, "GET", "/leads", Origin=origin))


def test_named_origin_needs_a_key_as_everybody(friendly, path):
    command = [sys.executable, "-m", "leadbook.cli", "key", "create", "page", "--database", str(path)]  # fmt: skip
    key = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    assert_cors(preflight(friendly, APP))
    answer = ask(friendly, "POST", "/leads", LEAD, Origin=APP)
    assert (answer[0], answer[1]["error"]["code"]) == (401, "UNAUTHORIZED")
    assert_cors(answer)
    answer = ask(friendly, "POST", "/leads", LEAD, Origin=APP, Authorization=f"Bearer {key}")
    assert answer[0] == 201
    assert_cors(answer)
    # A key that a page of somebody else got hold of opens nothing from there.
    foreign = {"Origin": "https://evil.example", "Authorization": f"Bearer {key}"}
    assert_refused(ask(friendly, "POST", "/leads", LEAD, **foreign))
