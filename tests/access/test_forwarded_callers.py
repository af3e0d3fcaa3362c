"""A service without keys is not opened to the internet by a proxy before it."""

import json
import re
import subprocess
import sys

import pytest
from raw_sockets import talk

from leadbook.access.keys import create_key
from leadbook.app import create_app
from leadbook.testing.app import create_test_app
from server import call

FAR = [
    {"X-Forwarded-For": "8.8.8.8"},
    {"X-Forwarded-For": "192.0.2.1:4711"},
    {"X-Forwarded-For": "127.0.0.1, 8.8.8.8"},
    {"X-Forwarded-For": "8.8.8.8, 10.0.0.1"},
    {"X-Forwarded-For": " 2001:db8::1 "},
    {"X-Forwarded-For": "[2606:4700::1111]:443"},
    {"X-Forwarded-For": "::ffff:8.8.8.8"},
    {"X-Forwarded-For": "unknown,8.8.8.8"},
    {"Forwarded": "for=8.8.8.8;proto=https"},
    {"Forwarded": 'For="[2001:db8:cafe::17]:4711"'},
    {"Forwarded": "for=127.0.0.1, for=9.9.9.9"},
    {"Forwarded": "for=_hidden, for=8.8.8.8"},
    # What a caller sends first, so that the rest would look like part of it.
    {"Forwarded": 'for=", for=8.8.8.8'},
    {"Forwarded": 'for="_a;host="x, For = "8.8.8.8"'},
    {"X-Forwarded-For": '", 8.8.8.8'},
    {"X-Real-IP": "8.8.8.8"},
]
NEAR = [
    {},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": "::1"},
    {"X-Forwarded-For": "::ffff:127.0.0.1"},
    {"X-Forwarded-For": "192.168.1.20, 10.1.2.3:80, 172.16.0.9, 172.31.255.255"},
    {"X-Forwarded-For": "fd00::1, fe80::1%eth0"},
    {"X-Forwarded-For": "unknown"},
    {"X-Forwarded-For": ""},
    {"Forwarded": 'for="[::1]:4711";by=127.0.0.1;host=localhost;proto=http'},
    {"Forwarded": "for=_hidden;by=unknown"},
    # Where it goes to is not where it comes from.
    {"Forwarded": 'for=127.0.0.1;host="[2001:db8::1]:3000";by=8.8.8.8'},
    {"Forwarded": 'for="";proto=http'},
    {"X-Forwarded-For": "100.101.102.103, fd7a:115c:a1e0::1"},
]


@pytest.mark.parametrize("headers", FAR)
def test_caller_from_the_internet_is_refused_while_there_is_no_key(client, headers):
    for answer in (
        client.get("/leads", headers=headers),
        client.post("/leads", json={"name": "Ada", "email": "ada@engines.test"}, headers=headers),
    ):
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "FORBIDDEN")
        assert "key create" in answer.json["error"]["message"]
    assert client.get("/leads").json["pagination"]["total"] == 0
    assert client.get("/health", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", NEAR)
def test_development_proxy_goes_on_working(client, headers):
    assert client.get("/leads", headers=headers).status_code == 200


def test_key_or_a_known_proxy_lets_them_in(app, client, tmp_path):
    behind = create_app({"DATABASE": tmp_path / "other.db", "PROXY_HOPS": 1})
    assert behind.test_client().get("/leads", headers=FAR[0]).status_code == 200
    behind.extensions["leadbook"].close()
    with app.extensions["leadbook"].use() as database, database.write():
        key = {"Authorization": f"Bearer {create_key('a', 'write', None)}"}
    assert client.get("/leads", headers=FAR[0]).status_code == 401
    assert client.get("/leads", headers=FAR[0] | key).status_code == 200


def test_real_server_sees_what_a_proxy_says(start_server, tmp_path):
    server = start_server("--database", str(tmp_path / "leadbook.db"))
    statuses = [server.request("GET", "/leads", headers=each)[0] for each in (*FAR, *NEAR)]
    assert statuses == [403] * len(FAR) + [200] * len(NEAR)


@pytest.mark.parametrize(
    ("told", "scheme"),
    [
        ("https", "https"), ("HTTPS", "https"), ("http", "http"), ("javascript", "http"), ("wss", "http"),
        ("https://evil.test/", "http"), ("", "http"), ("javascript, https", "https"), ("https, javascript", "http"),
        ('"javascript', "http"), ("https x", "http"),
    ],
)  # fmt: skip
def test_links_have_no_scheme_that_a_caller_made_up(tmp_path, told, scheme):
    app = create_app({"DATABASE": tmp_path / "leadbook.db", "PROXY_HOPS": 1})
    client = app.test_client()
    for name in ("Ada", "Eve"):
        client.post("/leads", json={"name": name, "email": "ada@engines.test"})
    unread = {
        "X-Forwarded-Host": "evil.test",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Port": "1",
    }
    answer = client.get("/leads?limit=1", headers={"X-Forwarded-Proto": told, **unread})
    assert answer.headers["Link"].startswith(f"<{scheme}://localhost/leads?")
    app.extensions["leadbook"].close()


def test_server_that_is_open_on_purpose_answers_them(start_server, tmp_path):
    server = start_server("--open", "--database", str(tmp_path / "leadbook.db"))
    assert [server.request("GET", "/leads", headers=each)[0] for each in FAR] == [200] * len(FAR)


def test_they_are_refused_in_test_mode_too(tmp_path):
    app = create_test_app({"DATABASE": tmp_path / "test.db"})
    client = app.test_client()
    for method, path in (("GET", "/leads"), ("POST", "/_test/reset"), ("GET", "/_test/requests")):
        assert client.open(path, method=method, headers=FAR[0]).status_code == 403
    assert client.get("/leads", headers=NEAR[1]).status_code == 200
    app.extensions["leadbook"].close()


def test_each_of_several_headers_counts(start_server, tmp_path):
    server = start_server("--database", str(tmp_path / "leadbook.db"))
    for second, expected in ((b"8.8.8.8", 403), (b"::1", 200)):
        headers = b"X-Forwarded-For: %b\r\n" * 3 % (b"10.0.0.1", second, b"127.0.0.1")
        request = b"GET /leads HTTP/1.1\r\nHost: localhost\r\n%bConnection: close\r\n\r\n"
        [(status, _)] = talk(server, request % headers)
        assert status == expected


def test_headers_of_no_trusted_proxy_change_nothing_else(client):
    headers = {
        "X-Forwarded-For": "10.6.6.6",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "99",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=10.6.6.6;host=evil.example;proto=https",
    }
    for number in range(2):
        body = {"name": "Ada", "email": f"ada{number}@engines.test"}
        made = client.post("/leads", json=body, headers=headers)
        assert made.headers["Location"] == f"/leads/{made.json['id']}"
    link = client.get("/leads?limit=1", headers=headers).headers["Link"]
    assert link.startswith("<http://localhost/leads?")


def test_log_says_once_why_they_are_refused(tmp_path):
    command = [sys.executable, "-m", "leadbook.cli", "serve", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--database", str(tmp_path / "leadbook.db")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    url = re.search(r"http://\S+", process.stdout.readline())[0]
    for _ in range(3):
        assert call(url, "/leads", **{"X-Forwarded-For": "8.8.8.8"})[0] == 403
    process.terminate()
    _, logged = process.communicate(timeout=30)
    [warning] = [line for line in map(json.loads, logged.splitlines()) if "level" in line]
    assert warning["level"] == "warning"
    assert "leadbook key create" in warning["message"]
    assert "8.8.8.8" not in logged
