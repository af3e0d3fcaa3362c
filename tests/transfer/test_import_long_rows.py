"""Rows up to the documented 256 KiB: the length of a cell does not matter, that of a row does."""

import csv
import subprocess
import sys

import pytest
from command import invoke
from reports import counts, created

from leadbook.transfer.files.source import LONGEST_LINE

HEADER = "name,email,page\n"
TOO_LONG = f"The line has more than {LONGEST_LINE} characters."
LIMIT = 131_072


@pytest.fixture
def usual_limit():
    """The limit of the csv module in a process that has imported nothing yet."""
    before = csv.field_size_limit(LIMIT)
    yield LIMIT
    csv.field_size_limit(before)


@pytest.mark.usefixtures("usual_limit")
@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("x" * 140_000, id="one line"),
        pytest.param("x" * (LONGEST_LINE - 100), id="nearly a row"),
        pytest.param('"' + "x," * 70_000 + '"', id="quoted"),
        pytest.param('"' + "a line\r\n" * 20_000 + '"', id="lines"),
        pytest.param('"' + 'say ""x""\n' * 15_000 + '"', id="quotes"),
        pytest.param("€" * 200_000, id="beyond ASCII"),
    ],
)
def test_long_cell_that_is_left_out_rejects_no_row(take, leadbook, cell):
    report = take(f"{HEADER}Ada,a@a.test,{cell}\nBob,b@a.test,{cell}\n")
    assert counts(report) == created(2)
    assert report["adjusted"] == {"custom": {"cut": 2}}
    assert sorted(lead["name"] for lead in leadbook.leads()) == ["Ada", "Bob"]


@pytest.mark.usefixtures("usual_limit")
def test_long_cell_of_a_field_is_cut_by_the_rule_of_the_field(take, leadbook):
    report = take(f"name,email,notes\nAda,a@a.test,{'x' * 140_000}\nBob,b@a.test,\n")
    assert counts(report) == created(2)
    assert report["adjusted"] == {"notes": {"cut": 1}, "custom": {"cut": 1}}
    assert leadbook.leads()[0]["notes"] == "x" * 10_000


@pytest.mark.usefixtures("usual_limit")
def test_long_header_is_a_header(take):
    long = "x" * 140_000
    report = take(f"name,email,{long}\nAda,a@a.test,1\n")
    assert (report["created"], report["custom"]) == (1, ["x" * 64])


def test_header_over_the_limit_is_refused_in_words(take):
    refused = take(f"name,email,{'x,' * 140_000}\nAda,a@a.test,1\n", status=400)
    assert "has no header that can be read: the line has more than 262144" in str(refused)


def test_row_over_the_limit_is_one_rejected_row(take, leadbook):
    # It begins with a long line and goes on in short ones, each like a row of its own.
    lines = "y\nEve,e@a.test,\n" * 5_000
    long = f'Ada,a@a.test,"{"x" * (LONGEST_LINE - 1_000)}{lines}"\n'
    report = take(f"{HEADER}{long}Bob,b@a.test,\n")
    assert report["rejects"] == [{"line": 2, "reason": TOO_LONG}]
    assert [lead["name"] for lead in leadbook.leads()] == ["Bob"]


def test_rejected_row_over_the_limit_is_whole(tmp_path):
    file = tmp_path / "file.csv"
    lines = "y\n" * 1_000
    long = f'Ada,a@a.test,"{"x" * (LONGEST_LINE - 1_000)}{lines}the end"\n'
    file.write_text(f"{HEADER}{long}Bob,b@a.test,\n")
    done = invoke("import", "leads", file, "--database", tmp_path / "new.db")
    assert done.returncode == 3, done.stderr
    with (tmp_path / "file.csv.rejected.csv").open(newline="") as rejected:
        _, row = csv.reader(rejected)
    assert row == ["2", TOO_LONG, long]


def test_line_that_is_cut_inside_quotes_swallows_no_row(take, leadbook):
    long = f'Ada,a@a.test,"{"x" * (LONGEST_LINE + 10)}"\n'
    # Its own quote is cut off, and the first quote of the next row would close the cell.
    report = take(f'{HEADER}{long}Bob,b@a.test",",\nEve,e@a.test,\n')
    assert [each["line"] for each in report["rejects"]] == [2, 3]
    assert report["rejects"][0]["reason"] == TOO_LONG
    report = take(f'{HEADER}{long}Bob,b@a.test,",home"\n')
    assert counts(report) == created(1, rejected=1)


@pytest.mark.usefixtures("usual_limit")
def test_long_rows_one_after_another(take):
    cell = '"' + "a line\n" * 25_000 + '"'
    rows = "".join(f"Name {n},n{n}@a.test,{cell}\n" for n in range(20))
    assert counts(take(HEADER + rows)) == created(20)


def test_limit_of_the_host_is_raised_and_never_lowered(take, usual_limit):
    text = f"{HEADER}Ada,a@a.test,{'x' * 140_000}\n"
    for others in (usual_limit, 10, 10_000_000):
        csv.field_size_limit(others)
        assert counts(take(text)) == created(1)
        assert csv.field_size_limit() >= max(others, LONGEST_LINE)
    assert csv.field_size_limit() == 10_000_000


def test_imports_at_the_same_time_keep_the_limit_of_the_host(usual_limit, tmp_path):
    # In a process of its own: the first import raises the limit.
    script = """
import csv, sys, threading
from leadbook.app import create_app

app = create_app({"DATABASE": sys.argv[1]})
text = "name,email,page\\nAda,a@a.test," + "x" * 140_000 + "\\n"
found = []

def take():
    answer = app.test_client().post("/leads/import", data=text, content_type="text/csv")
    found.append((answer.json["created"], csv.field_size_limit()))

threads = [threading.Thread(target=take) for _ in range(6)]
for each in threads:
    each.start()
for each in threads:
    each.join()
print(sorted(set(found)))
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "leadbook.db")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout == f"[(1, {2 * LONGEST_LINE})]\n", done.stderr
