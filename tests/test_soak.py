"""What twenty thousand requests leave behind: no slower request, and nothing that grows."""

import os
import re
import sys
import time
import tracemalloc
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest
from mixed_requests import MixedRequests

from leadbook.access.rate_limit import Rate, RateLimiter
from leadbook.bench import fts5
from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.driver import sqlite3

# Until then the caches of SQLite and of the threads fill.
WARM_UP = 3_000
REQUESTS = 20_000
# An index in good order has a handful: this leaves room for those that wait to be merged.
MOST_LEVELS = 20
MEBIBYTE = 2**20


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


def index_levels(path):
    """Return how deep the two search indexes are."""
    with closing(sqlite3.connect(path)) as reader:
        return [fts5.levels(reader, index) for index in ("lead_search", "client_search")]


def medians(taken):
    """Return the median time of each kind of request."""
    by_kind = defaultdict(list)
    for kind, seconds in taken:
        by_kind[kind].append(seconds)
    return {kind: median(each) for kind, each in by_kind.items()}


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this machine has no /proc")
def test_twenty_thousand_requests_leave_nothing_behind(start_server, tmp_path, monkeypatch):
    # Otherwise the log of events grows with each write.
    monkeypatch.setenv("LEADBOOK_EVENTS_KEPT", "2s")
    server = start_server("--database", str(tmp_path / "leadbook.db"))
    pid, path = server.process.pid, tmp_path / "leadbook.db"
    log = tmp_path / "leadbook.db-wal"

    def look():
        assert log.stat().st_size <= 8 * MEBIBYTE
        if len(requests.taken) % 10 == 0:
            assert max(index_levels(path)) <= MOST_LEVELS, len(requests.taken)

    with MixedRequests(server) as requests:
        requests.send_many(WARM_UP, look)
        requests.open_all()
        warm, opened, size = resident_bytes(pid), descriptors(pid), path.stat().st_size
        requests.send_many(WARM_UP + REQUESTS, look)
        requests.open_all()
        grown = resident_bytes(pid) - warm
        assert set(requests.statuses) == {200, 201, 204, 400, 404}
        assert grown <= 2 * MEBIBYTE, requests.statuses
        # The server may not have closed yet what it has answered last.
        deadline = time.monotonic() + 60
        while descriptors(pid) > opened and time.monotonic() < deadline:
            time.sleep(0.01)
        assert descriptors(pid) <= opened
    assert path.stat().st_size <= 1.2 * size
    server.stop()
    assert not any(dict(check(path, Clock(), RECORDS, repair=False)).values())

    first = medians(requests.taken[WARM_UP:][: REQUESTS // 10])
    last = medians(requests.taken[-REQUESTS // 10 :])
    # How busy the machine is changes on the way, for all kinds alike.
    usual = median(last[kind] / first[kind] for kind in first)
    ratios = {kind: round(last[kind] / first[kind] / usual, 2) for kind in first}
    # `pytest -s` shows it.
    sys.stdout.write(f"{usual:.2f}, {ratios}, {grown} bytes of memory\n")
    assert usual <= 2, ratios
    assert max(ratios.values()) <= 1.5, ratios


@pytest.mark.long
def test_identities_of_the_rate_limit_are_bounded():
    clock = Clock(lambda: 1_000_000)
    limiter = RateLimiter(Rate.parse("5/day"), clock)
    for _ in range(5):
        limiter.count("exhausted")
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(200_000):
            limiter.count(f"192.0.2.{number}")
        grown, most = (each - before for each in tracemalloc.get_traced_memory())
    finally:
        tracemalloc.stop()
    assert grown <= most <= 10 * MEBIBYTE
    assert limiter.count("exhausted").is_exceeded
    # The first of them is still counted, and so is hardly anybody else.
    assert limiter.look("192.0.2.0").remaining <= 4
    others = [limiter.look(f"198.51.100.{number}").remaining for number in range(1_000)]
    assert others.count(5) > 800
