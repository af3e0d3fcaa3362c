"""SIGTERM in the midst of an import: whole batches are kept, and a second run completes them."""

import http.client
import json
import signal
import subprocess
import threading
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from command import LEADBOOK, run
from many_rows import count_of, many_rows, wait_for_rows

from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.opening import open_database
from leadbook.transfer.importing import BATCH, PARTS
from server import wait_until_refused

ROWS = 100_000


@pytest.fixture
def file(tmp_path):
    return many_rows(tmp_path / "many.csv", ROWS)


def shell_code(returncode):
    """Return the exit code as a shell shows it."""
    return 128 - returncode if returncode < 0 else returncode


def assert_whole_batches(database):
    kept = count_of(database)
    assert 0 < kept <= ROWS
    assert kept % (BATCH // PARTS) == 0 or kept == ROWS
    assert not any(dict(check(database, Clock(), RECORDS, repair=False)).values())
    return kept


def assert_second_run_completes(database, file, kept):
    again = run("import", "leads", file, "--database", database, "--on-duplicate", "skip")
    assert again.returncode == 0, again.stderr
    created = f"{ROWS:,} rows: {ROWS - kept:,} created, 0 updated, {kept:,} skipped, 0 rejected."
    assert again.stdout.splitlines()[-1] == created
    with closing(open_database(database, Clock())) as opened, opened.use():
        counted = "SELECT count(*), count(DISTINCT email) FROM leads"
        assert opened.execute_sql(counted).fetchone() == (ROWS, ROWS)


@pytest.mark.long
def test_command_that_is_terminated(database, file):
    command = [*LEADBOOK, "import", "leads", str(file), "--database", str(database)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        wait_for_rows(database, process)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert shell_code(process.returncode) == 128 + signal.SIGTERM, said
    assert b"Traceback" not in said
    kept = assert_whole_batches(database)
    assert kept < ROWS
    assert_second_run_completes(database, file, kept)


@pytest.mark.long
@pytest.mark.parametrize("signals", [1, 2])
def test_server_that_is_terminated(start_server, database, file, signals):
    server = start_server("--database", str(database))
    answered = {}

    def send():
        address = urlsplit(server.url).netloc
        with closing(http.client.HTTPConnection(address, timeout=60)) as connection:
            try:
                connection.request(
                    "POST", "/leads/import", file.read_bytes(), {"Content-Type": "text/csv"}
                )
                with connection.getresponse() as response:
                    answered[response.status] = json.loads(response.read())
            except (OSError, http.client.HTTPException):
                pass  # it was cut off, after the ten seconds that the server takes at most

    sending = threading.Thread(target=send)
    sending.start()
    wait_for_rows(database, server.process)
    server.process.send_signal(signal.SIGTERM)
    if signals == 1:
        # It finishes what is in flight, for ten seconds at most.
        assert server.process.wait(timeout=20) == 0
    else:
        # Two of the same kind may become one.
        wait_until_refused(server)
        assert server.stop(signal.SIGINT) == 128 + signal.SIGINT
    sending.join(timeout=60)
    assert not sending.is_alive()
    kept = assert_whole_batches(database)
    if answered:
        assert answered == {200: answered.get(200)}
        assert answered[200]["created"] == kept == ROWS
    assert_second_run_completes(database, file, kept)
