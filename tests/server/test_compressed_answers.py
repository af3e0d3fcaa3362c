"""Compressed answers of a real server, as http.client and curl receive them."""

import gzip
import json
import re
import subprocess
from contextlib import closing
from http.client import HTTPConnection
from shutil import which
from urllib.parse import urlsplit

import pytest
from flask import Response, request
from served import served

from leadbook.access.fronting import LATER, Later
from server import Server

JSON = {"Content-Type": "application/json"}
CSV = {"Content-Type": "text/csv"}
ZIPPED = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}
LONG = "Met at the fair. " * 100
ROWS = "name,email\n" + "Ada,nowhere\n" * 30
# What differs between two answers to the same request.
CHANCE = re.compile(rb'"requestId":"[^"]+"')
# Those of a server whose first lead is long; the last have short answers.
REQUESTS = {
    "list": ("GET", "/leads?limit=100", None),
    "one": ("GET", "/leads/{id}", None),
    "history": ("GET", "/leads/{id}/history", None),
    "events": ("GET", "/events", None),
    "document": ("GET", "/openapi.json", None),
    "errors": ("POST", "/leads/batch", {"create": [{}] * 50}),
    "change": ("PATCH", "/leads/{id}", {"notes": LONG}),
    "capture": ("POST", "/leads?onDuplicate=skip", {"name": "A", "email": "ada0@engines.test"}),
    "import": ("POST", "/leads/import?dryRun=true", ROWS),
    "batch": ("POST", "/leads/batch", lambda ids: {"update": [{"id": each} for each in ids]}),
    "few": ("GET", "/leads?limit=1", None),
    "nobody": ("GET", "/leads/nobody", None),
}
SHORT = ("few", "nobody")


def ask(server, method, path, body, headers):
    """Send a request; return status, headers, and the bytes as they come."""
    headers = (CSV if isinstance(body, str) else JSON) | headers
    payload = json.dumps(body) if isinstance(body, dict) else body
    with closing(HTTPConnection(urlsplit(server.url).netloc, timeout=30)) as connection:
        connection.request(method, path, payload, headers)
        with connection.getresponse() as answer:
            return answer.status, answer.headers, answer.read()


@pytest.fixture(scope="module")
def long_list(tmp_path_factory):
    """A server with leads, and the ids of all; the first is long."""
    path = tmp_path_factory.mktemp("compressed") / "leadbook.db"
    server = Server("--database", str(path), "--compress", "on")
    bodies = [{"name": "Ada", "email": f"ada{number}@engines.test"} for number in range(40)]
    bodies[0]["notes"] = LONG
    status, made = server.request("POST", "/leads/batch", {"create": bodies})
    assert status == 200
    yield server, made["created"]
    server.end()


@pytest.mark.parametrize("name", REQUESTS)
def test_unzipped_answer_is_the_plain_one(long_list, name):
    server, ids = long_list
    method, path, body = REQUESTS[name]
    path = path.format(id=ids[0])
    body = body(ids) if callable(body) else body
    status, told, plain = ask(server, method, path, body, PLAIN)
    assert (told["Content-Encoding"], told["Vary"]) == (None, "Accept-Encoding")
    assert (len(plain) > 1024) == (name not in SHORT)
    # Twice: the loop of the server may give the second answer.
    for _ in range(2):
        again, zipped, small = ask(server, method, path, body, ZIPPED)
        assert (again, zipped["Vary"]) == (status, "Accept-Encoding")
        assert int(zipped["Content-Length"]) == len(small)
        assert zipped["Content-Encoding"] == (None if name in SHORT else "gzip")
        if name not in SHORT:
            assert len(small) < len(plain) * 0.7
            small = gzip.decompress(small)
        assert CHANCE.sub(b"", small) == CHANCE.sub(b"", plain)


@pytest.mark.parametrize("name", [name for name in REQUESTS if REQUESTS[name][0] == "GET"])
def test_head_has_the_headers_of_the_answer(long_list, name):
    server, ids = long_list
    path = REQUESTS[name][1].format(id=ids[0])
    for accepted in (ZIPPED, PLAIN):
        _, told, _ = ask(server, "GET", path, None, accepted)
        _, head, nothing = ask(server, "HEAD", path, None, accepted)
        assert nothing == b""
        for each in ("Content-Length", "Content-Encoding", "Vary", "ETag", "Content-Type"):
            assert head[each] == told[each], each


@pytest.mark.skipif(which("curl") is None, reason="curl is not installed")
def test_curl_reads_it(long_list):
    server, _ = long_list
    url = f"{server.url}/leads?limit=100"
    plain, zipped = (
        subprocess.run(["curl", "-sS", *options, url], capture_output=True, check=True, timeout=60)
        for options in ((), ("--compressed",))
    )
    assert zipped.stdout == plain.stdout
    assert len(json.loads(plain.stdout)["data"]) == 40


def test_answer_that_the_server_may_replace_stays_as_it_is(path):
    body, better = (json.dumps(LONG + end).encode() for end in (".", "!"))
    with served(path, COMPRESS="on") as (front, _):

        @front.app.get("/awaited")
        def await_better():
            request.environ[LATER] = Later(30, lambda: better)
            return Response(body, mimetype="application/json")

        host, port = front._listener.getsockname()
        with closing(HTTPConnection(host, port, timeout=30)) as connection:
            connection.request("GET", "/awaited", headers=ZIPPED)
            with connection.getresponse() as answer:
                assert answer.headers["Content-Encoding"] is None
                assert answer.read() == better
