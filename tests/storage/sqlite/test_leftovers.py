"""Leftovers: what `check` lists, and what `check --clean` removes."""

import gc
import os
import shutil
from contextlib import closing

import pytest
from command import assert_refused, invoke
from places import DATABASES

from leadbook.app import create_app
from leadbook.storage.sqlite.driver import sqlite3

OLD = DATABASES / "version-1.db"
REPLACED = "leadbook.db.replaced-20260102T030405678Z"
OURS = (
    ".leadbook-abcdefgh",
    ".list.csv.rejected.csv.unfinished",
    "leadbook.db.version-1",
    "leadbook.db.version-1.2",
    REPLACED,
)


@pytest.fixture
def path(tmp_path):
    # A database of an earlier test may not be collected yet, and a file of this one have its inode.
    gc.collect()
    path = tmp_path / "leadbook.db"
    create_app({"DATABASE": path}).extensions["leadbook"].close()
    return path


@pytest.fixture
def cluttered(path, tmp_path):
    """A database with everything beside it that earlier work may have left."""
    for name in ("leadbook.db.version-1", "leadbook.db.version-1.2"):
        shutil.copy(OLD, tmp_path / name)
    # It may be damaged: that is why it was replaced.
    (tmp_path / REPLACED).write_text("garbage")
    (tmp_path / f"{REPLACED}-wal").write_text("log")
    (tmp_path / ".leadbook-abcdefgh").mkdir(0o700)
    (tmp_path / ".leadbook-abcdefgh" / "backup.db").write_bytes(b"x" * 2_000_000)
    rejected = tmp_path / ".list.csv.rejected.csv.unfinished"
    rejected.write_text("leadbook line,leadbook reason,name\n")
    return tmp_path


def leftovers_in(finished):
    lines = [line for line in finished.stdout.splitlines() if line.startswith("leftover: ")]
    return [line.removeprefix("leftover: ").split(",")[0] for line in lines]


def test_check_lists_leftovers_and_removes_them_when_told_to(cluttered, path):
    looked = invoke("check", "--database", path)
    assert looked.returncode == 0
    assert leftovers_in(looked) == sorted(OURS)
    assert "leftover: .leadbook-abcdefgh, 2.0 MB, unfinished" in looked.stdout
    assert "`leadbook check --clean` removes these files." in looked.stdout
    cleaned = invoke("check", "--clean", "--yes", "--database", path)
    assert (cleaned.returncode, cleaned.stdout.splitlines()[-1]) == (0, "5 removed.")
    assert os.listdir(cluttered) == ["leadbook.db"]
    again = invoke("check", "--clean", "--database", path)
    assert (again.returncode, leftovers_in(again), again.stderr) == (0, [], "")


@pytest.mark.parametrize(("answer", "is_removed"), [("y\n", True), ("n\n", False), ("", False)])
def test_question_is_asked_before(cluttered, path, answer, is_removed):
    before = sorted(os.listdir(cluttered))
    done = invoke("check", "--clean", "--database", path, answer=answer)
    assert "Remove these 5 for good?" in done.stderr
    assert (sorted(os.listdir(cluttered)) != before) == is_removed
    assert done.returncode == (not is_removed)


def test_nothing_else_is_taken_for_a_leftover(cluttered, path):
    for name in OURS:
        other = cluttered / name
        shutil.rmtree(other) if other.is_dir() else other.unlink()
    (cluttered / f"{REPLACED}-wal").unlink()
    others = (
        "other.db.version-1",
        "leadbook.db.version-x",
        "leadbook.db.version-1.backup",
        "leadbook.db.replaced-yesterday",
        "leadbookXdb.version-1",
        "notes.unfinished",
        ".notes.unfinished",
    )
    for name in others:
        shutil.copy(OLD, cluttered / name)
    # The name alone does not make it ours.
    (cluttered / "leadbook.db.version-2").write_text("dear")
    with closing(sqlite3.connect(cluttered / "leadbook.db.version-3")) as theirs:
        theirs.execute("CREATE TABLE t (id)")
    (cluttered / "leadbook.db.version-4").symlink_to(cluttered / "other.db.version-1")
    (cluttered / "leadbook.db.version-5").mkdir()
    folder = cluttered / ".leadbook-abcdefgh"
    folder.mkdir()
    (folder / "dear").touch()
    before = sorted(os.listdir(cluttered))
    cleaned = invoke("check", "--clean", "--yes", "--database", path)
    assert (cleaned.returncode, leftovers_in(cleaned)) == (0, [])
    assert sorted(os.listdir(cluttered)) == before


def test_leftover_that_somebody_uses_is_left(cluttered, path, start_server):
    copy = cluttered / "leadbook.db.version-1.2"
    server = start_server("--database", str(copy))
    assert copy.name not in leftovers_in(invoke("check", "--clean", "--yes", "--database", path))
    assert server.request("GET", "/leads")[0] == 200
    # What its own upgrade left is not of this database either.
    assert (cluttered / f"{copy.name}.version-1").exists()


def test_leftover_that_somebody_begins_to_use_during_the_question_is_left(
    cluttered, path, start_server, monkeypatch
):
    copy = cluttered / "leadbook.db.version-1.2"

    def answer(*_, **__):
        return bool(start_server("--database", str(copy)))

    monkeypatch.setattr("click.confirm", answer)
    cleaned = invoke("check", "--clean", "--database", path)
    assert (cleaned.returncode, cleaned.stdout.splitlines()[-1]) == (0, "4 removed.")
    assert copy.exists()
    assert not (cluttered / REPLACED).exists()


def test_leftovers_of_a_damaged_database_are_kept(cluttered, path):
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("INSERT INTO lead_counts VALUES ('new', 7)")
    before = sorted(os.listdir(cluttered))
    assert invoke("check", "--clean", "--yes", "--database", path).returncode == 1
    assert sorted(os.listdir(cluttered)) == before


def test_cleaning_makes_no_database(tmp_path):
    missing = invoke("check", "--clean", "--yes", "--database", tmp_path / "typo.db")
    assert_refused(missing, "typo.db")
    assert os.listdir(tmp_path) == []
