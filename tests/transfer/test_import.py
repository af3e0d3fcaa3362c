"""Files of other tools, taken as they are: what becomes of their rows, columns and words."""

import json

import pytest
from exports import LEADS, LIST
from places import SHARED_DATA
from reports import HEADER, NOW, counts, created

from leadbook.storage.database import Database
from leadbook.transfer import importing

SHARED = SHARED_DATA


@pytest.mark.parametrize("tool", LEADS)
def test_export_of_another_tool_goes_in_as_it_is(take, leadbook, tool):
    text, expected = LEADS[tool]
    report = take(text)
    assert counts(report) == created(len(expected)), report["rejects"]
    found = [
        (lead["name"], lead["email"], lead["phone"], lead["company"], lead["source"], lead["status"], lead["createdAt"])
        for lead in sorted(leadbook.leads(), key=lambda lead: lead["id"])
    ]  # fmt: skip
    assert found == [(*fields, day or NOW) for *fields, day in expected]


@pytest.mark.parametrize("tool", LEADS)
def test_same_export_makes_clients_too(take, leadbook, tool):
    text, expected = LEADS[tool]
    report = take(text, "clients")
    assert counts(report) == created(len(expected))
    assert {each["status"] for each in leadbook.clients()} == {"active"}


@pytest.mark.skipif(not SHARED.exists(), reason="the sample files are not beside the checkout")
def test_sample_files_go_in_with_no_option(take, leadbook):
    report = take((SHARED / "leads-100.csv").read_bytes())
    assert counts(report) == created(100)
    others = {"Index", "Account Id", "Lead Owner", "Website"}
    assert {*report["custom"]} == others | {"Phone 2", "Email 2", "Deal Stage"}
    assert report["leftOut"] == []
    assert report["notUnderstood"]["status"].keys() == {"On Hold"}
    words = [row.split(",")[-2] for row in (SHARED / "leads-100.csv").read_text().splitlines()[1:]]
    # Some notes have a comma, so that this count is only of most rows.
    assert 0 < report["notUnderstood"]["status"]["On Hold"] <= words.count("On Hold") + 5
    report = take((SHARED / "customers-100.csv").read_bytes(), "clients")
    assert counts(report) == created(100)
    assert report["columns"]["createdAt"] == ["Subscription Date"]
    [sheryl] = leadbook.clients(search="sheryl baxter")
    assert sheryl["createdAt"] == "2020-08-24T00:00:00.000Z"


def test_report_tells_columns_words_and_the_first_records(take):
    report = take(LIST)
    assert report["columns"] == {
        "first name": ["First Name"], "last name": ["Last Name"], "company": ["Company"], "phone": ["Phone 1", "Phone 2"],
        "email": ["Email 1", "Email 2"], "source": ["Source"], "status": ["Deal Stage"], "notes": ["Notes"],
    }  # fmt: skip
    others = ["Email 2", "Website", "Deal Stage"]
    assert report["custom"] == ["Index", "Account Id", "Lead Owner", *others]
    assert (report["leftOut"], report["adjusted"], report["optedOut"]) == ([], {}, 0)
    assert report["notUnderstood"] == {"status": {"On Hold": 1}, "createdAt": {}, "score": {}}
    assert len(report["shown"]) == 4
    assert report["shown"][0]["email"] == "ada@list.example"


def test_bad_row_does_not_keep_the_others_out(take, leadbook):
    report = take(
        HEADER
        + "Ada,ada@a.test,new\n,noname@a.test,new\nBad,not an address,new\nBell\x07,b@a.test,\n"
        f"{'x' * 201},long@a.test,\nGrace,grace@a.test,\n"
    )
    assert counts(report) == created(4, rejected=2)
    assert [each["line"] for each in report["rejects"]] == [3, 4]
    reasons = [each["reason"] for each in report["rejects"]]
    assert reasons[0] == "name: Must not be empty."
    assert reasons[1].startswith("email: Must be an e-mail address")
    assert report["adjusted"] == {"name": {"characters": 1, "cut": 1}}
    names = [lead["name"] for lead in leadbook.leads()]
    assert names == ["Ada", "Bell", "x" * 200, "Grace"]
    assert leadbook.leads()[2]["custom"] == {"name": "x" * 201}


def test_first_thousand_rejects_are_told(take):
    report = take(HEADER + "x,no,\n" * 1_200)
    assert counts(report) == created(0, rejected=1_200)
    assert len(report["rejects"]) == 1_000


def test_strict_takes_all_or_nothing(take, leadbook):
    error = take(HEADER + "Ada,ada@a.test,\nx,no,\n", strict=True, status=400)["error"]
    assert error["details"][0]["field"] == "line 3"
    assert leadbook.leads() == []
    assert counts(take(HEADER + "Ada,ada@a.test,\n", strict=True)) == created(1)
    # Of what only the database knows, too.
    take(HEADER + "B,b@a.test,\nAda,ADA@a.test,\n", strict=True, onDuplicate="reject", status=400)
    assert len(leadbook.leads()) == 1


def test_dry_run_says_the_same_and_does_nothing(take, leadbook):
    lead = leadbook.add_lead(email="ada@list.example")
    dry = take(LIST, dryRun=True, onDuplicate="update")
    assert leadbook.leads() == [lead]
    wet = take(LIST, onDuplicate="update")
    assert dry == wet | {"dryRun": True}
    assert counts(wet) == created(3, updated=1)


def test_imported_records_are_found_counted_and_in_order(take, leadbook):
    take(HEADER + "".join(f"Name {number},n{number}@a.test,\n" for number in range(150)))
    client = leadbook.client
    assert client.get("/leads?search=name%20149").json["pagination"]["total"] == 1
    assert client.get("/leads?status=new").json["pagination"]["total"] == 150
    assert [lead["name"] for lead in leadbook.leads()] == [f"Name {n}" for n in range(150)]
    changes = client.get("/leads?updatedSince=2026-01-01T00:00:00Z&limit=1").json["data"]
    assert changes[0]["name"] == "Name 0"
    with leadbook.app.extensions["leadbook"].use() as database:
        assert database.execute_sql("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_rows_of_json_lines(take, leadbook):
    rows = [
        {"First Name": "Ada", "Last Name": "Byron", "Email": "a@a.test", "Score": 80},
        {"name": "B", "emailAddress": "b@a.test", "phone": 12345, "extra": {"a": 1}},
        {"name": "C", "email": None},
        {"name": ["D"], "email": "d@a.test", "notes": None},
    ]
    text = "\n".join(map(json.dumps, rows)) + '\n[1]\n{"name": "E", "name": "F"}\nnonsense\n'
    report = take(text, media_type="application/x-ndjson")
    assert counts(report) == created(3, rejected=4)
    assert [each["line"] for each in report["rejects"]] == [3, 5, 6, 7]
    assert [(lead["name"], lead["score"], lead["phone"]) for lead in leadbook.leads()] == [
        ("Ada Byron", 80, None), ("B", 0, "12345"), ("D", 0, None),
    ]  # fmt: skip
    assert report["custom"] == ["extra.a"]


@pytest.mark.parametrize("kind", ["leads", "clients"])
def test_what_is_no_file_of_rows_is_refused(take, leadbook, kind):
    for data, said in (
        (b"", "is empty"), (b" \n\n", "is empty"), (b"PK\x03\x04abc", "zip archive"), (b"\xd0\xcf\x11\xe0", "Excel"),
        (b"%PDF-1.7", "PDF"), (b"\x1f\x8b\x08", "gzip"), (b"name,email\n", "has no rows"), (b"a,b\n1,2\n", "No column has e-mail"),
        (b"[1, 2]", "is JSON, but its Content-Type says CSV"), (bytes(range(256)) * 40 + b"\0" * 9999, "not text"), (b"\xff\xfe\0\0", "has no header"),
        (b'"name,email\n' + b"x" * 300_000, "no header"), (b",,\n,,\n,,\n", "has no header"),
    ):  # fmt: skip
        error = take(data, kind, status=400)["error"]
        assert error["code"] == "VALIDATION_ERROR"
        assert said in error["details"][0]["message"], (data[:20], error)
    assert leadbook.leads() == leadbook.clients() == []


def test_file_without_addresses_is_told_nothing_about_options_of_the_command(take):
    [detail] = take(b"a,b\n1,2\n", status=400)["error"]["details"]
    assert "rename one to `email`" in detail["message"]
    assert "--" not in detail["message"]


def test_other_types_are_refused_and_so_are_large_bodies(take):
    for media_type in ("application/xml", "multipart/form-data", "text/plain", ""):
        take(LIST, media_type=media_type, status=415)
    take(b"x" * (50 * 1024 * 1024 + 1), status=413)


@pytest.mark.parametrize("dry", [False, True])
def test_strict_counts_every_row(take, leadbook, dry):
    leadbook.add_lead(email="taken@a.test")
    text = HEADER + "A,a@a.test,\nB,taken@a.test,\nC,c@a.test,\n"
    if dry:
        report = take(text, strict=True, dryRun=True, onDuplicate="reject")
        assert (report["rows"], report["shown"]) == (3, [])
        assert counts(report) == created(0, rejected=1)
        report = take(text.replace("a@a.test", "none"), strict=True, dryRun=True)
        assert (report["rows"], report["rejected"]) == (3, 1)
    else:
        take(text, strict=True, onDuplicate="reject", status=400)
    assert len(leadbook.leads()) == 1


def test_transaction_ends_after_a_part_of_its_rows_if_that_takes_long(take, monkeypatch):
    written, write = [], Database.write

    def count(self, clock=None):
        written.append(1)
        return write(self, clock)

    monkeypatch.setattr(Database, "write", count)
    monkeypatch.setattr(importing, "BATCH", 8)
    monkeypatch.setattr(importing, "PARTS", 4)
    text = "name,email\n" + "".join(f"A,a{number}@a.test\n" for number in range(20))
    assert take(text)["created"] == 20
    assert len(written) == 3
    written.clear()
    monkeypatch.setattr(importing, "_LONGEST_SECONDS", -1)
    assert take(text.replace("@a.", "@b."))["created"] == 20
    assert len(written) == 10
