"""`leadbook serve --test-mode`: how it starts, tells that it is ready, and ends."""

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from command import assert_refused, run
from flask import Flask
from waiting import PATIENCE_SECONDS, wait_until

from leadbook.app import create_app
from leadbook.server import front
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.opening import DatabaseFileError, open_database
from leadbook.testing.app import create_test_app
from server import call

COMMAND = [sys.executable, "-m", "leadbook.cli", "serve", "--test-mode", "--port", "0"]


LEAD = {"name": "Ada Byron", "email": "ada@engines.test"}


# Starts a server, says which, and waits to be killed.
PARENT = f"""
import subprocess, sys
child = subprocess.Popen({[*COMMAND, "--exit-with-parent"]!r}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
print(child.stdout.readline().decode(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def start():
    processes = []

    def start(*arguments, **options):
        processes.append(
            subprocess.Popen(
                [*COMMAND, *arguments],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                **options,
            )
        )
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.wait()
        process.stdout.close()


def test_one_line_says_where_it_answers(start):
    process = start()
    ready = json.loads(process.stdout.readline())
    # At once: the line comes when, and only when, it answers.
    assert call(ready["url"], "/health")[0] == 200
    assert ready["pid"] == process.pid
    assert Path(ready["database"]).exists()
    assert call(ready["url"], "/_test/reset", "POST")[0] == 204
    process.terminate()
    assert process.wait(timeout=PATIENCE_SECONDS) == 0
    assert process.stdout.read() == ""
    assert not Path(ready["database"]).parent.exists()


def test_database_of_the_environment_is_left_alone(start, tmp_path):
    mine = tmp_path / "mine.db"
    process = start(env=os.environ | {"LEADBOOK_DATABASE": str(mine)})
    ready = json.loads(process.stdout.readline())
    assert ready["database"] != str(mine)
    assert not mine.exists()


def test_ready_file_comes_whole_and_goes_at_the_end(start, tmp_path):
    path = tmp_path / "ready.json"
    path.write_text('{"url": "http://127.0.0.1:1"}')
    process = start("--ready-file", str(path))
    line = process.stdout.readline()
    assert path.read_text() == line
    assert os.listdir(tmp_path) == ["ready.json"]
    process.terminate()
    process.wait(timeout=PATIENCE_SECONDS)
    assert not path.exists()


def test_same_seed_makes_the_same_bytes_in_another_process(start):
    def bodies():
        url = json.loads(start("--seed", "7").stdout.readline())["url"]
        return [call(url, "/_test/seed", "POST"), call(url, "/leads"), call(url, "/_test/clock")]

    assert bodies() == bodies()


def test_it_ends_when_its_parent_is_killed(tmp_path):
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"TMPDIR": str(tmp_path)},
    )
    ready = json.loads(parent.stdout.readline())
    assert call(ready["url"], "/health")[0] == 200
    parent.kill()
    parent.wait()
    # Not a child of ours, so that nobody says when it has ended. It takes less than two seconds, as
    # the documentation says, where nobody else keeps the machine busy: it looks once a second.
    assert front._LOOK_SECONDS <= 1
    wait_until(lambda: not _is_there(ready["pid"]))
    assert os.listdir(tmp_path) == []
    parent.stdin.close()
    parent.stdout.close()


def _is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process that has ended stays a zombie where nobody waits for it.
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:
        return False
    except FileNotFoundError:
        # It has gone since, or there is no /proc here.
        return not Path("/proc/self/stat").exists()


def test_it_stays_while_its_parent_lives(start):
    process = start("--exit-with-parent")
    url = json.loads(process.stdout.readline())["url"]
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=1.5)
    assert call(url, "/health")[0] == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_it_listens_on_loopback_only(host, tmp_path):
    path = tmp_path / "test.db"
    arguments = ("--test-mode", "--port", 0, "--host", host, "--open", "--database", path)
    assert_refused(run("serve", *arguments), "loopback only")
    assert not path.exists()


def test_options_that_contradict_each_other_are_refused():
    assert_refused(run("serve", "--seed", 1), "--test-mode")
    assert_refused(run("serve", "--test-mode", "--demo"), "cannot be combined")


def foreign_files(folder):
    """Make files that are none of test mode's, and return their paths."""
    data = folder / "data.db"
    with closing(open_database(data, Clock())):
        pass
    (folder / "notes.txt").write_text("not a database at all, but of some length. " * 9)
    (folder / "link.db").symlink_to(data)
    return [data, folder / "notes.txt", folder / "link.db"]


def test_file_that_was_not_made_for_it_is_never_touched(tmp_path):
    for path in foreign_files(tmp_path):
        before = {each: each.read_bytes() for each in tmp_path.iterdir()}
        assert_refused(run("serve", "--test-mode", "--port", 0, "--database", path), str(tmp_path))
        with pytest.raises(DatabaseFileError):
            create_test_app({"DATABASE": path})
        assert {each: each.read_bytes() for each in tmp_path.iterdir()} == before


def test_file_that_this_process_serves_as_data_is_refused_too(tmp_path, app: Flask, make_lead):
    make_lead()
    with pytest.raises(DatabaseFileError, match="was not made by test mode"):
        create_test_app({"DATABASE": app.config["DATABASE"]})


def test_file_of_test_mode_is_not_served_as_data(tmp_path):
    path = tmp_path / "test.db"
    app = create_test_app({"DATABASE": path})
    app.extensions["leadbook"].close()
    with pytest.raises(DatabaseFileError, match="made by test mode"):
        create_app({"DATABASE": path})
    for arguments in (("serve", "--port", 0), ("check",), ("key", "create", "k")):
        assert_refused(run(*arguments, "--database", path), "made by test mode")


def test_given_file_keeps_its_records_until_the_next_start(start, tmp_path):
    path = str(tmp_path / "test.db")
    process = start("--database", path)
    call(json.loads(process.stdout.readline())["url"], "/_test/seed", "POST")
    process.send_signal(signal.SIGKILL)
    process.wait()
    url = json.loads(start("--database", path).stdout.readline())["url"]
    assert json.loads(call(url, "/leads")[1])["pagination"]["total"] == 50
    assert call(url, "/_test/reset", "POST")[0] == 204
    assert json.loads(call(url, "/leads")[1])["pagination"]["total"] == 0


def test_ready_file_of_somebody_else_is_left_alone(start, tmp_path):
    mine = tmp_path / "notes.txt"
    mine.write_text("mine")
    assert_refused(
        run("serve", "--test-mode", "--port", 0, "--ready-file", mine), "is not a ready file"
    )
    assert mine.read_text() == "mine"
    ready = tmp_path / "ready.json"
    url = json.loads(start("--ready-file", str(ready)).stdout.readline())["url"]
    port = url.rpartition(":")[2]
    assert_refused(run("serve", "--test-mode", "--port", port, "--ready-file", ready), "listen")
    assert json.loads(ready.read_text())["url"] == url
