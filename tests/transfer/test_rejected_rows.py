"""The rows that an import rejects: as they were, to be mended and imported again."""

import csv
import json
import os

from command import assert_refused, exported, invoke


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
    # The file of an earlier run says nothing of this one.
    file.write_text("Name,E-mail\nB,b@a.test\n")
    assert invoke("import", "leads", file, "--database", database).returncode == 0
    assert not rejected.exists()


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


def test_place_that_cannot_be_written_is_told_before_anything_is_done(tmp_path, database, file):
    missing = tmp_path / "nowhere" / "rejected.csv"
    done = invoke("import", "leads", file, "--database", database, "--rejected", missing)
    assert_refused(done, "name another file with --rejected")
    assert exported(database) == []


def test_folder_in_the_place_of_the_rejected_rows_is_left_alone(tmp_path, database, file):
    folder = tmp_path / "folder"
    folder.mkdir()
    done = invoke("import", "leads", file, "--database", database, "--rejected", folder)
    assert_refused(done, "exists and is not a file of rejected rows")
    assert folder.is_dir()


def test_rejected_row_with_a_character_that_is_none_is_kept_as_json_writes_it(tmp_path, database):
    file = tmp_path / "some.jsonl"
    # Half of a pair, which no encoding can hold.
    rows = '{"name": "A", "email": "a@a.test"}\n{"name": "\\ud800", "email": "no"}\n'
    file.write_text(rows)
    done = invoke("import", "leads", file, "--database", database)
    assert done.returncode == 3
    [line] = (tmp_path / "some.jsonl.rejected.jsonl").read_text().splitlines()
    assert json.loads(line)["name"] == "\ud800"


def test_rejected_rows_never_take_the_place_of_another_file(tmp_path, database, file):
    before = file.read_text()
    done = invoke("import", "leads", file, "--database", database, "--rejected", file)
    assert_refused(done, "is not a file of rejected rows")
    assert file.read_text() == before
    # A run that is refused as a whole leaves what an earlier one has rejected.
    bad = tmp_path / "bad.csv"
    bad.write_text("name,email\nA,no\n")
    assert invoke("import", "leads", bad, "--database", database).returncode == 1
    kept = (tmp_path / "bad.csv.rejected.csv").read_text()
    assert_refused(
        invoke("import", "leads", bad, "--database", database, "--map", "X=email"), "no column"
    )
    assert (tmp_path / "bad.csv.rejected.csv").read_text() == kept
    assert not [name for name in os.listdir(tmp_path) if "unfinished" in name]


def test_long_rows_that_are_rejected_are_whole(tmp_path, database):
    long = f'"lone,l@a.test,{"x" * 5_000}'
    file = tmp_path / "some.csv"
    file.write_text(f"name,email,notes\n{long}\nB,b@a.test,\n")
    assert invoke("import", "leads", file, "--database", database).returncode == 3
    assert "x" * 5_000 in (tmp_path / "some.csv.rejected.csv").read_text()
