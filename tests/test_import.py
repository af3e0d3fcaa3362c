"""Files of other tools, taken as they are: what becomes of their rows, columns and words."""

import json
from pathlib import Path

import pytest
from exports import LEADS, LIST

from leadbook.transfer.words import field_of

SHARED = Path(__file__).parent.parent.parent / "shared" / "data"
NOW = "2026-01-01T00:00:00.000Z"
HEADER = "name,email,status\n"


@pytest.fixture
def take(leadbook):
    """Import a text, and return the report."""

    def take(text, kind="leads", media_type="text/csv", status=200, encoding="utf-8", **query):
        data = text if isinstance(text, bytes) else text.encode(encoding)
        query = {name: str(value).lower() for name, value in query.items()}
        answer = leadbook.client.post(
            f"/{kind}/import", data=data, content_type=media_type, query_string=query
        )
        assert answer.status_code == status, answer.json
        return answer.json

    return take


def counts(report):
    return {name: report[name] for name in ("created", "updated", "skipped", "rejected")}


def created(count, rejected=0, updated=0, skipped=0):
    return {"created": count, "updated": updated, "skipped": skipped, "rejected": rejected}


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
    assert report["leftOut"] == ["Index", "Account Id", "Lead Owner", "Website"]
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
    assert report["leftOut"] == ["Index", "Account Id", "Lead Owner", "Website"]
    assert report["notUnderstood"] == {"status": {"On Hold": 1}, "createdAt": {}}
    assert len(report["shown"]) == 4
    assert report["shown"][0]["email"] == "ada@list.example"


def test_bad_row_does_not_keep_the_others_out(take, leadbook):
    report = take(
        HEADER
        + "Ada,ada@a.test,new\n,noname@a.test,new\nBad,not an address,new\nBell\x07,b@a.test,\n"
        f"{'x' * 201},long@a.test,\nGrace,grace@a.test,\n"
    )
    assert counts(report) == created(2, rejected=4)
    assert [each["line"] for each in report["rejects"]] == [3, 4, 5, 6]
    reasons = [each["reason"] for each in report["rejects"]]
    assert reasons[0] == "name: Must not be empty."
    assert reasons[1].startswith("email: Must be an e-mail address")
    assert reasons[2] == "name: Must not contain control or text-direction characters."
    assert reasons[3] == "name: Must not be longer than 200 characters."
    assert [lead["name"] for lead in leadbook.leads()] == ["Ada", "Grace"]


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


@pytest.mark.parametrize(
    ("on_duplicate", "expected", "names"),
    [
        ("create", created(3), ["Old", "Ada", "B", "Ada again"]),
        ("skip", created(1, skipped=2), ["Old", "B"]),
        ("update", created(1, updated=2), ["Ada again", "B"]),
        ("reject", created(1, rejected=2), ["Old", "B"]),
    ],
)
def test_duplicates_of_leads(take, leadbook, on_duplicate, expected, names):
    leadbook.add_lead(name="Old", email="ada@a.test", status="lost")
    text = "name,email,phone\nAda,ADA@a.test,1\nB,b@a.test,\nAda again,ada@A.test,\n"
    assert counts(take(text, onDuplicate=on_duplicate)) == expected
    assert [lead["name"] for lead in leadbook.leads()] == names


@pytest.mark.parametrize(
    ("on_duplicate", "expected"),
    [
        (None, created(1, rejected=2)), ("reject", created(1, rejected=2)), ("skip", created(1, skipped=2)),
        ("update", created(1, updated=2)),
    ],
)  # fmt: skip
def test_duplicates_of_clients(take, leadbook, on_duplicate, expected):
    leadbook.add_client(email="ada@a.test", phone="0")
    archived = leadbook.add_client(email="b@a.test")
    leadbook.client.delete(f"/clients/{archived['id']}")
    query = {"onDuplicate": on_duplicate} if on_duplicate else {}
    text = "name,email,phone\nAda,ADA@a.test,\nB,b@a.test,1\nB,B@a.test,2\n"
    report = take(text, "clients", **query)
    assert counts(report) == expected
    if expected["rejected"]:
        assert report["rejects"][0]["reason"] == "An active client has this e-mail address."
    phones = {each["email"].lower(): each["phone"] for each in leadbook.clients()}
    assert phones == {"ada@a.test": "0", "b@a.test": "2" if on_duplicate == "update" else "1"}


def test_clients_have_no_create(take):
    take("name,email\nA,a@a.test\n", "clients", onDuplicate="create", status=400)


def test_update_leaves_what_the_row_does_not_fill(take, leadbook):
    leadbook.add_lead(email="ada@a.test", phone="1", status="qualified", score=50)
    take("name,email,phone,status\nAda,ada@a.test,,\n", onDuplicate="update")
    [lead] = leadbook.leads()
    assert (lead["name"], lead["phone"], lead["status"], lead["score"]) == (
        "Ada",
        "1",
        "qualified",
        50,
    )


def test_row_that_a_rule_stands_against_is_rejected(take, leadbook):
    lead = leadbook.add_lead(email="ada@a.test")
    leadbook.client.post(f"/leads/{lead['id']}/convert")
    report = take(HEADER + "Ada,ada@a.test,lost\n", onDuplicate="update")
    assert report["rejects"][0]["reason"] == "The status of a converted lead cannot be changed."


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


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("name,email\nZoë Łukasz,z@a.test\n", "utf-8"), ("name,email\nZoë Łukasz,z@a.test\n", "utf-8-sig"),
        ("name,email\nZoë Łukasz,z@a.test\n", "utf-16"), ("name,email\nZoë Łukasz,z@a.test\n", "utf-16-le"),
        ("name;email\r\nZoë “Łukasz”,z@a.test\n".replace(",", ";").replace("Ł", "L"), "cp1252"),
        ("name,email\n" + "Ann,ann@a.test\n" * 5_000 + "Zoë Lukasz,z@a.test\n", "cp1252"),
    ],
)  # fmt: skip
def test_encodings_are_recognised(take, leadbook, text, encoding):
    report = take(text, encoding=encoding)
    assert report["rejected"] == 0
    [lead] = leadbook.leads(email="z@a.test")
    assert lead["name"].startswith("Zoë")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_recognised(take, leadbook, separator, end):
    rows = [
        ["name", "email", "notes"],
        ["Ada", "a@a.test", '"1, 2; 3|4 ""5"""'],
        ["B", "b@a.test", ""],
    ]
    report = take(end.join(separator.join(row) for row in rows))
    assert counts(report) == created(2)
    assert leadbook.leads()[0]["notes"] == '1, 2; 3|4 "5"'


@pytest.mark.parametrize(
    "text",
    [
        'sep=;\r\nname;email\r\nAda "A" B;a@a.test\r\n',
        'name,email\n"Ada \\"A\\" B",a@a.test\n',
        "'name','email'\n'Ada \"A\" B','a@a.test'\n",
        '\n\nname,email,\n\nAda "A" B,a@a.test,\n\n',
    ],
)
def test_quoting_of_others_is_recognised(take, leadbook, text):
    assert counts(take(text)) == created(1)
    assert leadbook.leads()[0]["name"] == 'Ada "A" B'


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
        ("Ada Byron", 80, None), ("B", 0, "12345"), ('["D"]', 0, None),
    ]  # fmt: skip
    assert report["leftOut"] == ["extra"]


def test_dates_that_can_be_read_in_two_ways_are_counted(take, leadbook):
    dates = [
        "3/4/2024",
        "2024-02-30",
        "soon",
        "3/14/2024 2:05 PM",
        "14/3/2024",
        "2024-03-14",
        "1901-01-01",
        "5/5/2024",
    ]
    text = "name,email,created\n" + "".join(
        f"A,a{n}@a.test,{each}\n" for n, each in enumerate(dates)
    )
    report = take(text)
    assert report["notUnderstood"]["createdAt"] == {
        "3/4/2024": 1, "2024-02-30": 1, "soon": 1, "1901-01-01": 1,
    }  # fmt: skip
    days = {lead["email"]: lead["createdAt"] for lead in leadbook.leads()}
    assert days["a3@a.test"] == "2024-03-14T14:05:00.000Z"
    assert days["a4@a.test"] == days["a5@a.test"] == "2024-03-14T00:00:00.000Z"
    assert days["a7@a.test"] == "2024-05-05T00:00:00.000Z"
    assert days["a0@a.test"] == NOW


@pytest.mark.parametrize(
    ("score", "stored"), [("80", 80), ("80.0", 80), ("", 0), ("80.5", None), ("101", None), ("x", None), ("-1", None)]
)  # fmt: skip
def test_scores(take, leadbook, score, stored):
    report = take(f"name,email,lead score\nA,a@a.test,{score}\n")
    assert [lead["score"] for lead in leadbook.leads()] == ([] if stored is None else [stored])
    assert report["rejected"] == (stored is None)


@pytest.mark.parametrize("kind", ["leads", "clients"])
def test_what_is_no_file_of_rows_is_refused(take, leadbook, kind):
    for data, said in (
        (b"", "is empty"), (b" \n\n", "is empty"), (b"PK\x03\x04abc", "zip archive"), (b"\xd0\xcf\x11\xe0", "Excel"),
        (b"%PDF-1.7", "PDF"), (b"\x1f\x8b\x08", "gzip"), (b"name,email\n", "has no rows"), (b"a,b\n1,2\n", "No column holds e-mail"),
        (b"[1, 2]", "JSON array"), (bytes(range(256)) * 40 + b"\0" * 9999, "not text"), (b"\xff\xfe\0\0", "UTF-32"),
        (b'"name,email\n' + b"x" * 300_000, "no header"),
    ):  # fmt: skip
        error = take(data, kind, status=400)["error"]
        assert error["code"] == "VALIDATION_ERROR"
        assert said in error["details"][0]["message"], (data[:20], error)
    assert leadbook.leads() == leadbook.clients() == []


def test_other_types_are_refused_and_so_are_keys_and_large_bodies(take, leadbook):
    for media_type in ("application/json", "multipart/form-data", "text/plain", ""):
        take(LIST, media_type=media_type, status=415)
    answer = leadbook.client.post(
        "/leads/import", data=LIST, content_type="text/csv", headers={"Idempotency-Key": "k"}
    )
    assert answer.status_code == 400
    take(b"x" * (50 * 1024 * 1024 + 1), status=413)


def test_own_rows_keep_all_they_have(take, leadbook):
    lead = leadbook.add_lead(name="'Ada", phone="+44 1", notes="-1\nsecond, line", company="=1+1")
    leadbook.client.post(f"/leads/{lead['id']}/convert")
    leadbook.client.put(f"/leads/{lead['id']}", json={"source": "@home", "score": 7})
    archived = leadbook.add_client(email="x@a.test")
    leadbook.client.delete(f"/clients/{archived['id']}")
    for kept in ("csv", "jsonl"):
        before = leadbook.leads(), leadbook.clients(status="all")
        files = {
            kind: leadbook.client.get(f"/{kind}/export?format={kept}")
            for kind in ("leads", "clients")
        }
        leadbook.reset()
        for kind, file in files.items():
            report = take(file.get_data(), kind, file.mimetype)
            assert report["rejects"] == []
            assert report["leftOut"] == []
        assert (leadbook.leads(), leadbook.clients(status="all")) == before
        for kind, file in files.items():
            again = leadbook.client.get(f"/{kind}/export?format={kept}")
            assert again.get_data() == file.get_data()


def test_own_rows_are_told_by_their_ids(take, leadbook):
    leadbook.add_lead(email="same@a.test")
    leadbook.add_lead(email="same@a.test", name="Second")
    file = leadbook.client.get("/leads/export").get_data()
    assert counts(take(file, onDuplicate="skip")) == created(0, skipped=2)
    assert counts(take(file)) == created(0, rejected=2)
    leadbook.client.delete(f"/leads/{leadbook.leads()[0]['id']}")
    assert counts(take(file, onDuplicate="skip")) == created(1, skipped=1)
    changed = file.replace(b"Second", b"Changed")
    assert counts(take(changed, onDuplicate="update")) == created(0, updated=2)
    assert {lead["name"] for lead in leadbook.leads()} == {"Ada Byron 1", "Changed"}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("id", "", "id: Must not be empty."), ("id", "7", "id: Must be an id"), ("version", "0", "version: Must"),
        ("createdAt", "yesterday", "createdAt: Must be a time"), ("status", "", "status: Must not be empty."),
        ("clientId", "0199a065-da0b-7000-8ee3-ea8637f8a88b", "clientId: Must stand beside"), ("status", "bought", "status: Must be one of"),
    ],
)  # fmt: skip
def test_own_row_that_contradicts_itself_is_rejected(take, leadbook, field, value, reason):
    leadbook.add_lead()
    header, row = leadbook.client.get("/leads/export").text.splitlines()
    cells = row.split(",")
    cells[header.split(",").index(field)] = value
    leadbook.reset()
    report = take(f"{header}\n{','.join(cells)}\n")
    assert counts(report) == created(0, rejected=1)
    assert reason in report["rejects"][0]["reason"]


def own(leadbook, kind, **changes):
    """Return our export of a kind, in which some texts are replaced."""
    text = leadbook.client.get(f"/{kind}/export").text
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


def test_address_that_an_update_leaves_is_free_for_the_next_row(take, leadbook):
    first = leadbook.add_client(name="First", email="a@a.test")
    second = leadbook.add_client(name="Second", email="b@a.test")
    text = leadbook.client.get("/clients/export").text
    moved = text.replace("a@a.test", "c@a.test").replace("b@a.test", "a@a.test")
    leadbook.client.delete(f"/clients/{second['id']}?permanent=true")
    assert counts(take(moved, "clients", onDuplicate="update")) == created(1, updated=1)
    emails = {each["id"]: each["email"] for each in leadbook.clients()}
    assert emails == {first["id"]: "c@a.test", second["id"]: "a@a.test"}


def test_address_that_an_update_takes_is_taken_for_the_next_row(take, leadbook):
    first = leadbook.add_client(name="First", email="a@a.test")
    second = leadbook.add_client(name="Second", email="b@a.test")
    text = leadbook.client.get("/clients/export").text
    moved = text.replace("a@a.test", "b@a.test")
    leadbook.client.delete(f"/clients/{second['id']}?permanent=true")
    assert counts(take(moved, "clients", onDuplicate="update")) == created(0, updated=2)
    [left] = leadbook.clients()
    assert (left["id"], left["name"], left["email"]) == (first["id"], "Second", "b@a.test")


@pytest.mark.parametrize(
    "date", ["9999-12-31T23:59:59-12:00", "9999-12-31 23:59 -12:00", "10000-01-01"]
)
def test_date_that_no_answer_could_show_is_not_understood(take, leadbook, date):
    report = take(f"name,email,created\nA,a@a.test,{date}\n")
    assert report["notUnderstood"]["createdAt"] == {date: 1}
    [lead] = leadbook.leads()
    assert leadbook.client.put(f"/leads/{lead['id']}", json={"score": 1}).status_code == 200


@pytest.mark.parametrize(
    ("header", "cells", "name"),
    [
        ("Name,Surname", "Ada,Byron", "Ada Byron"), ("Name,Last Name", "Ada Byron,Byron", "Ada Byron"), ("Name,First Name,Last Name", "A. B.,Ada,Byron", "Ada Byron"),
        ("firstname,lastname", "Ada,Byron", "Ada Byron"), ("FNAME,LNAME", "Ada,Byron", "Ada Byron"), ("First Name,Last Name", ",Byron", "Byron"),
        ("Fullname", "Ada Byron", "Ada Byron"), ("Lead - Contact person", "Ada Byron", "Ada Byron"), ("Deal Name,Name", "Big deal,Ada", "Ada"),
    ],
)  # fmt: skip
def test_names_come_together(take, leadbook, header, cells, name):
    take(f"{header},E-Mail1\n{cells},a@a.test\n")
    assert [lead["name"] for lead in leadbook.leads()] == [name]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Email1", "email"), ("mail", "email"), ("email_work", "email"), ("E-mail Address", "email"), ("Secondary Email", "email"), ("Person - Email - Other", "email"),
        ("Phone1", "phone"), ("Mobile Phone Number", "phone"), ("Primary Company", "company"), ("Account Name", "company"), ("Organization 1 - Name", "company"),
        ("StageName", "status"), ("Deal Stage", "status"), ("Deal Status", "status"), ("HubSpot Score", "score"), ("Lead Source", "source"), ("leadSource", "source"),
        ("CreatedDate", "createdAt"), ("Date Added", "createdAt"), ("Email Opt Out", None), ("E-mail 1 - Label", None), ("Fax", None), ("Deal Name", None), ("Account Id", None),
        ("Lead Owner", None), ("Email Domain", None), ("Company Size", None), ("Job Title", None),
    ],
)  # fmt: skip
def test_headers_of_others(header, field):
    assert field_of(header) == field


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Open - Not Contacted", "new"), ("Contact Made", "contacted"), ("closedwon", "won"), ("Closed-Lost", "lost"), ("Proposal/Price Quote", "qualified"),
        ("Negotiation/Review", "qualified"), ("RE-ENGAGEMENT", "contacted"),
    ],
)  # fmt: skip
def test_words_of_others(take, leadbook, word, status):
    report = take(HEADER + f"A,a@a.test,{word}\n")
    assert [lead["status"] for lead in leadbook.leads()] == [status]
    assert report["notUnderstood"]["status"] == {}


def test_unknown_status_does_not_set_a_lead_back(take, leadbook):
    lead = leadbook.add_lead(email="a@a.test", status="qualified")
    leadbook.client.post(f"/leads/{leadbook.add_lead(email='b@a.test')['id']}/convert")
    text = HEADER + "A,a@a.test,On Hold\nB,b@a.test,On Hold\nC,c@a.test,On Hold\n"
    assert counts(take(text, onDuplicate="update")) == created(1, updated=2)
    statuses = {each["name"]: each["status"] for each in leadbook.leads()}
    assert statuses == {"A": lead["status"], "B": "won", "C": "new"}


def test_words_are_told_only_so_far(take):
    rows = "".join(f"A,a{n}@a.test,word {n} {'x' * 300}\n" for n in range(1_500))
    words = take(HEADER + rows)["notUnderstood"]["status"]
    assert len(words) == 1_001
    assert words["(others)"] == 500
    assert max(map(len, words)) == 100


def test_columns_are_told_only_so_far(take):
    header = ",".join(f"column {n}" for n in range(5_000))
    report = take(f"name,email,{header}\nA,a@a.test{',' * 5_000}\n")
    assert counts(report) == created(1)
    assert len(report["leftOut"]) == 1_000
    lines = "\n".join(
        json.dumps({"name": "A", "email": "a@a.test", f"k{n}": 1}) for n in range(3_000)
    )
    report = take(lines, media_type="application/x-ndjson")
    assert len(report["leftOut"]) == 1_000


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


def test_bytes_of_another_encoding_are_called_so(take):
    report = take("name,email\nZoë,z@a.test\nZoé,e@a.test\n".encode() + b"Zo\xeb,l@a.test\n")
    assert report["rejects"] == [
        {"line": 4, "reason": "Some of it is not in utf-8, as the rest is."}
    ]
    cut = "name,email\nZoë,z@a.test\n".encode("utf-16") + b"a"
    report = take(cut)
    assert (report["created"], report["rejected"]) == (1, 1)
