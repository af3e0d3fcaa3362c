"""Backup, restore and check: what they promise while the server writes, and while it does not."""

import errno
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from command import assert_refused, invoke
from places import DATABASES

from leadbook.app import create_app
from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.columns import UuidText
from leadbook.storage.sqlite.backup import back_up, restore
from leadbook.storage.sqlite.compact import compact
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.file_checks import DatabaseFileError

SAMPLES = DATABASES


def rows_of(path, *, is_intact=True):
    with closing(sqlite3.connect(path)) as reader:
        if is_intact:
            assert reader.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = reader.execute("SELECT id, * FROM leads ORDER BY id").fetchall()
    return [(UuidText().python_value(stored), *others) for stored, *others in rows]


@pytest.fixture
def path(tmp_path):
    """A database with a lead made into a client, and another lead."""
    path = tmp_path / "leadbook.db"
    app = create_app({"DATABASE": path})
    client = app.test_client()
    for name in ("Ada", "Grace"):
        body = {"name": name, "email": f"{name}@engines.test"}
        lead = client.post("/leads", json=body).json
    assert client.post(f"/leads/{lead['id']}/convert").status_code == 201
    app.extensions["leadbook"].close()
    return path


@pytest.mark.long
def test_backups_made_while_four_write_are_each_a_prefix_of_what_is_written(start_server, tmp_path):
    path = tmp_path / "leadbook.db"
    server = start_server("--database", str(path))
    enough = Event()

    def write(writer):
        ids = []
        while not enough.is_set():
            body = {"name": f"{writer}-{len(ids)}", "email": "ada@engines.test"}
            status, lead = server.request("POST", "/leads", body)
            assert status == 201
            ids.append(lead["id"])
            acknowledged.append(lead["id"])
        return ids

    acknowledged = []
    backups = [tmp_path / f"backup {number}.db" for number in range(10)]
    promised = []
    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(write, number) for number in range(4)]
        try:
            for backup in backups:
                promised.append(set(acknowledged))
                finished = invoke("backup", backup, "--database", path)
                assert (finished.returncode, finished.stderr) == (0, "")
        finally:
            enough.set()
        written = [lead_id for each in writing for lead_id in each.result()]
    server.stop()
    everything = rows_of(path)
    # One clock gives the ids, under the lock: they are in the order of the commits.
    assert [row[0] for row in everything] == sorted(written)
    lengths = []
    for backup, ids in zip(backups, promised, strict=True):
        rows = rows_of(backup)
        assert rows == everything[: len(rows)]
        assert ids <= {row[0] for row in rows}
        lengths.append(len(rows))
    assert lengths == sorted(set(lengths))
    assert sorted(os.listdir(tmp_path)) == sorted(["leadbook.db", *(each.name for each in backups)])

    restored = tmp_path / "elsewhere" / "leadbook.db"
    assert invoke("restore", backups[-1], "--database", restored).returncode == 0
    assert rows_of(restored) == everything[: lengths[-1]]
    again = start_server("--database", str(restored))
    _, leads = again.request("GET", "/leads?limit=1")
    assert leads["pagination"]["total"] == lengths[-1]


def test_restore_is_refused_while_the_server_runs(start_server, tmp_path, path):
    backup = tmp_path / "backup.db"
    assert invoke("backup", backup, "--database", path).returncode == 0
    server = start_server("--database", str(path))
    lead = {"name": "Joan", "email": "joan@engines.test"}
    assert server.request("POST", "/leads", lead)[0] == 201
    assert_refused(invoke("restore", backup, "--database", path), "in use")
    assert server.request("POST", "/leads", lead)[0] == 201
    server.stop()
    assert len(rows_of(path)) == 4
    assert invoke("restore", backup, "--database", path).returncode == 0
    assert rows_of(path) == rows_of(backup)
    # What it replaced is kept.
    (kept,) = tmp_path.glob("leadbook.db.replaced-*")
    assert len(rows_of(kept)) == 4


def test_backup_does_not_overwrite_unless_it_is_told_to(tmp_path, path):
    backup = tmp_path / "backup.db"
    backup.write_text("dear to somebody")
    assert_refused(invoke("backup", backup, "--database", path), "--force")
    assert backup.read_text() == "dear to somebody"
    assert invoke("backup", backup, "--database", path, "--force").returncode == 0
    assert rows_of(backup) == rows_of(path)
    assert sorted(os.listdir(tmp_path)) == ["backup.db", "leadbook.db"]


def test_what_is_no_intact_database_is_not_restored(tmp_path, path):
    before = path.read_bytes()
    bad = tmp_path / "bad.db"
    for content in (b"", b"dear to somebody", before[:-1], before[:4096] + b"\xa5" * 4096 * 40):
        bad.write_bytes(content)
        assert_refused(invoke("restore", bad, "--database", path), str(bad))
    assert_refused(invoke("restore", tmp_path / "missing.db", "--database", path), "missing.db")
    assert path.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["bad.db", "leadbook.db"]


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ("DELETE FROM lead_search_data WHERE id > 10", "the search index of leads"),
        ("DELETE FROM lead_search_data", "the search index of leads"),
        ("UPDATE lead_counts SET count = 99", "the counts of leads"),
    ],
)
def test_backup_is_called_intact_only_with_its_index_and_counts(tmp_path, path, damage, fault):
    with closing(sqlite3.connect(path)) as writer, writer:
        writer.execute(damage)
    backup = tmp_path / "backup.db"
    finished = invoke("backup", backup, "--database", path)
    assert (finished.returncode, finished.stdout) == (3, "")
    assert fault in finished.stderr
    # All records are in it, and it is no worse than what it replaces.
    assert rows_of(backup, is_intact=False) == rows_of(path, is_intact=False)
    restored = tmp_path / "restored" / "leadbook.db"
    assert invoke("restore", backup, "--database", restored).returncode == 0
    assert invoke("check", "--repair", "--database", restored).returncode == 0
    assert invoke("backup", backup, "--force", "--database", restored).returncode == 0


def test_backup_of_an_older_version_tells_what_was_not_looked_at(tmp_path):
    older = tmp_path / "leadbook.db"
    shutil.copy(SAMPLES / "version-2.db", older)
    with closing(sqlite3.connect(older)) as reader:
        [(total,)] = reader.execute("SELECT count(*) FROM leads WHERE status <> 'archived'")
    assert total > 0
    finished = invoke("backup", tmp_path / "backup.db", "--database", older)
    assert finished.returncode == 3
    assert "an older version" in finished.stderr
    app = create_app({"DATABASE": tmp_path / "backup.db"})
    assert app.test_client().get("/leads").json["pagination"]["total"] == total
    app.extensions["leadbook"].close()


def test_damaged_database_is_not_backed_up(tmp_path, path):
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    assert_refused(invoke("backup", tmp_path / "backup.db", "--database", path), "damaged")
    assert os.listdir(tmp_path) == ["leadbook.db"]


def test_check_says_what_it_looked_at(path):
    finished = invoke("check", "--database", path)
    assert finished.returncode == 0
    lines = finished.stdout.splitlines()
    assert len(lines) == 45
    assert all(line.endswith(": ok") for line in lines)


@pytest.mark.parametrize(
    ("damage", "place"),
    [
        ("UPDATE leads SET email_key = 'wrong'", "comparison keys of leads: 2 wrong"),
        ("UPDATE lead_texts SET text = 'wrong'", "search texts of leads: 2 wrong"),
        ("DELETE FROM client_texts", "search texts of clients: 1 wrong"),
        ("INSERT INTO lead_texts VALUES (99, 'nobody')", "search texts of leads: 1 wrong"),
        (
            "INSERT INTO lead_search (lead_search) VALUES ('delete-all')",
            "search index of leads: 1 wrong",
        ),
        ("UPDATE lead_counts SET count = 7 WHERE status = 'won'", "counts of leads: 1 wrong"),
        ("DELETE FROM client_counts", "counts of clients: 1 wrong"),
        ("UPDATE clients SET name_key = 'wrong'", "comparison keys of clients: 1 wrong"),
        ("UPDATE leads SET client_id = x'00' WHERE client_id > x''", "leads to clients: 1 wrong"),
        ("UPDATE clients SET lead_id = x'00'", "clients to leads: 1 wrong"),
    ],
)
def test_check_finds_damage_and_repairs_it_when_told_to(path, caplog, damage, place):
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(damage)
    finished = invoke("check", "--database", path)
    assert finished.returncode == 1
    assert place in finished.stdout
    assert finished.stdout.count("wrong") == 1
    repaired = invoke("check", "--repair", "--database", path)
    assert repaired.returncode == 0
    # Opening says of an index alone that it cannot be used, both times.
    assert len(caplog.messages) == (2 if "delete-all" in damage else 0)
    assert place in repaired.stdout
    finished = invoke("check", "--database", path)
    assert (finished.returncode, finished.stdout.count(": ok")) == (0, 45)


def test_damaged_database_can_be_restored(tmp_path):
    path, saved = tmp_path / "leadbook.db", tmp_path / "saved.db"
    client = create_app({"DATABASE": path}).test_client()
    client.post("/leads", json={"name": "Ada", "email": "ada@engines.test"})
    back_up(path, saved, RECORDS, overwrite=False)
    client.application.extensions["leadbook"].close()
    damaged = path.read_bytes()[:100] + b"garbage" * 2000
    path.write_bytes(damaged)
    done = restore(saved, path, Clock(), keys="open")
    assert done.kept.read_bytes() == damaged
    app = create_app({"DATABASE": path})
    assert app.test_client().get("/leads").json["pagination"]["total"] == 1
    assert app.extensions["leadbook"].pragma("journal_mode") == "wal"
    app.extensions["leadbook"].close()


def test_pipe_is_no_database(path, tmp_path):
    # To open one would wait for somebody who writes to it.
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    commands = ("check",), ("compact",), ("export", "leads"), ("backup", "x"), ("restore", path)
    for command in commands:
        assert_refused(invoke(*command, "--database", pipe), "is not a file")
    assert_refused(invoke("restore", pipe, "--database", path), "is not a file")


@pytest.mark.parametrize("command", ["restore onto", "compact"])
def test_reader_leaves_no_log_that_the_owner_cannot_write_to(path, tmp_path, monkeypatch, command):
    def readable(file, mode="r", *arguments):
        if mode == "r+b":
            raise PermissionError(errno.EACCES, "Permission denied", str(file))
        return opened(file, mode, *arguments)

    back_up(path, tmp_path / "saved.db", RECORDS, overwrite=False)
    before = sorted(os.listdir(tmp_path))
    opened = Path.open
    # Root, who runs this in CI, may do anything.
    monkeypatch.setattr(Path, "open", readable)
    monkeypatch.setattr(os, "access", lambda _, mode, **__: mode != os.W_OK)
    act = {
        "restore onto": lambda: restore(tmp_path / "saved.db", path, Clock()),
        "compact": lambda: compact(path, print),
    }[command]
    with pytest.raises((DatabaseFileError, PermissionError), match="denied"):
        act()
    assert sorted(os.listdir(tmp_path)) == before


def test_backup_can_be_read_where_nobody_can_write(path, tmp_path):
    saved = tmp_path / "saved.db"
    assert back_up(path, saved, RECORDS, overwrite=False) == []
    # Not in WAL mode, in which SQLite makes files beside it, even to read.
    assert saved.read_bytes()[18:20] == b"\1\1"
    with closing(sqlite3.connect(f"{saved.as_uri()}?mode=ro", uri=True)) as reader:
        assert reader.execute("SELECT count(*) FROM leads").fetchone() == (2,)
        assert sorted(os.listdir(tmp_path)) == ["leadbook.db", "saved.db"]
