"""A 415 says what to send instead."""

import json

import pytest

from server import call

LEAD = json.dumps({"name": "Ada", "email": "ada@engines.test"})
JSON = "The Content-Type must be application/json."
FILE = (
    "The Content-Type must be text/csv, application/x-ndjson, application/jsonl, application/json, "
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet, text/vcard, text/x-vcard or "
    "text/directory."
)
FORM = "This is the type of a form; send the fields as a JSON object."
FILE_FORM = "This is the type of a form; send the file itself as the body."
NONE = "The request has none."
COMPRESSED = "The body must not be compressed."


@pytest.mark.parametrize("path", ["/leads", "/v1/clients", "/leads/batch", "/leads/x/convert"])
@pytest.mark.parametrize(
    ("content_type", "message"),
    [
        ("application/x-www-form-urlencoded", f"{JSON} {FORM}"),
        ("Application/X-WWW-Form-Urlencoded; charset=utf-8", f"{JSON} {FORM}"),
        ("multipart/form-data; boundary=x", f"{JSON} {FORM}"),
        ("multipart/form-data", f"{JSON} {FORM}"),
        ("text/plain", JSON),
        ("text/json", JSON),
        ("text/csv", JSON),
        ("application/xml", JSON),
        ("application/json-seq", JSON),
        ("nonsense", JSON),
        ("", f"{JSON} {NONE}"),
        (None, f"{JSON} {NONE}"),
        (";", f"{JSON} {NONE}"),
    ],
)
def test_call_that_takes_json_says_so(client, path, content_type, message):
    for body in (LEAD, "name=Ada", "x"):
        answer = client.post(path, data=body, content_type=content_type)
        assert answer.status_code == 415
        assert answer.json["error"]["message"] == message


@pytest.mark.parametrize("kind", ["leads", "clients"])
@pytest.mark.parametrize(
    ("content_type", "message"),
    [
        ("application/octet-stream", FILE),
        ("application/pdf", FILE),
        ("multipart/form-data; boundary=x", f"{FILE} {FILE_FORM}"),
        ("application/x-www-form-urlencoded", f"{FILE} {FILE_FORM}"),
        ("text/plain", FILE),
        (None, f"{FILE} {NONE}"),
    ],
)
def test_import_says_which_types_it_takes(client, kind, content_type, message):
    answer = client.post(f"/{kind}/import", data=LEAD, content_type=content_type)
    assert answer.status_code == 415
    assert answer.json["error"]["message"] == message


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "GZIP"])
@pytest.mark.parametrize(
    ("path", "content_type"), [("/leads", "application/json"), ("/leads/import", "text/csv")]
)
def test_compressed_body_is_refused_as_such(client, path, content_type, coding):
    headers = {"Content-Type": content_type, "Content-Encoding": coding}
    answer = client.post(path, data=b"\x1f\x8b", headers=headers)
    assert (answer.status_code, answer.json["error"]["message"]) == (415, COMPRESSED)
    headers["Content-Encoding"] = "identity"
    assert client.post(path, data=b"{}", headers=headers).status_code != 415


def test_empty_body_of_a_call_that_needs_none_has_no_type(client, make_lead):
    path = f"/leads/{make_lead()['id']}/convert"
    assert client.post(path, data=b"").status_code == 201
    for content_type in ("application/x-www-form-urlencoded", None):
        answer = client.post("/leads", data=b"", content_type=content_type)
        assert answer.status_code == 415


def test_real_server_says_the_same(server):
    # As curl -d sends it, without a body here.
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    status, body = call(server.url, "/leads", "POST", **headers)
    assert (status, json.loads(body)["error"]["message"]) == (415, f"{JSON} {FORM}")
    status, body = call(server.url, "/leads/import", "POST", **headers)
    assert (status, json.loads(body)["error"]["message"]) == (415, f"{FILE} {FILE_FORM}")
