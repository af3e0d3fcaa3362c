"""Another WSGI server sends the same answers as our own: status, headers and bytes."""

import re
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from threading import Thread
from urllib.parse import urlsplit

import pytest
from waitress.server import create_server

from leadbook.app import create_app

APP = "https://app.example"
PUBLIC = "https://crm.example.com/leadbook"
LEAD = '{"name": "Ada", "email": "ada@engines.test"}'
JSON = {"Content-Type": "application/json"}
ZIPPED = {"Accept-Encoding": "gzip"}
PREFLIGHT = {"Origin": APP, "Access-Control-Request-Method": "PUT"}
REQUESTS = [
    ("GET", "/", {}),
    ("HEAD", "/v1", {}),
    ("GET", "/docs", ZIPPED),
    ("HEAD", "/docs/swagger-ui.css", ZIPPED),
    ("HEAD", "/docs/swagger-ui.css", {}),
    ("GET", "/docs/swagger-ui.css", ZIPPED),
    ("GET", "/openapi.json", {}),
    ("GET", "/openapi.json", {"If-None-Match": "*"}),
    ("HEAD", "/docs/docs.js", ZIPPED | {"If-None-Match": "*"}),
    ("GET", "/docs/nothing.js", {}),
    ("OPTIONS", "/leads/x", PREFLIGHT),
    ("OPTIONS", "/nothing", PREFLIGHT),
    ("OPTIONS", "/leads", {}),
    ("POST", "/leads", JSON),
    ("POST", "/v1/leads", JSON | {"Origin": "https://crm.example.com"}),
    ("POST", "/leads", JSON | {"Origin": "https://evil.example"}),
    ("POST", "/leads", {"Content-Type": "application/x-www-form-urlencoded"}),
    ("POST", "/leads", {}),
    ("POST", "/leads/import", JSON),
    ("POST", "/leads?onduplicate=skip", JSON),
    ("GET", "/leads?limt=1", {}),
    ("GET", "/leads?limit=1", {}),
    ("GET", "/health", {"Host": "monitor.example"}),
    ("GET", "/leads", {"Host": "monitor.example"}),
]
SETTINGS = {
    "CORS_ORIGINS": APP,
    "CORS_HEADERS": "traceparent",
    "PUBLIC_URL": PUBLIC,
    "TRUSTED_HOSTS": "127.0.0.1",
}


@contextmanager
def waitress(path):
    app = create_app({"DATABASE": path, **SETTINGS})
    server = create_server(app, host="127.0.0.1", port=0)

    def serve():
        # To close it from here takes a socket away that it waits for.
        with suppress(OSError):
            server.run()

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(timeout=30)
        app.extensions["leadbook"].close()


def ask(url, method, path, headers):
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=30)) as connection:
        connection.request(method, path, LEAD if method == "POST" else None, headers)
        answer = connection.getresponse()
        body = answer.read()
    # Its own, or those of the connection.
    left_out = ("date", "server", "via", "connection", "transfer-encoding", "keep-alive")
    found = {name.lower(): value for name, value in answer.getheaders()}
    # The order in the set of methods is by chance.
    found["allow"] = sorted(found.get("allow", "").split(", "))
    shown = {name: value for name, value in found.items() if name not in left_out}
    if "json" in found.get("content-type", "") and path != "/openapi.json":
        body = without_chance(body.decode())
    return answer.status, {name: without_chance(str(shown[name])) for name in shown}, body


def without_chance(text):
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "<id>", text)
    # That of a list has the time of the last write.
    text = re.sub(r'W/"[^"]+"', "<tag>", text)
    text = re.sub(r"cursor=[^&>]+|\"next\":\"[^\"]+", "<cursor>", text)
    return re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "<time>", text)


@pytest.fixture
def front(start_server, tmp_path):
    options = [
        part
        for name, value in SETTINGS.items()
        for part in (f"--{name.lower().replace('_', '-')}", value)
    ]
    return start_server("--database", str(tmp_path / "front.db"), *options)


def test_another_server_sends_the_same(front, tmp_path):
    with waitress(tmp_path / "waitress.db") as url:
        for request in REQUESTS:
            assert ask(front.url, *request) == ask(url, *request), request
