"""Files, folders, signals and terminals, as they are on the machines of others."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading

import pytest
from command import LEADBOOK, assert_refused, exported, invoke
from waiting import wait_until

from leadbook.storage.sqlite.driver import sqlite3

ROWS = "name,email\nAda,ada@b.example\nZoë,zoe@b.example\n"


@pytest.fixture
def stocked(tmp_path, monkeypatch):
    """Return a database with two leads, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text(ROWS, encoding="utf-8")
    database = tmp_path / "crm.db"
    assert invoke("import", "leads", "list.csv", "--database", database).returncode == 0
    return database


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("test-database (1).sqlite", id="simonw/datasette#1181"),
        pytest.param("100%20 done %BD.db", id="mar-file-system/GUFI#126"),
        pytest.param("# Third Party?mode=ro.db", id="abrignoni/ALEAPP#711"),
        pytest.param("a:b 'ü'.db", id="calebevans/mulder#86"),
    ],
)
def test_name_of_a_file_is_a_name_and_no_address(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.csv").write_text(ROWS, encoding="utf-8")
    database = f"./{name}"
    assert invoke("import", "leads", "list.csv", "--database", database).returncode == 0
    assert invoke("backup", f"{name}.copy", "--database", database).returncode == 0
    assert sorted(os.listdir(tmp_path)) == sorted([name, f"{name}.copy", "list.csv"])
    assert len(invoke("export", "leads", "-", "--database", database).stdout.splitlines()) == 3


def test_url_of_a_database_is_its_path(stocked):
    """doctrine/dbal#5242: a URL of SQLite led to another file."""
    for url in ("sqlite:///crm.db", f"sqlite:///{stocked}"):
        assert len(invoke("export", "leads", "-", "--database", url).stdout.splitlines()) == 3
    for url in ("postgres://localhost/crm", "file:crm.db", "sqlite://"):
        assert_refused(invoke("check", "--database", url), url.partition(":")[0])
    assert sorted(os.listdir(stocked.parent)) == ["crm.db", "list.csv"]


def test_backup_while_others_write_has_all_that_was_stored(tmp_path, start_server):
    """markmhendrickson/neotoma#2075, senigami/audiobook-studio#246: torn or old copies."""
    database, copy = tmp_path / "crm.db", tmp_path / "copy.db"
    server = start_server("--database", str(database))
    stored, done = [], threading.Event()

    def write():
        while not done.is_set():
            lead = {"name": f"Lead {len(stored)}", "email": "ada@b.example"}
            status, _ = server.request("POST", "/leads", lead)
            assert status == 201
            stored.append(lead["name"])

    writer = threading.Thread(target=write)
    writer.start()
    try:
        wait_until(lambda: len(stored) >= 5 or not writer.is_alive())
        before = list(stored)
        assert invoke("backup", copy, "--database", database).returncode == 0
    finally:
        done.set()
        writer.join()
    names = {lead["name"] for lead in exported(copy)}
    assert set(before) <= names
    assert names <= set(stored)
    assert invoke("check", "--database", copy).returncode == 0


def test_old_backups_leave_and_other_files_stay(stocked):
    """offen/docker-volume-backup#631: after a pause, all backups but the new one were gone."""
    folder = stocked.parent / "backups"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    (folder / "crm.db").write_text("mine too")
    for _ in range(4):
        assert invoke("backup", "--keep", "2", folder, "--database", stocked).returncode == 0
    others = {"notes.txt", "crm.db"}
    kept = sorted(set(os.listdir(folder)) - others)
    assert len(kept) == 2
    assert others <= set(os.listdir(folder))
    assert len(exported(folder / kept[-1])) == 2


def test_failed_backup_removes_no_older_one(stocked):
    """lionelpere/azure-devops-repository-backup#8: the new copy failed, and the old ones went."""
    folder = stocked.parent / "backups"
    folder.mkdir()
    assert invoke("backup", "--keep", "1", folder, "--database", stocked).returncode == 0
    [copy] = os.listdir(folder)
    stocked.write_bytes(b"SQLite format 3\0" + bytes(4096))
    assert invoke("backup", "--keep", "1", folder, "--database", stocked).returncode == 1
    assert os.listdir(folder) == [copy]


@pytest.mark.parametrize("command", ["export leads -", "check", "backup ../copy.db"])
def test_database_on_a_read_only_medium_can_be_read(stocked, command):
    """fr-ser/grafana-sqlite-datasource#167: reading failed, because SQLite wanted to write."""
    if not shutil.which("unshare"):
        pytest.skip("only Linux can mount a folder for one command")
    script = f"mount --bind . . && mount -o remount,ro,bind . && cd {stocked.parent} && exec "
    script += " ".join([*LEADBOOK, command, "--database", "crm.db"])
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    if "unshare" in done.stderr or "mount" in done.stderr:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    assert (done.returncode, done.stderr.splitlines()[1:]) == (0, []), done.stderr


def test_database_that_is_a_mount_of_its_own_is_warned_about(stocked):
    """GoblinHonest/mimo2api_mimoapi#5: the log was beside the mount, and was lost."""
    if not shutil.which("unshare"):
        pytest.skip("only Linux can mount a file for one command")
    script = "mount --bind crm.db crm.db && exec " + " ".join(
        [*LEADBOOK, "check", "--database", "crm.db"]
    )
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False
    )
    if "unshare" in done.stderr or "mount: " in done.stderr:
        pytest.skip(f"mounting is not allowed here: {done.stderr.strip()}")
    assert done.returncode == 0
    assert "folder" in done.stderr


def test_new_files_are_closed_to_others_whatever_the_umask(tmp_path):
    """sabre-io/Baikal#602: everybody on the machine could read the database."""
    (tmp_path / "list.csv").write_text(ROWS, encoding="utf-8")
    before = os.umask(0)
    try:
        database = tmp_path / "crm.db"
        for words in (
            ["import", "leads", tmp_path / "list.csv"],
            ["export", "leads", tmp_path / "e"],
        ):
            assert invoke(*words, "--database", database).returncode == 0
        assert invoke("backup", tmp_path / "copy", "--database", database).returncode == 0
    finally:
        os.umask(before)
    modes = {
        name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("crm.db", "e", "copy")
    }
    assert set(modes.values()) == {0o600}


def test_end_of_the_reader_is_no_error(tmp_path, stocked):
    """Backblaze/B2_Command_Line_Tool#1071: an export into `head` ended in a traceback."""
    with sqlite3.connect(stocked) as connection:
        connection.execute("UPDATE leads SET notes = ?", ["x" * 10_000])
    command = [*LEADBOOK, "export", "leads", "-", "--database", str(stocked)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline().startswith(b"id,name,")
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()


def test_terminal_without_utf8_shows_the_same_bytes(stocked):
    """thewhiteh4t/pwnedOrNot#18: in a container, the first accent ended the command."""
    poor = {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "PATH": os.environ["PATH"],
    }
    command = [*LEADBOOK, "export", "leads", "-", "--database", str(stocked)]
    done = subprocess.run(command, env=poor, capture_output=True, check=True)
    assert "Zoë" in done.stdout.decode("utf-8")


def test_port_in_use_is_one_line(stocked):
    """beancount/fava#172: a traceback of twenty lines said that the port was taken."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert_refused(invoke("serve", "--port", port, "--database", stocked), port)


def test_signal_of_a_container_ends_the_server_at_once(tmp_path, start_server):
    """KiraLT/torrent-stream-server#61, bilde2910/Hauk#32: each stop took until the kill."""
    server = start_server("--database", str(tmp_path / "crm.db"))
    assert server.request("POST", "/leads", {"name": "Ada", "email": "a@b.example"})[0] == 201
    assert server.stop(signal.SIGTERM) == 0
    assert not (tmp_path / "crm.db-wal").exists()
    assert [lead["name"] for lead in exported(tmp_path / "crm.db")] == ["Ada"]


def test_one_request_is_one_line_of_the_log(tmp_path, start_server):
    """sibidharan/zealphp#250, augustd/owasp-security-logging#59: a caller wrote lines himself."""
    log = tmp_path / "log"
    with log.open("w") as stderr:
        database = str(tmp_path / "crm.db")
        server = start_server("--database", database, "--log-format", "text", stderr=stderr)
        ids = []
        for path in ("/leads%0d%0aforged", "/leads/%C2%85forged", "/leads?search=%E2%80%A8forged"):
            answer = server.request("GET", path)[1]
            ids += [answer["error"]["requestId"]] if "error" in answer else []
        assert server.stop() == 0
    lines = log.read_text().splitlines()
    assert [sum(each in line for line in lines) for each in ids] == [1] * len(ids)
    assert len(ids) == 2
    assert not [line for line in lines if line.startswith("forged")]


def test_app_that_is_forked_uses_no_connection_of_its_parent(tmp_path):
    """benoitc/gunicorn#1953: with --preload, the workers shared one connection."""
    script = (
        "import os, sys\n"
        "from leadbook.app import create_app\n"
        "app = create_app({'DATABASE': sys.argv[1]})\n"
        "child = os.fork()\n"
        "lead = {'name': str(bool(child)), 'email': 'a@b.example'}\n"
        "for _ in range(20):\n"
        "    assert app.test_client().post('/leads', json=lead).status_code == 201\n"
        "child and sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    database = tmp_path / "crm.db"
    subprocess.run([sys.executable, "-c", script, str(database)], check=True)
    names = [lead["name"] for lead in exported(database)]
    assert (names.count("True"), names.count("False")) == (20, 20)


def test_ready_file_names_the_server_that_answers(tmp_path, start_server):
    """tenstorrent/ttnn-visualizer#1002: a tool read a state that was not there yet."""
    ready = tmp_path / "ready.json"
    server = start_server("--database", str(tmp_path / "crm.db"), "--ready-file", str(ready))
    assert json.loads(ready.read_text())["url"] == server.url
    assert server.stop() == 0
    assert not ready.exists()
