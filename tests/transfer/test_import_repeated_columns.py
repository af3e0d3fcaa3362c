"""A column that a file has twice: nothing of it is lost without a word."""

import csv
import io
import json

import pytest
from command import invoke
from reports import counts, created


def written(rows):
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def with_copy(text, column, change=lambda cell: cell):
    """Return a CSV text in which a column is there once more, at the end."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    place = header.index(column)
    return written([[*header, column], *([*row, change(row[place])] for row in rows)])


@pytest.mark.parametrize(
    ("cells", "company", "custom"),
    [
        ("one,two,", "one", {"company 2": "two"}),
        ("one,,three", "one", {"company 3": "three"}),
        (",two,", "two", {}),
        ("\u200b,,three", "three", {}),
        (",two,three", "two", {"company 3": "three"}),
        ("one, one ,one", "one", {}),
        ("one,n/a,NULL", "one", {}),
        (",,", None, {}),
    ],
)
def test_first_filled_cell_counts_and_another_one_is_kept(take, leadbook, cells, company, custom):
    report = take(f"name,email,company, company ,company\nAda,a@a.test,{cells}\n")
    assert counts(report) == created(1)
    assert report["columns"]["company"] == ["company"]
    assert (report["custom"], report["leftOut"]) == ([*custom], [])
    [lead] = leadbook.leads()
    assert (lead["company"], lead["custom"]) == (company, custom)


@pytest.mark.parametrize(
    ("cells", "notes"),
    [
        ("one,two,", "notes: one\nnotes: two"),
        (",two,three", "notes: two\nDescription: three"),
        ("one, one ,one", "one"),
        (",,three", "three"),
        ("none,NULL,-", "notes: none\nDescription: -"),
        (",,", None),
    ],
)
def test_notes_come_together_with_their_headers(take, leadbook, cells, notes):
    report = take(f"name,email,notes, notes ,Description\nAda,a@a.test,{cells}\n")
    assert (counts(report), report["custom"]) == (created(1), [])
    assert leadbook.leads()[0]["notes"] == notes


def test_one_row_with_another_cell_is_enough(take, leadbook):
    rows = [f"Name {n},n{n}@a.test,,555 01{n:02}\n" for n in range(50)]
    report = take("name,email,phone,phone\n" + "".join(rows) + "Last,l@a.test,1,2\n")
    assert (report["created"], report["custom"]) == (51, ["phone 2"])
    assert {lead["phone"] for lead in leadbook.leads(limit=100)} >= {"1", "555 0100", "555 0149"}


@pytest.mark.parametrize("column", ["name", "email", "First Name", "status", "created", "score"])
def test_any_field_can_be_there_twice(take, column):
    row = {"name": "Ada", "email": "a@a.test", "First Name": "Ada", "status": "new"}
    row |= {"created": "2024-03-14", "score": "5"}
    others = {"email": "b@a.test", "created": "2024-03-15", "score": "6", "status": "won"}
    other = others.get(column, "Eve")
    report = take(written([[*row, column], [*row.values(), other]]))
    assert (report["created"], report["custom"]) == (1, [f"{column} 2"])


def test_unknown_columns_are_numbered(take, leadbook):
    take("name,email,page,page,page 2,\nAda,a@a.test,1,2,3,4\n")
    custom = {"page": "1", "page 2": "2", "page 2 2": "3", "Column 6": "4"}
    assert leadbook.leads()[0]["custom"] == custom


def test_columns_of_one_field_with_other_names_keep_their_headers(take, leadbook):
    report = take("name,email 1,email 2\nAda,a@a.test,b@a.test\n")
    assert report["columns"]["email"] == ["email 1", "email 2"]
    assert leadbook.leads()[0]["custom"] == {"email 2": "b@a.test"}


def test_column_that_the_user_maps_to_two_fields_is_told_once(tmp_path):
    file = tmp_path / "file.csv"
    file.write_text("name,mail,mail\nAda,a@a.test,b@a.test\n")
    mapped = ("--map", "mail=email", "--map", "mail=notes")
    done = invoke("import", "leads", file, "--database", tmp_path / "new.db", *mapped)
    assert done.returncode == 0, done.stderr
    assert "  email <- mail\n  notes <- mail\n" in done.stdout
    [lead] = map(
        json.loads,
        invoke(
            "export", "leads", "--format", "jsonl", "--database", tmp_path / "new.db"
        ).stdout.splitlines(),
    )
    assert (lead["email"], lead["notes"]) == ("a@a.test", "mail: a@a.test\nmail: b@a.test")


def test_key_that_is_there_twice_rejects_its_line(take, leadbook):
    lines = [
        '{"name": "Ada", "email": "a@a.test", "notes": "one", "notes": "two"}',
        '{"name": "Bob", "email": "b@a.test", "page": 1, "page": 1}',
        '{"name": "Eve", "email": "e@a.test", "notes": "one"}',
    ]
    report = take("\n".join(lines), media_type="application/x-ndjson")
    assert counts(report) == created(1, rejected=2)
    assert [each["line"] for each in report["rejects"]] == [1, 2]
    assert "'notes' more than once" in report["rejects"][0]["reason"]
    assert [lead["name"] for lead in leadbook.leads()] == ["Eve"]


@pytest.mark.parametrize("column", ["notes", "id", "version", "email", "updatedAt"])
def test_own_export_stays_one_with_a_copied_column(take, leadbook, column):
    leadbook.add_lead(name="=1+1", notes="-1, 2", company="Engines")
    before, text = leadbook.leads(), leadbook.client.get("/leads/export").text
    leadbook.reset()
    report = take(with_copy(text, column))
    assert counts(report) == created(1)
    assert report["ownExport"] == {"missing": [], "extra": []}
    assert report["leftOut"] == []
    assert leadbook.leads() == before


def test_own_export_tells_the_other_values_of_a_copied_column(take, leadbook):
    leadbook.add_lead(notes="one", company="")
    before, text = leadbook.leads(), leadbook.client.get("/leads/export").text
    leadbook.reset()
    report = take(with_copy(text, "notes", lambda _: "two"))
    assert report["ownExport"] == {"missing": [], "extra": []}
    assert leadbook.leads() == [each | {"custom": {"notes 2": "two"}} for each in before]
    leadbook.reset()
    # An empty first column is filled from the second.
    report = take(with_copy(text, "company", lambda _: "Engines"))
    assert (report["created"], report["leftOut"]) == (1, [])
    assert leadbook.leads()[0]["company"] == "Engines"


def test_part_of_an_own_export_stays_one_with_a_copied_column(take, leadbook):
    leadbook.add_lead()
    [lead] = leadbook.leads()
    columns = ["id", "name", "email", "version", "createdAt", "updatedAt"]
    rows = [["id", *columns], ["", *(lead[name] for name in columns)]]
    leadbook.reset()
    report = take(written(rows))
    assert report["ownExport"]["extra"] == []
    assert [each["id"] for each in leadbook.leads()] == [lead["id"]]


def test_repeated_import_tells_the_same_columns(leadbook):
    """The same request with its key gets the same report."""
    data = "name,email,page,page\nAda,a@a.test,one,two\n"
    headers = {"Idempotency-Key": "a"}
    answers = [
        leadbook.client.post("/leads/import", data=data, content_type="text/csv", headers=headers)
        for _ in range(2)
    ]
    assert [each.json["custom"] for each in answers] == [["page", "page 2"]] * 2


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--strict"]])
def test_command_says_so(tmp_path, options):
    file = tmp_path / "file.csv"
    file.write_text("name,email,page,page\nAda,a@a.test,one,two\n")
    done = invoke("import", "leads", file, "--database", tmp_path / "new.db", *options)
    assert done.returncode == 0, done.stderr
    assert "  custom <- page, page 2\n" in done.stdout
