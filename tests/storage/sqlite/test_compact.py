"""`leadbook compact`: a smaller file with the same records, or the one before."""

import importlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest
from command import LEADBOOK, assert_refused, exported, invoke
from places import DATABASES

from leadbook.app import create_app
from leadbook.models import RECORDS, Lead
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.compact import compact
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import open_database


def fill(path, count, notes=""):
    database = open_database(path, Clock())
    with closing(database), database.use(), database.write():
        for number in range(count):
            fields = {"name": f"Name {number}", "email": f"n{number}@a.test", "notes": notes}
            Lead.create_from(fields)


@pytest.fixture
def path(tmp_path):
    """A database of which nine tenths have been erased."""
    path = tmp_path / "leadbook.db"
    fill(path, 200, "x" * 10_000)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("DELETE FROM leads WHERE number % 10 <> 0")
    return path


def parts_of_index(path):
    with closing(sqlite3.connect(path)) as reader:
        return reader.execute("SELECT count(DISTINCT segid) FROM lead_search_idx").fetchone()[0]


def test_compacted_file_is_smaller_and_holds_the_same(path):
    before, size = exported(path), path.stat().st_size
    assert parts_of_index(path) > 1
    path.chmod(0o640)
    done = invoke("compact", "--database", path)
    assert done.returncode == 0, done.stderr
    assert path.stat().st_size < size / 3
    assert f"{path} had {size / 1e6:.1f} MB and now has" in done.stdout
    assert "Merging the search index of leads." in done.stderr
    assert exported(path) == before
    assert parts_of_index(path) == 1
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(path.parent) == ["leadbook.db"]
    assert not any(dict(check(path, Clock(), RECORDS, repair=False)).values())
    app = create_app({"DATABASE": path})
    with closing(app.extensions["leadbook"]):
        client = app.test_client()
        assert client.get("/leads?search=name%20189").json["pagination"]["total"] == 1
        body = {"name": "Ada", "email": "ada@engines.test"}
        assert client.post("/leads", json=body).status_code == 201
        assert app.extensions["leadbook"].pragma("journal_mode") == "wal"


def test_database_in_use_is_not_compacted(start_server, path):
    server = start_server("--database", str(path))
    size = path.stat().st_size
    assert_refused(invoke("compact", "--database", path), "in use")
    assert server.request("POST", "/leads", {"name": "A", "email": "a@b.test"})[0] == 201
    server.stop()
    assert path.stat().st_size >= size
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM leads").fetchone()
        assert_refused(invoke("compact", "--database", path), "in use")


def test_nobody_gets_in_while_it_is_compacted(path, monkeypatch):
    module = importlib.import_module("leadbook.storage.sqlite.compact")

    tried = []

    def look(_):
        for statement in ("SELECT * FROM leads", "DELETE FROM leads"):
            with (
                closing(sqlite3.connect(path, timeout=0)) as other,
                pytest.raises(sqlite3.OperationalError, match="locked"),
            ):
                other.execute(statement)
            tried.append(statement)
        return ""

    monkeypatch.setattr(module, "fault_of", look)
    compact(path, lambda _: None)
    assert len(tried) == 2


def test_compacting_needs_room(path, monkeypatch):
    size = path.stat().st_size
    usage = shutil.disk_usage(path.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=100_000))
    with pytest.raises(Exception, match=r"needs .* MB of free space; .* has 0 MB"):
        compact(path, lambda _: None)
    assert path.stat().st_size == size
    assert os.listdir(path.parent) == ["leadbook.db"]


def test_older_damaged_and_missing_files_are_not_compacted(path, tmp_path):
    old = tmp_path / "old.db"
    shutil.copy(DATABASES / "version-1.db", old)
    before = old.read_bytes()
    assert_refused(invoke("compact", "--database", old), "older version")
    assert old.read_bytes() == before
    assert_refused(invoke("compact", "--database", tmp_path / "typo.db"), "typo.db")
    content = path.read_bytes()
    damaged = content[:8192] + b"\xa5" * (len(content) - 8192)
    path.write_bytes(damaged)
    done = invoke("compact", "--database", path)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("leadbook: ")
    assert path.read_bytes() == damaged
    assert sorted(os.listdir(tmp_path)) == ["leadbook.db", "old.db"]


def test_file_whose_index_cannot_be_opened_is_told_to_be_repaired(path):
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE lead_search_data SET block = x'ffffffffffff' WHERE id = 10")
    assert_refused_last(invoke("compact", "--database", path), "check --repair")


def assert_refused_last(finished, reason):
    assert finished.returncode == 1
    assert reason in finished.stderr.splitlines()[-1]


@pytest.mark.long
def test_kills_at_any_moment_leave_one_whole_file(tmp_path):
    path = tmp_path / "leadbook.db"
    fill(path, 4_000)
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("DELETE FROM leads WHERE number % 3 = 0")
    before = exported(path)
    original = path.read_bytes()
    command = [*LEADBOOK, "compact", "--database", str(path)]
    began = time.monotonic()
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    took = time.monotonic() - began
    for turn in range(16):
        path.write_bytes(original)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # All over its time, however long it takes here.
        time.sleep(took * turn / 16)
        process.send_signal(signal.SIGKILL if turn % 2 else signal.SIGTERM)
        process.wait(timeout=60)
        assert exported(path) == before
        assert [name for name in os.listdir(tmp_path) if "-" in name] == []
        assert not any(dict(check(path, Clock(), RECORDS, repair=False)).values())


@pytest.mark.long
def test_memory_does_not_grow_with_the_file(tmp_path):
    def peak(count):
        path = tmp_path / f"{count}.db"
        fill(path, count, "y" * 9_000)
        script = (
            "import resource, sys; from leadbook.cli.main import main\n"
            "try: main(sys.argv[1:])\n"
            "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)"
        )
        command = [sys.executable, "-c", script, "compact", "--database", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return int(done.stderr.split()[-1])

    # In kilobytes on Linux, in bytes on macOS: the ratio counts. The larger file has 100 MB.
    assert peak(10_000) < 1.3 * peak(1_000)


def test_compacted_file_has_no_copies_of_erased_rows_that_sqlite_has_moved(tmp_path):
    path, drawn = tmp_path / "leadbook.db", random.Random(1)
    app = create_app({"DATABASE": path})
    client = app.test_client()
    people = [{"name": f"zqx{number:05}w", "email": f"{number}@a.test"} for number in range(120)]
    ids = client.post("/leads/batch", json={"create": people}).json["created"]
    for number in drawn.sample(range(120), 60):
        # A row that grows pushes others to another page, where their old place is not overwritten.
        notes = "n " * drawn.randrange(50, 500)
        assert client.put(f"/leads/{ids[number]}", json={"notes": notes}).status_code == 200
    erased = drawn.sample(range(120), 60)
    for number in erased:
        assert client.delete(f"/leads/{ids[number]}").status_code == 204
    app.extensions["leadbook"].close()
    compact(path, lambda _: None)
    kept = path.read_bytes()
    assert [number for number in erased if people[number]["name"].encode() in kept] == []
