"""An import among others: while a server writes, interrupted, killed."""

import os
import pty
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from command import LEADBOOK, exported, run

from leadbook.checking import check
from leadbook.clock import Clock
from leadbook.database_file import open_database


@pytest.fixture
def database(tmp_path):
    return tmp_path / "leadbook.db"


def many_rows(path, count):
    with path.open("w") as opened:
        opened.write("name,email\n")
        opened.writelines(f"Name {number},n{number}@a.test\n" for number in range(count))
    return path


def test_terminal_gets_a_bar_with_rate_and_time_left(tmp_path, database):
    file = many_rows(tmp_path / "many.csv", 15_000)
    ours, theirs = pty.openpty()
    command = [*LEADBOOK, "import", "leads", str(file), "--database", str(database)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        # The other end of a terminal that is gone.
        pass
    os.close(ours)
    assert process.wait() == 0
    assert b"rows/s" in shown
    assert b"[#" in shown
    assert b"100%" in shown


def test_server_goes_on_while_a_file_is_imported(tmp_path, database, start_server):
    server = start_server("--database", str(database))
    file = many_rows(tmp_path / "many.csv", 12_000)
    command = [*LEADBOOK, "import", "leads", str(file), "--database", str(database)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    written = 0
    while process.poll() is None:
        body = {"name": "Ada", "email": f"ada{written}@b.test"}
        assert server.request("POST", "/leads", body)[0] == 201
        assert server.request("GET", "/leads?limit=1")[0] == 200
        written += 1
    assert process.returncode == 0
    assert written
    total = server.request("GET", "/leads?limit=1")[1]["pagination"]["total"]
    assert total == 12_000 + written
    server.stop()
    assert not any(dict(check(database, Clock(), repair=False)).values())


def test_interrupted_import_keeps_whole_batches_and_says_so(tmp_path, database):
    file = many_rows(tmp_path / "many.csv", 200_000)
    arguments = ["import", "leads", str(file), "--database", str(database)]
    # What runs in the background of a shell ignores the signal, and so do its children.
    script = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    script += "from leadbook.cli import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for_rows(database, process)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert "rows are done and stay. Run it again with --on-duplicate skip." in said
    count = len(exported(database))
    assert count
    assert count % 10_000 == 0


def wait_for_rows(database, process):
    """Wait until a batch has been kept: another process writes it, so that there is only asking."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None
        if database.exists() and count_of(database):
            return
        time.sleep(0.01)
    raise AssertionError("nothing is imported")


def count_of(database):
    with closing(open_database(database, Clock())) as opened, opened.use():
        return opened.execute_sql("SELECT count(*) FROM leads").fetchone()[0]


@pytest.mark.long
def test_import_that_is_killed_is_completed_by_a_second_run(tmp_path):
    file = many_rows(tmp_path / "many.csv", 60_000)
    for number in range(10):
        database = tmp_path / f"{number}.db"
        command = [*LEADBOOK, "import", "leads", str(file), "--database", str(database)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for_rows(database, process)
        # At another moment each time, between the first batch and the last.
        time.sleep(number * 0.25)
        process.kill()
        process.wait()
        kept = count_of(database)
        assert kept % 10_000 == 0
        assert kept > 0
        again = run("import", "leads", file, "--database", database, "--on-duplicate", "skip")
        assert again.returncode == 0, again.stderr
        assert again.stdout.splitlines()[-1] == (
            f"60,000 rows: {60_000 - kept:,} created, 0 updated, {kept:,} skipped, 0 rejected."
        )
        with closing(open_database(database, Clock())) as opened, opened.use():
            counted = "SELECT count(*), count(DISTINCT email) FROM leads"
            assert opened.execute_sql(counted).fetchone() == (60_000, 60_000)
        assert not any(dict(check(database, Clock(), repair=False)).values())
        for each in tmp_path.glob(f"{number}.db*"):
            Path(each).unlink()
