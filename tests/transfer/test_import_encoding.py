"""The encoding that the user names for a file, and what the summary says about it."""

import json

import pytest
from command import assert_refused, invoke
from places import SHARED_DATA
from reports import counts, created

LIST = "Name;Email;Company\nŁucja Żak;lucja@tannic.example;Tannic\n"
GUESS = "If letters are wrong, import the file with another --encoding, such as cp1250."


def stored(database):
    done = invoke("export", "leads", "--format", "jsonl", "--database", database)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def take_list(tmp_path, database):
    """Import a text by the command; return its result and the names."""

    def take_list(data, *options):
        file = tmp_path / "list.csv"
        file.write_bytes(data)
        done = invoke("import", "leads", file, "--database", database, *options)
        return done, [lead["name"] for lead in stored(database)] if database.exists() else []

    return take_list


@pytest.mark.parametrize(
    "encoding", ["cp1250", "iso-8859-2", "utf-8", "utf-16", "utf-16-le", "utf-32-be", "gb18030"]
)
def test_named_encoding_is_taken(take_list, encoding):
    data = LIST.encode(encoding)
    if encoding == "gb18030":
        data = LIST.replace("Łucja Żak", "王小明").encode(encoding)
    done, names = take_list(data, "--encoding", encoding)
    assert done.returncode == 0, done.stderr
    assert names == (["王小明"] if encoding == "gb18030" else ["Łucja Żak"])
    assert "is a guess" not in done.stdout


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (LIST.encode(), ["The encoding is utf-8."]),
        (LIST.encode("utf-16"), ["The encoding is utf-16-le."]),
        (LIST.encode("ascii", "replace"), ["The encoding is utf-8."]),
        (
            LIST.encode("cp1250"),
            ["The encoding is probably cp1252, in which a word is '£ucja'. This is a guess.", GUESS],
        ),
        (
            LIST.replace("Łucja Żak", "Наталья Орлова").encode("cp1251"),
            ["The encoding is probably cp1251, in which a word is 'Наталья'. This is a guess.", GUESS],
        ),
    ],
)  # fmt: skip
def test_summary_says_which_encoding_was_taken(take_list, data, said):
    for options in (("--dry-run",), ()):
        done, _ = take_list(data, *options)
        assert done.stdout.splitlines()[: len(said)] == said
        assert done.stdout.count("encoding") == done.stdout[: len("\n".join(said))].count(
            "encoding"
        )


@pytest.mark.parametrize(
    "name", ["nonsense", "base64", "rot13", "idna", "punycode", "utf-7", "x" * 99]
)
def test_unknown_encoding_is_refused_in_one_line(take_list, name):
    done, names = take_list(LIST.encode(), "--encoding", name)
    assert_refused(done, "is not known; save the file as UTF-8")
    assert names == []


def test_named_encoding_is_taken_literally(take_list):
    names = "".join(f"Zoë {n};zoe@tannic.example;\n" for n in range(9))
    data = f"Name;Email;Company\n{names}".encode() + LIST.partition("\n")[2].encode("cp1250")
    done, names = take_list(data, "--encoding", "utf-8")
    assert done.returncode == 3
    assert names == [f"Zoë {n}" for n in range(9)]
    done, names = take_list(LIST.encode("utf-16"), "--encoding", "utf-8")
    assert_refused(done, "The encoding should be utf-8, but the file is utf-16-le")


@pytest.mark.parametrize(
    ("charset", "encoding"), [("utf-8", "cp1250"), ("iso-8859-1", "cp1250"), ("nonsense", "cp1250")]
)
def test_encoding_of_the_query_comes_before_the_charset(take, leadbook, charset, encoding):
    answer = leadbook.client.post(
        f"/leads/import?encoding={encoding}",
        data=LIST.encode("cp1250"),
        content_type=f"text/csv; charset={charset}",
    )
    assert (answer.json["encoding"], answer.json["encodingGuessed"]) == ("cp1250", False)
    assert [lead["name"] for lead in leadbook.leads()] == ["Łucja Żak"]


@pytest.mark.parametrize("kind", ["leads", "clients"])
def test_report_says_the_encoding(take, kind):
    report = take(LIST, kind, encoding="cp1250")
    assert (report["encoding"], report["encodingGuessed"]) == ("cp1252", True)
    report = take(LIST.replace("lucja", "ada"), kind)
    assert (report["encoding"], report["encodingGuessed"]) == ("utf-8", False)


def test_unknown_encoding_over_http_is_a_400(leadbook):
    for name in ("nonsense", "base64", "utf-7", "x" * 41, "%00"):
        answer = leadbook.client.post(
            f"/leads/import?encoding={name}", data=LIST.encode(), content_type="text/csv"
        )
        assert answer.status_code == 400, name
    assert leadbook.leads() == []


def test_json_lines_have_an_encoding_too(leadbook):
    data = '{"name": "Łucja Żak", "email": "lucja@tannic.example"}\n'.encode("cp1250")
    answer = leadbook.client.post(
        "/leads/import?encoding=cp1250", data=data, content_type="application/x-ndjson"
    )
    assert counts(answer.json) == created(1)
    assert [lead["name"] for lead in leadbook.leads()] == ["Łucja Żak"]


def test_same_key_with_another_encoding_is_another_request(leadbook):
    def send(encoding):
        return leadbook.client.post(
            f"/leads/import?encoding={encoding}", data=LIST.encode("cp1250"), content_type="text/csv",
            headers={"Idempotency-Key": "k"},
        )  # fmt: skip

    assert send("cp1250").status_code == 200
    assert send("cp1252").status_code == 409


@pytest.mark.parametrize(
    ("name", "options", "cells"),
    [
        ("linkedin_preamble.csv", (), ["Mara Quill", "Tannic, Ltd"]),
        ("backslash_quote.csv", (), ['Mara "Mo" Quill', 'The "Tannic" Co']),
        ("encoding_cp1250.csv", ("--encoding", "cp1250"), ["Łucja Żak", "Tannic"]),
    ],
)
def test_sample_files_come_in(tmp_path, database, name, options, cells):
    file = SHARED_DATA / "moving-in" / name
    if not file.exists():
        pytest.skip("the sample files are not beside the checkout")
    rejected = tmp_path / "rejected.csv"
    done = invoke("import", "leads", file, "--database", database, "--rejected", rejected, *options)
    assert done.returncode == 0, done.stdout
    lead = stored(database)[0]
    assert [lead["name"], lead["company"]] == cells
