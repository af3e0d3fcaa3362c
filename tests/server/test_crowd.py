"""Who makes way where the server runs out of room: for unread files, and for descriptors."""

import asyncio
import socket
from contextlib import ExitStack, closing

import pytest
from raw_sockets import LEAD, POST, assert_well, connect, talk

from leadbook.server import crowd
from leadbook.server.seats import Seat, Seats
from leadbook.testing import running_server

EXPORT = b"GET /leads/export?format=csv HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
IMPORT = (
    b"POST /leads/import?dryRun=true HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    b"Content-Type: text/csv\r\nContent-Length: %d\r\n\r\n"
)
# More than the buffers of the system take in.
FILE_BYTES = 8_000_000


def length_of_answer(connection):
    """Return how many bytes come before the end, or 0 where the server breaks off."""
    try:
        return sum(map(len, iter(lambda: connection.recv(1 << 20), b"")))
    except ConnectionResetError:
        return 0


def test_who_leaves_a_file_unread_makes_way_for_the_next_one(monkeypatch):
    monkeypatch.setattr(crowd, "_MOST_FILES", 2)
    lead = {"name": "Ada", "email": "ada@engines.test", "notes": "x" * 10_000}
    with running_server() as leadbook, ExitStack() as stack:
        for _ in range(4):
            batch = leadbook.client.post("/leads/batch", json={"create": [lead] * 200})
            assert batch.status_code == 200
        unread = []
        for _ in range(5):
            unread.append(stack.enter_context(connect(leadbook)))
            unread[-1].sendall(EXPORT)
            assert unread[-1].recv(1, socket.MSG_PEEK)
        *others, last = [length_of_answer(each) > FILE_BYTES for each in unread]
    assert (sum(others), last) == (2, True)


# Other things of this process hold descriptors, so that its own count of connections is too high.
_FEW_DESCRIPTORS = """
import os, resource, sys

_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
kept = int(sys.argv.pop())
others = [os.open(os.devnull, os.O_RDONLY) for _ in range(200 - kept)]
from leadbook.cli.main import main
from leadbook.server import crowd
crowd._LAST_DESCRIPTORS = kept
main(["serve", *sys.argv[1:]])
"""


# With none kept, they are missed only when there are no more.
@pytest.mark.parametrize(
    ("workers", "kept"), [pytest.param("1", "32", marks=pytest.mark.long), ("2", "32"), ("1", "0")]
)
def test_idle_connections_make_way_where_descriptors_run_out(start_server, tmp_path, workers, kept):
    script = tmp_path / "serve.py"
    script.write_text(_FEW_DESCRIPTORS)
    options = ("--database", str(tmp_path / "leadbook.db"), "--workers", workers, kept)
    server = start_server(*options, command=(str(script),))
    # What the database needs is open then.
    assert_well(server, 0)
    with ExitStack() as stack:
        busy = stack.enter_context(closing(connect(server)))
        busy.sendall(POST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(LEAD))
        assert busy.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        for _ in range(60 * int(workers)):
            stack.enter_context(connect(server))
        for number in range(3):
            assert_well(server, number)
            assert server.request("POST", "/leads", {"name": "Ada", "email": "a@a.test"})[0] == 201
        if kept != "0":
            # For which files have to be opened.
            csv = b"name,email\n" + b"Ada,a@a.test\n" * 11_000
            assert talk(server, IMPORT % len(csv) + csv)[0][0] == 200
        busy.sendall(LEAD)
        assert busy.recv(65536).startswith(b"HTTP/1.1 201 ")


class Member:
    peer = "192.0.2.1"


def test_connection_that_ends_while_another_one_is_taken_is_counted_right():
    async def run():
        seats = Seats()
        members = crowd.Crowd(Seat(seats), behind_proxies=False)
        first, second = Member(), Member()
        assert members.is_next(1)
        members.add(first)
        # The second one is accepted, but not there yet.
        assert members.is_next(1)
        members.discard(first)
        members.add(second)
        return seats.connections[0]

    assert asyncio.run(run()) == 1
