"""Heads of requests: what the front sees in them, a strict parser of another make sees too."""

import random
import socket
from urllib.parse import urlsplit

import h11
import pytest

from leadbook.testing import running_server

NAMES = ["Host", "host", "Content-Length", "content-length", "Transfer-Encoding", "X", "Connection"]
NAMES += [
    "Expect",
    "Upgrade",
    "upgrade",
    "X-Upgrade",
    "Content-Type",
    "Transfer_Encoding",
    "X Y",
    "",
    "É",
]
VALUES = ["localhost", "0", "5", "05", "+5", "5, 5", "chunked", "Chunked", "chunked, chunked"]
VALUES += [
    "gzip, chunked",
    "identity",
    "close",
    "keep-alive",
    "",
    " ",
    "\t5",
    "5\t",
    "a\0b",
    "a\x0bb",
]
VALUES += [
    "100-continue",
    "websocket",
    "upgrade",
    "h2c",
    "Upgrade, HTTP2-Settings",
    "\xff",
    "5\r",
    "x" * 200,
]
ENDS = ["\r\n"] * 80 + ["\n", "\r", "\r\n ", "\r\n\t", "\n\n", "\r\r\n"]
BODIES = [
    "",
    "hello",
    "5\r\nhello\r\n0\r\n\r\n",
    "0\r\n\r\n",
    "5;x=y\r\nhello\r\n0\r\nA: b\r\n\r\n",
]
BODIES += [
    "5 \r\nhello\r\n0\r\n\r\n",
    "5\nhello\n0\n\n",
    "FFFFFFFFFFFFFFFFF\r\n",
    "-1\r\n",
    "0x5\r\nhello",
]
LINES = ["GET /a HTTP/1.1", "POST /b HTTP/1.1", "POST /c HTTP/1.0", "PUT /d?x=1 HTTP/1.1"]
ODD_LINES = ["GET  /a HTTP/1.1", "GET /a", "GET /a HTTP/1.1 ", "get /a HTTP/1.1", "GET /a HTTP/1.2"]
ODD_LINES += [
    "GET /a HTTP/2.0",
    "GET http://x/a HTTP/1.1",
    "OPTIONS * HTTP/1.1",
    "GET /\x00 HTTP/1.1",
]
ODD_LINES += [
    "CONNECT x:80 HTTP/1.1",
    "GET /\xe9 HTTP/1.1",
    " GET /a HTTP/1.1",
    "PRI * HTTP/2.0",
    "F /a HTTP/1.1",
    "PRI /a HTTP/1.1",
    "CONNECT /a HTTP/1.1",
]
LAST = "GET /last HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def made_up(chance):
    """Return a request that is often nearly right, and another behind it."""
    line = chance.choice(LINES if chance.random() < 0.8 else ODD_LINES)
    headers = [("Host", "localhost")] * (chance.random() < 0.9)
    for _ in range(chance.randrange(4)):
        headers.append((chance.choice(NAMES), chance.choice(VALUES)))
    if chance.random() < 0.4:
        headers.append(chance.choice([("Content-Length", "5"), ("Transfer-Encoding", "chunked")]))
    if chance.random() < 0.2:
        headers += [
            ("Connection", chance.choice(["Upgrade", "close, upgrade"])),
            ("Upgrade", "h2c"),
        ]
    chance.shuffle(headers)
    colon = chance.choice([": "] * 30 + [":", " : ", ":\t"])
    text = line + chance.choice(ENDS)
    for name, value in headers:
        text += f"{name}{colon}{value}{chance.choice(ENDS)}"
    return (text + chance.choice(ENDS) + chance.choice(BODIES) + LAST).encode("latin-1")


def seen_by_h11(data):
    """Return the requests that h11 sees, each answered before the next is looked at."""
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=1 << 20)
    connection.receive_data(data)
    connection.receive_data(b"")
    seen = []
    try:
        while True:
            event = connection.next_event()
            if isinstance(event, h11.Request):
                seen.append(
                    [event.method.decode(), event.target.decode().removeprefix("http://x"), ""]
                )
            elif isinstance(event, h11.Data):
                seen[-1][2] += bytes(event.data).decode("latin-1")
            elif isinstance(event, h11.EndOfMessage):
                answer = h11.Response(status_code=200, headers=[("Content-Length", "0")])
                connection.send(answer)
                connection.send(h11.EndOfMessage())
                if connection.our_state is h11.MUST_CLOSE:
                    return seen
                connection.start_next_cycle()
            else:
                return seen
    except (h11.RemoteProtocolError, h11.LocalProtocolError):
        return seen


def seen_by_us(leadbook, data):
    address = urlsplit(leadbook.url)
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536):
                pass
        except ConnectionError:
            pass  # refused before all of it was read
    entries = leadbook.requests
    # There is nothing at these paths. Another status may refuse what cannot be read, but then
    # nothing is read after it.
    while entries and entries[-1].status != 404:
        entries.pop()
    seen = [
        [each.method, each.path + (f"?{each.query}" if each.query else ""), each.body]
        for each in entries
    ]
    leadbook.reset()
    return seen


@pytest.mark.parametrize("count", [200, pytest.param(2_000, marks=pytest.mark.long)])
def test_every_request_that_we_see_another_parser_sees_too(count):
    seed = random.randrange(2**32)
    chance, together = random.Random(seed), 0
    with running_server(TRUSTED_HOSTS="") as leadbook:
        for _ in range(count):
            data = made_up(chance)
            # h11 does not ignore the empty line that RFC 9112 lets a server ignore.
            ours = seen_by_us(leadbook, chance.choice([b"", b"", b"\r\n"]) + data)
            others = seen_by_h11(data)
            for mine, other in zip(ours, others, strict=False):
                # Who is refused by the head alone has no body yet.
                assert mine == other or (mine[:2] == other[:2] and not mine[2]), (seed, data)
            assert len(ours) <= len(others), (seed, data)
            together += len(ours)
    # Else they might both see nothing at all.
    assert together > count / 10
