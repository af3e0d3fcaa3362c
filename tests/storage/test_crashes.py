"""What is left when the process dies in the middle: everything that was acknowledged."""

import os
import random
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from statistics import median

import pytest
from writers import Writers, kept_leads

from leadbook.models import Lead
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import open_database
from server import workers_of

KILLS = 20
WRITERS = 4
WRITES = 5_000
# The target is one second; measuring coverage, and a busy machine, slow a start down. Half of the
# starts count: one may have been held up by something else.
LONGEST_RESTART_SECONDS = 3


@pytest.mark.long
@pytest.mark.parametrize("workers", [1, 2])
def test_nothing_acknowledged_is_lost_or_done_twice_over_twenty_kills(
    start_server, tmp_path, workers
):
    path = tmp_path / "leadbook.db"
    dice = random.Random(2024)
    writers, listening, healthy = Writers(), [], []

    def start():
        began = time.monotonic()
        server = start_server("--database", str(path), "--workers", str(workers))
        listening.append(time.monotonic() - began)
        assert server.request("GET", "/health")[0] == 200
        healthy.append(time.monotonic() - began)
        writers.move_to(server)
        return server

    with ThreadPoolExecutor(WRITERS) as pool:
        server = start()
        writing = [pool.submit(writers.write, number) for number in range(WRITERS)]
        try:
            for number in range(KILLS):
                # After a number of writes and not a time, so that it happens in the midst of them.
                done = len(writers.acknowledged)
                writers.wait_until_acknowledged(done + dice.randint(100, 350))
                if workers > 1 and number % 2:
                    # Another takes its place; the address stays.
                    os.kill(workers_of(server)[number % 4 // 2], signal.SIGKILL)
                    writers.move_to(server)
                else:
                    server.stop(signal.SIGKILL)
                    server = start()
            writers.wait_until_acknowledged(WRITES)
        finally:
            writers.is_done = True
        for each in writing:
            each.result()
    server.stop(signal.SIGKILL)

    # `pytest -s` shows it.
    sys.stdout.write(f"{len(writers.acknowledged)} acknowledged, {writers.retried} retried\n")
    sys.stdout.write(f"slowest start in seconds: {max(listening)}, healthy: {max(healthy)}\n")
    kept = kept_leads(path)
    assert len(writers.acknowledged) >= WRITES
    # Else no request was in flight when the server was killed.
    assert writers.retried >= KILLS // workers
    assert kept == writers.acknowledged
    assert len(set(kept.values())) == len(kept)
    assert median(healthy) <= LONGEST_RESTART_SECONDS


@pytest.fixture
def left_behind(tmp_path):
    """The file and its log as a kill would leave them, and the names written, in order."""
    path = tmp_path / "left" / "leadbook.db"
    names = [f"lead {number:02}" for number in range(50)]
    database = open_database(path, Clock())
    with database.use(), closing(database):
        for name in names:
            with database.write():
                Lead.create_from({"name": name, "email": "ada@engines.test"})
        # Closing would fold the log into the file.
        log = path.with_name("leadbook.db-wal").read_bytes()
        return path.read_bytes(), log, names


def damage(log, dice):
    """Cut the log off anywhere, or change bytes of its tail, as a power cut may."""
    if dice.random() < 0.5:
        return log[: dice.randrange(len(log))]
    garbled = bytearray(log)
    tail = dice.randrange(len(log))
    for _ in range(dice.randint(1, 8)):
        garbled[dice.randrange(tail, len(log))] ^= dice.randint(1, 255)
    return bytes(garbled)


@pytest.mark.parametrize("rounds", [60, pytest.param(200, marks=pytest.mark.long)])
def test_torn_log_gives_a_prefix_of_what_was_written(tmp_path, left_behind, rounds):
    file, log, names = left_behind
    path = tmp_path / "again.db"
    wal = tmp_path / "again.db-wal"
    dice = random.Random(2024)
    lengths = set()
    for _ in range(rounds):
        path.write_bytes(file)
        wal.write_bytes(damage(log, dice))
        database = open_database(path, Clock())
        with database.use(), closing(database):
            assert database.execute_sql("PRAGMA integrity_check").fetchall() == [("ok",)]
            kept = [lead.name for lead in Lead.select().order_by(Lead.id)]
            assert kept == names[: len(kept)]
            lengths.add(len(kept))
            # What comes next has to go over the torn end, not behind it.
            with database.write():
                Lead.create_from({"name": "next", "email": "ada@engines.test"})
        with closing(sqlite3.connect(path)) as reader:
            found = reader.execute("SELECT name FROM leads ORDER BY id").fetchall()
        assert found == [(name,) for name in [*kept, "next"]]
        assert sorted(os.listdir(tmp_path)) == ["again.db", "left"]
    # The damage was of all sizes.
    assert len(lengths) > 20
