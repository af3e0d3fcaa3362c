"""`leadbook import` and `leadbook export`: what they say, where they write, how they end."""

import csv
import json
import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from command import assert_refused, run
from exports import LIST

from leadbook.checking import check
from leadbook.clock import Clock
from leadbook.database_file import open_database

LEADBOOK = [sys.executable, "-m", "leadbook.cli"]


@pytest.fixture
def database(tmp_path):
    return tmp_path / "leadbook.db"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    return path


def exported(database, kind="leads", *arguments):
    done = run("export", kind, "--format", "jsonl", "--database", database, *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_import_tells_what_it_took_for_what(file, database):
    done = run("import", "leads", file, "--database", database)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "  first name <- First Name",
        "  last name  <- Last Name",
        "  company    <- Company",
        "  phone      <- Phone 1, Phone 2",
        "  email      <- Email 1, Email 2",
        "  source     <- Source",
        "  status     <- Deal Stage",
        "  notes      <- Notes",
        "Left out: Index, Account Id, Lead Owner, Website.",
        "Not understood as status, and taken as new: 'On Hold' (1).",
        "4 rows: 4 created, 0 updated, 0 skipped, 0 rejected.",
    ]
    assert sorted(os.listdir(file.parent)) == ["leadbook.db", "list.csv"]


def test_dry_run_shows_five_rows_and_changes_nothing(file, database):
    done = run("import", "leads", file, "--database", database, "--dry-run")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    shown = lines[lines.index("As they would be stored:") + 1 : -1]
    assert len(shown) == 4
    assert shown[0] == (
        "  name: 'Ada Byron', email: 'ada@list.example', phone: '+44 7700 900001', "
        "company: 'Engines, Ltd', source: 'Chatbot', notes: 'Likes engines.', status: 'qualified'"
    )
    assert lines[-1] == (
        "4 rows: 4 created, 0 updated, 0 skipped, 0 rejected (a dry run: nothing was changed)."
    )
    assert exported(database) == []
    assert sorted(os.listdir(file.parent)) == ["leadbook.db", "list.csv"]


def test_columns_and_words_can_be_told(file, database):
    told = [
        "--map",
        "Phone 2=phone",
        "--map",
        "account id=source",
        "--map",
        "Source=",
        "--value",
        "status:On Hold=contacted",
    ]
    done = run("import", "leads", file, "--database", database, *told)
    assert done.returncode == 0, done.stderr
    assert "Not understood" not in done.stdout
    assert "Left out: Index, Lead Owner, Phone 1, Website, Source." in done.stdout
    leads = exported(database)
    assert [lead["phone"] for lead in leads] == ["+44 7700 900001", None, None, None]
    assert [lead["source"] for lead in leads] == ["A1", "A2", "A3", "A4"]
    assert leads[1]["status"] == "contacted"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--map", "Phone 2"], "Column=field"), (["--map", "Phone 2=fone"], "There is no field 'fone'"), (["--map", "Phone 9=phone"], "no column 'Phone 9'"),
        (["--value", "On Hold=new"], "status:On Hold=contacted"), (["--value", "status:On Hold=old"], "A status is one of"),
        (["--map", "Email 1=", "--map", "Email 2="], "No column holds e-mail addresses"),
    ],
)  # fmt: skip
def test_options_that_make_no_sense_are_refused(file, database, arguments, reason):
    assert_refused(run("import", "leads", file, "--database", database, *arguments), reason)


def test_what_is_no_file_is_refused(tmp_path, database):
    (tmp_path / "empty.csv").touch()
    for name, reason in (
        ("nowhere.csv", "No such file"),
        (".", "is a folder"),
        ("empty.csv", "is empty"),
    ):
        assert_refused(run("import", "leads", tmp_path / name, "--database", database), reason)
    assert_refused(run("export", "leads", "--database", tmp_path / "none.db"), "No such file")
    assert not (tmp_path / "none.db").exists()


def test_clients_have_no_create(file, database):
    done = run("import", "clients", file, "--database", database, "--on-duplicate", "create")
    assert_refused(done, "No two active clients share an address")


def test_rejected_rows_come_back_as_they_were_and_go_in_when_mended(tmp_path, database):
    file = tmp_path / "some.csv"
    file.write_text(
        'Name,E-mail,Website\n"Ada, B",ada@a.test,x\n"Grace, H",no,"y ""z"""\nshort\n"lone,l@a.test,\n'
    )
    done = run("import", "leads", file, "--database", database)
    assert done.returncode == 3
    rejected = tmp_path / "some.csv.rejected.csv"
    assert done.stdout.splitlines()[-1] == (
        f"The rejected rows, each with its line and the reason, are in {rejected}."
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
    done = run("import", "leads", mended, "--database", database)
    assert done.returncode == 0, done.stdout
    assert [lead["name"] for lead in exported(database)] == ["Ada, B", "Grace, H"]
    # The file of an earlier run says nothing of this one.
    file.write_text("Name,E-mail\nB,b@a.test\n")
    assert run("import", "leads", file, "--database", database).returncode == 0
    assert not rejected.exists()


def test_rejected_json_lines_stay_json_lines(tmp_path, database):
    file = tmp_path / "some.jsonl"
    bad = '{"name": "B", "email":"no",  "phone": 1.50}'
    file.write_text(f'{{"name": "A", "email": "a@a.test"}}\n{bad}\n{{}}\nnonsense\n')
    done = run("import", "leads", file, "--database", database)
    assert done.returncode == 3
    lines = (tmp_path / "some.jsonl.rejected.jsonl").read_text().splitlines()
    assert [json.loads(line)["leadbook line"] for line in lines] == [2, 3, 4]
    # To the letter, behind the notes.
    assert lines[0].endswith(bad.removeprefix("{"))
    assert json.loads(lines[2])["raw"] == "nonsense\n"


def test_strict_and_nothing_done_end_with_1(tmp_path, database):
    file = tmp_path / "some.csv"
    file.write_text("name,email\nA,a@a.test\nB,no\n")
    done = run("import", "leads", file, "--database", database, "--strict")
    assert done.returncode == 1
    assert "Nothing was imported, since all or nothing was asked for." in done.stdout
    assert (tmp_path / "some.csv.rejected.csv").exists()
    assert exported(database) == []
    file.write_text("name,email\nB,no\n")
    assert run("import", "leads", file, "--database", database).returncode == 1
    file.write_text("name,email\nA,a@a.test\n")
    assert run("import", "leads", file, "--database", database).returncode == 0
    again = run("import", "leads", file, "--database", database, "--on-duplicate", "skip")
    assert (again.returncode, again.stdout.splitlines()[-1]) == (
        0, "1 rows: 0 created, 0 updated, 1 skipped, 0 rejected.",
    )  # fmt: skip


def test_standard_input_and_output(tmp_path, database):
    command = [
        *LEADBOOK,
        "import",
        "leads",
        "-",
        "--database",
        str(database),
        "--rejected",
        str(tmp_path / "r.csv"),
    ]
    text = "name;email\nAda;a@a.test\nB;no\n"
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stderr
    assert (tmp_path / "r.csv").read_text().count("\n") == 2
    written = run("export", "leads", "-", "--database", database)
    assert written.stdout.splitlines()[1].split(",")[1:3] == ["Ada", "a@a.test"]


def test_place_that_cannot_be_written_is_told_before_anything_is_done(tmp_path, database, file):
    missing = tmp_path / "nowhere" / "rejected.csv"
    done = run("import", "leads", file, "--database", database, "--rejected", missing)
    assert_refused(done, "--rejected names another file")
    assert exported(database) == []


def test_export_to_a_file_is_whole_and_overwrites_only_with_force(tmp_path, database, file):
    run("import", "leads", file, "--database", database)
    for name in ("out.csv", "out.jsonl"):
        out = tmp_path / name
        assert run("export", "leads", out, "--database", database).returncode == 0
        assert_refused(run("export", "leads", out, "--database", database), "--force overwrites it")
        assert run("export", "leads", out, "--database", database, "--force").returncode == 0
    assert (tmp_path / "out.csv").read_text().startswith("id,name,")
    assert json.loads((tmp_path / "out.jsonl").read_text().splitlines()[0])["name"] == "Ada Byron"
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".leadbook-")]


def test_filters_of_the_export(database, file):
    run("import", "leads", file, "--database", database)
    assert [lead["name"] for lead in exported(database, "leads", "--status", "lost")] == [
        "Ann Lovett"
    ]
    assert len(exported(database, "leads", "--search", "engines")) == 1
    assert exported(database, "leads", "--created-since", "2100-01-01T00:00:00Z") == []
    refused = run("export", "leads", "--status", "old", "--database", database)
    assert_refused(refused, "status: Must be one of")
    refused = run("export", "leads", "--updated-since", "now", "--database", database)
    assert_refused(refused, "updatedSince: Must be a time")


def test_reader_that_has_enough_ends_the_export(database, file):
    run("import", "leads", file, "--database", database)
    with closing(open_database(database, Clock())) as opened, opened.use(), opened.write():
        from leadbook.models import Lead

        for number in range(5_000):
            Lead.create_from({"name": f"N{number}", "email": "n@a.test"})
    command = f"{' '.join(LEADBOOK)} export leads --database {database} | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.startswith("id,")
    assert done.stderr == ""


def many_rows(path, count):
    with path.open("w") as opened:
        opened.write("name,email\n")
        opened.writelines(f"Name {number},n{number}@a.test\n" for number in range(count))
    return path


def test_terminal_gets_a_bar_with_rate_and_time_left(tmp_path, database):
    file = many_rows(tmp_path / "many.csv", 25_000)
    ours, theirs = pty.openpty()
    command = [*LEADBOOK, "import", "leads", str(file), "--database", str(database)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        # The other end of a terminal that is gone.
        pass
    os.close(ours)
    assert process.wait() == 0
    assert b"rows/s" in shown
    assert b"[#" in shown
    assert b"100%" in shown


def test_server_goes_on_while_a_file_is_imported(tmp_path, database, start_server):
    server = start_server("--database", str(database))
    file = many_rows(tmp_path / "many.csv", 30_000)
    command = [*LEADBOOK, "import", "leads", str(file), "--database", str(database)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    written = 0
    while process.poll() is None:
        body = {"name": "Ada", "email": f"ada{written}@b.test"}
        assert server.request("POST", "/leads", body)[0] == 201
        assert server.request("GET", "/leads?limit=1")[0] == 200
        written += 1
    assert process.returncode == 0
    assert written
    total = server.request("GET", "/leads?limit=1")[1]["pagination"]["total"]
    assert total == 30_000 + written
    server.stop()
    assert not any(dict(check(database, Clock(), repair=False)).values())


def test_interrupted_import_keeps_whole_batches_and_says_so(tmp_path, database):
    file = many_rows(tmp_path / "many.csv", 200_000)
    arguments = ["import", "leads", str(file), "--database", str(database)]
    # What runs in the background of a shell ignores the signal, and so do its children.
    script = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    script += "from leadbook.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for_rows(database, process)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "rows are done and stay. Run it again with --on-duplicate skip." in said
    count = len(exported(database))
    assert count
    assert count % 10_000 == 0


def wait_for_rows(database, process):
    """Wait until a batch has been kept: another process writes it, so that there is only asking."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None
        if database.exists() and count_of(database):
            return
        time.sleep(0.01)
    raise AssertionError("nothing is imported")


def count_of(database):
    with closing(open_database(database, Clock())) as opened, opened.use():
        return opened.execute_sql("SELECT count(*) FROM leads").fetchone()[0]


@pytest.mark.long
def test_import_that_is_killed_is_completed_by_a_second_run(tmp_path):
    file = many_rows(tmp_path / "many.csv", 60_000)
    for number in range(10):
        database = tmp_path / f"{number}.db"
        command = [*LEADBOOK, "import", "leads", str(file), "--database", str(database)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_rows(database, process)
        # At another moment each time, between the first batch and the last.
        time.sleep(number * 0.25)
        process.kill()
        process.wait()
        kept = count_of(database)
        assert kept % 10_000 == 0
        assert kept > 0
        again = run("import", "leads", file, "--database", database, "--on-duplicate", "skip")
        assert again.returncode == 0, again.stderr
        assert again.stdout.splitlines()[-1] == (
            f"60,000 rows: {60_000 - kept:,} created, 0 updated, {kept:,} skipped, 0 rejected."
        )
        with closing(open_database(database, Clock())) as opened, opened.use():
            counted = "SELECT count(*), count(DISTINCT email) FROM leads"
            assert opened.execute_sql(counted).fetchone() == (60_000, 60_000)
        assert not any(dict(check(database, Clock(), repair=False)).values())
        for each in tmp_path.glob(f"{number}.db*"):
            Path(each).unlink()


def test_rejected_rows_never_take_the_place_of_another_file(tmp_path, database, file):
    before = file.read_text()
    done = run("import", "leads", file, "--database", database, "--rejected", file)
    assert_refused(done, "holds no rejected rows")
    assert file.read_text() == before
    # A run that is refused as a whole leaves what an earlier one has rejected.
    bad = tmp_path / "bad.csv"
    bad.write_text("name,email\nA,no\n")
    assert run("import", "leads", bad, "--database", database).returncode == 1
    kept = (tmp_path / "bad.csv.rejected.csv").read_text()
    assert_refused(
        run("import", "leads", bad, "--database", database, "--map", "X=email"), "no column"
    )
    assert (tmp_path / "bad.csv.rejected.csv").read_text() == kept
    assert not [name for name in os.listdir(tmp_path) if "unfinished" in name]


def test_long_rows_that_are_rejected_are_whole(tmp_path, database):
    long = f'"lone,l@a.test,{"x" * 5_000}'
    file = tmp_path / "some.csv"
    file.write_text(f"name,email,notes\n{long}\nB,b@a.test,\n")
    assert run("import", "leads", file, "--database", database).returncode == 3
    assert "x" * 5_000 in (tmp_path / "some.csv.rejected.csv").read_text()


def test_what_comes_through_a_pipe_is_a_file_too(tmp_path, database, file):
    command = f"{' '.join(LEADBOOK)} import leads <(cat {file}) --database {database}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "4 rows: 4 created" in done.stdout


def test_words_are_told_for_our_own_files_too(tmp_path, database, file):
    run("import", "leads", file, "--database", database)
    out = tmp_path / "out.csv"
    run("export", "leads", out, "--database", database)
    other = tmp_path / "other.db"
    done = run("import", "leads", out, "--database", other, "--value", "source:Chatbot=Robot")
    assert done.returncode == 0, done.stdout
    assert exported(other)[0]["source"] == "Robot"
