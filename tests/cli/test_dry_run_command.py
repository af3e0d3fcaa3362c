"""`leadbook import --dry-run` creates no file, and changes no byte of a database."""

import os
import shutil
from contextlib import closing

import pytest
from command import assert_refused, invoke, run
from places import DATABASES

from leadbook.app import create_app
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.upgrade import USER_VERSION

SAMPLES = sorted(each.name for each in DATABASES.glob("*.db"))


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("name,email\nAda,ada@engines.test\nBob,bob@engines.test\nCy,none\n")
    return file


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder, as the working directory."""
    folder = tmp_path / "folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def contents(folder):
    return {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in folder.iterdir()}


@pytest.mark.parametrize(
    ("options", "setting", "place"),
    [
        ((), None, "data/leadbook.db"),
        (("--database", "new.db"), None, "new.db"),
        (("--database", "new/deep/new.db"), None, "new/deep/new.db"),
        ((), "other/set.db", "other/set.db"),
    ],
)
def test_dry_run_creates_no_database(folder, file, monkeypatch, options, setting, place):
    if setting:
        monkeypatch.setenv("LEADBOOK_DATABASE", setting)
    for kind in ("leads", "clients"):
        done = invoke("import", kind, file, "--dry-run", *options)
        assert done.returncode == 3, done.stderr
        assert done.stderr == f"There is no database {folder / place} yet.\n"
        assert "2 created, 0 updated, 0 skipped, 1 rejected (a dry run" in done.stdout
        assert os.listdir(folder) == []
    assert sorted(os.listdir(file.parent)) == ["folder", "list.csv"]


def test_empty_file_stays_empty(folder, file):
    (folder / "empty.db").touch()
    done = invoke("import", "leads", file, "--dry-run", "--database", "empty.db")
    assert "There is no database" in done.stderr
    assert {name: read for name, (read, _) in contents(folder).items()} == {"empty.db": b""}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("kind", ["leads", "clients"])
def test_dry_run_leaves_a_database_of_any_version_as_it_is(folder, file, name, kind):
    shutil.copy(DATABASES / name, folder / "old.db")
    before = contents(folder)
    done = invoke("import", kind, file, "--dry-run", "--database", "old.db")
    assert done.returncode == 3, done.stderr
    assert contents(folder) == before
    if int(name.split("-")[1].removesuffix(".db")) < USER_VERSION:
        told = f"{folder / 'old.db'} is of an earlier version. The dry run leaves it so; an import upgrades it."
        assert done.stderr.splitlines()[0] == told
    done = invoke("import", kind, file, "--database", "old.db")
    assert done.returncode == 3, done.stderr
    assert contents(folder) != before


@pytest.fixture
def lead(folder):
    """A database with one lead, in WAL mode and closed."""
    app = create_app({"DATABASE": folder / "new.db"})
    body = {"name": "Ada", "email": "ada@engines.test"}
    assert app.test_client().post("/leads", json=body).status_code == 201
    yield app
    app.extensions["leadbook"].close()


def in_delete_mode(folder):
    with closing(sqlite3.connect(folder / "new.db")) as connection:
        connection.execute("PRAGMA journal_mode = delete")


def killed(folder):
    """Leave the database as a process does that is killed: its lead is in the log only."""
    with closing(sqlite3.connect(folder / "new.db")) as connection:
        connection.execute("UPDATE leads SET name = 'Ada Byron'")
        connection.commit()
        saved = {each.name: each.read_bytes() for each in folder.iterdir()}
    for name, data in saved.items():
        (folder / name).write_bytes(data)


@pytest.mark.parametrize("leave", [lambda _: None, in_delete_mode, killed])
def test_dry_run_leaves_a_closed_database_as_it_is(folder, file, lead, leave):
    lead.extensions["leadbook"].close()
    leave(folder)
    before = contents(folder)
    options = ("--dry-run", "--database", "new.db", "--on-duplicate", "skip")
    # In another process: in this one, the file counts as open until its object is freed.
    done = run("import", "leads", file, *options)
    assert (done.returncode, done.stderr) == (3, "")
    assert "1 created, 0 updated, 1 skipped, 1 rejected" in done.stdout
    assert contents(folder) == before


def test_dry_run_sees_what_a_running_server_has_written(folder, file, lead):
    before = contents(folder)
    options = ("--dry-run", "--database", "new.db", "--on-duplicate", "skip")
    done = invoke("import", "leads", file, *options)
    assert "1 created, 0 updated, 1 skipped, 1 rejected" in done.stdout
    after = contents(folder)
    assert after.keys() == before.keys()
    assert [after[name] for name in ("new.db", "new.db-wal")] == [
        before[name] for name in ("new.db", "new.db-wal")
    ]


def test_dry_run_refuses_what_an_import_refuses(folder, file):
    (folder / "text.db").write_text("text")
    (folder / "lost.db-wal").write_text("text")
    (folder / "folder").mkdir()
    before = sorted(os.listdir(folder))
    for name in ("text.db", "lost.db", "folder"):
        for options in (("--dry-run",), ()):
            done = invoke("import", "leads", file, "--database", name, *options)
            told = done.stderr.splitlines()[-1]
            assert (done.returncode, told.startswith("leadbook: "), name in told) == (1, True, True)
    assert sorted(os.listdir(folder)) == before
    assert_refused(
        invoke("import", "leads", "nowhere.csv", "--dry-run"), "nowhere.csv: No such file"
    )
