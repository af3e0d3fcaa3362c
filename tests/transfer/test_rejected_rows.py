"""The rows that an import rejects: as they were, to be mended and imported again."""

import csv
import json
import os
import subprocess
import sys
from contextlib import ExitStack

import pytest
from command import assert_refused, exported, invoke

from leadbook.transfer.files.reading import read_rows
from leadbook.transfer.files.source import Source
from leadbook.transfer.rejects import RejectedFile


def test_rejected_rows_come_back_as_they_were_and_go_in_when_mended(tmp_path, database):
    file = tmp_path / "some.csv"
    file.write_text(
        'Name,E-mail,Website\n"Ada, B",ada@a.test,x\n"Grace, H",no,"y ""z"""\nshort\n"lone,l@a.test,\n'
    )
    done = invoke("import", "leads", file, "--database", database)
    assert done.returncode == 3
    rejected = tmp_path / "some.csv.rejected.csv"
    assert done.stdout.splitlines()[-1] == (
        f"The rejected rows are in {rejected}, each with its line and the reason."
    )
    with rejected.open(newline="") as opened:
        header, *rows = csv.reader(opened)
    assert header == ["leadbook line", "leadbook reason", "Name", "E-mail", "Website"]
    assert [row[0] for row in rows] == ["3", "4", "5"]
    assert rows[0][2:] == ["Grace, H", "no", 'y "z"']
    assert rows[0][1].startswith("email: Must be an e-mail address")
    assert rows[1][1:] == ["email: Must not be empty.", "short", "", ""]
    assert rows[2][1:] == ["Not valid CSV: unexpected end of data.", '"lone,l@a.test,\n']
    mended = tmp_path / "mended.csv"
    mended.write_text(
        "".join(rejected.read_text().splitlines(keepends=True)[:2]).replace(
            ",no,", ",grace@a.test,"
        )
    )
    done = invoke("import", "leads", mended, "--database", database)
    assert done.returncode == 0, done.stdout
    assert [lead["name"] for lead in exported(database)] == ["Ada, B", "Grace, H"]
    # Somebody may have mended the file of an earlier run.
    file.write_text("Name,E-mail\nB,b@a.test\n")
    assert invoke("import", "leads", file, "--database", database).returncode == 0
    assert rejected.exists()


def test_rejected_json_lines_stay_json_lines(tmp_path, database):
    file = tmp_path / "some.jsonl"
    bad = '{"name": "B", "email":"no",  "phone": 1.50}'
    file.write_text(f'{{"name": "A", "email": "a@a.test"}}\n{bad}\n{{}}\nnonsense\n')
    done = invoke("import", "leads", file, "--database", database)
    assert done.returncode == 3
    lines = (tmp_path / "some.jsonl.rejected.jsonl").read_text().splitlines()
    assert [json.loads(line)["leadbook line"] for line in lines] == [2, 3, 4]
    # To the letter, behind the notes.
    assert lines[0].endswith(bad.removeprefix("{"))
    assert json.loads(lines[2])["raw"] == "nonsense\n"


@pytest.mark.parametrize(
    "place", ["nowhere/r.csv", "file/r.csv", f"{'n' * 300}.csv", "folder", "pipe"]
)
def test_place_that_cannot_be_written_is_told_before_anything_is_done(tmp_path, file, place):
    database = tmp_path / "none" / "leadbook.db"
    (tmp_path / "file").touch(0o755)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = sorted(os.listdir(tmp_path))
    done = invoke("import", "leads", file, "--database", database, "--rejected", tmp_path / place)
    assert_refused(done, "name another file with --rejected")
    assert sorted(os.listdir(tmp_path)) == before


@pytest.mark.parametrize("log", ["", "-wal", "-shm"])
def test_rejected_rows_do_not_become_the_database(tmp_path, database, file, log):
    place = f"{database}{log}"
    done = invoke("import", "leads", file, "--database", database, "--rejected", place)
    assert_refused(done, "is the database itself")


def test_name_that_is_taken_gets_a_number(tmp_path, database):
    file, own = tmp_path / "list.csv", tmp_path / "mine.txt"
    file.write_text("name,email\nA,no\n")
    own.write_text("dear")
    (tmp_path / "list.csv.rejected-2.csv").symlink_to(tmp_path / "missing")
    for options, name in (
        ((), "list.csv.rejected.csv"),
        ((), "list.csv.rejected-3.csv"),
        (("--from-line", "2"), "list.csv.rejected.from-2.csv"),
        (("--from-line", "2"), "list.csv.rejected.from-2-2.csv"),
        (("--rejected", own), "mine-2.txt"),
        (("--rejected", file), "list-2.csv"),
    ):
        done = invoke("import", "leads", file, "--database", database, *options)
        assert f"The rejected rows are in {tmp_path / name}, each with" in done.stdout
        assert "A,no" in (tmp_path / name).read_text()
    assert own.read_text() == "dear"
    assert file.read_text() == "name,email\nA,no\n"
    assert not (tmp_path / "missing").exists()


def test_imports_at_the_same_time_do_not_share_a_file(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("name,email\nA,no\n")
    rejected, places = tmp_path / "r.csv", []
    with file.open("rb") as opened:
        source = Source(opened, "list.csv")
        rows = list(read_rows(source))
        with ExitStack() as stack:
            all_of_them = [stack.enter_context(RejectedFile(rejected, source)) for _ in range(4)]
            for number, each in enumerate(all_of_them):
                each.add(rows[0], f"Reason {number}.")
    places = [each.place for each in all_of_them]
    assert sorted(place.name for place in places) == ["r-2.csv", "r-3.csv", "r-4.csv", "r.csv"]
    for number, place in enumerate(places):
        assert f"Reason {number}." in place.read_text()


def test_file_that_is_refused_leaves_no_rejected_rows(tmp_path, database):
    bad = tmp_path / "bad.csv"
    bad.write_text("name,email\nA,no\n")
    done = invoke("import", "leads", bad, "--database", database, "--map", "X=email")
    assert_refused(done, "no column")
    assert not list(tmp_path.glob("*rejected*"))
    assert not [name for name in os.listdir(tmp_path) if "unfinished" in name]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("ada@a.test,Ada\nb@a.test,B\n", "has no header"), ("name,email\n", "has no rows"), ("", "is empty"),
        ("name,city\nAda,London\n", "No column"), ("name,email\nTotal: 3,\n", "has no records"),
    ],
)  # fmt: skip
def test_file_that_is_refused_leaves_no_database(tmp_path, content, told):
    (tmp_path / "bad.csv").write_text(content)
    assert_refused(
        invoke("import", "leads", tmp_path / "bad.csv", "--database", tmp_path / "new.db"), told
    )
    assert os.listdir(tmp_path) == ["bad.csv"]


def test_rejected_row_with_a_character_that_is_none_is_kept_as_json_writes_it(tmp_path, database):
    file = tmp_path / "some.jsonl"
    # Half of a pair, which no encoding can hold.
    rows = '{"name": "A", "email": "a@a.test"}\n{"name": "\\ud800", "email": "no"}\n'
    file.write_text(rows)
    done = invoke("import", "leads", file, "--database", database)
    assert done.returncode == 3
    [line] = (tmp_path / "some.jsonl.rejected.jsonl").read_text().splitlines()
    assert json.loads(line)["name"] == "\ud800"


def test_long_rows_that_are_rejected_are_whole(tmp_path, database):
    long = f'"lone,l@a.test,{"x" * 5_000}'
    file = tmp_path / "some.csv"
    file.write_text(f"name,email,notes\n{long}\nB,b@a.test,\n")
    assert invoke("import", "leads", file, "--database", database).returncode == 3
    assert "x" * 5_000 in (tmp_path / "some.csv.rejected.csv").read_text()


def test_full_disk_leaves_whole_rows_and_says_so(tmp_path, database):
    file, rejected = tmp_path / "many.csv", tmp_path / "r.csv"
    lines = [
        f"N{number},{'nobody' if number % 50 else f'n{number}@a.test'}" for number in range(18_000)
    ]
    file.write_text("\n".join(["name,email", *lines]) + "\n")
    # A limit on the size of a file stands for the end of the disk.
    script = """if True:
        import resource, sys
        from leadbook.transfer import importing
        from leadbook.cli.main import main
        importing.BATCH = 6_000
        resource.setrlimit(resource.RLIMIT_FSIZE, (800_000, 800_000))
        main(sys.argv[1:])
    """
    arguments = ["import", "leads", file, "--database", database, "--rejected", rejected]
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 4, done.stderr
    stopped, why, where = done.stderr.splitlines()
    # Rejected rows are not among those that are stored.
    assert stopped.startswith("Stopped; 240 rows are stored. The last one begins on line 12001.")
    assert why == f"leadbook: {rejected}: File too large."
    assert where.startswith(f"Only some of the rejected rows are in {rejected}, each with")
    with rejected.open(newline="") as opened:
        rows = list(csv.reader(opened, strict=True))
    assert {len(row) for row in rows} == {4}
    assert 600_000 < rejected.stat().st_size < 800_000
    assert not list(tmp_path.glob(".leadbook-*"))
