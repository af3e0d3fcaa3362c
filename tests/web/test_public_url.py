"""PUBLIC_URL: the links of a service behind a proxy that takes a prefix away."""

import http.client
import http.server
import json
import threading
import urllib.request
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from leadbook.app import create_app
from leadbook.testing import running_server

PUBLIC = "https://crm.example.com/leadbook"
LEAD = {"name": "Ada Byron", "email": "ada@engines.test"}
PREFIX = "/leadbook"


@pytest.fixture
def public(tmp_path):
    app = create_app({"DATABASE": tmp_path / "leadbook.db", "PUBLIC_URL": f"{PUBLIC}/"})
    yield app.test_client()
    app.extensions["leadbook"].close()


class Proxy(http.server.BaseHTTPRequestHandler):
    """Takes PREFIX away, and passes the rest on, with its own name for the service."""

    behind = ""

    def do_GET(self):
        if not self.path.startswith(f"{PREFIX}/"):
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = dict(self.headers) | {"Host": self.behind}
        with closing(http.client.HTTPConnection(self.behind, timeout=30)) as connection:
            connection.request(self.command, self.path.removeprefix(PREFIX), body, headers)
            with connection.getresponse() as answer:
                text = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name not in ("Date", "Connection"):
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def do_POST(self):
        self.do_GET()

    def log_message(self, *_):
        pass


@contextmanager
def proxied():
    """Serve behind a proxy; yield the public URL."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        url = f"http://127.0.0.1:{proxy.server_port}{PREFIX}"
        with running_server(PUBLIC_URL=url) as leadbook:
            Proxy.behind = urlsplit(leadbook.url).netloc
            thread = threading.Thread(target=proxy.serve_forever, daemon=True)
            thread.start()
            yield url
            proxy.shutdown()
            thread.join()


def ask(url, body=None, method=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | headers
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read()), answer.headers


@pytest.mark.parametrize("version", ["", "/v1"])
def test_every_link_leads_back_through_the_proxy(version):
    with proxied() as url:
        page = {"Origin": url.removesuffix(PREFIX)}
        made, headers = ask(f"{url}{version}/leads", LEAD, **page)
        assert headers["Location"] == f"{url}{version}/leads/{made['id']}"
        assert ask(headers["Location"])[0] == made
        converted, headers = ask(f"{url}{version}/leads/{made['id']}/convert", method="POST")
        assert ask(headers["Location"])[0] == converted
        ask(f"{url}/leads", LEAD)
        first, headers = ask(f"{url}{version}/leads?limit=1")
        link = headers["Link"][1:].partition(">")[0]
        assert link.startswith(f"{url}{version}/leads?")
        second, _ = ask(link)
        assert second["data"][0]["id"] != first["data"][0]["id"]
        service, _ = ask(f"{url}{version}/")
        document, _ = ask(service["document"])
        assert [each["url"] for each in document["servers"]] == [url, f"{url}/v1"]
        for each in document["servers"]:
            assert ask(f"{each['url']}/leads")[0]["pagination"]["total"] == 2


def test_repeated_request_gets_the_same_link():
    with proxied() as url:
        answers = [ask(f"{url}/leads", LEAD, **{"Idempotency-Key": "once"})[1] for _ in range(2)]
        assert answers[1]["Idempotency-Replayed"] == "true"
        assert answers[0]["Location"] == answers[1]["Location"]


def test_public_url_says_all_of_a_mount_too(tmp_path):
    mounted = create_app({"DATABASE": tmp_path / "leadbook.db", "PUBLIC_URL": PUBLIC})
    host = Flask("host")
    host.wsgi_app = DispatcherMiddleware(host.wsgi_app, {"/inner": mounted})
    client = host.test_client()
    made = client.post("/inner/v1/leads", json=LEAD)
    assert made.headers["Location"] == f"{PUBLIC}/v1/leads/{made.json['id']}"
    assert client.get("/inner").json["docs"] == f"{PUBLIC}/docs"
    mounted.extensions["leadbook"].close()


def test_links_follow_the_request_without_it(client):
    made = client.post("/v1/leads", json=LEAD)
    assert made.headers["Location"] == f"/v1/leads/{made.json['id']}"
    client.post("/leads", json=LEAD)
    link = client.get("/leads?limit=1", headers={"Host": "crm.test:81"}).headers["Link"]
    assert link.startswith("<http://crm.test:81/leads?")


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("https://crm.example.com", 201),
        ("https://CRM.example.com", 201),
        ("http://localhost", 201),
        ("http://crm.example.com", 403),
        ("https://crm.example.com:8443", 403),
        ("https://crm.example.com/leadbook", 403),
        ("https://evil.example", 403),
        ("null", 403),
    ],
)
def test_own_pages_are_those_of_the_public_url_and_of_the_host(public, origin, status):
    answer = public.post("/leads", json=LEAD, headers={"Origin": origin})
    assert answer.status_code == status
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("crm.example.com", 200),
        ("CRM.example.com:443", 200),
        ("inner.test", 200),
        ("crm.test", 400),
    ],
)
def test_host_of_the_public_url_is_trusted_beside_the_others(tmp_path, host, status):
    config = {"DATABASE": tmp_path / "leadbook.db", "TRUSTED_HOSTS": "inner.test"}
    app = create_app(config | {"PUBLIC_URL": PUBLIC})
    assert app.test_client().get("/leads", headers={"Host": host}).status_code == status
    app.extensions["leadbook"].close()


def test_any_host_stays_allowed_if_none_is_named(public):
    assert public.get("/leads", headers={"Host": "other.test"}).status_code == 200


def test_real_server_on_loopback_trusts_its_public_name(start_server, path):
    server = start_server("--database", str(path), "--public-url", PUBLIC)
    netloc = urlsplit(server.url).netloc
    for host, status in (("crm.example.com", 200), (netloc, 200), ("evil.example", 400)):
        assert server.request("GET", "/leads", headers={"Host": host})[0] == status
    assert server.request("GET", "/")[1]["health"] == f"{PUBLIC}/health"
