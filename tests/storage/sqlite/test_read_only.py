"""Databases that this user may only read: on a read-only mount, or by their modes."""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from command import assert_refused, exported, invoke
from file_systems import read_only, run_mounted
from places import DATABASES

from leadbook.app import create_app
from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite import copying
from leadbook.storage.sqlite.backup import back_up, restore
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.file_checks import DatabaseFileError
from leadbook.storage.sqlite.opening import open_to_read

LEAD = {"name": "Ada", "email": "ada@engines.test"}


@pytest.fixture
def live(tmp_path):
    """The folder of a database whose server was killed: its lead is in the log only."""
    folder = tmp_path / "live"
    folder.mkdir()
    app = create_app({"DATABASE": tmp_path / "leadbook.db"})
    assert app.test_client().post("/leads", json=LEAD).status_code == 201
    for end in ("", "-wal", "-shm"):
        shutil.copy(tmp_path / f"leadbook.db{end}", folder)
    app.extensions["leadbook"].close()
    return folder


def plain(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = delete")


def older(folder):
    for each in folder.iterdir():
        each.unlink()
    shutil.copy(DATABASES / "version-1.db", folder / "leadbook.db")


LEFT = {
    "after a clean end": lambda folder: invoke("key", "list", "--database", folder / "leadbook.db"),
    "with its log": lambda folder: (folder / "leadbook.db-shm").unlink(),
    "with all its files": Path.exists,
    "as a copy": lambda folder: plain(folder / "leadbook.db"),
    "by version 1": older,
}


def contents(folder):
    return {each.name: each.read_bytes() for each in folder.iterdir()}


@pytest.mark.parametrize(
    "left",
    [
        each
        if each in ("with its log", "by version 1")
        else pytest.param(each, marks=pytest.mark.long)
        for each in LEFT
    ],
)
def test_everything_is_read_from_a_read_only_mount(live, tmp_path, left):
    LEFT[left](live)
    before, path, mount = contents(live), live / "leadbook.db", read_only(live)
    count = 3 if left == "by version 1" else 1
    done, _ = run_mounted(mount, "export", "leads", tmp_path / "out.csv", "--database", path)
    assert (done.returncode, done.stderr) == (0, "")
    with (tmp_path / "out.csv").open(newline="") as file:
        assert len(list(csv.reader(file))) == 1 + count
    done, _ = run_mounted(mount, "backup", tmp_path / "copy.db", "--database", path)
    assert done.returncode == (3 if left == "by version 1" else 0), done.stderr
    assert len(exported(tmp_path / "copy.db")) == count
    done, _ = run_mounted(mount, "check", "--database", path)
    if left == "by version 1":
        assert_refused(done, "has an older version")
    else:
        assert (done.returncode, done.stderr) == (0, "")
        assert "the search index of leads: ok" in done.stdout
    assert contents(live) == before


@pytest.mark.parametrize(
    "command",
    [
        ("serve", "--port", "0"),
        pytest.param(("key", "create", "a"), marks=pytest.mark.long),
        pytest.param(("check", "--repair"), marks=pytest.mark.long),
        pytest.param(("compact",), marks=pytest.mark.long),
        ("import", "leads", "list.csv"),
        pytest.param(("restore", "saved.db"), marks=pytest.mark.long),
    ],
    ids=lambda each: each[0],
)
def test_what_would_write_is_refused_in_one_line(live, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text("name,email\nJoan,joan@a.test\n")
    assert invoke("backup", "saved.db", "--database", "leadbook.db").returncode == 0
    before = contents(live)
    done, _ = run_mounted(read_only(live), *command, "--database", live / "leadbook.db")
    assert_refused(done, "Read-only file system.")
    assert str(live) in done.stderr
    assert ".unfinished" not in done.stderr
    assert contents(live) == before


def test_what_is_read_alone_works_too(live, tmp_path):
    (tmp_path / "list.csv").write_text("name,email\nJoan,joan@a.test\n")
    path, mount = live / "leadbook.db", read_only(live)
    done, _ = run_mounted(mount, "key", "list", "--database", path)
    assert (done.returncode, done.stderr) == (0, "")
    done, _ = run_mounted(
        mount, "import", "leads", tmp_path / "list.csv", "--dry-run", "--database", path
    )
    assert done.returncode == 0, done.stderr
    assert "1 row: 1 created" in done.stdout
    done, _ = run_mounted(mount, "restore", path, "--database", tmp_path / "new.db")
    assert done.returncode == 0, done.stderr
    assert len(exported(tmp_path / "new.db")) == 1


@pytest.mark.parametrize("command", [("backup", "ro/copy.db"), ("export", "leads", "ro/out.csv")])
def test_read_only_place_of_a_copy_is_named(live, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ro").mkdir()
    done, files = run_mounted(
        read_only(tmp_path / "ro"), *command, "--database", "leadbook.db", listed="ro"
    )
    assert_refused(done, "ro: Read-only file system.")
    assert files == []


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("backup", "full/copy.db"), "full/copy.db: database or disk is full."),
        (("export", "leads", "full/out.csv"), "full/out.csv: No space left on device."),
        (("restore", "leadbook.db", "--database", "full/x.db"), "full/x.db: database or disk is full."),
    ],
    ids=["backup", "export", "restore"],
)  # fmt: skip
def test_full_disk_is_named_and_nothing_left_there(tmp_path, monkeypatch, command, told):
    monkeypatch.chdir(tmp_path)
    app = create_app({"DATABASE": "leadbook.db"})
    for number in range(30):
        lead = LEAD | {"email": f"{number}@a.test", "notes": f"{number:07}" * 1000}
        assert app.test_client().post("/leads", json=lead).status_code == 201
    app.extensions["leadbook"].close()
    (tmp_path / "full").mkdir()
    database = () if "--database" in command else ("--database", "leadbook.db")
    done, files = run_mounted(
        "mount -t tmpfs -o size=100k none full", *command, *database, listed="full"
    )
    assert_refused(done, told)
    assert files == []


def test_full_temporary_folder_is_named(live, tmp_path):
    (tmp_path / "tiny").mkdir()
    mount = f"mount -t tmpfs -o size=64k none {tmp_path}/tiny && export TMPDIR={tmp_path}/tiny"
    mount = f"{read_only(live)} && {mount}"
    done, _ = run_mounted(mount, "export", "leads", "--database", live / "leadbook.db")
    assert_refused(done, f"leadbook.db to {tmp_path}/tiny: database or disk is full.")
    (live / "leadbook.db-shm").unlink()
    done, _ = run_mounted(mount, "export", "leads", "--database", live / "leadbook.db")
    assert_refused(done, f"{tmp_path}/tiny: No space left on device.")


def traces(folder):
    """Return what is in the files of a folder; root may mark a reader in the shared memory."""
    return {name: "-shm" in name or content for name, content in contents(folder).items()}


def assert_read_without_a_trace(path):
    before = traces(path.parent)
    saved = path.parent.parent / "saved.db"
    assert back_up(path, saved, RECORDS, overwrite=False) == []
    assert not [fault for fault in check(path, Clock(), RECORDS, repair=False) if fault[1]]
    with open_to_read(path, Clock()) as database:
        assert database.execute_sql("SELECT count(*) FROM leads").fetchone() == (1,)
    restore(path, path.parent.parent / "restored.db", Clock())
    assert traces(path.parent) == before


@pytest.mark.parametrize("left", [each for each in LEFT if each != "by version 1"])
def test_reader_leaves_nothing_that_the_owner_cannot_write_to(live, monkeypatch, left):
    LEFT[left](live)
    allowed = os.access
    # Root, who runs this in CI, may do anything; and the folder may be written.
    monkeypatch.setattr(
        os, "access", lambda path, mode: mode != os.W_OK or path != live / "leadbook.db"
        if str(path).startswith(str(live)) else allowed(path, mode),
    )  # fmt: skip
    assert_read_without_a_trace(live / "leadbook.db")


def test_database_that_changes_while_it_is_copied_is_refused(live, tmp_path, monkeypatch):
    (live / "leadbook.db-shm").unlink()
    copied = shutil.copyfile

    def copy_slowly(source, target):
        copied(source, target)
        # Its owner writes meanwhile.
        with Path(source).open("ab") as file:
            file.write(b"\0")

    monkeypatch.setattr(copying, "is_writable", lambda _: False)
    monkeypatch.setattr(copying.shutil, "copyfile", copy_slowly)
    with pytest.raises(DatabaseFileError, match="it changes while it is copied"):
        back_up(live / "leadbook.db", tmp_path / "copy.db", RECORDS, overwrite=False)
    assert not (tmp_path / "copy.db").exists()


AS_NOBODY = """
import encodings.idna, os, sys
import leadbook.app, leadbook.storage.sqlite.backup, leadbook.transfer.exporting, leadbook.web.queries
import leadbook.storage.sqlite.check, playhouse.migrations
from leadbook.cli.main import main
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
main(sys.argv[1:])
"""


@pytest.mark.parametrize(
    "modes",
    [
        (0o444, 0o555),
        pytest.param((0o444, 0o777), marks=pytest.mark.long),
        pytest.param((0o666, 0o555), marks=pytest.mark.long),
    ],
)
def test_modes_that_forbid_to_write_do_not_forbid_to_read(live, modes):
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name) / "data", Path(name) / "out"
        Path(name).chmod(0o755)
        (live / "leadbook.db-shm").unlink()
        shutil.copytree(live, folder)
        out.mkdir()
        out.chmod(0o777)
        for each in folder.iterdir():
            each.chmod(modes[0])
        folder.chmod(modes[1])
        before = contents(folder)
        environment = {name: value for name, value in os.environ.items() if "COV" not in name}
        for command in (("export", "leads", out / "x.csv"), ("check",), ("backup", out / "x.db")):
            done = subprocess.run(
                [sys.executable, "-c", AS_NOBODY, *map(str, command), "--database", folder / "leadbook.db"],
                env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert (done.returncode, "leadbook:" in done.stderr) == (0, False), done.stderr
        assert len((out / "x.csv").read_text().splitlines()) == 2
        assert contents(folder) == before
        folder.chmod(0o755)


def test_reader_sees_what_a_server_has_acknowledged(start_server, tmp_path):
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "leadbook.db"
    server = start_server("--database", str(path))
    assert server.request("POST", "/leads", LEAD)[0] == 201
    mount = read_only(tmp_path / "data")
    done, _ = run_mounted(mount, "export", "leads", "--database", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("ada@engines.test") == 1
    done, _ = run_mounted(mount, "backup", tmp_path / "copy.db", "--database", path)
    assert done.returncode == 0, done.stderr
    assert server.request("POST", "/leads", LEAD)[0] == 201
