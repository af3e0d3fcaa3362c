"""`leadbook import` and `leadbook export`: what they say, where they write, how they end."""

import os
import subprocess

import pytest
from command import LEADBOOK, assert_refused, exported, invoke, run


def test_import_says_where_the_usual_database_is_missing(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    usual = tmp_path / "data" / "leadbook.db"
    dry = invoke("import", "leads", file, "--dry-run")
    assert dry.returncode == 0
    assert "4 created" in dry.stdout
    assert dry.stderr == f"There is no database {usual} yet.\n"
    assert os.listdir(tmp_path) == ["list.csv"]
    assert invoke("import", "leads", file).stderr == f"There is no database {usual} yet.\n"
    assert usual.exists()
    assert invoke("import", "leads", file).stderr == ""


def test_import_tells_what_it_took_for_what(file, database):
    done = run("import", "leads", file, "--database", database)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "The encoding is utf-8.",
        "The format is CSV.",
        "  first name <- First Name",
        "  last name  <- Last Name",
        "  company    <- Company",
        "  phone      <- Phone 1, Phone 2",
        "  email      <- Email 1, Email 2",
        "  source     <- Source",
        "  status     <- Deal Stage",
        "  notes      <- Notes",
        "  custom     <- Index, Account Id, Lead Owner, Email 2, Website, Deal Stage",
        "Not understood as status, so imported as new: 'On Hold' (1). custom keeps the words.",
        "4 rows: 4 created, 0 updated, 0 skipped, 0 rejected.",
    ]
    assert sorted(os.listdir(file.parent)) == ["leadbook.db", "list.csv"]


def test_import_tells_where_columns_of_rejected_rows_are(tmp_path, database):
    (tmp_path / "list.csv").write_text("Name,Email,Zip,Town\nAda,a@a.test,1,\nBo,,2,Ely\n")
    done = run("import", "leads", tmp_path / "list.csv", "--database", database)
    assert "  custom <- Zip\nFilled in rejected rows only: Town.\n" in done.stdout


def test_import_tells_that_no_column_has_names(tmp_path, database):
    (tmp_path / "list.csv").write_text("Όνομα,Email\nΆννα,a@a.test\n")
    done = run("import", "leads", tmp_path / "list.csv", "--database", database)
    assert (
        "Filled in rejected rows only: Όνομα.\n"
        "No column has names or companies. Name one with --map 'COLUMN=name'.\n"
    ) in done.stdout


def test_dry_run_shows_five_rows_and_changes_nothing(file, database):
    done = run("import", "leads", file, "--database", database, "--dry-run")
    assert (done.returncode, done.stderr) == (0, f"There is no database {database} yet.\n")
    lines = done.stdout.splitlines()
    shown = lines[lines.index("As they would be stored:") + 1 : -1]
    assert len(shown) == 4
    assert shown[0] == (
        "  name: 'Ada Byron', email: 'ada@list.example', phone: '+44 7700 900001', "
        "company: 'Engines, Ltd', source: 'Chatbot', notes: 'Likes engines.', "
        "custom: {'Account Id': 'A1', 'Email 2': 'ada2@list.example', 'Index': '1', "
        "'Lead Owner': 'Sam', 'Website': 'http://engines.example/'}, status: 'qualified'"
    )
    assert lines[-1] == (
        "4 rows: 4 created, 0 updated, 0 skipped, 0 rejected (a dry run: nothing was changed)."
    )
    assert os.listdir(file.parent) == ["list.csv"]


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
    assert "  custom     <- Index, Lead Owner, Phone 1, Email 2, Website\n" in done.stdout
    assert "Left out, as you say: Source." in done.stdout
    leads = exported(database)
    assert [lead["phone"] for lead in leads] == ["+44 7700 900001", None, None, None]
    assert [lead["source"] for lead in leads] == ["A1", "A2", "A3", "A4"]
    assert leads[1]["status"] == "contacted"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--map", "Phone 2"], "Column=field"), (["--map", "Phone 2=fone"], "There is no field 'fone'"), (["--map", "Phone 9=phone"], "no column 'Phone 9'"),
        (["--value", "On Hold=new"], "status:On Hold=contacted"), (["--value", "status:On Hold=old"], "A status must be one of"),
        (["--map", "Email 1=", "--map", "Email 2="], "--map 'COLUMN=email'"),
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
    assert_refused(done, "--on-duplicate for clients must be one of: reject, skip, update. Two")
    assert done.stderr.endswith(" Two active clients cannot have the same address.\n")


def test_strict_and_nothing_done_end_with_1(tmp_path, database):
    file = tmp_path / "some.csv"
    file.write_text("name,email\nA,a@a.test\nB,no\n")
    done = run("import", "leads", file, "--database", database, "--strict")
    assert done.returncode == 1
    assert "Nothing was imported, because of --strict." in done.stdout
    assert (tmp_path / "some.csv.rejected.csv").exists()
    assert exported(database) == []
    file.write_text("name,email\nB,no\n")
    assert run("import", "leads", file, "--database", database).returncode == 1
    file.write_text("name,email\nA,a@a.test\n")
    assert run("import", "leads", file, "--database", database).returncode == 0
    again = run("import", "leads", file, "--database", database, "--on-duplicate", "skip")
    assert (again.returncode, again.stdout.splitlines()[-1]) == (
        0, "1 row: 0 created, 0 updated, 1 skipped, 0 rejected.",
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
