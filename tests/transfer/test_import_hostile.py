"""Hostile files: a clear reason with a line number, nothing half done, and little memory."""

import json
import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from leadbook.models import RECORDS, Lead
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.opening import open_database
from leadbook.transfer.columns.kinds import kind_of
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files import reading
from leadbook.transfer.files.source import LONGEST_LINE, Source
from leadbook.transfer.importing import Job, run

HEADER = "name,email,notes\n"


@pytest.fixture
def take(tmp_path):
    """Import bytes from a real file, and return the report and the rejects."""

    def take(data, **options):
        path = tmp_path / "file.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        rejects = []
        with (
            closing(open_database(tmp_path / "leadbook.db", Clock())) as database,
            path.open("rb") as file,
        ):
            job = Job(
                kind_of(Lead),
                Source(file, "file.csv"),
                options.pop("on_duplicate", "create"),
                **options,
            )
            report = run(
                job, database, lambda row, why: rejects.append((row.line, why)), lambda *_: None
            )
            with database.use():
                rows = database.execute_sql("SELECT name, email, notes FROM leads ORDER BY number")
                return report, rejects, rows.fetchall()

    return take


def row(number):
    return f"Name {number},n{number}@a.test,\n"


def test_lone_quote_costs_its_own_row_only(take):
    text = HEADER + row(1) + '"Name 2,n2@a.test,\n' + "".join(map(row, range(3, 300)))
    report, rejects, rows = take(text)
    assert [line for line, _ in rejects] == [3]
    assert rejects[0][1].startswith("Not valid CSV")
    assert len(rows) == report.outcomes["created"] == 298


def test_every_row_with_a_lone_quote_is_rejected_by_itself(take):
    text = HEADER + "".join(f'"Name {n},n{n}@a.test,\n' if n % 3 else row(n) for n in range(300))
    report, rejects, rows = take(text)
    assert len(rows) == 100
    assert [line for line, _ in rejects] == [n + 2 for n in range(300) if n % 3]
    assert report.rows == 300


def test_notes_over_many_lines_are_one_row(take):
    notes = "\n".join(f"line {n}, with a comma" for n in range(400))
    _, rejects, rows = take(f'{HEADER}Ada,a@a.test,"{notes}"\nB,no,\nC,c@a.test,\n')
    assert [line for line, _ in rejects] == [402]
    assert rows == [("Ada", "a@a.test", notes), ("C", "c@a.test", None)]


def test_ragged_rows_are_told_by_their_lines(take):
    text = (
        HEADER + row(1) + "Only a name\n" + "A,b@a.test,c,d\n" + "B,c@a.test,,,,\n" + "\n" + row(2)
    )
    report, rejects, rows = take(text)
    assert report.first_remark is None
    assert rejects == [
        (3, "email: Must not be empty."),
        (4, "The row has 4 cells, but the header has 3."),
    ]
    assert [name for name, *_ in rows] == ["Name 1", "B", "Name 2"]


def test_nul_bytes_are_taken_out_and_counted(take):
    report, rejects, rows = take(HEADER + row(1) + "Na\0me,x@a.test,\n" + row(2))
    assert rejects == []
    assert [name for name, *_ in rows] == ["Name 1", "Name", "Name 2"]
    assert report.columns.adjustments.mended == {"name": {"characters": 1}}


def test_bytes_of_another_encoding_are_told_by_their_lines(take):
    text = (HEADER + "".join(f"Zoë {n},n{n}@a.test,\n" for n in range(5))).encode()
    _, rejects, rows = take(text + "Zoë latin,l@a.test,\n".encode("latin-1") + row(6).encode())
    assert [line for line, _ in rejects] == [7]
    assert [name for name, *_ in rows] == [*(f"Zoë {n}" for n in range(5)), "Name 6"]


def test_formulas_are_text_and_kept_as_they_are(take):
    _, rejects, rows = take(HEADER + "=1+1,f@a.test,@SUM(A1)\n'quoted,q@a.test,+44\n")
    assert rejects == []
    assert rows == [("=1+1", "f@a.test", "@SUM(A1)"), ("'quoted", "q@a.test", "+44")]


def test_line_that_is_too_long_is_rejected_by_itself(take):
    long = "x" * (LONGEST_LINE + 5)
    _, rejects, rows = take(f"{HEADER}{row(1)}{long},l@a.test,\n{row(2)}")
    assert rejects == [(3, f"The line has more than {LONGEST_LINE} characters.")]
    assert len(rows) == 2
    # Nor is one of cells that are not too long by themselves.
    cells = "x" * 1_000 + ","
    _, rejects, _ = take(f"{HEADER}A,a@a.test,\nB,b@a.test,{cells * 300}\n")
    assert rejects == [(3, f"The line has more than {LONGEST_LINE} characters.")]
    objects = f'{{"name": "C", "email": "c@a.test"}}\n{{"name": "{long}"}}\n'
    _, rejects, _ = take(objects)
    assert rejects == [(2, f"The line has more than {LONGEST_LINE} characters.")]


def test_empty_lines_without_an_end_are_refused(take, monkeypatch):
    lines = f"{HEADER}{row(1)}\n\n\n{row(2)}"
    assert len(take(lines)[2]) == 2
    monkeypatch.setattr(reading, "_PATIENCE_SECONDS", -1)
    with pytest.raises(FileRefusedError, match="has too many empty lines in a row"):
        take(lines)


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc").exists(), reason="the peak of memory is read from /proc")
@pytest.mark.parametrize("start", [HEADER.encode(), b"", b'{"name": "'])
def test_line_of_a_gigabyte_takes_little_memory(tmp_path, start):
    path = tmp_path / "long.csv"
    with path.open("wb") as file:
        file.write(start)
        for _ in range(1024):
            file.write(b"x" * 1024 * 1024)
        file.write(b"\n" + row(1).encode())
    command = [
        sys.executable,
        "-c",
        MEASURED,
        "import",
        "leads",
        path,
        "--database",
        tmp_path / "l.db",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    peak = int(done.stderr.splitlines()[-1])
    assert done.returncode == (3 if start == HEADER.encode() else 1), done.stderr
    assert peak < 100 * 1024


REPEATED = pytest.mark.parametrize("times", [40, pytest.param(300, marks=pytest.mark.long)])

# Of this program alone: what getrusage tells begins with what its parent had.
MEASURED = """
import re, sys
from pathlib import Path
from leadbook.cli.main import main
try:
    main(sys.argv[1:])
finally:
    status = Path("/proc/self/status").read_text()
    print(re.search(r"VmHWM:\\s+(\\d+)", status)[1], file=sys.stderr)
"""


@REPEATED
def test_random_bytes_never_end_in_anything_but_a_reason(take, tmp_path, times):
    dice = random.Random(7)
    bits = [
        b",",
        b'"',
        b"\n",
        b"\r",
        b"\0",
        b"a@a.test",
        b"\xff",
        b"\xc3\xa9",
        b";",
        b"'",
        b"\\",
        b"{",
        b"}",
        b"=",
        b"name,email\n",
        b"Ada",
    ]
    refusals = []
    for _ in range(times):
        data = b"".join(dice.choice(bits) for _ in range(dice.randrange(1, 80)))
        if dice.random() < 0.7:
            data = b"name,email\n" + data
        try:
            report, rejects, _ = take(data)
        except FileRefusedError as error:
            refusals.append(str(error))
            continue
        assert report.rejected == len(rejects)
        assert all(reason and line for line, reason in rejects)
    assert refusals
    assert not any("\n" in each for each in refusals)
    found = dict(check(tmp_path / "leadbook.db", Clock(), RECORDS, repair=False))
    assert not any(found.values())


@REPEATED
def test_random_json_lines_never_end_in_anything_but_a_reason(take, times):
    dice = random.Random(8)
    values = ["Ada", "a@a.test", None, 1, 1.5, True, [], {}, "\ud800", "x" * 300, "=1"]
    names = ["name", "email", "phone", "score", "status", "E-mail", "First Name", "", "createdAt"]
    for _ in range(times):
        rows = [
            {name: dice.choice(values) for name in dice.sample(names, dice.randrange(len(names)))}
            for _ in range(dice.randrange(1, 6))
        ]
        text = "\n".join(json.dumps(each) for each in rows)
        try:
            report, rejects, _ = take("{}\n" + text + "\n{" + '"a":' * 3000)
        except FileRefusedError:
            continue
        assert report.rows + report.remarks == len(rows) + 2
        assert report.rejected == len(rejects) >= 2


@pytest.mark.parametrize("told", ['"', "'", "\0", "\r", "a", "sep"])
def test_separator_that_cannot_be_one_is_not_believed(leadbook, told):
    data = f"sep={told}\r\nname,email\nAda,ada@a.test\n".encode()
    answer = leadbook.client.post("/leads/import", data=data, content_type="text/csv")
    # It is a title like any other, above the header.
    assert (answer.status_code, answer.json["created"]) == (200, 1)
