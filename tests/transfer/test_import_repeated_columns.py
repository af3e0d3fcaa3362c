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
    ("cells", "notes", "left_out"),
    [
        ("one,two,", "one", ["notes"]),
        ("one,,three", "one", ["notes"]),
        (",two,", "two", []),
        ("\u200b,,three", "three", []),
        (",two,three", "two", ["notes"]),
        ("one, one ,one", "one", []),
        (",,", None, []),
    ],
)
def test_first_filled_cell_counts_and_another_one_is_told(take, leadbook, cells, notes, left_out):
    report = take(f"name,email,notes, notes ,notes\nAda,a@a.test,{cells}\n")
    assert counts(report) == created(1)
    assert report["columns"]["notes"] == ["notes"]
    assert report["leftOut"] == left_out
    assert leadbook.leads()[0]["notes"] == notes


def test_one_row_that_loses_a_cell_is_enough(take, leadbook):
    rows = [f"Name {n},n{n}@a.test,,kept {n}\n" for n in range(50)]
    report = take("name,email,phone,phone\n" + "".join(rows) + "Last,l@a.test,1,2\n")
    assert (report["created"], report["leftOut"]) == (51, ["phone"])
    assert {lead["phone"] for lead in leadbook.leads(limit=100)} >= {"1", "kept 0", "kept 49"}


@pytest.mark.parametrize("column", ["name", "email", "First Name", "status", "created", "score"])
def test_any_field_can_be_there_twice(take, column):
    row = {"name": "Ada", "email": "a@a.test", "First Name": "Ada", "status": "new"}
    row |= {"created": "2024-03-14", "score": "5"}
    others = {"email": "b@a.test", "created": "2024-03-15", "score": "6", "status": "won"}
    other = others.get(column, "Eve")
    report = take(written([[*row, column], [*row.values(), other]]))
    assert (report["created"], report["leftOut"]) == (1, [column])


def test_unknown_columns_are_left_out_once(take):
    report = take("name,email,page,page\nAda,a@a.test,1,2\n")
    assert report["leftOut"] == ["page"]


def test_columns_of_one_field_with_other_names_are_no_loss(take):
    report = take("name,email 1,email 2\nAda,a@a.test,b@a.test\n")
    assert report["columns"]["email"] == ["email 1", "email 2"]
    assert report["leftOut"] == []


def test_column_that_the_user_maps_to_two_fields_is_told_once(tmp_path):
    file = tmp_path / "file.csv"
    file.write_text("name,mail,mail\nAda,a@a.test,b@a.test\n")
    mapped = ("--map", "mail=email", "--map", "mail=notes")
    done = invoke("import", "leads", file, "--database", tmp_path / "new.db", *mapped)
    assert done.returncode == 0, done.stderr
    assert "  email <- mail\n  notes <- mail\n" in done.stdout
    assert "Left out: mail." in done.stdout


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
    assert (report["ownExport"], report["leftOut"]) == ({"missing": [], "extra": []}, ["notes"])
    assert leadbook.leads() == before
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


def test_continued_import_keeps_what_was_left_out(leadbook):
    """The same request with its key gets the same report."""
    data = "name,email,notes,notes\nAda,a@a.test,one,two\n"
    headers = {"Idempotency-Key": "a"}
    answers = [
        leadbook.client.post("/leads/import", data=data, content_type="text/csv", headers=headers)
        for _ in range(2)
    ]
    assert [json.loads(each.data)["leftOut"] for each in answers] == [["notes"], ["notes"]]


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--strict"]])
def test_command_says_so(tmp_path, options):
    file = tmp_path / "file.csv"
    file.write_text("name,email,notes,notes\nAda,a@a.test,one,two\n")
    done = invoke("import", "leads", file, "--database", tmp_path / "new.db", *options)
    assert done.returncode == 0, done.stderr
    assert "Left out: notes." in done.stdout
