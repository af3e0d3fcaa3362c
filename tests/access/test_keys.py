"""API keys: who gets in, and what for."""

import os
import re
import subprocess
import sys
from datetime import timedelta

import pytest
from command import assert_refused, invoke

from leadbook.access.keys import KeyNameError, create_key, list_keys, revoke_key
from leadbook.storage.clock import Clock
from leadbook.storage.times import parse_duration

BODY = {"name": "Ada", "email": "ada@engines.test"}


@pytest.fixture
def clock(time):
    return Clock(lambda: time[0])


@pytest.fixture
def new_key(app):
    def create(name="key", scope="write", lifetime=None):
        with app.extensions["leadbook"].use() as database, database.write():
            return create_key(name, scope, lifetime)

    return create


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def assert_unauthorized(answer):
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "UNAUTHORIZED")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="leadbook"'
    assert answer.headers["X-Request-Id"] == answer.json["error"]["requestId"]


def run(*arguments, database):
    return subprocess.run(
        [sys.executable, "-m", "leadbook.cli", *arguments, "--database", str(database)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_first_key_closes_the_api(client, new_key):
    assert client.post("/leads", json=BODY).status_code == 201
    token = new_key()
    assert_unauthorized(client.get("/leads"))
    assert_unauthorized(client.post("/leads", json=BODY))
    assert client.get("/leads", headers=bearer(token)).json["pagination"]["total"] == 1
    assert client.post("/leads", json=BODY, headers=bearer(token)).status_code == 201


def test_key_that_only_reads_cannot_write(client, new_key):
    token = new_key(scope="read")
    assert client.get("/leads", headers=bearer(token)).status_code == 200
    assert client.head("/leads", headers=bearer(token)).status_code == 200
    for method, path in (
        ("POST", "/leads"),
        ("PUT", "/leads/x"),
        ("DELETE", "/clients/x"),
        ("POST", "/leads/x/convert"),
        ("PATCH", "/nope"),
    ):
        answer = client.open(path, method=method, json={}, headers=bearer(token))
        assert (answer.status_code, answer.json["error"]["code"]) == (403, "FORBIDDEN")


def test_unknown_revoked_and_expired_are_the_same(client, app, new_key, time):
    revoked, expired = new_key("a"), new_key("b", lifetime=timedelta(days=1))
    good = new_key("c")
    assert client.get("/leads", headers=bearer(expired)).status_code == 200
    with app.extensions["leadbook"].use() as database, database.write():
        revoke_key("a")
    time[0] += 24 * 60 * 60 * 1000
    answers = [
        client.get("/leads", headers=bearer(token)) for token in ("leadbook_x", revoked, expired)
    ]
    for answer in answers:
        assert_unauthorized(answer)
    bodies = [re.sub(r'"requestId":"[^"]+"', "", answer.text) for answer in answers]
    assert len(set(bodies)) == 1
    assert client.get("/leads", headers=bearer(good)).status_code == 200


def test_revoked_and_expired_keys_keep_it_closed(client, app, new_key):
    new_key("a")
    with app.extensions["leadbook"].use() as database, database.write():
        revoke_key("a")
    assert_unauthorized(client.get("/leads"))


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic abc",
        "bearer x y",
        "Bearer \xff",
        "leadbook_x",
        "Bearer " + "x" * 5000,
    ],
)
def test_anything_else_is_no_key(client, new_key, value):
    token = new_key()
    assert_unauthorized(client.get("/leads", headers={"Authorization": value}))
    assert_unauthorized(client.get(f"/leads?key={token}"))
    assert client.get("/leads", headers={"Authorization": f"bearer {token}"}).status_code == 200


def test_health_and_documentation_stay_readable(client, new_key):
    new_key()
    for path in ("/health", "/openapi.json", "/docs", "/docs/docs.js", "/v1/health"):
        assert client.get(path, buffered=True).status_code == 200


def test_key_is_looked_at_before_path_method_and_body(client, new_key):
    new_key()
    for answer in (
        client.get("/nope"),
        client.patch("/leads"),
        client.post("/leads", data="x" * 300_000),
    ):
        assert_unauthorized(answer)


def test_only_the_hash_of_a_key_is_kept(app, client, new_key):
    token = new_key()
    assert re.fullmatch(r"leadbook_[A-Za-z0-9_-]{43}", token)
    client.get("/leads", headers=bearer(token))
    path = app.extensions["leadbook"].path
    for file in path.parent.iterdir():
        assert token.encode() not in file.read_bytes()


def test_name_is_used_once(app, new_key):
    new_key("a")
    with pytest.raises(KeyNameError):
        new_key("a")
    with (
        app.extensions["leadbook"].use() as database,
        database.write(),
        pytest.raises(KeyNameError),
    ):
        revoke_key("b")


def test_change_of_keys_counts_in_every_process(start_server, tmp_path):
    database = tmp_path / "leadbook.db"
    server = start_server("--database", str(database))
    assert server.request("GET", "/leads")[0] == 200
    created = run("key", "create", "robot", "--expires", "90d", database=database)
    assert created.returncode == 0
    assert re.fullmatch(r"leadbook_\S{43}\n", created.stdout)
    assert server.request("GET", "/leads")[0] == 401
    assert server.request("GET", "/leads", headers=bearer(created.stdout.strip()))[0] == 200
    assert run("key", "revoke", "robot", database=database).returncode == 0
    assert server.request("GET", "/leads", headers=bearer(created.stdout.strip()))[0] == 401
    shown = run("key", "list", database=database).stdout
    assert re.fullmatch(r"robot  write  revoked  created \S+Z  until \S+Z\n", shown)
    assert created.stdout.strip() not in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "a", "--expires", "soon"),
        ("create", "a", "--expires", "0d"),
        ("create", " "),
        ("create", "a\nb"),
        ("revoke", "nobody"),
    ],
)
def test_wrong_key_command_is_one_line(tmp_path, arguments):
    finished = run("key", *arguments, database=tmp_path / "leadbook.db")
    assert finished.returncode == 1
    assert re.fullmatch(r"leadbook: .+\n", finished.stderr)


def test_key_list_of_an_app(app, new_key, time):
    new_key("b", lifetime=timedelta(minutes=1))
    new_key("a", scope="read")
    time[0] += 60_000
    with app.extensions["leadbook"].use():
        assert [(key.name, key.scope, key.state) for key in list_keys()] == [
            ("a", "read", "active"),
            ("b", "write", "expired"),
        ]


def test_lifetimes():
    assert parse_duration("90d") == timedelta(days=90)
    assert parse_duration("4w") == timedelta(weeks=4)
    for text in ("", "d", "1.5d", "-1d", "1y", "999999d"):
        with pytest.raises(ValueError, match="a time"):
            parse_duration(text)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_open_server_does_not_listen_to_other_machines(start_server, tmp_path, host):
    database = tmp_path / "leadbook.db"
    finished = run("serve", "--host", host, "--port", "0", database=database)
    if "Address family not supported" in finished.stderr:
        pytest.skip("this machine has no IPv6")
    assert finished.returncode == 1
    assert re.fullmatch(r"leadbook: .*--open.*\n", finished.stderr)
    assert start_server("--host", host, "--open", "--database", str(database)).stop() == 0
    run("key", "create", "a", database=database)
    assert start_server("--host", host, "--database", str(database)).stop() == 0


def test_key_of_a_wrong_folder_makes_no_database(tmp_path):
    path = tmp_path / "data" / "leadbook.db"
    refused = run("key", "create", "robot", database=path)
    assert refused.returncode == 1
    assert refused.stderr == f"leadbook: There is no database {path}; --create creates one.\n"
    for arguments in (("list",), ("revoke", "robot")):
        refused = run("key", *arguments, database=path)
        assert refused.stderr == f"leadbook: There is no database {path}.\n"
    assert os.listdir(tmp_path) == []
    # A file that holds nothing is no database either.
    path.parent.mkdir()
    path.touch()
    assert run("key", "create", "robot", database=path).returncode == 1
    assert path.stat().st_size == 0
    created = run("key", "create", "robot", "--create", database=path)
    assert created.returncode == 0
    assert str(path) in created.stderr
    assert run("key", "create", "other", database=path).returncode == 0
    assert run("key", "list", database=path).stdout.count("active") == 2


def test_odd_name_of_a_key_is_one_line(tmp_path):
    path = tmp_path / "leadbook.db"
    assert invoke("key", "create", "robot", "--create", "--database", path).returncode == 0
    for name in ("\udcff", "a\nb", "", "a" * 101):
        for command in ("create", "revoke"):
            refused = invoke("key", command, name, "--database", path)
            assert_refused(refused, "The name must be 1 to 100 printable characters.")


def test_key_of_the_environment_is_nobody_s(client, new_key):
    # Nothing but the header counts, so that no key ends up in a log of URLs.
    token = new_key()
    assert_unauthorized(client.get("/leads", headers={"X-Api-Key": token}))
    assert "LEADBOOK_API_KEY" not in os.environ
