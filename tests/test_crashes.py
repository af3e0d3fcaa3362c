"""What is left when the process dies in the middle: everything that was acknowledged."""

import http.client
import json
import os
import random
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Condition
from urllib.parse import urlsplit

import pytest

from leadbook.checking import check
from leadbook.clock import Clock
from leadbook.columns import UuidText
from leadbook.database_file import open_database
from leadbook.models import Lead
from leadbook.sqlite import sqlite3

KILLS = 20
WRITERS = 4
WRITES = 5_000
# The target is one second; measuring coverage, and a busy machine, slow a start down.
LONGEST_RESTART_SECONDS = 3


class Writers:
    """Writers that go on, whichever server is killed, and only count what was acknowledged."""

    def __init__(self):
        self.changed = Condition()
        self.address = None
        self.generation = 0
        self.acknowledged = {}
        self.retried = 0
        self.is_done = False

    def move_to(self, server):
        with self.changed:
            self.address = urlsplit(server.url).netloc
            self.generation += 1
            self.changed.notify_all()

    def wait_until_acknowledged(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.acknowledged) >= count, timeout=60)

    def write(self, number):
        connection, generation, count = None, 0, 0
        while not self.is_done:
            count += 1
            key = f"writer {number} lead {count}"
            lead_id = None
            while lead_id is None:
                if connection is None:
                    generation, connection = self.connect_after(generation)
                try:
                    lead_id = post(connection, key)
                except (OSError, http.client.HTTPException):
                    connection.close()
                    connection = None
                    self.retried += 1
            with self.changed:
                self.acknowledged[lead_id] = key
                self.changed.notify_all()
        connection.close()

    def connect_after(self, generation):
        """Return a connection to a server that is newer than that generation, and its own."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.generation > generation, timeout=60)
            return self.generation, http.client.HTTPConnection(self.address, timeout=30)


def post(connection, key):
    body = json.dumps({"name": key, "email": "ada@engines.test"})
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    connection.request("POST", "/leads", body, headers)
    with connection.getresponse() as response:
        lead = json.loads(response.read())
    assert response.status == 201, lead
    assert lead["name"] == key
    return lead["id"]


@pytest.mark.long
def test_nothing_acknowledged_is_lost_or_done_twice_over_twenty_kills(start_server, tmp_path):
    path = tmp_path / "leadbook.db"
    dice = random.Random(2024)
    writers, slowest = Writers(), {"listening": 0, "healthy": 0}

    def start():
        began = time.monotonic()
        server = start_server("--database", str(path))
        slowest["listening"] = max(slowest["listening"], time.monotonic() - began)
        assert server.request("GET", "/health")[0] == 200
        slowest["healthy"] = max(slowest["healthy"], time.monotonic() - began)
        writers.move_to(server)
        return server

    with ThreadPoolExecutor(WRITERS) as pool:
        server = start()
        writing = [pool.submit(writers.write, number) for number in range(WRITERS)]
        try:
            for _ in range(KILLS):
                # After a number of writes and not a time, so that it happens in the midst of them.
                done = len(writers.acknowledged)
                writers.wait_until_acknowledged(done + dice.randint(100, 350))
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
    sys.stdout.write(f"slowest start in seconds: {slowest}\n")
    with closing(sqlite3.connect(path)) as reader:
        rows = reader.execute("SELECT id, name FROM leads").fetchall()
    kept = {UuidText().python_value(stored): name for stored, name in rows}
    assert {found: faults for found, faults in check(path, Clock(), repair=False) if faults} == {}
    assert len(writers.acknowledged) >= WRITES
    # Else no request was in flight when the server was killed.
    assert writers.retried >= KILLS
    assert kept == writers.acknowledged
    assert len(set(kept.values())) == len(kept)
    assert slowest["healthy"] <= LONGEST_RESTART_SECONDS


@pytest.fixture
def left_behind(tmp_path):
    """The file and its log as a kill would leave them, and the names written, in order."""
    path = tmp_path / "left" / "leadbook.db"
    names = [f"lead {number:02}" for number in range(60)]
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
