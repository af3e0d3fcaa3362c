"""The real command: starting, stopping, and what stands in its way."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from places import ROOT

from leadbook.storage.sqlite.driver import sqlite3

LEAD = {"name": "Ada", "email": "ada@engines.test"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new folder" / "leadbook.db"


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "leadbook.cli", *arguments],
        capture_output=True, text=True, timeout=60, check=False, **options,
    )  # fmt: skip


@pytest.fixture
def start_server(start_server):
    """Start a new process, as users do; other tests fork most of theirs."""
    return partial(start_server, is_new=True)


def assert_one_line(finished):
    assert finished.returncode == 1
    assert re.fullmatch(r"leadbook: .+\n", finished.stderr)
    assert finished.stdout == ""


def test_it_makes_folder_and_file_and_says_where(start_server, path):
    server = start_server("--database", str(path))
    assert path.exists()
    assert str(path) in server.first_line
    assert server.request("POST", "/leads", LEAD)[0] == 201


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_data_outlives_the_server(start_server, path, signal_number):
    server = start_server("--database", str(path))
    _, lead = server.request("POST", "/leads", LEAD)
    assert server.stop(signal_number) == 0
    again = start_server("--database", str(path))
    assert again.request("GET", f"/leads/{lead['id']}") == (200, lead)


def test_database_is_under_data_by_default(start_server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    start_server()
    assert (tmp_path / "data" / "leadbook.db").exists()


def test_environment_names_the_database(start_server, path, monkeypatch):
    monkeypatch.setenv("LEADBOOK_DATABASE", str(path))
    start_server()
    assert path.exists()


def test_python_app_py_serves_too(start_server, path):
    server = start_server("--database", str(path), command=(str(ROOT / "app.py"),))
    assert server.request("GET", "/health")[0] == 200


def test_it_listens_on_ipv6(start_server, path):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    server = start_server("--database", str(path), "--host", "::1")
    assert server.url.startswith("http://[::1]:")
    assert server.request("GET", "/health")[0] == 200


def test_taken_port(path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        finished = run("serve", "--port", str(port), "--database", str(path))
    assert_one_line(finished)
    assert str(port) in finished.stderr
    assert not path.parent.exists()


@pytest.mark.parametrize(
    "host",
    [
        "no.such.host.invalid",
        pytest.param("999.1.1.1", marks=pytest.mark.long),
        pytest.param("x" * 300, marks=pytest.mark.long),
        "192.0.2.1",
    ],
)
def test_address_that_is_not_ours(path, host):
    assert_one_line(run("serve", "--host", host, "--port", "0", "--database", str(path)))
    assert not path.parent.exists()


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        pytest.param(b"hello, this is no database\n" * 40, marks=pytest.mark.long),
        pytest.param(b"SQLite format 3\0", marks=pytest.mark.long),
        b"SQLite format 3\0" * 40,
        pytest.param(b"\0" * 4096, marks=pytest.mark.long),
    ],
)
def test_file_that_is_no_database_is_left_alone(tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_bytes(content)
    finished = run("serve", "--port", "0", "--database", str(path))
    assert_one_line(finished)
    assert str(path) in finished.stderr
    assert path.read_bytes() == content
    assert os.listdir(tmp_path) == ["notes.txt"]


@pytest.mark.parametrize("statement", ["PRAGMA application_id = 7", "PRAGMA user_version = 1"])
def test_database_of_another_application_is_left_alone(tmp_path, statement):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE leads (id)")
        other.execute(statement)
    before = path.read_bytes()
    finished = run("serve", "--port", "0", "--database", str(path))
    assert_one_line(finished)
    assert "another application" in finished.stderr
    assert path.read_bytes() == before


def test_database_of_a_newer_leadbook_is_left_alone(start_server, path):
    start_server("--database", str(path)).stop()
    with closing(sqlite3.connect(path)) as newer:
        newer.execute("PRAGMA user_version = 1000")
    before = path.read_bytes()
    finished = run("serve", "--port", "0", "--database", str(path))
    assert_one_line(finished)
    assert "newer" in finished.stderr
    assert path.read_bytes() == before


def test_what_is_no_file_is_left_alone(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert_one_line(run("serve", "--port", "0", "--database", str(pipe)))
    assert pipe.is_fifo()


def test_link_is_followed(start_server, tmp_path):
    (tmp_path / "disk").mkdir()
    link = tmp_path / "link.db"
    link.symlink_to(tmp_path / "disk" / "leadbook.db")
    start_server("--database", str(link))
    assert link.is_symlink()
    assert (tmp_path / "disk" / "leadbook.db").exists()


def test_log_without_its_database_is_left_alone(start_server, path):
    server = start_server("--database", str(path))
    server.request("POST", "/leads", LEAD)
    server.stop(signal.SIGKILL)
    path.unlink()
    finished = run("serve", "--port", "0", "--database", str(path))
    assert_one_line(finished)
    assert f"{path}-wal" in finished.stderr
    assert not path.exists()


def test_disk_that_is_full_at_the_start(path):
    script = (
        f"ulimit -f 8; exec {sys.executable} -m leadbook.cli serve --port 0 --database '{path}'"
    )
    # Without the coverage of child processes, whose file would be too large as well.
    environment = {name: value for name, value in os.environ.items() if "COV" not in name}
    finished = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, check=False
    )
    assert_one_line(finished)
    assert os.listdir(path.parent) == []


def test_flask_command_finds_the_app(tmp_path):
    environment = os.environ | {"LEADBOOK_DATABASE": str(tmp_path / "leadbook.db")}
    # In a checkout it looks for app.py; elsewhere it has to be told.
    checkout = ROOT
    for folder, named in ((checkout, []), (tmp_path, ["--app", "leadbook.app"])):
        script = [sys.executable, "-m", "flask", *named, "routes"]
        shown = subprocess.run(
            script, cwd=folder, env=environment, capture_output=True, text=True, check=True
        )
        assert "/leads/<record:id>/convert" in shown.stdout


def test_folder_that_cannot_be_written(tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    assert_one_line(run("serve", "--port", "0", "--database", str(file / "leadbook.db")))
    assert_one_line(run("serve", "--port", "0", "--database", "/proc/leadbook/leadbook.db"))
    assert_one_line(run("serve", "--port", "0", "--database", str(tmp_path)))
    assert file.read_text() == "x"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--port", "http"),
        ("--port", "65536"),
        ("--port", "-1"),
        ("--threads", "0"),
        ("--threads", "1_0"),
        ("--host", " "),
        ("--database", ""),
    ],
)
def test_wrong_option_is_named(option, value):
    finished = run("serve", option, value)
    assert_one_line(finished)
    assert option[2:].upper() in finished.stderr
    assert repr(value) in finished.stderr


def test_wrong_environment_is_named():
    finished = run("serve", env=os.environ | {"LEADBOOK_PORT": "many"})
    assert_one_line(finished)
    assert "LEADBOOK_PORT" in finished.stderr


def test_version():
    assert re.fullmatch(r"leadbook \d+\.\d+\.\d+\S*\n", run("--version").stdout)


def without_days(answer):
    """Leave out what depends on the day, which may end during the test."""
    status, body = answer
    for each in body["data"]:
        del each["nextFollowUpAt"], each["updatedAt"]
    return status, body


def test_demo_serves_the_same_records_every_time(start_server, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    states = []
    for _ in range(2):
        server = start_server("--demo")
        folder = Path(re.search(r"data in (\S+)/", server.first_line)[1])
        paths = ["/leads?limit=100", "/leads?limit=100&page=2", "/clients?limit=100"]
        states.append([without_days(server.request("GET", each)) for each in paths])
        for path, count in (("/follow-ups", 30), ("/tickets", 12)):
            assert server.request("GET", path)[1]["pagination"]["total"] == count
        assert server.stop() == 0
        assert not folder.exists()
    assert states[0] == states[1]
    leads = states[0][0][1]
    assert leads["pagination"]["total"] == 200
    assert states[0][2][1]["pagination"]["total"] == 40
    assert len({lead["name"] for lead in leads["data"]}) > 80
    times = [lead["createdAt"] for lead in leads["data"]]
    assert times == sorted(set(times), reverse=True)
    assert os.listdir(tmp_path) == []


def test_demo_takes_no_database(path):
    assert_one_line(run("serve", "--demo", "--database", str(path)))
