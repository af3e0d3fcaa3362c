"""Ways around the gate, on every route there is: none leads to data or to a change."""

import http.client
import json
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from leadbook.access.keys import create_key
from leadbook.access.scopes import SCOPES
from leadbook.app import create_app
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.opening import open_database

SECRET = "Secretia"
PERSON = {"name": SECRET, "email": "secretia@hidden.test", "notes": SECRET}
WEBHOOK = {"url": "https://hooks.invalid/", "events": ["lead.*"], "description": SECRET}
DUE = "2030-01-01T00:00:00Z"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND")
PEOPLE = {"name": "Eve", "email": "eve@a.test"}
FILES = {
    "follow-ups": "subject,due date,email\nCall,2030-01-01,secretia@hidden.test\n",
    "tickets": "subject\nCall\n",
    "comments": "id,version,createdAt,updatedAt,ticketId,text,author,internal\n"
    "019b76da-a800-7000-8000-00000000ffff,1,2026-03-01T09:00:00.000Z,2026-03-01T09:00:00.000Z,"
    "019b76da-a800-7000-8000-00000000ffff,Call,,false\n",
}
READING = {"GET", "HEAD", "OPTIONS"}
PUBLIC = ("health", "docs")
# Other ways to write a path that an application or a proxy might take for the same one.
SPELLINGS = [
    "{path}", "/v1{path}", "/v1/v1{path}", "/%76%31{path}", "/{path}", "//{path}", "{path}/", "{path}//", "/.{path}",
    "{path}/.", "/x/..{path}", "/%2e%2e{path}", "/docs/..{path}", "/health/..{path}", "/docs/%2e%2e{path}",
    "/health%2f..{path}", "{path};x=1", "{path}%00", "{path}%20", "{path}.json", "{encoded}", "{upper}", "{url}{path}",
    "{path}?x=/health", "{path}#/health", "/health?{path}", "{path}/../../health",
]  # fmt: skip
HEADERS = [
    *({"Authorization": each} for each in ("", "Bearer", "Bearer ", "Bearer null", "Bearer *", "Basic OjpvcGVu")),
    *({"Authorization": f"Bearer leadbook_{each}"} for each in ("", "x", "%", "' OR 1=1 --", "\xff" * 43, "x" * 4_000)),
    *({name: "/health"} for name in ("X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Path", "X-Forwarded-Prefix")),
    *({name: "GET"} for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")),
    *({name: "127.0.0.1"} for name in ("X-Forwarded-For", "X-Real-IP", "Client-IP", "Forwarded")),
    {"Cookie": "session=leadbook_x; api_key=leadbook_x"}, {"X-Forwarded-Host": "localhost"}, {"Upgrade": "h2c"},
]  # fmt: skip


@pytest.fixture
def ids(server):
    """The id of one record of each kind, made while the service is open."""
    made = {}
    for kind, body in (("leads", PERSON), ("clients", PERSON), ("webhooks", WEBHOOK)):
        made[kind] = server.request("POST", f"/{kind}", body)
    of_client = {"clientId": made["clients"][1]["id"], "subject": SECRET}
    made["follow-ups"] = server.request("POST", "/follow-ups", of_client | {"dueAt": DUE})
    made["tickets"] = server.request("POST", "/tickets", of_client)
    comments = f"/tickets/{made['tickets'][1]['id']}/comments"
    made["comments"] = server.request("POST", comments, {"text": SECRET})
    assert {status for status, _ in made.values()} == {201}
    return {kind: record["id"] for kind, (_, record) in made.items()}


@pytest.fixture
def keys(path, ids):
    """A key of each scope; from the first on, every call needs one."""
    with closing(open_database(path, Clock())) as database, database.use(), database.write():
        return {scope: create_key(scope, scope, None) for scope in SCOPES}


@pytest.fixture
def rules(tmp_path):
    """Every rule of the app, so that a new route is tried at once."""
    app = create_app({"DATABASE": tmp_path / "other.db"})
    app.extensions["leadbook"].close()
    return [(rule, rule.endpoint.partition(".")[0]) for rule in app.url_map.iter_rules()]


def place_of(rule, ids):
    place = rule.rule.replace("<asset>", "docs.js").replace("<record:commentId>", ids["comments"])
    return place.replace("<record:id>", ids.get(place.split("/")[1], ""))


def body_of(place, ids):
    """Return a body by which the route would change something, and its media type."""
    parts = place.removeprefix("/v1").split("/")[1:] or [""]
    kind, action = parts[0], parts[-1]
    if action == "import":
        return FILES.get(kind, "name,email\nEve,eve@a.test\n"), "text/csv"
    fields = {"subject": "Eve"} if kind in ("follow-ups", "tickets") else PEOPLE
    if action in ("follow-ups", "follow-up") or (kind, action) == ("follow-ups", "batch"):
        fields = fields | {"dueAt": DUE}
    if kind == "follow-ups" and action in ("follow-ups", "batch"):
        fields = fields | {"clientId": ids["clients"]}
    if kind == "webhooks":
        fields = WEBHOOK if len(parts) == 1 else {"after": 0} if action == "replay" else {}
    if "comments" in parts:
        fields = {"text": "Eve"}
    fields = {"outcome": "Eve"} if action == "complete" else fields
    return json.dumps({"create": [fields]} if action == "batch" else fields), "application/json"


@pytest.fixture
def ask(server, ids):
    """Return a function that sends a request with a body that the route would take."""
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)) as connection:

        def send(method, target, headers=None):
            body, media_type = body_of(urlsplit(target).path, ids)
            connection.request(method, target, body, {"Content-Type": media_type} | (headers or {}))
            with connection.getresponse() as response:
                return response.status, response.read(), response.headers

        yield send


@pytest.fixture
def unchanged(ask, keys, ids):
    """Assert at the end that all records are as they were."""

    def records():
        headers = {"Authorization": f"Bearer {keys['admin']}"}
        paths = ("/leads?limit=100", "/clients?limit=100&status=all", "/webhooks", "/follow-ups")
        paths += ("/tickets", f"/tickets/{ids['tickets']}/comments")
        return [json.loads(ask("GET", each, headers)[1])["data"] for each in paths]

    before = records()
    assert [len(each) for each in before] == [1] * 6
    yield
    assert records() == before


def assert_closed(answer, *case):
    status, body, headers = answer
    assert status in (400, 401, 404, 405, 501), (status, *case)
    assert SECRET.encode() not in body, case
    assert not {"ETag", "Location", "Link"} & set(headers), case
    if body:
        assert json.loads(body)["error"]["requestId"], case


@pytest.mark.long
def test_no_spelling_of_a_path_leads_around_the_key(ask, server, ids, rules, unchanged):
    places = {place_of(rule, ids) for rule, blueprint in rules if blueprint not in PUBLIC}
    assert len(places) > 10
    for place in places:
        other = {"encoded": f"/{place[1:].replace('/', '%2f')}", "upper": place.upper()}
        for spelling in SPELLINGS:
            target = spelling.format(path=place, url=server.url, **other)
            for method in METHODS:
                answer = ask(method, target)
                if answer[0] == 200:
                    # What everybody may see: which methods there are, and the public pages.
                    assert method == "OPTIONS" or target.startswith(("/health?", "/docs"))
                    assert SECRET.encode() not in answer[1]
                    continue
                assert_closed(answer, method, target)
                if spelling in ("{path}", "/v1{path}") and method != "OPTIONS":
                    assert answer[0] == 401, (method, target)


def test_no_header_leads_around_the_key(ask, ids, rules, unchanged):
    for rule, blueprint in rules:
        for method in rule.methods - {"OPTIONS"} if blueprint not in PUBLIC else ():
            for headers in HEADERS:
                place = place_of(rule, ids)
                answer = ask(method, place, headers)
                assert_closed(answer, method, place, headers)
                assert answer[0] in (400, 401)


def test_public_pages_change_nothing_and_show_no_record(ask, ids, rules, unchanged):
    for rule, blueprint in rules:
        for method in METHODS if blueprint in PUBLIC else ():
            status, body, _ = ask(method, place_of(rule, ids))
            # Which methods a path takes is nobody's secret, if the path is none.
            assert status in ((200,) if method in READING else (401, 405, 501)), (method, rule)
            assert SECRET.encode() not in body


def test_read_key_changes_nothing_by_any_route(ask, keys, ids, rules, unchanged):
    writes = [
        (method, place_of(rule, ids)) for rule, _ in rules for method in rule.methods - READING
    ]
    assert len(writes) >= 12
    for method, place in writes:
        for target in (place, f"/v1{place}", f"{place}?permanent=true"):
            for more in ({}, {"X-HTTP-Method-Override": "GET"}, {"If-Match": "*"}):
                headers = {"Authorization": f"Bearer {keys['read']}"} | more
                status, body, _ = ask(method, target, headers)
                assert status == 403, (method, target)
                assert json.loads(body)["error"]["code"] == "FORBIDDEN"
    for _, place in writes:
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            headers = {"Authorization": f"Bearer {keys['read']}", name: "DELETE"}
            wanted = (403, 405) if place.startswith("/webhooks") else (200, 404, 405)
            assert ask("GET", place, headers)[0] in wanted


def test_admin_key_changes_something_by_every_route(ask, keys, ids, rules):
    # Else the tests above would prove nothing: the very same requests are let in with a key.
    headers = {"Authorization": f"Bearer {keys['admin']}"}
    writes = [
        (method, place_of(rule, ids)) for rule, _ in rules for method in rule.methods - READING
    ]
    # What removes comes last, and what belongs to another before it.
    for method, place in sorted(sorted(writes, reverse=True), key=lambda each: each[0] == "DELETE"):
        status, body, _ = ask(method, place, headers)
        # The second that makes a client of this address is refused by a rule, and by no gate.
        assert status in (200, 201, 204, 409), (method, place, body)
