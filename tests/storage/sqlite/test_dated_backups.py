"""`leadbook backup --keep`: a backup for each run, of which the newest stay."""

import errno
import fcntl
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime

import pytest
from command import LEADBOOK, assert_refused, invoke, run
from places import DATABASES, ROOT
from waiting import wait_until

from leadbook.app import create_app
from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.private_files import TargetError
from leadbook.storage.sqlite import backup
from leadbook.storage.sqlite.dated_backups import back_up_dated, remove_older
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.file_checks import DatabaseFileError

# Of the fixture `time`.
FIRST = "leadbook-20260101T000000Z.db"
DAY = 86_400_000


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "leadbook.db"
    app = create_app({"DATABASE": path})
    lead = {"name": "Ada", "email": "ada@engines.test"}
    assert app.test_client().post("/leads", json=lead).status_code == 201
    app.extensions["leadbook"].close()
    return path


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    return folder


@pytest.fixture
def back_up(path, folder, time):
    """Back up at `time`, keep some, and return the names of all files then."""
    clock = Clock(lambda: time[0])

    def back_up(keep, of=path):
        _, faults = back_up_dated(of, folder, RECORDS, clock)
        assert faults == []
        remove_older(of, folder, keep)
        return sorted(os.listdir(folder))

    return back_up


def leads_of(path):
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as reader:
        assert reader.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return [name for (name,) in reader.execute("SELECT name FROM leads")]


def test_name_is_the_time_in_utc_and_the_newest_stay(path, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    for _ in range(4):
        before = datetime.now(UTC).replace(microsecond=0)
        done = run("backup", "--keep", 2, folder, "--database", path)
        assert (done.returncode, done.stderr) == (0, "")
        first, *others = done.stdout.splitlines()
    newest = max(folder.iterdir())
    assert first == f"{path} was copied to {newest}, and the copy is intact."
    (removed,) = others
    assert removed.endswith(" was removed.")
    named = datetime.strptime(newest.name, "leadbook-%Y%m%dT%H%M%SZ.db").replace(tzinfo=UTC)
    # Later than the clock only where several were made in one second.
    assert 0 <= (named - before).total_seconds() < 60
    assert len(os.listdir(folder)) == 2
    assert [leads_of(each) for each in folder.iterdir()] == [["Ada"]] * 2
    assert {stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()} == {0o600}
    restored = tmp_path / "restored.db"
    assert invoke("restore", newest, "--database", restored).returncode == 0
    assert invoke("check", "--database", restored).returncode == 0


def test_oldest_leave_first(back_up, time):
    for _ in range(5):
        names = back_up(3)
        time[0] += DAY
    assert names == [f"leadbook-2026010{day}T000000Z.db" for day in (3, 4, 5)]


def test_smaller_number_removes_more_and_a_larger_one_nothing(back_up, time):
    for _ in range(4):
        names = back_up(10**30)
        time[0] += DAY
    assert len(names) == 4
    assert len(back_up(100)) == 5
    time[0] += DAY
    assert back_up(1) == ["leadbook-20260106T000000Z.db"]


def test_two_in_one_second_are_two(back_up):
    assert back_up(5) == [FIRST]
    assert back_up(5) == [FIRST, "leadbook-20260101T000001Z.db"]


def test_clock_that_was_set_back_does_not_make_the_new_backup_the_oldest(back_up, path, time):
    back_up(2)
    time[0] += DAY
    back_up(2)
    with closing(sqlite3.connect(path)) as writer, writer:
        writer.execute("UPDATE leads SET phone = '42'")
    time[0] -= 365 * DAY
    names = back_up(2)
    assert names == ["leadbook-20260102T000000Z.db", "leadbook-20260102T000001Z.db"]
    with closing(sqlite3.connect(path.parent / "backups" / names[1])) as reader:
        assert reader.execute("SELECT phone FROM leads").fetchall() == [("42",)]


def test_end_of_all_names_is_an_error_that_removes_nothing(back_up, folder, time):
    time[0] = 253_402_300_799_000 - 1000
    back_up(1)
    before = back_up(2)
    with pytest.raises(TargetError, match="9999"):
        back_up(1)
    assert sorted(os.listdir(folder)) == before


def test_other_files_stay_whatever_their_names(back_up, folder, path, tmp_path, time):
    old = "leadbook-20200101T000000Z"
    shutil.copy(path, folder / f"{old}.db.copy")
    shutil.copy(path, folder / f"x{old}.db")
    shutil.copy(path, folder / "leadbook-20209901T000000Z.db")
    shutil.copy(path, folder / "leadbook-20200101T000000Z.sqlite")
    shutil.copy(path, folder / f"{old}xdb")
    shutil.copy(path, folder / "leadbookX20200101T000000Z.db")
    (folder / f"{old}.db").write_text("dear to somebody")
    (folder / "leadbook-20200102T000000Z.db").mkdir()
    (folder / "leadbook-20200103T000000Z.db").symlink_to(path)
    (folder / "leadbook-20200104T000000Z.db").symlink_to(tmp_path / "nowhere")
    os.mkfifo(folder / "leadbook-20200105T000000Z.db")
    with closing(sqlite3.connect(folder / "leadbook-20200106T000000Z.db")) as other:
        other.execute("CREATE TABLE theirs (id)")
    (folder / FIRST).write_text("has the name of the next backup")
    before = set(os.listdir(folder))
    names = set()
    for _ in range(3):
        names = set(back_up(1))
        time[0] += DAY
    assert before < names
    assert names - before == {"leadbook-20260103T000000Z.db"}
    assert (folder / FIRST).read_text() == "has the name of the next backup"
    assert leads_of(path) == ["Ada"]


def test_databases_with_different_names_share_a_folder(back_up, path, time):
    others = [path.with_name(name) for name in ("lead.db", "leadbook", "a.b [1]+.sqlite", "-.db")]
    for other in others:
        shutil.copy(path, other)
    for _ in range(3):
        for each in (path, *others):
            names = back_up(2, of=each)
        time[0] += DAY
    assert len(names) == 2 * (1 + len(others))
    assert "a.b [1]+-20260103T000000Z.sqlite" in names
    assert "leadbook-20260103T000000Z" in names


def test_backup_of_a_served_backup_does_not_count_as_one_of_its_origin(back_up, folder, time):
    back_up(1)
    time[0] += DAY
    back_up(1, of=folder / FIRST)
    time[0] += DAY
    assert back_up(1) == [
        "leadbook-20260101T000000Z-20260102T000000Z.db",
        "leadbook-20260103T000000Z.db",
    ]


def test_backup_that_a_server_uses_stays(back_up, folder, time, start_server):
    back_up(1)
    server = start_server("--database", str(folder / FIRST))
    assert server.request("GET", "/leads")[0] == 200
    time[0] += DAY
    assert {FIRST, "leadbook-20260102T000000Z.db"} < set(back_up(1))
    server.stop()
    time[0] += DAY
    assert back_up(1) == ["leadbook-20260103T000000Z.db"]


def test_backup_with_a_log_stays_since_it_has_more(back_up, folder, time):
    back_up(1)
    log = folder / f"{FIRST}-wal"
    log.write_bytes(b"pages")
    time[0] += DAY
    assert FIRST in back_up(1)
    log.unlink()
    assert FIRST not in back_up(1)


@pytest.mark.parametrize("is_dead", [False, True])
def test_failed_backup_removes_nothing(back_up, path, folder, is_dead):
    for _ in range(3):
        before = back_up(5)
    if is_dead:
        path.unlink()
    else:
        content = path.read_bytes()
        path.write_bytes(content[:4096] + b"\xa5" * (len(content) - 4096))
    reason = "leadbook.db" if is_dead else "damaged"
    assert_refused(invoke("backup", "--keep", 1, folder, "--database", path), reason)
    assert sorted(os.listdir(folder)) == before


def test_backup_with_faults_is_kept_and_removes_nothing(back_up, path, folder):
    before = back_up(5)
    with closing(sqlite3.connect(path)) as writer, writer:
        writer.execute("UPDATE lead_counts SET count = 99")
    done = invoke("backup", "--keep", 1, folder, "--database", path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "counts of leads" in done.stderr
    assert len(os.listdir(folder)) == len(before) + 1


def test_backup_of_an_older_version_removes_nothing(back_up, path, folder):
    back_up(5)
    shutil.copy(DATABASES / "version-2.db", path)
    assert invoke("backup", "--keep", 1, folder, "--database", path).returncode == 3
    assert len(os.listdir(folder)) == 2


def test_folder_is_created_for_its_owner_only(path, tmp_path):
    folder = tmp_path / "new"
    assert run("backup", "--keep", 1, folder, "--database", path).returncode == 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    deep = tmp_path / "missing" / "backups"
    assert_refused(invoke("backup", "--keep", 1, deep, "--database", path), "No such file")
    missing = tmp_path / "typo.db"
    assert_refused(invoke("backup", "--keep", 1, tmp_path / "x", "--database", missing), "typo.db")
    assert not (tmp_path / "x").exists()


def test_place_that_is_no_folder_is_refused(path, tmp_path):
    file, link, pipe = (tmp_path / name for name in ("file", "link", "pipe"))
    file.write_text("dear to somebody")
    link.symlink_to(tmp_path / "nowhere")
    os.mkfifo(pipe)
    for place in (file, link, pipe, path):
        assert_refused(invoke("backup", "--keep", 1, place, "--database", path), "not a folder")
    assert file.read_text() == "dear to somebody"
    assert leads_of(path) == ["Ada"]


def test_options_that_make_no_sense_are_refused(path, folder):
    assert_refused(invoke("backup", folder, "--database", path), "--keep N")
    assert_refused(invoke("backup", folder, "--force", "--database", path), "--keep N")
    together = invoke("backup", "--keep", 1, folder, "--force", "--database", path)
    assert_refused(together, "--force")
    for number in (0, -1, "seven", "", "1.5"):
        done = invoke("backup", "--keep", number, folder, "--database", path)
        assert done.returncode == 2
        assert "--keep" in done.stderr
    assert invoke("backup", "--keep", 1, "--database", path).returncode == 2
    assert os.listdir(folder) == []


def test_link_to_a_folder_is_a_folder(path, folder, tmp_path):
    (tmp_path / "link").symlink_to(folder)
    assert invoke("backup", "--keep", 1, tmp_path / "link", "--database", path).returncode == 0
    assert len(os.listdir(folder)) == 1


def test_folder_of_the_database_may_hold_its_backups(path, start_server):
    server = start_server("--database", str(path))
    for _ in range(3):
        assert run("backup", "--keep", 2, path.parent, "--database", path).returncode == 0
    assert server.request("GET", "/leads")[1]["pagination"]["total"] == 1
    server.stop()
    assert leads_of(path) == ["Ada"]
    assert len(list(path.parent.glob("leadbook-*.db"))) == 2


def test_many_at_once_make_one_each(path, folder):
    with ThreadPoolExecutor(6) as pool:
        runs = [
            pool.submit(run, "backup", "--keep", 4, folder, "--database", path) for _ in "123456"
        ]
    outputs = [each.result() for each in runs]
    assert [each.returncode for each in outputs] == [0] * 6
    targets = {each.stdout.partition("copied to ")[2].partition(",")[0] for each in outputs}
    assert len(targets) == 6
    assert sorted(map(str, folder.iterdir())) == sorted(targets)[-4:]


def test_file_system_without_locks_can_hold_backups(back_up, folder, time, monkeypatch):
    back_up(1)
    time[0] += DAY

    lock = fcntl.flock

    def no_lock(descriptor, operation):
        # Of the folder itself; those in it are locked while a copy is checked. A lock that only
        # seems to be there would let us remove the folders of other servers as abandoned.
        if os.fstat(descriptor).st_ino == folder.stat().st_ino:
            raise OSError(errno.ENOLCK, "No locks available")
        lock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", no_lock)
    assert back_up(1) == ["leadbook-20260102T000000Z.db"]


def test_line_for_cron_works(path, tmp_path):
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"```cron\n(.*)\n```", page)
    times, command = re.fullmatch(r"((?:[0-9*]+ ){5})(.*)", line).groups()
    assert times == "15 3 * * * "
    # A percent sign is a new line there.
    assert "%" not in command
    places = {"/var/lib/leadbook/leadbook.db": path, "/var/backups/leadbook": tmp_path / "saved"}
    for shown, there in places.items():
        assert shown in command
        command = command.replace(shown, shlex.quote(str(there)))
    command = re.sub("^leadbook", " ".join(map(shlex.quote, LEADBOOK)), command)
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(os.listdir(tmp_path / "saved")) == 1


def test_full_disk_names_the_folder_and_not_the_unfinished_file(path, folder, monkeypatch):
    def copy(*_):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(backup, "copy", copy)
    with pytest.raises(DatabaseFileError) as caught:
        back_up_dated(path, folder, RECORDS, Clock())
    assert str(caught.value) == f"Cannot copy {path} to {folder}: database or disk is full."
    assert os.listdir(folder) == []


def test_mode_follows_the_database_and_the_setting(path, folder, monkeypatch):
    path.chmod(0o644)
    monkeypatch.setenv("LEADBOOK_FILE_MODE", "640")
    assert invoke("backup", "--keep", 1, folder, "--database", path).returncode == 0
    (made,) = folder.iterdir()
    assert stat.S_IMODE(made.stat().st_mode) == 0o640


@pytest.mark.long
def test_backup_that_is_stopped_leaves_the_folder_as_it_was(back_up, path, folder):
    app = create_app({"DATABASE": path})
    client = app.test_client()
    rows = b"".join(b"Ada %d,ada%d@engines.test\n" % (n, n) for n in range(20_000))
    taken = client.post("/leads/import", data=b"name,email\n" + rows, content_type="text/csv")
    assert taken.status_code == 200
    app.extensions["leadbook"].close()
    before = back_up(5)
    command = [*LEADBOOK, "backup", "--keep", "1", str(folder), "--database", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_until(lambda: len(os.listdir(folder)) > len(before))
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    assert sorted(os.listdir(folder)) == before
