"""The dates of other tools: a column is read as a whole, and nothing is guessed cell by cell."""

import json

import pytest
from command import exported, invoke
from reports import NOW

from leadbook.transfer.files import reading

FEBRUARY_3, MARCH_2 = "2024-02-03T00:00:00.000Z", "2024-03-02T00:00:00.000Z"


def text_of(*dates, columns="created"):
    return f"name,email,{columns}\n" + "".join(
        f"A,a{number}@a.test,{date}\n" for number, date in enumerate(dates)
    )


def dates_of(leadbook):
    return [
        lead["createdAt"]
        for lead in sorted(leadbook.leads(limit=100), key=lambda lead: lead["email"])
    ]


@pytest.mark.parametrize(
    ("proof", "read"), [("2/23/2024", FEBRUARY_3), ("23/2/2024", MARCH_2), ("2/23/24", FEBRUARY_3)]
)
@pytest.mark.parametrize("at", [0, 2, -1])
def test_one_cell_decides_the_column(take, leadbook, proof, read, at):
    dates = ["2/3/2024"] * 4
    dates.insert(at % 5, proof)
    report = take(text_of(*dates))
    assert dates_of(leadbook).count(read) == 4
    assert (report["notUnderstood"]["createdAt"], report["adjusted"]) == ({}, {})


def test_proof_at_the_end_of_a_long_file_decides(take, leadbook):
    report = take(text_of("2/3/2024", *["2024-01-01"] * 3_000, "2/23/2024"))
    assert report["notUnderstood"]["createdAt"] == {}
    [first] = leadbook.leads(email="a0@a.test")
    assert first["createdAt"] == FEBRUARY_3


@pytest.mark.parametrize("dates", [["2/3/2024"], ["2/3/2024", "2/23/2024", "23/2/2024"]])
def test_undecided_dates_are_kept_and_counted(take, leadbook, dates):
    report = take(text_of(*dates))
    [first] = leadbook.leads(email="a0@a.test")
    assert (first["createdAt"], first["custom"]) == (NOW, {"created": "2/3/2024"})
    assert report["notUnderstood"]["createdAt"] == {"2/3/2024": 1}
    assert report["adjusted"] == {"createdAt": {"ambiguous": 1}}
    # What only one order can read needs no decision.
    assert dates_of(leadbook)[1:] == ["2024-02-23T00:00:00.000Z"] * (len(dates) - 1)


@pytest.mark.parametrize(("order", "read"), [("mdy", FEBRUARY_3), ("dmy", MARCH_2)])
def test_user_decides_what_no_cell_does(take, leadbook, tmp_path, order, read):
    report = take(text_of("2/3/2024"), dateOrder=order)
    assert (dates_of(leadbook), report["custom"]) == ([read], [])
    file, database = tmp_path / "file.csv", tmp_path / "x.db"
    file.write_text(text_of("2/3/2024"))
    invoke("import", "leads", file, "--database", database, "--date-order", order)
    assert exported(database)[0]["createdAt"] == read


def test_proof_comes_before_the_word_of_the_user(take, leadbook):
    take(text_of("2/3/2024", "2/23/2024"), dateOrder="dmy")
    assert dates_of(leadbook)[0] == FEBRUARY_3


def test_summary_says_what_to_do_with_undecided_dates(tmp_path):
    file = tmp_path / "file.csv"
    file.write_text(text_of("2/3/2024"))
    done = invoke("import", "leads", file, "--database", tmp_path / "x.db", "--dry-run")
    assert "1 with two meanings, such as 2/3/2024: say --date-order dmy or mdy." in done.stdout
    assert "custom keeps the words." in done.stdout
    assert invoke("import", "leads", file, "--date-order", "ymd").returncode == 2


def test_each_column_has_its_own_order(take, leadbook):
    rows = ("2/3/2024,", "2/23/2024,", ",2/3/2024", ",23/2/2024")
    take(text_of(*rows, columns="Created,Date Added"))
    assert dates_of(leadbook)[0] == FEBRUARY_3
    assert dates_of(leadbook)[2] == MARCH_2


def test_first_date_that_is_understood_counts(take, leadbook):
    row = "soon,2024-02-03,2024-02-04,2024-02-03,0000-00-00"
    report = take(text_of(row, columns="Created,Date Added,Signup date,Created on,Created time"))
    assert dates_of(leadbook) == [FEBRUARY_3]
    assert leadbook.leads()[0]["custom"] == {"Created": "soon", "Signup date": "2024-02-04"}
    # Another column says the time, so none is lost.
    assert report["notUnderstood"]["createdAt"] == {}


def test_continued_import_reads_the_dates_alike(take, leadbook):
    text = text_of("2/23/2024", "2/3/2024")
    take(text, fromLine=3)
    assert dates_of(leadbook) == [FEBRUARY_3]


def test_dates_of_json_are_decided_as_a_whole(take, leadbook):
    rows = [
        {"name": "A", "email": f"a{n}@a.test", "createdAt": date, f"k{n}": 1}
        for n, date in enumerate(["2/3/2024", "2/23/2024"])
    ]
    take("\n".join(map(json.dumps, rows)), media_type="application/x-ndjson")
    assert dates_of(leadbook)[0] == FEBRUARY_3


def test_file_is_read_again_only_for_a_question(take, monkeypatch):
    read, counted = reading._read_csv, []

    def count(source):
        counted.append(source)
        return read(source)

    monkeypatch.setattr(reading, "_read_csv", count)
    take(text_of("2024-02-03", "23/2/2024", "soon"))
    assert len(counted) == 1
    take(text_of("2024-02-03", "2/3/2024", "3/2/2024"))
    assert len(counted) == 3
