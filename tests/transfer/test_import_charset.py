"""The charset that the sender of a file names, against what the file is."""

from encodings.aliases import aliases

import pytest
from repeated_posts import total

CSV = "name,email\nZoë,zoe@engines.example\n"
JSONL = '{"name": "Zoë", "email": "zoe@engines.example"}\n'


def send(leadbook, data, charset, kind="text/csv", **headers):
    content_type = f"{kind}; charset={charset}"
    return leadbook.client.post(
        "/leads/import", data=data, content_type=content_type, headers=headers
    )


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("utf-8", "utf-8"), ("UTF8", "utf-8-sig"), ("us-ascii", "utf-8"), ("utf-8", "cp1252"), ("utf-8", "utf-16"),
        ("iso-8859-1", "latin-1"), ('"ISO-8859-15"', "iso-8859-15"), ("windows-1252", "cp1252"), ("ISO_8859-1:1987", "latin-1"),
        ("utf-16", "utf-16"), ("utf-16le", "utf-16-le"), ("utf-16be", "utf-16-be"), ("UTF-16", "utf-16-le"),
        ("macintosh", "mac-roman"), ("ibm850", "cp850"), ("gb18030", "gb18030"), ("", "utf-8"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(("text", "kind"), [(CSV, "text/csv"), (JSONL, "application/x-ndjson")])
def test_named_charset_is_honoured(leadbook, charset, encoding, text, kind):
    answer = send(leadbook, text.encode(encoding), charset, kind)
    assert answer.status_code == 200, answer.json
    assert [lead["name"] for lead in leadbook.leads()] == ["Zoë"]


@pytest.mark.parametrize(
    ("charset", "name"), [("shift_jis", "花子"), ("koi8-r", "Зоя"), ("windows-1251", "Зоя")]
)
def test_charset_that_no_detection_finds_is_honoured(leadbook, charset, name):
    text = f"name,email\n{name},zoe@engines.example\n"
    assert send(leadbook, text.encode(charset), charset).status_code == 200
    assert [lead["name"] for lead in leadbook.leads()] == [name]


def test_bytes_that_are_two_things_are_what_the_sender_says(leadbook):
    assert send(leadbook, CSV.encode(), "iso-8859-1").status_code == 200
    assert [lead["name"] for lead in leadbook.leads()] == ["ZoÃ«"]


@pytest.mark.parametrize(
    "charset",
    ["nonsense", "base64", "rot13", "hex", "zlib", "x" * 1000, "../../etc", "utf-8-and-more"],
)
def test_unknown_charset_is_refused(leadbook, charset):
    answer = send(leadbook, CSV.encode(), charset)
    assert answer.status_code == 400
    [detail] = answer.json["error"]["details"]
    assert detail["field"] == "body"
    assert "UTF-8" in detail["message"]
    assert len(detail["message"]) < 200
    assert leadbook.leads() == []


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [
        ("utf-16", "utf-8"),
        ("utf-32", "utf-8"),
        ("iso-8859-1", "utf-8-sig"),
        ("utf-16be", "utf-16"),
        ("cp1252", "utf-16"),
    ],
)
def test_charset_that_the_mark_of_the_file_contradicts_is_refused(leadbook, charset, encoding):
    answer = send(leadbook, CSV.encode(encoding), charset)
    assert answer.status_code == 400
    assert "but the file is utf-" in answer.json["error"]["details"][0]["message"]
    assert total(leadbook.client) == 0


def test_bytes_outside_the_named_charset_are_rejected_row_by_row(leadbook):
    data = CSV.encode() + b"Bo,bo@engines.example\nX\x81,x@engines.example\n"
    report = send(leadbook, data, "cp932").json
    assert report["rejected"] >= 1
    assert [lead["name"] for lead in leadbook.leads()][-1] == "Bo"


@pytest.mark.parametrize("charset", sorted(set(aliases.values())))
def test_bytes_that_no_charset_allows_fail_no_request(leadbook, charset):
    text = CSV.replace("ë", "e").encode()
    # Half of a character before an ASCII one, and at the end.
    data = text + b"".join(b"a" + bytes((each,)) for each in range(256)) + b"\x1b$B\x81"
    assert send(leadbook, data, charset).status_code in (200, 400)
    assert send(leadbook, data[:-1], charset).status_code in (200, 400)


def test_same_key_with_another_charset_is_another_request(leadbook):
    data = CSV.encode("latin-1")
    assert send(leadbook, data, "iso-8859-1", Idempotency_Key="k").status_code == 200
    repeated = send(leadbook, data, "iso-8859-1", Idempotency_Key="k")
    assert repeated.headers["Idempotency-Replayed"] == "true"
    assert send(leadbook, data, "utf-16", Idempotency_Key="k").status_code == 409
