"""Names of files that are not UTF-8: commands work with them, and can print them."""

import json
import os
import subprocess

import pytest
from command import LEADBOOK, assert_refused, exported, invoke
from places import DATABASES

from server import call

LIST = "name,email\nAda,ada@a.test\nBob,none\n"


def named(stem):
    """Return a name with a byte that is not valid in UTF-8."""
    return os.fsdecode(stem.encode() + b"-\xe9")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of such a name with a list to import, as the working directory."""
    folder = tmp_path / named("folder")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes only names that are UTF-8")
    monkeypatch.chdir(folder)
    (folder / named("list")).write_text(LIST)
    return folder


@pytest.fixture
def path(folder):
    """A database with one lead."""
    done = run("import", "leads", named("list"), "--database", named("db"))
    assert done.returncode == 3, done.stderr
    return folder / named("db")


def run(*arguments):
    """Run a command whose output must be strict UTF-8."""
    return subprocess.run(
        [*LEADBOOK, *map(str, arguments)],
        env=os.environ | {"PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def assert_done(*arguments, says=""):
    done = run(*arguments)
    assert done.returncode == 0, done.stderr
    assert says in done.stdout
    return done


def test_import_and_export(folder, path):
    assert (folder / f"{named('list')}.rejected.csv").is_file()
    rejected = named("rejected")
    done = run("import", "leads", named("list"), "--database", path, "--rejected", rejected)
    assert (done.returncode, done.stderr) == (3, "")
    assert "The rejected rows are in rejected-\\udce9, each" in done.stdout
    assert "Bob" in (folder / rejected).read_text()
    assert_done("export", "leads", named("export"), "--format", "jsonl", "--database", path)
    lines = (folder / named("export")).read_text().splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["Ada", "Ada"]
    again = run("export", "leads", named("export"), "--database", path)
    assert_refused(again, "export-\\udce9 exists already")


def test_dry_run_creates_nothing(folder):
    done = run("import", "leads", named("list"), "--database", named("db"), "--dry-run")
    assert done.returncode == 3, done.stderr
    assert "1 created" in done.stdout


def test_backup_and_restore(folder, path):
    saved, dated = named("saved"), named("dated")
    assert_done("backup", saved, "--database", path, says="db-\\udce9 was copied to saved-\\udce9")
    assert_done("backup", dated, "--keep", "1", "--database", path)
    assert_done("backup", dated, "--keep", "1", "--database", path, says="was removed.")
    assert len(os.listdir(dated)) == 1
    assert run("import", "leads", named("list"), "--database", path).returncode == 3
    assert len(exported(path)) == 2
    assert_done("restore", saved, "--database", path, says="was restored from saved-\\udce9.")
    assert len(exported(path)) == 1


def test_check_compact_and_keys(folder, path):
    assert_done("compact", "--database", path, says="db-\\udce9 had ")
    (folder / f"{path.name}.replaced-20260101T000000000Z").write_bytes(path.read_bytes())
    assert_done("check", "--repair", "--clean", "--yes", "--database", path, says="leftover: db-")
    done = assert_done("key", "create", "a", "--create", "--database", named("new"))
    assert "new-\\udce9." in done.stderr
    assert_done("key", "list", "--database", named("new"), says="a  write  active")


def test_older_database_is_upgraded(folder):
    (folder / named("old")).write_bytes((DATABASES / "version-1.db").read_bytes())
    done = assert_done("key", "list", "--database", named("old"))
    assert "old-\\udce9 is upgraded" in done.stderr


@pytest.mark.parametrize("mode", [[], ["--test-mode"]], ids=["data", "test mode"])
def test_server(folder, start_server, mode):
    ready = folder / named("ready")
    server = start_server("--database", named("db"), "--ready-file", str(ready), *mode)
    body = {"name": "Ada", "email": "ada@a.test"}
    assert server.request("POST", "/leads", body)[0] == 201
    assert call(server.url, "/health")[0] == 200
    assert json.loads(ready.read_text())["database"] == str(folder / named("db"))
    assert server.stop() == 0
    assert (folder / named("db")).is_file()


def test_error_with_a_line_break_in_a_name_is_one_line(tmp_path):
    missing = tmp_path / "two\nlines\x1b[31m.db"
    assert_refused(invoke("check", "--database", missing), "two\\nlines\\x1b[31m.db")
    assert_refused(invoke("import", "leads", missing), "two\\nlines")
