"""One try: what is sent, and what becomes of it, whatever the receiver does."""

import socket
import struct
import sys
import threading

import pytest
from receivers import attempts

from leadbook.webhooks.sending import MOST_BYTES_READ, send
from leadbook.webhooks.targets import Target, a_policy

HERE = a_policy("127.0.0.1")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def try_once(receiver, headers=None, body=b"{}", path="/", **options):
    target = Target.parse(f"http://127.0.0.1:{receiver.port}{path}")
    return send(target, headers or {}, body, HERE, **options)


@pytest.fixture
def answered(receive):
    """Return the outcome of one try that gets these bytes, after which the receiver hangs up."""
    return lambda *pieces: try_once(
        receive(lambda connection, _: [connection.sendall(piece) for piece in pieces])
    )


def test_request_is_what_it_should_be(receive):
    receiver = receive()
    body = '{"name":"Zoë"}'.encode() * 1000
    headers = {"Content-Type": "application/json", "webhook-id": "evt_1"}
    outcome = try_once(receiver, headers, body, path="/a/ü?b=c%20d")
    assert receiver.requests == [
        (
            "POST /a/%C3%BC?b=c%20d HTTP/1.1",
            {
                "host": f"127.0.0.1:{receiver.port}",
                "user-agent": "Leadbook",
                "accept": "*/*",
                "accept-encoding": "identity",
                "connection": "close",
                "content-length": str(len(body)),
                "content-type": "application/json",
                "webhook-id": "evt_1",
            },
            body,
        )
    ]
    assert (outcome.status, outcome.error, outcome.text) == (200, None, "ok")
    assert outcome.is_success
    assert 0 <= outcome.milliseconds < 60_000


def test_name_is_in_the_host_header_and_its_address_is_connected_to(receive, names):
    receiver = receive()
    names.lead("hooks.example", ["127.0.0.1"])
    target = Target.parse(f"http://Hooks.Example.:{receiver.port}/")
    assert send(target, {}, b"", HERE).status == 200
    [(_, headers, body)] = receiver.requests
    assert (headers["host"], body) == (f"hooks.example:{receiver.port}", b"")


@pytest.mark.parametrize("headers", [{"a": "b\r\nc: d"}, {"a\n": "b"}, {"a": "é"}, {"a b": ""}])
def test_header_that_would_be_two_is_refused(headers):
    with pytest.raises(ValueError, match="header"):
        send(Target.parse("http://127.0.0.1:9/"), headers, b"", HERE)


@pytest.mark.parametrize(
    ("status", "is_success"),
    [(200, True), (201, True), (204, True), (299, True), (101, False), (300, False), (304, False),
     (400, False), (410, False), (429, False), (500, False), (503, False), (999, False)],
)  # fmt: skip
def test_2xx_alone_is_success(answered, status, is_success):
    outcome = answered(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)
    assert (outcome.status, outcome.error, outcome.is_success) == (status, None, is_success)


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello"],
        [b"HTTP/1.1 200 OK\r\n\r\nhello"],
        [b"HTTP/1.0 200 OK\r\n\r\nhel", b"lo"],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello"],
        [CHUNKED + b"2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"],
        [CHUNKED, b"5;a=b\r\nhello\r\n0\r\nTrailer: x\r\n\r\n"],
        [bytes([each]) for each in b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
        # Interim answers, and what comes after the end.
        [b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello"],
        [b"HTTP/1.1 102 X\r\nRetry-After: 5\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\n\r\nhello"],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 500 X\r\nRetry-After: 9\r\n\r\nmore"],
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello rest"],
    ],
)  # fmt: skip
def test_any_http_answer_is_understood(answered, pieces):
    outcome = answered(*pieces)
    assert (outcome.status, outcome.error, outcome.text) == (200, None, "hello")
    assert outcome.retry_after is None


def test_retry_after_is_the_header_as_it_is(answered):
    head = b"HTTP/1.1 503 X\r\nRETRY-after: %b\r\nContent-Length: 0\r\n\r\n"
    for value in (b"120", b"Thu, 01 Jan 2026 10:00:00 GMT", b"1" * 100, b""):
        assert answered(head % value).retry_after == value.decode()
    # As much as is needed to see that it is too long.
    assert answered(head % (b"1" * 5000)).retry_after == "1" * 100


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"a" * 5000, "a" * 1000),
        ("🦊".encode() * 1500, "🦊" * 1000),
        # No UTF-8, cut within a character, and control characters.
        (b"caf\xe9", "caf\ufffd"),
        ("é".encode()[:1], "\ufffd"),
        (b"a\x00b\x1b[31m\x7f\x85\rc", "a\ufffdb\ufffd[31m\ufffd\ufffd\ufffdc"),
        ("a\u202eb\u2066".encode(), "a\ufffdb\ufffd"),
        (b"a\r\nb\n\tc", "a\nb\n\tc"),
        (b"", ""),
    ],
)
def test_beginning_of_the_answer_can_be_shown(answered, body, text):
    outcome = answered(b"HTTP/1.1 500 X\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    assert (outcome.status, outcome.text) == (500, text)


def test_compressed_answer_is_not_decompressed(answered):
    outcome = answered(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x00ABC")
    assert (outcome.is_success, outcome.text) == (True, "\ufffd" * 4 + "ABC")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", "connection lost"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "connection lost"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "connection lost"),
        (b"SSH-2.0-OpenSSH_9.9\r\n", "not HTTP"),
        (b"220 mail.example ESMTP\r\n", "not HTTP"),
        (b"HTTP/2 200\r\n\r\n", "not HTTP"),
        (b"\x16\x03\x01\x00\xa5", "not HTTP"),
        (b"GET / HTTP/1.1\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 abc\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\n a: b\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na", "not HTTP"),
        (b"\x00" * 1000, "not HTTP"),
    ],
)
def test_answer_that_is_none_is_an_error(answered, answer, error):
    outcome = answered(answer)
    assert (outcome.status, outcome.error, outcome.is_success) == (None, error, False)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello",
        CHUNKED + b"9\r\nhello",
        CHUNKED + b"5\r\nhello\r\n",
    ],
)
def test_answer_that_ends_too_early_is_no_success(answered, answer):
    outcome = answered(answer)
    assert (outcome.status, outcome.error, outcome.text) == (200, "connection lost", "hello")
    assert not outcome.is_success


def test_chunks_that_are_none_are_no_success(answered):
    outcome = answered(CHUNKED + b"5\r\nhello\r\nzz\r\n")
    assert (outcome.status, outcome.error, outcome.text) == (200, "not HTTP", "hello")


# Each is longer than what a try may read, and never ends by itself.
ENDLESS = {
    "body": (b"HTTP/1.1 200 OK\r\n\r\n", b"a" * 4096, None),
    "long body": (b"HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n", b"a" * 4096, None),
    "chunks": (CHUNKED, b"1000\r\n" + b"a" * 4096 + b"\r\n", None),
    "chunk extensions": (CHUNKED, b"1;" + b"a" * 4096 + b"\r\na\r\n", None),
    "trailers": (CHUNKED + b"0\r\n", b"a: " + b"b" * 4096 + b"\r\n", None),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"a: " + b"b" * 4096 + b"\r\n", "headers too large"),
    "header": (b"HTTP/1.1 200 OK\r\na: ", b"b" * 4096, "headers too large"),
    "reason": (b"HTTP/1.1 200 ", b"b" * 4096, "headers too large"),
    "empty lines": (b"", b"\r\n" * 2048, "headers too large"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100, "headers too large"),
    "early hints": (b"", b"HTTP/1.1 103 X\r\na: b\r\n\r\n" * 100, "headers too large"),
}


@pytest.mark.parametrize("case", ENDLESS)
def test_no_more_than_64_kib_are_read(receive, case, monkeypatch):
    start, piece, error = ENDLESS[case]
    read, recv = [], socket.socket.recv

    def counted(connection, size):
        data = recv(connection, size)
        if threading.current_thread() is threading.main_thread():
            read.append(len(data))
        return data

    monkeypatch.setattr(socket.socket, "recv", counted)

    def flood(connection, receiver):
        connection.sendall(start)
        while not receiver.is_over.is_set():
            connection.sendall(piece)

    outcome = try_once(receive(flood))
    assert (outcome.status, outcome.error) == (None if error else 200, error)
    assert outcome.is_success is not bool(error)
    assert sum(read) == MOST_BYTES_READ == 65536


def reset(connection, _=None):
    """Close a connection so that the other side gets a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", CHUNKED + b"5\r\nhel"])
def test_reset_is_a_lost_connection(receive, start):
    def behave(connection, _):
        connection.sendall(start)
        # Closing it then sends a reset.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    outcome = try_once(receive(behave))
    assert (outcome.error, outcome.is_success) == ("connection lost", False)


def test_receiver_may_answer_before_it_has_read_all(receive):
    def behave(connection, _):
        connection.recv(100)
        connection.sendall(b"HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        # Read the rest, since a reset could overtake the answer.
        while connection.recv(65536):
            pass

    assert try_once(receive(behave, reads=False), body=b"a" * 500_000).status == 413


@pytest.mark.skipif(sys.platform != "linux", reason="others drop an answer before a reset")
def test_receiver_may_hang_up_after_its_answer(receive):
    def behave(connection, _):
        connection.recv(100)
        # It leaves the rest unread, so that closing it sends a reset.
        connection.sendall(b"HTTP/1.1 413 X\r\nContent-Length: 0\r\n\r\n")

    outcome = try_once(receive(behave, reads=False), body=b"a" * 50_000_000)
    assert (outcome.status, outcome.error) == (413, None)


def test_name_without_an_address(names, monkeypatch):
    target = Target.parse("http://hooks.example/")
    names.lead("hooks.example", [])
    assert send(target, {}, b"").error == "unknown name"

    def getaddrinfo(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    assert send(target, {}, b"").error == "unknown name"


def test_nobody_listens(receive):
    receiver = receive()
    receiver.close()
    assert try_once(receiver).error == "refused"


def test_next_address_is_tried_if_one_cannot_be_reached(receive, names):
    receiver = receive(ipv4_only=True)
    names.lead("hooks.example", ["::1", "127.0.0.1"])
    target = Target.parse(f"http://hooks.example:{receiver.port}/")
    with attempts() as found:
        outcome = send(target, {}, b"", a_policy("hooks.example"))
    assert (outcome.status, outcome.error, names.asked) == (200, None, ["hooks.example"])
    assert [address[0] for address in found] == ["::1", "127.0.0.1"]


def test_error_of_the_first_address_is_told(names):
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    names.lead("hooks.example", ["127.0.0.1", "255.255.255.255"])
    target = Target.parse(f"http://hooks.example:{port}/")
    assert send(target, {}, b"", a_policy("any")).error == "refused"
