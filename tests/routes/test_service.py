"""The first thing that a browser sees: where things are."""

from importlib.metadata import version
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from leadbook.access.keys import create_key
from leadbook.app import create_app
from server import call


@pytest.mark.parametrize(("path", "mount"), [("/", ""), ("", ""), ("/v1", "/v1"), ("/v1/", "/v1")])
@pytest.mark.parametrize("accept", ["*/*", "text/html,application/xhtml+xml,*/*;q=0.8"])
def test_root_says_where_things_are(client, path, mount, accept):
    answer = client.get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json == {
        "name": "Leadbook",
        "version": version("leadbook"),
        "docs": f"{mount}/docs",
        "document": f"{mount}/openapi.json",
        "health": f"{mount}/health",
    }


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_its_links_lead_there(client, prefix):
    service = client.get(f"{prefix}/").json
    for name in ("docs", "document", "health"):
        assert client.get(service[name]).status_code == 200
    assert client.get(service["document"]).json["openapi"]
    assert client.get(service["health"]).json["version"] == service["version"]


def test_links_keep_the_prefix_of_a_mount(tmp_path):
    host = Flask("host")
    mounted = create_app({"DATABASE": tmp_path / "leadbook.db"})
    host.wsgi_app = DispatcherMiddleware(host.wsgi_app, {"/my crm": mounted})
    client = host.test_client()
    for path in ("/my%20crm", "/my%20crm/", "/my%20crm/v1"):
        service = client.get(path).json
        assert service["docs"].startswith("/my%20crm/")
        assert client.get(service["health"]).json["status"] == "ok"
    mounted.extensions["leadbook"].close()


def test_root_takes_only_what_it_knows(client):
    assert client.post("/").status_code == 405
    assert client.post("/").headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.get("/?x=1").status_code == 400


def test_root_needs_no_key(app, client):
    with app.extensions["leadbook"].use() as database, database.write():
        create_key("page", "write", None)
    assert client.get("/leads").status_code == 401
    assert client.get("/").status_code == 200
    head = client.head("/")
    assert (head.status_code, head.data) == (200, b"")
    assert head.headers["Content-Length"] == client.get("/").headers["Content-Length"]


def test_real_server_answers_at_its_root(server):
    assert call(server.url, "/")[0] == 200
    assert call(server.url, "", "HEAD") == (200, b"")
    assert call(server.url, "/", Host="evil.example")[0] == 400
    assert urlsplit(server.url).path == ""
