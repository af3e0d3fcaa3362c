"""Who may read /metrics, and that without the setting there is nothing to read."""

import subprocess
import sys

import pytest
from command import run
from scrapes import REGISTRY, Counter, answered
from waiting import wait_out_midnight

from leadbook.access.gate import OPEN_TO_ALL
from leadbook.access.keys import create_key, revoke_key
from leadbook.app import create_app
from leadbook.settings import SettingError
from server import call

PATHS = ("/metrics", "/v1/metrics")
WITHOUT_LIBRARY = """
import sys
sys.modules["prometheus_client"] = None
from leadbook.cli.main import main
main(["serve", "--metrics", "on", "--port", "0", "--database", sys.argv[1]])
"""
WITHOUT_SETTING = """
import sys
from leadbook.app import create_app
client = create_app({"DATABASE": sys.argv[1]}).test_client()
assert client.get("/metrics").status_code == 404
assert not {"prometheus_client", "leadbook.web.metrics", "leadbook.web.tallies"} & sys.modules.keys()
"""
FORWARDED = [
    {"X-Forwarded-For": "8.8.8.8"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": ""},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "crm.example"},
    {"X-Real-IP": "127.0.0.1"},
    {"Forwarded": "for=_hidden"},
    {"Via": "1.1 proxy"},
]


@pytest.fixture
def open_app(tmp_path):
    """Return what makes an app that serves metrics."""
    apps = []

    def create(**settings):
        apps.append(create_app({"DATABASE": tmp_path / "leadbook.db", "METRICS": "on", **settings}))
        return apps[-1]

    yield create
    for app in apps:
        app.extensions["leadbook"].close()


@pytest.fixture
def client(open_app):
    return open_app().test_client()


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def add_key(client, name, scope="read"):
    with client.application.extensions["leadbook"].use() as database, database.write():
        return create_key(name, scope, None)


def assert_forbidden(answer):
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "FORBIDDEN")
    assert "key create" in answer.json["error"]["message"]


def test_without_the_setting_the_path_is_unknown_and_nothing_is_loaded(tmp_path):
    command = [sys.executable, "-c", WITHOUT_SETTING, str(tmp_path / "leadbook.db")]
    subprocess.run(command, check=True)


def test_setting_without_the_library_is_one_line_and_leaves_no_file(tmp_path):
    path = tmp_path / "leadbook.db"
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIBRARY, str(path)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    expected = "leadbook: METRICS needs a library: pip install 'leadbook[metrics]'.\n"
    assert done.stderr == expected
    assert list(tmp_path.iterdir()) == []


def test_host_without_the_library_gets_the_same_error(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    for name in ("leadbook.web.metrics", "leadbook.routes.metrics"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delattr("leadbook.routes.metrics", raising=False)
    with pytest.raises(SettingError, match=r"pip install 'leadbook\[metrics\]'"):
        create_app({"DATABASE": tmp_path / "leadbook.db", "METRICS": True})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("value", [True, "on", "ON", "true", "yes", "1", 1])
def test_setting_may_be_said_in_many_words(open_app, value):
    assert open_app(METRICS=value).test_client().get("/metrics").status_code == 200


@pytest.mark.parametrize("value", [False, "off", "False", "no", "0", 0])
def test_setting_may_be_refused_in_many_words(open_app, value):
    assert open_app(METRICS=value).test_client().get("/metrics").status_code == 404


@pytest.mark.parametrize("value", ["", "maybe", None, 2, " on"])
def test_other_words_are_refused(open_app, value):
    with pytest.raises(SettingError, match="METRICS must be on or off"):
        open_app(METRICS=value)


@pytest.mark.parametrize("scope", ["read", "write"])
@pytest.mark.parametrize("path", PATHS)
def test_any_valid_key_reads_them_from_anywhere(client, scope, path):
    token = add_key(client, "prometheus", scope)
    far = {"REMOTE_ADDR": "192.0.2.7"}
    headers = bearer(token) | {"X-Forwarded-For": "8.8.8.8"}
    answer = client.get(path, headers=headers, environ_base=far)
    assert answer.status_code == 200
    assert answered(answer.text) == 0


def test_other_keys_and_none_are_refused_even_on_this_machine(client):
    token = add_key(client, "prometheus")
    with client.application.extensions["leadbook"].use() as database, database.write():
        revoke_key("prometheus")
    for headers in ({}, bearer(token), bearer("leadbook_guess"), {"Authorization": "Basic YTpi"}):
        for answer in (client.get("/metrics", headers=headers), client.head("/metrics")):
            assert answer.status_code == 401
        assert client.get("/metrics", headers=headers).json["error"]["code"] == "UNAUTHORIZED"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_without_a_key_programs_on_this_machine_read_them(client, address):
    answer = client.get("/metrics", environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "address", ["192.168.1.20", "10.0.0.1", "8.8.8.8", "::", "fe80::1", "", "x"]
)
def test_without_a_key_other_machines_are_refused(client, address, path):
    far = {"REMOTE_ADDR": address}
    assert_forbidden(client.get(path, environ_base=far))
    assert client.get("/leads", environ_base=far).status_code == 200


@pytest.mark.parametrize("headers", FORWARDED, ids=str)
def test_without_a_key_what_a_proxy_forwards_is_refused(client, headers):
    assert_forbidden(client.get("/metrics", headers=headers))


def test_without_a_key_proxies_or_an_open_service_close_them(open_app):
    behind = open_app(PROXY_HOPS=1).test_client()
    assert_forbidden(behind.get("/metrics"))
    assert_forbidden(behind.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}))
    on_purpose = open_app()
    on_purpose.extensions[OPEN_TO_ALL] = True
    assert_forbidden(on_purpose.test_client().get("/metrics"))
    assert on_purpose.test_client().get("/leads").status_code == 200


def test_untrusted_host_is_refused_first(open_app):
    client = open_app(TRUSTED_HOSTS="crm.example").test_client()
    answer = client.get("/metrics", headers={"Host": "evil.example"})
    assert answer.json["error"]["code"] == "UNTRUSTED_HOST"


def test_open_server_needs_a_key_for_them(start_server, path):
    server = start_server("--database", str(path), "--host", "0.0.0.0", "--open", "--metrics", "on")
    url = server.url.replace("0.0.0.0", "127.0.0.1")
    assert call(url, "/leads")[0] == 200
    assert call(url, "/metrics")[0] == 403
    token = run("key", "create", "prometheus", "--scope", "read", "--database", path).stdout.strip()
    assert call(url, "/metrics")[0] == 401
    status, page = call(url, "/metrics", **bearer(token))
    assert status == 200
    assert answered(page.decode(), route="/metrics", status="403") == 1


def test_rate_limit_counts_them(open_app):
    wait_out_midnight()
    client = open_app(RATE_LIMIT="2/day").test_client()
    answers = [client.get("/metrics") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json["error"]["code"] == "RATE_LIMITED"


def test_calls_other_than_get_and_unknown_parameters_are_refused(client):
    answer = client.post("/metrics", json={})
    assert (answer.status_code, answer.json["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    answer = client.get("/metrics?name[]=up")
    assert (answer.status_code, answer.json["error"]["code"]) == (400, "VALIDATION_ERROR")
    assert client.get("/metrics/").status_code == 404


def test_public_document_does_not_name_them(client):
    assert "/metrics" not in client.get("/openapi.json").json["paths"]


def test_library_of_the_host_may_be_in_use_too(open_app):
    # In the registry of the whole process, under a name of ours.
    registered = Counter("leadbook_http_requests", "The host counts, too.", registry=REGISTRY)
    try:
        registered.inc(7)
        for _ in range(2):
            assert answered(open_app().test_client().get("/metrics").text) == 0
    finally:
        REGISTRY.unregister(registered)
