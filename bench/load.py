"""The load: a few keep-alive connections in one loop, the same for every server.

Measured on two cores: an answer of 5 kB takes 28 µs of processor time here and 20 µs in wrk; on a
busy machine 41 µs and 20 µs. From a server that gives wrk 19,000 answers a second, this load got
16,000 (on a busy machine 8,500 of 12,000). So above some thousands the figures are too low. The
floor and PocketBase, at 600 to 800 pages of 20 a second, gave it as many as wrk, within the noise.
"""

import re
import selectors
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from http import HTTPStatus

CONNECTIONS = 8
_LONGEST_WAIT_SECONDS = 60
_MOST_RECONNECTS = 3
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


class LoadError(Exception):
    """A server gave a wrong answer, so its figures are worthless."""


@dataclass(frozen=True)
class Load:
    """The result for a server: answers a second, and latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float
    answers: int


@dataclass
class _Connection:
    socket: socket.socket
    request: bytes = b""
    answer: bytes = b""
    started: float = 0.0
    reconnects: int = 0

    def close(self) -> None:
        self.socket.close()


def get(path: str) -> bytes:
    """Return the bytes of a GET request for `path`."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n".encode()


def post(path: str, body: bytes) -> bytes:
    """Return the bytes of a POST request with a JSON `body`."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def run(
    port: int,
    requests: Iterator[bytes],
    seconds: float,
    *,
    connections: int = CONNECTIONS,
    warm_up: float = 0.2,
) -> Load:
    """Send `requests`, uncounted for `warm_up` seconds, then for `seconds`; count the answers.

    Continues until there is at least one answer. Raises LoadError for any status but 2xx.
    """
    latencies: list[float] = []
    begin = time.perf_counter() + warm_up
    end = begin + seconds
    last = begin
    with ExitStack() as stack:
        selector = stack.enter_context(selectors.DefaultSelector())
        for _ in range(connections):
            connection = _Connection(_connect(port))
            stack.callback(connection.close)
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            _send(connection, next(requests))
        while selector.get_map():
            events = selector.select(_LONGEST_WAIT_SECONDS)
            if not events:
                raise LoadError(f"No answer in {_LONGEST_WAIT_SECONDS} s.")
            for key, _mask in events:
                connection = key.data
                if not _receive(connection):
                    selector.unregister(connection.socket)
                    _reconnect(connection, port)
                    selector.register(connection.socket, selectors.EVENT_READ, connection)
                elif is_complete(connection.answer):
                    now = time.perf_counter()
                    if begin <= now and (now <= end or not latencies):
                        latencies.append(now - connection.started)
                        last = now
                    if now < end or not latencies:
                        _send(connection, next(requests))
                    else:
                        # Wait for running requests: the next server must find an idle machine.
                        selector.unregister(connection.socket)
    latencies.sort()
    return Load(
        len(latencies) / max(seconds, last - begin),
        latencies[len(latencies) // 2] * 1000,
        latencies[len(latencies) * 99 // 100] * 1000,
        len(latencies),
    )


def is_complete(answer: bytes) -> bool:
    """Return whether the answer is complete. Raises LoadError for any status but 2xx."""
    head_end = answer.find(b"\r\n\r\n")
    if head_end < 0:
        return False
    status = int(answer[9:12])
    if not 200 <= status < 300:
        raise LoadError(f"The server answered {answer[:500].decode(errors='replace')}")
    if length := _LENGTH.search(answer, 0, head_end):
        return len(answer) >= head_end + 4 + int(length[1])
    if _CHUNKED.search(answer, 0, head_end):
        # JSON on one line has no line break, so this cannot occur inside it.
        return answer.endswith(b"\r\n0\r\n\r\n")
    if status == HTTPStatus.NO_CONTENT:
        return True
    raise LoadError("An answer has no length.")


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=_LONGEST_WAIT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # With a timeout, Python makes an extra system call before each read or write.
    connection.setblocking(False)
    return connection


def _send(connection: _Connection, request: bytes) -> None:
    connection.request = request
    connection.answer = b""
    connection.reconnects = 0
    connection.started = time.perf_counter()
    # If the server has closed the connection, the next read notices and reconnects.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.socket.sendall(request)


def _receive(connection: _Connection) -> bool:
    """Read the available bytes; return whether the connection is still open."""
    try:
        # A larger buffer would be allocated and freed by the system for each answer.
        data = connection.socket.recv(1 << 16)
    except ConnectionResetError:
        return False
    connection.answer = connection.answer + data if connection.answer else data
    return bool(data)


def _reconnect(connection: _Connection, port: int) -> None:
    """Send the request again on a new connection: a server may close an old one."""
    connection.reconnects += 1
    if connection.answer or connection.reconnects > _MOST_RECONNECTS:
        raise LoadError("The connection was closed instead of an answer.")
    connection.socket.close()
    connection.socket = _connect(port)
    connection.socket.sendall(connection.request)
