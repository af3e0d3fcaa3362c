"""Large bodies over the network: files are taken, others are not even read."""

import errno
import http.client
import json
from contextlib import closing, suppress
from urllib.parse import urlsplit

import pytest
from exports import LIST

from leadbook.web import bodies, exports

HEADER = "name,email,notes\n"
ROWS = "".join(f"Name {number},n{number}@a.test,{'x' * 2_000}\n" for number in range(5_000))


@pytest.fixture
def send(leadbook):
    def send(path, body, media_type="text/csv", method="POST", **headers):
        connection = http.client.HTTPConnection(urlsplit(leadbook.url).netloc, timeout=120)
        with closing(connection):
            # Refused before all of it was sent; the answer lies there.
            with suppress(ConnectionError):
                connection.request(method, path, body, {"Content-Type": media_type} | headers)
            with connection.getresponse() as answer:
                text = answer.read().decode()
        is_json = answer.headers["Content-Type"] == "application/json"
        return answer.status, json.loads(text) if is_json else text

    return send


@pytest.mark.long
def test_file_of_ten_megabytes_is_taken(send, leadbook):
    body = (HEADER + ROWS).encode()
    assert len(body) > 9 * 1024 * 1024
    status, report = send("/leads/import", body)
    assert (status, report["created"]) == (200, 5_000)
    assert leadbook.client.get("/leads?limit=1").json["pagination"]["total"] == 5_000
    assert send("/v1/leads/import?dryRun=true", body)[1]["created"] == 5_000


def test_file_of_more_than_fifty_mebibytes_is_refused_in_the_envelope(send, leadbook):
    # Before any of it is sent.
    status, answer = send("/leads/import", b"", **{"Content-Length": str(50 * 1024 * 1024 + 1)})
    assert (status, answer["error"]["code"]) == (413, "BODY_TOO_LARGE")
    chunks = (b"x" * 1024 * 1024 for _ in range(51))
    status, answer = send("/leads/import", chunks)
    assert (status, answer["error"]["code"]) == (413, "BODY_TOO_LARGE")
    assert leadbook.leads() == []


def test_other_calls_do_not_even_take_it_in(send, leadbook):
    with closing(
        http.client.HTTPConnection(urlsplit(leadbook.url).netloc, timeout=30)
    ) as connection:
        connection.putrequest("POST", "/leads")
        connection.putheader("Content-Length", str(9 * 1024 * 1024))
        connection.endheaders()
        # Answered, by the parser, before any of the body has come.
        with connection.getresponse() as answer:
            assert answer.status == 413
    status, answer = send("/leads", b"x" * 300_000, "application/json")
    assert (status, answer["error"]["code"]) == (413, "BODY_TOO_LARGE")


def test_file_may_come_in_chunks(send):
    status, report = send("/leads/import", iter([LIST[:100].encode(), LIST[100:].encode()]))
    assert (status, report["created"]) == (200, 4)


@pytest.mark.parametrize(
    "path", ["/leads/batch", "/leads/import", "/clients/batch", "/clients/import"]
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_name_of_a_call_is_no_id(leadbook, path, method):
    answer = leadbook.client.open(path, method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")


def test_record_of_another_name_is_looked_for(leadbook):
    for name in ("batches", "imports", "export ", "x"):
        assert leadbook.client.get(f"/leads/{name}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/leads/import"),
        ("POST", "/leads/import?dryRun=true"),
        ("GET", "/leads/export"),
    ],
)
@pytest.mark.parametrize("is_gone", [False, True])
def test_temporary_folder_without_room_is_a_503(client, monkeypatch, method, path, is_gone):
    class Full:
        def write(self, _part):
            raise OSError(errno.ENOSPC, "No space left on device")

        def __enter__(self):
            return self

        def __exit__(self, *_):
            """Close."""

    def make():
        if is_gone:
            raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")
        return Full()

    client.post("/leads", json={"name": "Ada", "email": "a@a.test"})
    monkeypatch.setattr(exports, "_IN_MEMORY", 10)
    for module in (bodies, exports):
        monkeypatch.setattr(module, "temporary_file", make)
    answer = client.open(
        path, method=method, data="name,email\nA,a@b.test\n", content_type="text/csv"
    )
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "STORAGE_UNAVAILABLE")
    assert answer.headers["Retry-After"]
