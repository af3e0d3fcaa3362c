"""Keys of the scope `calendar`: what they open, and that a key in a URL is shown by nothing."""

import json
import re
import socket
import subprocess
from contextlib import closing
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
from command import invoke

from leadbook.access.keys import create_key, revoke_key
from leadbook.access.query_key import without_key
from leadbook.app import create_app
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import open_database
from leadbook.testing import running_server
from server import call

PATH = "/follow-ups/calendar.ics"
PERSON = {"name": "Secretia", "email": "secretia@hidden.test"}
PUBLIC = ("health", "docs")


@pytest.fixture
def clock(time):
    return Clock(lambda: time[0])


@pytest.fixture
def keys(app, client):
    """A key of each scope, made when there is something to see."""
    lead = client.post("/leads", json=PERSON).json
    plan = {"leadId": lead["id"], "subject": "Ask", "dueAt": "2026-02-02T10:00:00Z"}
    assert client.post("/follow-ups", json=plan).status_code == 201
    scopes = ("calendar", "read", "write", "admin")
    with app.extensions["leadbook"].use() as database, database.write():
        return {each: create_key(each, each, timedelta(days=400)) for each in scopes}


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def code_of(answer):
    return answer.status_code, answer.json["error"]["code"]


@pytest.mark.parametrize("path", [PATH, f"/v1{PATH}"])
@pytest.mark.parametrize(
    "query", ["key={}", "%6bey={}", "%6B%65%79={}", "type=task&key={}", "key={}&assignee="]
)
def test_calendar_key_in_the_query_opens_the_calendar(client, keys, path, query):
    whole = f"{path}?{query.format(keys['calendar'])}"
    answer = client.get(whole)
    assert (answer.status_code, answer.text.count("BEGIN:VEVENT")) == (200, 1)
    assert client.head(whole).status_code == 200
    asked = {"If-None-Match": answer.headers["ETag"]}
    assert client.get(whole, headers=asked).status_code == 304
    encoded = quote(keys["calendar"]).replace("leadbook", "%6Ceadbook")
    assert client.get(f"{path}?{query.format(encoded)}").status_code == 200
    # What a caller has in the header for a proxy is no key of ours.
    basic = {"Authorization": "Basic OjpvcGVu"}
    assert client.get(whole, headers=basic).status_code == 200


def test_any_key_in_the_header_opens_the_calendar(client, keys):
    for token in keys.values():
        assert client.get(PATH, headers=bearer(token)).status_code == 200
    assert code_of(client.get(PATH)) == (401, "UNAUTHORIZED")


def test_no_other_key_works_in_the_query(client, keys):
    for scope in ("read", "write", "admin"):
        for path in (PATH, f"/v1{PATH}"):
            assert code_of(client.get(f"{path}?key={keys[scope]}")) == (401, "UNAUTHORIZED")
    token = keys["calendar"]
    for query in ("key", "key=", f"key={token}x", f"KEY={token}", f"x=1;key={token}", f"key.x={token}", f"%256bey={token}", f"key={token}&key={token}", f"key={token}&%6bey=", "key=%ff", f"key=+{token}"):  # fmt: skip
        assert code_of(client.get(f"{PATH}?{query}")) == (401, "UNAUTHORIZED"), query


def test_key_beside_a_header_is_an_unknown_parameter(client, keys):
    answer = client.get(f"{PATH}?key={keys['calendar']}", headers=bearer(keys["admin"]))
    assert code_of(answer) == (400, "VALIDATION_ERROR")
    assert [each["field"] for each in answer.json["error"]["details"]] == ["key"]
    assert keys["calendar"] not in answer.text


def test_key_in_the_query_opens_nothing_else(app, client, keys):
    tried = 0
    for rule in app.url_map.iter_rules():
        place = re.sub("<[^>]*>", "x", rule.rule)
        for path in (place, f"/v1{place}"):
            for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"):
                if (place == PATH and method in ("GET", "HEAD")) or rule.endpoint.startswith(
                    PUBLIC
                ):
                    continue
                tried += 1
                for token in keys.values():
                    answer = client.open(f"{path}?key={token}", method=method, json={})
                    assert answer.status_code == 401, (method, path)
                answer = client.open(path, method=method, json={}, headers=bearer(keys["calendar"]))
                assert answer.status_code == 403, (method, path)
                assert "Secretia" not in answer.text
    assert tried > 200
    assert client.get(f"/nowhere?key={keys['calendar']}").status_code == 401
    assert client.get("/nowhere", headers=bearer(keys["calendar"])).status_code == 403
    # For whom may read there, it is a parameter as any that is unknown.
    for path in ("/leads", "/follow-ups", "/follow-ups/export", "/leads/x/history"):
        answer = client.get(f"{path}?key={keys['calendar']}", headers=bearer(keys["admin"]))
        assert code_of(answer) == (400, "VALIDATION_ERROR")
    assert client.get("/health").status_code == 200


def test_calendar_key_ends_as_any_key_does(app, client, keys, time):
    path = f"{PATH}?key={keys['calendar']}"
    etag = client.get(path).headers["ETag"]
    time[0] += timedelta(days=400) // timedelta(milliseconds=1)
    assert client.get(path).status_code == 401
    time[0] -= 1
    assert client.get(path).status_code == 200
    with app.extensions["leadbook"].use() as database, database.write():
        revoke_key("calendar")
    for headers in ({}, {"If-None-Match": etag}, bearer(keys["calendar"])):
        assert client.get(path, headers=headers).status_code == 401


def test_requests_count_for_the_key(path, clock):
    app = create_app({"DATABASE": path, "RATE_LIMIT": "2/minute"}, clock)
    with closing(app.extensions["leadbook"]) as database:
        with database.use(), database.write():
            tokens = [create_key(name, "calendar", None) for name in ("one", "two")]
        client = app.test_client()
        answers = [client.get(f"{PATH}?key={tokens[0]}") for _ in range(3)]
        assert [each.status_code for each in answers] == [200, 200, 429]
        assert "with this key" in answers[2].json["error"]["message"]
        assert client.get(f"{PATH}?key={tokens[1]}").status_code == 200
        guesses = [client.get(f"{PATH}?key=leadbook_{each}").status_code for each in range(3)]
        assert guesses == [401, 401, 429]


def test_open_service_takes_the_url_with_a_key(client):
    assert client.get(f"{PATH}?key=leadbook_x").status_code == 200


def test_command_shows_the_key_and_its_url(path, monkeypatch):
    monkeypatch.setenv("LEADBOOK_PUBLIC_URL", "https://crm.example.com/leadbook")
    made = invoke("key", "create", "phone", "--scope", "calendar", "--create", "--database", path)
    token, url = made.stdout.splitlines()
    assert re.fullmatch(r"leadbook_\S{43}", token)
    assert url == f"https://crm.example.com/leadbook{PATH}?key={token}"
    assert token not in made.stderr
    assert "phone  calendar  active" in invoke("key", "list", "--database", path).stdout
    made = invoke("key", "create", "robot", "--database", path)
    assert len(made.stdout.splitlines()) == 1
    monkeypatch.delenv("LEADBOOK_PUBLIC_URL")
    made = invoke("key", "create", "desk", "--scope", "calendar", "--database", path)
    assert made.stdout.splitlines()[1].startswith(f"http://127.0.0.1:8000{PATH}?key=leadbook_")


def send(url, head):
    """Send a request as it is, and return the answer until the server ends it."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(head.encode())
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("style", ["json", "text"])
def test_log_of_a_server_never_has_a_key_of_a_url(start_server, path, style):
    with closing(open_database(path, Clock())) as database, database.use(), database.write():
        token = create_key("phone", "calendar", None)
        admin = create_key("boss", "admin", None)
    arguments = (
        "--database",
        str(path),
        "--log-format",
        style,
        "--rate-limit",
        "8/day",
        "--metrics",
        "on",
    )
    server = start_server(*arguments, stderr=subprocess.PIPE)
    etag = {"If-None-Match": "*"}
    targets = [
        (f"{PATH}?key={token}", {}, 200),
        (f"/v1{PATH}?%6bey={token}", {}, 200),
        (f"{PATH}?key={token}", etag, 304),
        (f"{PATH}?key={token}&page=1", {}, 400),
        (f"/leads?key={token}", bearer(admin), 400),
        (f"{PATH}?key={token}", bearer(admin), 400),
        (f"/leads?%4bey={token}", bearer(token), 403),
        (f"{PATH}?key={token}x", {}, 401),
        (f"/v1/nowhere/{token}?key={token}", {}, 401),
        (f"{PATH}%3Fkey%3D{token}", {"Referer": f"http://x.test{PATH}?key={token}"}, 401),
        ("/metrics", bearer(admin), 200),
    ]
    bodies = []
    for target, headers, status in targets:
        found, body = call(server.url, target, **headers)
        assert found == status, target
        bodies.append(body)
    assert call(server.url, f"{PATH}?key={token}", "POST")[0] == 401
    # It is not even HTTP.
    target = f"{PATH}?key={token}"
    for line in (f"GET {target} HTTP/9.9", f"GET {target}", f"G=T {target} HTTP/1.1"):
        answer = send(server.url, f"{line}\r\nHost: x\r\nConnection: close\r\n\r\n")
        bodies += [answer]
    # The view fails, and is logged with its cause.
    with closing(sqlite3.connect(path)) as damaged:
        damaged.execute("DROP TABLE follow_ups")
    bodies.append(failed := call(server.url, f"{PATH}?key={token}")[1])
    assert json.loads(failed)["error"]["code"] in ("INTERNAL_ERROR", "DATABASE_UNAVAILABLE")
    found = {call(server.url, f"{PATH}?key={token}")[0] for _ in range(8)}
    assert 429 in found
    server.process.terminate()
    _, log = server.process.communicate(timeout=30)
    assert len(log.splitlines()) >= len(targets)
    assert "phone" in log
    assert PATH in log
    for shown in (log, server.first_line, *(each.decode() for each in bodies)):
        assert token not in shown
        assert token.removeprefix("leadbook_") not in shown


def test_journal_of_test_mode_hides_keys_of_urls():
    with running_server(api_key="leadbook_for_tests") as leadbook:
        with leadbook.app.extensions["leadbook"].use() as database, database.write():
            token = create_key("phone", "calendar", None)
        client = leadbook.app.test_client()
        for query in (f"key={token}", f"type=call&%6Bey={token}&assignee=x", f"KEY={token}"):
            client.get(f"/v1{PATH}?{query}", headers={"Referer": f"/x?key={token}"})
        client.get(f"/leads?a=1;key={token}")
        client.get(f"{PATH}%3Fkey%3D{token}")
        client.get(f"/leads?next=%2Fx%3Fkey%3D{token}")
        assert len(leadbook.requests) == 6
        assert token not in repr(leadbook.requests)
        assert leadbook.requests[0].query == "key=***"
        assert leadbook.requests[1].query == "type=call&%6Bey=***&assignee=x"
        assert leadbook.requests[1].status == 200
        journal = leadbook.client.get("/_test/requests").text
        assert token not in journal


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("monkey=1&keys=2&custom.key=3&key.x=4", "monkey=1&keys=2&custom.key=3&key.x=4"),
        ("key=a&b=c", "key=***&b=c"),
        ("b=c&key=a", "b=c&key=***"),
        ("https://x.test/c?k%65y=a#x", "https://x.test/c?k%65y=***"),
        ("u=%2Fc%3F%256Bey%253Da", "u=%2Fc%3F%256Bey%253D***"),
    ],
)
def test_only_keys_are_hidden(text, shown):
    assert without_key(text) == shown
