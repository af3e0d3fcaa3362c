"""Two servers on one file, killed in turns: nothing acknowledged is lost or done twice."""

import http.client
import random
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from writers import Writers, kept_leads, post

from server import PATIENT

KILLS = 12
WRITERS_OF_EACH = 2
WRITES = 2_000


@pytest.mark.long
def test_two_servers_that_are_killed_in_turns_lose_and_double_nothing(start_server, tmp_path):
    path, dice = tmp_path / "leadbook.db", random.Random(2026)
    both = [Writers(), Writers()]

    def start(writers):
        # Each polls for the lock of the other, and a client that is told to retry is no loss.
        server = start_server("--database", str(path), command=PATIENT)
        writers.move_to(server)
        return server

    with ThreadPoolExecutor(2 * WRITERS_OF_EACH) as pool:
        servers = [start(writers) for writers in both]
        # Each writer has a number of its own: it is in the keys, which both servers share.
        numbers = range(2 * WRITERS_OF_EACH)
        writing = [pool.submit(both[number % 2].write, number) for number in numbers]
        try:
            for turn in range(KILLS):
                killed, other = turn % 2, (turn + 1) % 2
                # After a number of writes and not a time, so that it happens in the midst of them.
                done = len(both[killed].acknowledged)
                both[killed].wait_until_acknowledged(done + dice.randint(20, 120))
                servers[killed].stop(signal.SIGKILL)
                # The other goes on meanwhile.
                both[other].wait_until_acknowledged(len(both[other].acknowledged) + 20)
                servers[killed] = start(both[killed])
            for writers in both:
                writers.wait_until_acknowledged(WRITES // 2)
            acknowledged = both[0].acknowledged | both[1].acknowledged
            for server in servers:
                found = server.request("GET", "/leads?search=writer&limit=1")[1]["pagination"]
                assert found["total"] >= len(acknowledged)
        finally:
            for writers in both:
                writers.is_done = True
        for each in writing:
            each.result()
    for writers, server in zip(both, reversed(servers), strict=True):
        # An answer that was lost is asked for again, and of the server that did not give it.
        with closing(http.client.HTTPConnection(urlsplit(server.url).netloc)) as connection:
            for lead_id, key in [*writers.acknowledged.items()][::10]:
                assert post(connection, key) == lead_id
    counted = [server.request("GET", "/leads?limit=1")[1]["pagination"] for server in servers]
    searched = servers[0].request("GET", "/leads?search=writer%20lead&limit=1")[1]["pagination"]
    for server in servers:
        server.stop(signal.SIGKILL)

    acknowledged = both[0].acknowledged | both[1].acknowledged
    retried = sum(writers.retried for writers in both)
    # `pytest -s` shows it.
    sys.stdout.write(f"{len(acknowledged)} acknowledged, {retried} retried\n")
    kept = kept_leads(path)
    # Else no request was in flight when a server was killed.
    assert retried >= KILLS
    assert kept == acknowledged
    assert len(set(kept.values())) == len(kept) >= WRITES
    assert {each["total"] for each in (*counted, searched)} == {len(kept)}
