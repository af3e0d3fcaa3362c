"""A service without keys is not opened to the internet by a proxy before it."""

import pytest

from leadbook.app import create_app
from leadbook.keys import create_key

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
