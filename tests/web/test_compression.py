"""JSON answers over 1 KiB are compressed if the setting says so and the caller accepts it."""

import gzip
from contextlib import closing
from functools import partial
from itertools import product
from shutil import copy

import pytest
from flask import Response

from leadbook.app import create_app
from leadbook.storage.idempotency import StoredAnswer

ZIPPED = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}
LONG = "Met at the fair. " * 100
ROWS = "name,email\n" + "Ada,nowhere\n" * 30


def create(path, **settings):
    return create_app({"DATABASE": path, "COMPRESS": "on", **settings})


@pytest.fixture
def app(path, new_file):
    copy(new_file, path)
    app = create(path)
    with closing(app.extensions["leadbook"]):
        yield app


@pytest.fixture
def place(make_lead):
    """The path of a lead that is long enough."""
    return f"/leads/{make_lead(notes=LONG)['id']}"


def unzipped(answer):
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.data) < 1024
    return gzip.decompress(answer.data)


def test_more_than_1024_bytes_are_compressed(client, make_lead):
    lead = make_lead(notes="x")
    rest = len(client.get(f"/leads/{lead['id']}").data) - 1
    for size in (1024, 1025):
        lead = make_lead(notes="x" * (size - rest))
        plain = client.get(f"/leads/{lead['id']}")
        assert len(plain.data) == size
        answer = client.get(f"/leads/{lead['id']}", headers=ZIPPED)
        assert ("Content-Encoding" in answer.headers) == (size == 1025)
        assert answer.headers["ETag"] == ('"1-gzip"' if size == 1025 else '"1"')
        assert answer.headers["Vary"] == "Accept-Encoding"


def accepted():
    """Yield values of Accept-Encoding, some of them malformed."""
    words = (
        "gzip",
        "GZIP",
        "x-gzip",
        "*",
        "br",
        "identity",
        "deflate",
        "",
        "gzip gzip",
        "\xe9",
        ";",
    )
    qualities = ("", ";q=0", ";q=0.0", ";q=0.5", ";q=1", ";q=x", ";q=", ";q=-1", ";q=7", ";;")
    yield from map("".join, product(words, qualities))
    each = [*map("".join, product(("gzip", "identity", "*", "br"), qualities[:5]))]
    yield from map(", ".join, product(each, repeat=2))


def test_records_and_files_agree_on_what_the_caller_takes(client, place):
    seen = set()
    for value in accepted():
        headers = {"Accept-Encoding": value}
        file, record = (client.get(each, headers=headers) for each in ("/docs/docs.js", place))
        assert (file.status_code, record.status_code) == (200, 200), value
        is_compressed = "Content-Encoding" in record.headers
        assert is_compressed == ("Content-Encoding" in file.headers), value
        seen.add(is_compressed)
    assert seen == {True, False}


def test_repeated_answer_is_compressed_for_those_who_take_it(app, client):
    body = {"name": "Ada", "email": "ada@engines.test", "notes": LONG}
    send = partial(client.post, "/leads", json=body)
    headers = {"Idempotency-Key": "k"}
    first = send(headers=headers | ZIPPED)
    with app.extensions["leadbook"].use():
        stored = StoredAnswer.get()
        assert (bytes(stored.body), stored.etag) == (unzipped(first), '"1"')
    plain, zipped = send(headers=headers | PLAIN), send(headers=headers | ZIPPED)
    assert plain.data == unzipped(zipped) == unzipped(first)
    assert (plain.headers["ETag"], zipped.headers["ETag"]) == ('"1"', '"1-gzip"')
    for answer in (plain, zipped):
        assert answer.headers["Idempotency-Replayed"] == "true"
        assert answer.headers["Location"] == first.headers["Location"]


def test_repeated_import_is_compressed_for_those_who_take_it(client):
    send = partial(client.post, "/leads/import", data=ROWS, content_type="text/csv")
    headers = {"Idempotency-Key": "k"}
    answers = [send(headers=headers | each) for each in (ZIPPED, PLAIN, ZIPPED)]
    assert unzipped(answers[0]) == answers[1].data == unzipped(answers[2])
    assert "Idempotency-Replayed" in answers[2].headers


def test_other_answers_stay_as_they_are(client, place):
    for _ in range(20):
        client.post("/leads", json={"name": "Ada", "email": "ada@engines.test", "notes": LONG})
    for path in ("/leads/export?format=csv", "/leads/export?format=jsonl"):
        plain, asked = client.get(path), client.get(path, headers=ZIPPED)
        assert asked.data == plain.data
        assert not {"Content-Encoding", "Vary"} & set(dict(asked.headers))
    stream = client.get("/events", headers=ZIPPED | {"Accept": "text/event-stream"})
    assert stream.data.startswith(b"retry:")
    assert "Content-Encoding" not in stream.headers
    erased = client.delete(place, headers=ZIPPED)
    assert (erased.status_code, erased.data) == (204, b"")
    assert not {"Content-Encoding", "Content-Type", "Vary"} & set(dict(erased.headers))
    with client.get("/docs", headers=ZIPPED) as page:
        # Once only.
        assert gzip.decompress(page.data).startswith(b"<!DOCTYPE html>")


def test_answer_depends_on_the_origin_too(path, new_file):
    copy(new_file, path)
    app = create(path, CORS_ORIGINS="https://app.example")
    with closing(app.extensions["leadbook"]):
        answer = app.test_client().get("/leads", headers=ZIPPED)
    assert set(answer.vary) == {"Accept-Encoding", "Origin"}


def test_stream_of_a_host_stays_as_it_is(app, client):
    @app.get("/streamed")
    def stream():
        return Response(iter([b"[", b"0" * 2000, b"]"]), mimetype="application/json")

    answer = client.get("/streamed", headers=ZIPPED)
    assert "Content-Encoding" not in answer.headers
    assert len(answer.data) == 2002


def test_without_the_setting_nothing_is_compressed(path, new_file):
    copy(new_file, path)
    app = create_app({"DATABASE": path})
    with closing(app.extensions["leadbook"]):
        client = app.test_client()
        body = {"name": "Ada", "email": "ada@engines.test", "notes": LONG}
        place = client.post("/leads", json=body, headers=ZIPPED).headers["Location"]
        for each in ("/leads", place, f"{place}/history"):
            answer = client.get(each, headers=ZIPPED)
            assert len(answer.data) > 1024
            assert not {"Content-Encoding", "Vary"} & set(dict(answer.headers))
