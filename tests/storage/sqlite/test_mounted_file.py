"""A database file that is a mount of its own, as `docker run -v FILE:FILE` makes it."""

import sys
from pathlib import Path

import pytest
from command import assert_refused, exported, invoke
from file_systems import run_mounted

from leadbook.storage.sqlite.file_system import is_mount_point

WARNING = "is a mount of its own, but its log leadbook.db-wal is not on that mount."

SERVED = """
import sys
from leadbook.app import create_app
app = create_app({"DATABASE": sys.argv[1]})
print(app.test_client().get("/leads").status_code)
"""


@pytest.fixture
def outside(tmp_path):
    """The database outside of the container, and a folder with an empty file inside."""
    path = tmp_path / "outside.db"
    create = ("key", "create", "a", "--create", "--database", path)
    assert invoke(*create).returncode == 0
    (tmp_path / "in side").mkdir()
    (tmp_path / "in side" / "leadbook.db").touch()
    return path


@pytest.fixture
def inside(outside):
    return outside.parent / "in side" / "leadbook.db"


def mounted(outside, inside):
    return f"mount --bind '{outside}' '{inside}'"


@pytest.mark.parametrize("command", [("key", "list"), ("check",), ("export", "leads")])
def test_commands_warn_and_work(outside, inside, command):
    done, _ = run_mounted(mounted(outside, inside), *command, "--database", inside)
    assert done.returncode == 0, done.stderr
    assert WARNING in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert str(inside) in done.stderr


def test_app_warns_at_its_start(outside, inside):
    done, _ = run_mounted(
        f"{mounted(outside, inside)} && set -- '{sys.executable}' -c '{SERVED}' '{inside}'",
        "ignored",
    )
    assert done.stdout == "401", done.stderr
    assert WARNING in done.stderr


def test_whatever_replaces_the_file_is_refused_before_it_begins(outside, inside, tmp_path):
    assert invoke("backup", tmp_path / "saved.db", "--database", outside).returncode == 0
    before = outside.read_bytes()
    folder = f"'{inside.parent}'"
    for command in (("compact",), ("restore", tmp_path / "saved.db")):
        done, files = run_mounted(
            mounted(outside, inside), *command, "--database", inside, listed=folder
        )
        assert_refused(done, f"{inside} is a mount of its own, so no file can replace it.")
        assert files == ["leadbook.db"]
    assert outside.read_bytes() == before


def test_empty_file_that_is_mounted_is_refused(inside, tmp_path):
    empty = tmp_path / "empty.db"
    empty.touch()
    for command in (("key", "create", "a", "--create"), ("serve", "--port", "0")):
        done, files = run_mounted(
            mounted(empty, inside), *command, "--database", inside, listed=f"'{inside.parent}'"
        )
        assert_refused(done, "is a mount of its own, so no file can replace it. Mount its folder")
        assert files == ["leadbook.db"]
    assert empty.stat().st_size == 0


def test_database_in_a_mounted_folder_is_as_it_should_be(outside, tmp_path):
    (tmp_path / "data").mkdir()
    outside.rename(tmp_path / "data" / "leadbook.db")
    mount = f"mkdir -p '{tmp_path}/there' && mount --bind '{tmp_path}/data' '{tmp_path}/there'"
    done, _ = run_mounted(mount, "key", "list", "--database", tmp_path / "there" / "leadbook.db")
    assert (done.returncode, done.stderr) == (0, "")
    # Nor is a file that is mounted elsewhere.
    (tmp_path / "copy.db").touch()
    path = tmp_path / "data" / "leadbook.db"
    mount = f"mount --bind '{path}' '{tmp_path}/copy.db'"
    done, _ = run_mounted(mount, "key", "list", "--database", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert exported(path) == []


@pytest.mark.skipif(not Path("/proc/self/mountinfo").exists(), reason="only Linux lists mounts")
def test_mounts_are_told_from_other_files(tmp_path):
    assert is_mount_point(Path("/proc"))
    assert not is_mount_point(tmp_path / "leadbook.db")
    assert not is_mount_point(Path("/proc/self/mountinfo"))
