"""An import among others: while a server writes, interrupted, killed."""

import os
import pty
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from command import LEADBOOK, exported, run
from many_rows import count_of, many_rows, wait_for_rows
from waiting import PATIENCE_SECONDS

from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.opening import open_database
from leadbook.transfer.importing import BATCH, PARTS
from server import PATIENT


@pytest.mark.long
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


@pytest.mark.long
def test_server_goes_on_while_a_file_is_imported(tmp_path, database, start_server):
    # A batch of another process keeps a write waiting. On a machine with other work that may take
    # longer than the five seconds after which a write is a 503.
    server = start_server("--database", str(database), command=PATIENT)
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
    assert not any(dict(check(database, Clock(), RECORDS, repair=False)).values())


def test_interrupted_import_keeps_whole_batches_and_says_so(tmp_path, database):
    file = many_rows(tmp_path / "many.csv", 200_000)
    arguments = ["import", "leads", str(file), "--database", str(database)]
    # What runs in the background of a shell ignores the signal, and so do its children.
    script = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    script += "from leadbook.cli.main import main; main(sys.argv[1:])"
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        wait_for_rows(database, process)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130, said
    assert "rows are stored. The last one begins on line" in said
    count = len(exported(database))
    assert count
    assert count % (BATCH // PARTS) == 0


SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


@pytest.mark.parametrize("number", SIGNALS)
def test_import_that_a_signal_stops_says_how_to_go_on(tmp_path, database, number):
    file = many_rows(tmp_path / "many.csv", 300)
    # In batches of ten, with a wait for the signal before the fourth.
    script = f"""if True:
        import os, signal, sys
        from leadbook.transfer import importing
        from leadbook.cli.main import main
        signal.signal({int(number)}, signal.default_int_handler)
        importing.BATCH, importing.PARTS, put, batches = 10, 1, importing.put, []
        def put_and_stop(*arguments):
            batches.append(1)
            if len(batches) == 4:
                os.kill(os.getpid(), {int(number)})
            return put(*arguments)
        importing.put = put_and_stop
        main(sys.argv[1:])
    """
    arguments = ["import", "leads", str(file), "--database", str(database)]
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == SIGNALS[number], done.stderr
    assert "Interrupted; 40 rows are stored." in done.stderr
    assert "--from-line 42." in done.stderr
    assert count_of(database) == 40
    again = run("import", "leads", file, "--database", database, "--from-line", 42)
    assert again.returncode == 0, again.stderr
    assert again.stdout.splitlines()[-1].startswith("260 rows: 260 created")
    with closing(open_database(database, Clock())) as opened, opened.use():
        counted = "SELECT count(*), count(DISTINCT email) FROM leads"
        assert opened.execute_sql(counted).fetchone() == (300, 300)


def test_import_on_a_full_disk_says_what_is_kept(tmp_path, database):
    file = many_rows(tmp_path / "many.csv", 4_000)
    # SQLite's own limit stands for the end of the disk.
    script = """if True:
        import sys
        from leadbook.transfer import importing
        from leadbook.cli.main import main
        from leadbook.storage.database import Database
        importing.BATCH, importing.PARTS, connect = 500, 1, Database._connect
        def limited(self):
            connection = connect(self)
            connection.execute("PRAGMA max_page_count = 300")
            return connection
        Database._connect = limited
        main(sys.argv[1:])
    """
    arguments = ["import", "leads", str(file), "--database", str(database)]
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    kept = count_of(database)
    assert kept
    assert kept % 500 == 0
    assert done.returncode == 4, done.stderr
    assert f"Stopped; {kept:,} rows are stored." in done.stderr
    assert "leadbook: The database cannot be used: database or disk is full." in done.stderr
    again = run("import", "leads", file, "--database", database, "--from-line", kept + 2)
    assert again.returncode == 0, again.stderr
    assert count_of(database) == 4_000


@pytest.mark.parametrize("output", ["/dev/full", "closed"])
def test_exit_code_is_that_of_the_import_whoever_reads(tmp_path, database, output):
    file = tmp_path / "two.csv"
    file.write_text("name,email\nAda,ada@a.test\nBob,none\n")
    command = [*LEADBOOK, "import", "leads", str(file), "--database", str(database)]
    if output == "closed":
        reading, writing = os.pipe()
        os.close(reading)
    else:
        writing = os.open(output, os.O_WRONLY)
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=60, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (3, b"")
    assert count_of(database) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bad.csv", b"name,email,h\xffh\nA,a@b.test,x\nB,none,\xff\n"),
        ("bad.jsonl", b'{"name":"A","email":"a@b.test","\\ud800":"x"}\n{"\\ud800":"\\udfff"}\n'),
        ("\udcff.csv", b"name,email,\xc3\xa4\x1b[31m\nA,a@b.test,x\nB,none,y\n"),
    ],
)
def test_what_cannot_be_printed_is_no_failure(tmp_path, database, name, text):
    file = tmp_path / name
    file.write_bytes(text)
    command = [*LEADBOOK, "import", "leads", file, "--database", database]
    done = subprocess.run(
        command, capture_output=True, timeout=60, check=False,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (3, b"")
    assert b"1 created, 0 updated, 0 skipped, 1 rejected." in done.stdout
    assert b"\x1b" not in done.stdout
    assert count_of(database) == 1


@pytest.mark.long
def test_import_that_is_killed_is_completed_by_a_second_run(tmp_path):
    file = many_rows(tmp_path / "many.csv", 30_000)
    for number in range(3):
        database = tmp_path / f"{number}.db"
        command = [*LEADBOOK, "import", "leads", str(file), "--database", str(database)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # At another place each time, between the first batch and the last.
        wait_for_rows(database, process, least=number * 5_000 + 1)
        process.kill()
        process.wait()
        kept = count_of(database)
        assert kept % (BATCH // PARTS) == 0 or kept == 30_000
        assert kept > number * 5_000
        again = run("import", "leads", file, "--database", database, "--on-duplicate", "skip")
        assert again.returncode == 0, again.stderr
        assert again.stdout.splitlines()[-1] == (
            f"30,000 rows: {30_000 - kept:,} created, 0 updated, {kept:,} skipped, 0 rejected."
        )
        with closing(open_database(database, Clock())) as opened, opened.use():
            counted = "SELECT count(*), count(DISTINCT email) FROM leads"
            assert opened.execute_sql(counted).fetchone() == (30_000, 30_000)
        assert not any(dict(check(database, Clock(), RECORDS, repair=False)).values())
        for each in tmp_path.glob(f"{number}.db*"):
            Path(each).unlink()
