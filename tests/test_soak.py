"""What ten thousand requests leave behind in the server: next to nothing."""

import http.client
import json
import os
import random
import re
import time
import tracemalloc
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from leadbook.clock import Clock
from leadbook.rate_limit import MOST_IDENTITIES, Rate, RateLimiter

# Until then the caches of SQLite and of the threads fill.
WARM_UP = 4_000
REQUESTS = 10_000
# Deleted as fast as they are created, so that a larger database explains no growth.
MOST_LEADS = 200
MEBIBYTE = 2**20


class Callers:
    """Mixed requests in turn over some connections, the same ones every time.

    waitress ends a connection with each 204; http.client then opens another one.
    """

    def __init__(self, connections):
        self.connections = connections
        self.source = random.Random(20261122)
        self.count = 0
        self.leads = []
        self.clients = []
        self.statuses = {}

    def send(self, method, path, body=None):
        connection = self.connections[self.count % len(self.connections)]
        self.count += 1
        payload = body if isinstance(body, str | None) else json.dumps(body)
        connection.request(method, path, payload, {"Content-Type": "application/json"})
        with connection.getresponse() as response:
            text = response.read()
        self.statuses[response.status] = self.statuses.get(response.status, 0) + 1
        return json.loads(text) if text else None

    def create(self):
        fields = {"name": f"Ada {self.count}", "email": f"ada{self.count}@engines.test"}
        self.leads.append(self.send("POST", "/leads", fields | {"notes": "x" * 500})["id"])

    def convert(self):
        lead = self.leads.pop(0)
        self.clients.append(self.send("POST", f"/leads/{lead}/convert")["id"])
        self.send("DELETE", f"/leads/{lead}")

    def search(self):
        self.send("GET", f"/leads?search=ada%20{self.source.randrange(1000)}&limit=50&sort=score")

    def change(self):
        path = f"/leads/{self.source.choice(self.leads)}"
        self.send("PUT", path, {"score": self.source.randrange(101)})
        self.send("GET", path)

    def list_all(self):
        self.send("GET", f"/{self.source.choice(['leads', 'clients', 'v1/leads'])}?limit=20")

    def go_wrong(self):
        self.send("GET", f"/leads/{self.source.randrange(10**9)}")
        self.send("GET", f"/nothing/{self.count}")
        self.send("POST", "/leads", '{"name": ')
        self.send("POST", "/leads", {f"field{self.count}": 1, "email": "x"})

    def open_all(self):
        """Have every connection open, since a 204 has closed one or the other."""
        for _ in self.connections:
            self.send("GET", "/health")

    def send_many(self, until, after_each):
        """Send mixed requests until so many have been sent in all."""
        kinds = [self.create, self.search, self.change, self.list_all, self.go_wrong, self.convert]
        while self.count < until:
            kind = self.source.choice(kinds) if self.leads else self.create
            kind()
            while len(self.leads) > MOST_LEADS:
                self.send("DELETE", f"/leads/{self.leads.pop(0)}")
            while len(self.clients) > MOST_LEADS:
                self.send("DELETE", f"/clients/{self.clients.pop(0)}?permanent=true")
            after_each()


@pytest.fixture
def server(start_server, tmp_path, monkeypatch):
    # Coverage of the child would grow with what it measures.
    for name in [name for name in os.environ if "COV" in name]:
        monkeypatch.delenv(name)
    # What is waited for the disk tells nothing of memory.
    return start_server("--database", str(tmp_path / "leadbook.db"), "--synchronous", "off")


def resident_bytes(pid):
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) * 1024


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this machine has no /proc")
def test_ten_thousand_requests_leave_nothing_behind(server, tmp_path):
    pid = server.process.pid
    log = tmp_path / "leadbook.db-wal"

    def assert_log_is_small():
        assert log.stat().st_size <= 8 * MEBIBYTE

    with ExitStack() as stack:
        address = urlsplit(server.url).netloc
        connections = [http.client.HTTPConnection(address, timeout=30) for _ in range(4)]
        callers = Callers([stack.enter_context(closing(each)) for each in connections])
        callers.send_many(WARM_UP, assert_log_is_small)
        callers.open_all()
        warm = resident_bytes(pid), descriptors(pid)
        callers.send_many(WARM_UP + REQUESTS, assert_log_is_small)
        callers.open_all()
        grown = resident_bytes(pid) - warm[0]
        assert set(callers.statuses) == {200, 201, 204, 400, 404}
        assert grown <= 2 * MEBIBYTE, callers.statuses
        # The server may not have closed yet what it has answered last.
        deadline = time.monotonic() + 5
        while descriptors(pid) > warm[1] and time.monotonic() < deadline:
            time.sleep(0.01)
        assert descriptors(pid) <= warm[1]


@pytest.mark.long
def test_identities_of_the_rate_limit_are_bounded():
    clock = Clock(lambda: 1_000_000)
    limiter = RateLimiter(Rate.parse("5/day"), clock)
    # Strings of their own, as each request brings them; they count as the limiter's.
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(200_000):
            limiter.count(f"192.0.2.{number}")
            assert len(limiter._counts) <= MOST_IDENTITIES
        grown, most = (each - before for each in tracemalloc.get_traced_memory())
    finally:
        tracemalloc.stop()
    assert grown <= most <= 10 * MEBIBYTE
    # The last ones that came are still counted, and nobody else.
    assert limiter.look("192.0.2.190000").remaining == 4
    assert limiter.look("192.0.2.189999").remaining == 5
