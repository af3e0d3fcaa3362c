"""Raw connections to a real server: what a proper client never sends, and every answer to it."""

import re
import socket
import time
from urllib.parse import urlsplit

from waiting import PATIENCE_SECONDS

LEAD = b'{"name": "Ada", "email": "ada@engines.test"}'
JSON = b"Content-Type: application/json\r\n"
POST = b"POST /leads HTTP/1.1\r\nHost: localhost\r\n" + JSON
LAST = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def connect(server):
    address = urlsplit(server.url)
    return socket.create_connection((address.hostname, address.port), timeout=PATIENCE_SECONDS)


def talk(server, *parts):
    """Send all of it, and return the answers that came before the connection was closed."""
    read = b""
    with connect(server) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except ConnectionError:
            pass  # refused before all of it was sent; the answer lies there
        try:
            while some := connection.recv(65536):
                read += some
        except ConnectionResetError:
            pass  # it did not read all of it
    answers = []
    while read:
        head, body = read.split(b"\r\n\r\n", 1)
        assert not re.search(rb"^server:", head, re.IGNORECASE | re.MULTILINE)
        found = re.search(rb"^content-length: (\d+)", head, re.IGNORECASE | re.MULTILINE)
        length = int(found[1]) if found else 0
        assert len(body) >= length
        status = int(re.match(rb"HTTP/1\.[01] (\d{3}) ", head)[1])
        answers.append((status, body[:length]))
        read = body[length:]
    return answers


def assert_well(server, leads):
    """Assert that the next connection is answered at once, and how many leads there are."""
    start = time.monotonic()
    status, page = server.request("GET", "/leads?limit=1")
    # Not when another connection has been given up, which takes half a minute.
    assert time.monotonic() - start <= 20
    assert (status, page["pagination"]["total"]) == (200, leads)
