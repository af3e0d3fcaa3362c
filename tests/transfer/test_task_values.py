"""What the cells of foreign follow-ups say: when, done or not, and for whom."""

import json

import pytest
from command import invoke

from leadbook.transfer.values.dates import read_clock

HOUR = 3_600_000


@pytest.fixture
def ada(leadbook):
    leadbook.reset()
    return leadbook.add_lead(name="Ada", email="ada@x.test")


@pytest.fixture
def one(leadbook, take, ada):
    """Import one follow-up, and return it and the report."""

    def one(header, row, kind="follow-ups", **query):
        report = take(f"{header}\n{row}\n", kind, **query)
        found = leadbook.client.get(f"/{kind}").json["data"]
        return (found[0] if found else None), report

    return one


@pytest.mark.parametrize(
    ("header", "row", "due", "left_out"),
    [
        ("start date,due date", "2026-01-01,2026-01-05", "2026-01-05T09", ["start date"]),
        ("Date,Deadline", "2026-01-01,2026-01-05", "2026-01-05T09", ["Date"]),
        ("Start date", "2026-01-01", "2026-01-01T09", []),
        ("due date,deadline", "2026-01-01,2026-01-05", "2026-01-01T09", ["deadline"]),
        ("due date,deadline", "soon,2026-01-05", "2026-01-05T09", []),
        ("due date,deadline", "2026-01-01,2026-01-01", "2026-01-01T09", []),
    ],
)
def test_due_date_comes_before_other_dates(one, header, row, due, left_out):
    made, report = one(f"subject,email,{header}", f"T,ada@x.test,{row}")
    assert made["dueAt"] == f"{due}:00:00.000Z"
    assert report["leftOut"] == left_out


@pytest.mark.parametrize(
    ("clock", "hour"),
    [
        ("10:30", 10.5),
        ("0.4375", 10.5),
        ("0,4375", 10.5),
        (".4375", 10.5),
        ("0", 0),
        ("1030", 10.5),
        ("930", 9.5),
        ("1970-01-01T10:30:00", 10.5),
        ("1899-12-30 10:30:00", 10.5),
        ("12/30/1899 10:30:00 AM", 10.5),
        ("3 PM", 15),
        ("10:30 +0200", 8.5),
        ("00:30 +0200", -1.5),
        ("00:00", 0),
        ("25:00", None),
        ("noon", None),
        ("2460", None),
        ("1.5", None),
        ("2026-01-05", None),
        ("", None),
    ],
)
def test_time_of_day_is_read_by_itself(clock, hour):
    assert read_clock(clock) == (None if hour is None else hour * HOUR)


@pytest.mark.parametrize(
    ("clock", "due", "words"),
    [
        ("0.4375", "10:30:00", {}),
        ("1970-01-01T10:30:00", "10:30:00", {}),
        ("25:00", "09:00:00", {"25:00": 1}),
        ("noon", "09:00:00", {"noon": 1}),
        ("N/A", "09:00:00", {}),
    ],
)
def test_time_of_day_that_is_not_understood_is_told(one, clock, due, words):
    made, report = one("subject,due date,due time,email", f"T,2026-01-05,{clock},ada@x.test")
    assert made["dueAt"] == f"2026-01-05T{due}.000Z"
    assert report["notUnderstood"].get("due time", {}) == words


def test_time_of_a_date_counts_more_than_that_beside_it(one):
    made, report = one("subject,due date,due time,email", "T,2026-01-05 14:00,noon,ada@x.test")
    assert (made["dueAt"], report["notUnderstood"]) == (
        "2026-01-05T14:00:00.000Z", {"status": {}, "createdAt": {}},
    )  # fmt: skip


def test_summary_says_which_time_counts_instead(tmp_path, ada, path):
    file = tmp_path / "tasks.csv"
    file.write_text("subject,due date,due time,status,email\nT,2026-01-05,noon,Maybe,a@x.test\n")
    (tmp_path / "leads.csv").write_text("name,email\nAda,a@x.test\n")
    invoke("import", "leads", tmp_path / "leads.csv", "--database", path)
    said = invoke("import", "follow-ups", file, "--database", path).stdout
    assert "Not understood as due time, so imported as 09:00 UTC: 'noon' (1)." in said
    assert "Not understood as status, so imported as open: 'Maybe' (1)." in said


def test_reminder_has_a_time_of_its_own(one):
    header = "subject,due date,Reminder,Reminder time,email"
    made, report = one(header, "T,2026-01-05,2026-01-04,08:15,ada@x.test")
    assert (made["remindAt"], report["leftOut"]) == ("2026-01-04T08:15:00.000Z", [])


@pytest.mark.parametrize(
    ("due", "cells", "done_at"),
    [
        ("2019-01-05", "done,", "2019-01-05T09:00:00.000Z"),
        ("2099-01-05", "done,", "now"),
        ("2019-01-05", "done,2019-02-01", "2019-02-01T00:00:00.000Z"),
        ("2019-01-05", "open,", None),
    ],
)
def test_what_is_old_was_not_done_now(leadbook, one, due, cells, done_at):
    made, _ = one("subject,due date,status,done at,email", f"T,{due},{cells},ada@x.test")
    now = made["createdAt"] if done_at == "now" else done_at
    assert made["doneAt"] == now


@pytest.mark.parametrize(
    ("header", "cells", "status", "words"),
    [
        ("% Complete,Status", "100,Open", "open", {}),
        ("Status,Done", "Open,Yes", "done", {}),
        ("Done,Status", "No,Completed", "done", {}),
        ("Status,Done", "Maybe,No", "open", {"Maybe": 1}),
        ("Status,State", "Cancelled,Open", "cancelled", {}),
        ("Status,Done", ",Yes", "done", {}),
        ("Status,Done date", "Maybe,2026-01-05", "done", {"Maybe": 1}),
    ],
)
def test_several_columns_say_the_status(one, header, cells, status, words):
    row = f"T,2026-01-05,ada@x.test,{cells}"
    made, report = one(f"subject,due date,email,{header}", row)
    assert (made["status"], report["notUnderstood"]["status"]) == (status, words)


def test_summary_tells_the_status_that_a_time_says(tmp_path, path):
    (tmp_path / "leads.csv").write_text("name,email\nAda,a@x.test\n")
    invoke("import", "leads", tmp_path / "leads.csv", "--database", path)
    file = tmp_path / "tasks.csv"
    file.write_text("subject,due date,status,done at,email\nT,2026-01-05,Maybe,2026-01-05,a@x.test")
    said = invoke("import", "follow-ups", file, "--database", path).stdout
    assert "Not fully understood as status: 'Maybe', imported as done (1)." in said
    assert "imported as open" not in said


@pytest.mark.parametrize("word", ["TODO", "To-do", "to do", "Todo"])
def test_type_may_be_written_as_one_word(one, word):
    made, report = one("subject,due date,type,email", f"T,2026-01-05,{word},ada@x.test")
    assert (made["type"], report["notUnderstood"]) == ("task", {"status": {}, "createdAt": {}})


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("email", '"zed@x.test, ada@x.test"'),
        ("email", "zed@x.test; Ada <ADA@x.test>"),
        ("Work email,Home email", "zed@x.test,ada@x.test"),
        ("Work email,Home email", ",ada@x.test"),
    ],
)
def test_any_address_of_a_row_may_find_the_person(one, ada, header, cells):
    made, report = one(f"subject,due date,{header}", f"T,2026-01-05,{cells}")
    assert (made["leadId"], report["leftOut"]) == (ada["id"], [])


def test_first_address_that_finds_somebody_counts(leadbook, one):
    bo = leadbook.add_lead(name="Bo", email="bo@x.test")
    made, _ = one("subject,due date,email", 'T,2026-01-05,"z@x.test, bo@x.test, ada@x.test"')
    assert made["leadId"] == bo["id"]


def test_long_list_of_addresses_is_looked_up_in_part(one, ada):
    many = " ".join(f"{number}@x.test" for number in range(20_000))
    _, report = one("subject,due date,email", f"T,2026-01-05,{many} ada@x.test")
    assert report["rejects"][0]["reason"] == "email: No lead or client has this address."


@pytest.mark.parametrize(
    ("header", "cells", "left_out"),
    [
        ("subject,email,Deal", 'T,"ada@x.test, zed@x.test",Looms', ["Deal"]),
        ("text,email", f"{'long ' * 60},ada@x.test", []),
        ("subject,email,Assigned to,Owner", "T,ada@x.test,Grace,Bo", ["Owner"]),
        ("subject,email,Assigned to,Owner", "T,ada@x.test,Grace,Grace", []),
    ],
)
def test_column_that_was_used_is_not_left_out(one, header, cells, left_out):
    made, report = one(f"due date,{header}", f"2026-01-05,{cells}")
    assert made
    assert report["leftOut"] == left_out


@pytest.fixture
def archived(leadbook, ada):
    client = leadbook.client.post("/clients", json={"name": "Cy", "email": "cy@x.test"}).json
    assert leadbook.client.delete(f"/clients/{client['id']}").status_code == 200
    return client


def test_address_of_an_archived_client_is_told(leadbook, one, archived):
    made, report = one("subject,due date,email", "T,2026-01-05,cy@x.test")
    assert made is None
    reason = "email: The client with this address is archived; restore it first."
    assert report["rejects"] == [{"line": 2, "reason": reason}]
    dry = one("subject,due date,email", "T,2026-01-05,cy@x.test", dryRun=True)[1]
    assert dry == report | {"dryRun": True}


@pytest.mark.parametrize("status", ["done", "cancelled"])
def test_history_of_an_archived_client_comes_in(leadbook, take, archived, status):
    text = f"subject,due date,status,email\nT,2026-01-05,{status},cy@x.test\n"
    dry = take(text, "follow-ups", dryRun=True)
    report = take(text, "follow-ups")
    assert (report["created"], dry | {"dryRun": False}) == (1, report)
    [made] = leadbook.client.get("/follow-ups").json["data"]
    assert (made["clientId"], made["status"]) == (archived["id"], status)


def test_person_who_is_there_comes_before_an_archived_client(leadbook, one, archived):
    lead = leadbook.add_lead(name="Cy", email="cy@x.test", status="lost")
    text = "T,2026-01-05,done,cy@x.test"
    made, _ = one("subject,due date,status,email", text)
    assert made["leadId"] == lead["id"]


@pytest.mark.parametrize(
    ("header", "cells"), [("leadId,email", "17,ada@x.test"), ("leadId", "17"), ("clientId", "x")]
)
def test_id_that_is_none_is_not_ignored(one, header, cells):
    made, report = one(f"subject,due date,{header}", f"T,2026-01-05,{cells}")
    who = "client" if header == "clientId" else "lead"
    reason = f"{who}Id: No {who} has this id."
    assert (made, report["rejects"]) == (None, [{"line": 2, "reason": reason}])


@pytest.mark.parametrize(("kind", "status"), [("leads", 200), ("follow-ups", 400)])
def test_vcards_have_only_people(take, ada, kind, status):
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bo\r\nEMAIL:bo@x.test\r\nEND:VCARD\r\n"
    said = take(card, kind, "text/vcard", status)
    if status == 400:
        [detail] = said["error"]["details"]
        assert detail["message"] == "The body is a vCard file, which has only people."


def test_addresses_of_the_atomic_crm_of_today(leadbook, take, ada):
    row = {"text": "T", "due_date": "2026-01-05", "done_date": None,
           "contact": {"email_jsonb": [{"email": "ada@x.test", "type": "Work"}]}}  # fmt: skip
    report = take(json.dumps([row]), "follow-ups", "application/json")
    assert report["created"] == 1, report
    assert leadbook.client.get("/follow-ups").json["data"][0]["leadId"] == ada["id"]


@pytest.mark.parametrize("cell", ["Ada Byron (ada@x.test)", "Ada <ada@x.test>", "ada@x.test"])
def test_column_with_names_before_the_addresses_is_named(take, ada, cell):
    text = f"subject,due date,Associated Contact\nT,2026-01-05,{cell}\n"
    said = take(text, "follow-ups", status=400)["error"]["details"][0]["message"]
    assert "but Associated Contact has addresses" in said
