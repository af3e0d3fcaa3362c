"""File systems without hard links, modes, locks or space: it works, or one line says why not."""

import os
from contextlib import closing

import pytest
from command import assert_refused, invoke
from file_systems import run_on, shim_in
from places import DATABASES

from leadbook.app import create_app
from leadbook.storage.sqlite.driver import sqlite3

FAT = {"link": "EPERM", "fchmod": "EPERM", "fchown": "EPERM", "fsync-folder": "EINVAL"}
NETWORK = {"link": "ENOTSUP", "fchown": "ENOSYS", "fchmod": "ENOSYS", "fsync-folder": "EBADF"}
FUSE = {"link": "ENOSYS", "fsync-folder": "ENOSYS"}
OVERLAY, ANDROID = {"link": "EXDEV"}, {"link": "EACCES"}


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    return shim_in(tmp_path_factory.mktemp("shim"))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a database, its backup, an older database and a list to import."""
    monkeypatch.chdir(tmp_path)
    app = create_app({"DATABASE": "leadbook.db"})
    app.test_client().post("/leads", json={"name": "Ada", "email": "ada@engines.test"})
    app.extensions["leadbook"].close()
    assert invoke("backup", "saved.db", "--database", "leadbook.db").returncode == 0
    (tmp_path / "old.db").write_bytes((DATABASES / "version-1.db").read_bytes())
    (tmp_path / "list.csv").write_text("name,email\nGrace,no\nJoan,joan@a.test\n")
    return tmp_path


def leads_in(path):
    with closing(sqlite3.connect(path)) as reader:
        return reader.execute("SELECT count(*) FROM leads").fetchone()[0]


@pytest.mark.parametrize(
    "lacking",
    [
        pytest.param(FAT, id="FAT"),
        pytest.param(NETWORK, id="SMB", marks=pytest.mark.long),
        pytest.param(FUSE, id="FUSE", marks=pytest.mark.long),
        pytest.param(OVERLAY, id="overlay", marks=pytest.mark.long),
        pytest.param(ANDROID, id="Android", marks=pytest.mark.long),
    ],
)
def test_every_file_is_made_where_there_are_no_links_and_no_modes(folder, shim, lacking):
    commands = [
        (0, "backup", "copy.db", "--database", "leadbook.db"),
        (0, "restore", "saved.db", "--database", "leadbook.db"),
        (0, "key", "list", "--database", "old.db"),
        (3, "import", "leads", "list.csv", "--database", "new.db"),
    ]
    for code, *arguments in commands:
        done = run_on(shim, lacking, *arguments)
        assert done.returncode == code, done.stderr
        assert "Traceback" not in done.stderr
    [kept] = folder.glob("leadbook.db.replaced-*")
    assert [leads_in(each) for each in ("copy.db", "leadbook.db", kept, "new.db")] == [1, 1, 1, 1]
    assert leads_in("old.db.version-1") == leads_in("old.db")
    assert not list(folder.glob(".leadbook-*"))


def test_nothing_is_overwritten_where_there_are_no_links(folder, shim):
    before = (folder / "saved.db").read_bytes()
    for command in (("backup",), ("export", "leads")):
        done = run_on(shim, FAT, *command, "saved.db", "--database", "leadbook.db")
        assert_refused(done, "saved.db exists already; --force overwrites it.")
    assert (folder / "saved.db").read_bytes() == before


def test_name_that_cannot_be_given_leaves_no_empty_file(folder, shim):
    done = run_on(shim, FAT | {"rename": "EIO"}, "backup", "copy.db", "--database", "leadbook.db")
    assert_refused(done, "copy.db: Input/output error.")
    assert not (folder / "copy.db").exists()


@pytest.mark.parametrize("links", [{}, FAT], ids=["links", "no links"])
def test_restore_that_fails_at_its_last_step_puts_everything_back(folder, shim, links):
    path, log = folder / "leadbook.db", folder / "leadbook.db-wal"
    # SQLite cannot read so much of it that it would remove the log.
    path.write_bytes(path.read_bytes()[:100] + b"\xa5" * 8092)
    log.touch()
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    arguments = ("restore", "saved.db", "--open", "--database", "leadbook.db")
    done = run_on(shim, links | {"rename": "EIO"}, *arguments)
    assert_refused(done, "leadbook.db: Input/output error.")
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before
    assert run_on(shim, links, *arguments).returncode == 0
    [kept] = folder.glob("leadbook.db.replaced-*Z")
    assert kept.read_bytes() == before["leadbook.db"]
    assert kept.with_name(f"{kept.name}-wal").read_bytes() == before["leadbook.db-wal"]


@pytest.mark.parametrize(
    "reason",
    [
        "ENOLCK",
        *(pytest.param(each, marks=pytest.mark.long) for each in ("ENOSYS", "ENOTSUP", "EIO")),
    ],
)
def test_folder_that_cannot_be_locked_is_refused_in_one_line(folder, shim, reason):
    for command in (
        ("serve", "--port", "0"),
        ("key", "create", "a"),
        ("restore", "saved.db"),
        ("compact",),
    ):
        done = run_on(shim, {"flock": reason}, *command, "--database", "leadbook.db")
        assert_refused(done, f"the file system of {folder} cannot lock files")
        assert "Keep it on a local disk, not on a network share." in done.stderr
    assert leads_in("leadbook.db") == 1


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("serve", "--port", "0"), marks=pytest.mark.long),
        ("backup", "copy.db"),
        pytest.param(("check",), marks=pytest.mark.long),
    ],
    ids=lambda each: each[0],
)
def test_database_that_sqlite_cannot_lock_is_refused_in_one_line(folder, shim, command):
    done = run_on(shim, {"fcntl": "EIO"}, *command, "--database", "leadbook.db")
    assert_refused(done, "cannot lock files (Input/output error)")
    assert not (folder / "copy.db").exists()


@pytest.mark.long
def test_locks_that_are_missing_are_not_taken_for_those_of_another(folder, shim):
    # SQLite waits for five seconds, since it takes this error for a lock.
    done = run_on(shim, {"fcntl": "ENOLCK"}, "key", "list", "--database", "leadbook.db")
    assert_refused(done, "cannot lock files (No locks available)")


def test_quota_that_is_used_up_names_both_files(folder, shim):
    done = run_on(shim, {"pwrite": "EDQUOT"}, "backup", "copy.db", "--database", "leadbook.db")
    assert_refused(done, "Cannot copy leadbook.db to ")
    assert "copy.db: disk I/O error." in done.stderr
    assert not [name for name in os.listdir() if "copy" in name or "unfinished" in name]


def test_folder_that_is_lost_again_and_again_ends_in_one_line(folder, shim):
    before = sorted(os.listdir(folder))
    for command in (
        ("serve", "--port", "0", "--database", "new.db"),
        ("backup", "copy.db", "--database", "leadbook.db"),
    ):
        done = run_on(shim, {"open-folder": "ENOENT"}, *command)
        assert_refused(done, "No such file or directory.")
    assert sorted(os.listdir(folder)) == before
