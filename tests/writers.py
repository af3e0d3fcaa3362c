"""Writers that outlive the servers they write to."""

import http.client
import json
from contextlib import closing
from threading import Condition
from urllib.parse import urlsplit

from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.columns import UuidText
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.driver import sqlite3


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


def kept_leads(path):
    """Return the names of the leads in an intact file by their ids."""
    with closing(sqlite3.connect(path)) as reader:
        rows = reader.execute("SELECT id, name FROM leads").fetchall()
    assert [each for each in check(path, Clock(), RECORDS, repair=False) if each[1]] == []
    return {UuidText().python_value(stored): name for stored, name in rows}
