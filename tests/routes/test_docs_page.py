"""The page to read and try the API, and the document."""

import gzip
import re
from urllib.parse import urljoin, urlsplit

import pytest

from leadbook.access.keys import create_key
from server import call

FILES = ["/docs", "/docs/docs.js", "/docs/swagger-ui.css", "/openapi.json"]


@pytest.mark.parametrize("prefix", ["", "/v1"])
def test_page_loads_everything_from_here(client, prefix):
    with client.get(f"{prefix}/docs") as page:
        assert page.content_type == "text/html; charset=utf-8"
        text = page.text
    links = re.findall(r'(?:src|href)="([^"]+)"', text.replace("data:,", ""))
    assert len(links) == 3
    for link in links:
        assert not urlsplit(link).netloc
        assert not link.startswith("/")
        with client.get(urljoin(f"http://localhost{prefix}/docs", link)) as asset:
            assert asset.status_code == 200


def test_page_runs_under_a_strict_policy(client):
    with client.get("/docs") as page:
        policy = page.headers["Content-Security-Policy"]
        assert "<script>" not in page.text
        assert " style=" not in page.text
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "http" not in policy


def test_own_script_names_no_other_host(client):
    with client.get("/docs/docs.js") as script:
        assert script.content_type.startswith("text/javascript")
        assert "//" not in re.sub(r"^\s*//.*$", "", script.text, flags=re.MULTILINE)
        assert 'url: "openapi.json"' in script.text


@pytest.mark.parametrize("asset", ["nope.js", "..", "index.css", "%2e%2e%2fapp.py", "docs.html"])
def test_nothing_else_is_served(client, asset):
    answer = client.get(f"/docs/{asset}")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "NOT_FOUND")


def marked_files(client):
    with client.get("/docs") as page:
        return [f"/{link}" for link in re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text)]


@pytest.mark.parametrize("prefix", ["", "/v1"])
@pytest.mark.parametrize("path", FILES)
@pytest.mark.parametrize("coding", ["gzip", "identity"])
def test_file_that_the_caller_has_is_not_sent_again(client, prefix, path, coding):
    headers = {"Accept-Encoding": coding}
    first = client.get(prefix + path, headers=headers)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "no-cache"
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        for ask in (client.get, client.head):
            again = ask(prefix + path, headers=headers | {"If-None-Match": known})
            assert (again.status_code, again.data) == (304, b"")
            for name in ("ETag", "Vary", "Cache-Control"):
                assert again.headers[name] == first.headers[name]
            assert "Content-Type" not in again.headers
    for unknown in ('"other"', "", '"'):
        again = client.get(prefix + path, headers=headers | {"If-None-Match": unknown})
        assert (again.status_code, again.data) == (200, first.data)


@pytest.mark.parametrize("path", FILES)
def test_file_comes_compressed_to_those_who_take_it(client, path):
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    small = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert small.headers["ETag"] != plain.headers["ETag"]
    for answer, accepted in ((plain, "identity"), (small, "gzip")):
        assert answer.headers["Vary"] == "Accept-Encoding"
        head = client.head(path, headers={"Accept-Encoding": accepted})
        assert int(head.headers["Content-Length"]) == len(answer.data)
        assert head.headers["ETag"] == answer.headers["ETag"]


@pytest.mark.parametrize(
    ("accepted", "is_compressed"),
    [
        (None, False),
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("gzip, deflate, br, zstd", True),
        ("*", True),
        ("br;q=1, gzip;q=0.2", True),
        ("gzip;q=0", False),
        ("*, gzip;q=0", False),
        ("br, *;q=0", False),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0.5, gzip", True),
        ("identity;q=0", False),
        ("br", False),
        ("gzip;q=nonsense", False),
        (",;=,", False),
    ],
)
def test_caller_decides_about_compression(client, accepted, is_compressed):
    headers = {} if accepted is None else {"Accept-Encoding": accepted}
    answer = client.get("/docs/swagger-ui.css", headers=headers)
    assert answer.status_code == 200
    assert ("Content-Encoding" in answer.headers) == is_compressed


def test_page_takes_less_than_a_third_of_its_size(client):
    sizes = {
        coding: sum(
            len(client.get(path, headers={"Accept-Encoding": coding}).data)
            for path in ["/docs", *marked_files(client)]
        )
        for coding in ("identity", "gzip")
    }
    assert sizes["gzip"] < sizes["identity"] / 3


def test_file_with_a_fingerprint_is_kept_for_ever(client):
    marked = marked_files(client)
    assert len(marked) == 3
    for path in marked:
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        plain = re.sub(r"\.[0-9a-f]{16}\.", ".", path)
        assert plain != path
        assert answer.data == client.get(plain).data
        known = {"If-None-Match": answer.headers["ETag"]}
        assert client.get(path, headers=known).status_code == 304


def test_other_fingerprint_is_not_found_and_not_kept(client):
    for path in marked_files(client):
        wrong = re.sub(r"\.[0-9a-f]{16}\.", ".0123456789abcdef.", path)
        twice = re.sub(r"(\.[0-9a-f]{16})\.", r"\1\1.", path)
        for each in (wrong, twice, path.upper(), f"{path}.0123456789abcdef"):
            answer = client.get(each)
            assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")


def test_files_are_public(app, client):
    with app.extensions["leadbook"].use() as database, database.write():
        create_key("page", "write", None)
    assert [client.get(path).status_code for path in FILES] == [200] * len(FILES)


def test_records_are_not_compressed_and_nobody_else_keeps_them(client, make_lead):
    path = f"/leads/{make_lead()['id']}"
    kept = {path: "private, no-cache", "/leads": "private, no-cache"}
    for each in (path, "/leads", "/health", "/"):
        answer = client.get(each, headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Cache-Control"] == kept.get(each, "no-store")
        assert "Content-Encoding" not in answer.headers


def test_real_server_sends_and_names_the_same_bytes(server):
    _, body = call(server.url, "/docs/swagger-ui-bundle.js", **{"Accept-Encoding": "gzip"})
    assert len(gzip.decompress(body)) > 1_000_000
    for path in FILES:
        assert call(server.url, path, "HEAD") == (200, b"")
        assert call(server.url, path, **{"If-None-Match": "*"}) == (304, b"")


def test_every_process_gives_the_document_the_same_tag(start_server, path, tmp_path):
    first, second = (start_server("--database", str(tmp_path / each)) for each in "ab")
    assert call(first.url, "/openapi.json") == call(second.url, "/openapi.json")
