"""The keep-alive connections of a load, and when an answer is complete."""

import re
import selectors
import socket
import time
from collections.abc import Container
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus

LONGEST_WAIT_SECONDS = 60
_MOST_RECONNECTS = 3
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


class LoadError(Exception):
    """A server gave a wrong answer, so its figures are worthless."""


@dataclass
class Connection:
    """A connection with the request that was sent last, and what has arrived of its answer."""

    port: int
    socket: socket.socket
    request: bytes = b""
    answer: bytes = b""
    started: float = 0.0
    reconnects: int = 0

    def send(self, request: bytes) -> None:
        """Send a request; it has `started` now."""
        self.request = request
        self.answer = b""
        self.reconnects = 0
        self.started = time.perf_counter()
        # If the server has closed the connection, the next read notices and reconnects.
        with suppress(BrokenPipeError, ConnectionResetError):
            self.socket.sendall(request)

    def read(self) -> bool:
        """Read the available bytes; return whether the connection is still open."""
        try:
            # A larger buffer would be allocated and freed by the system for each answer.
            data = self.socket.recv(1 << 16)
        except ConnectionResetError:
            return False
        self.answer = self.answer + data if self.answer else data
        return bool(data)

    def send_again(self) -> None:
        """Send the request on a new connection: a server may close an old one."""
        self.reconnects += 1
        if self.answer or self.reconnects > _MOST_RECONNECTS:
            raise LoadError("The connection was closed instead of an answer.")
        self.close()
        self.socket = _open(self.port)
        self.socket.sendall(self.request)

    def close(self) -> None:
        """Close the socket."""
        self.socket.close()


def connect(port: int) -> Connection:
    """Return a connection to a server on this machine."""
    return Connection(port, _open(port))


def take(
    selector: selectors.BaseSelector, connection: Connection, allowed: Container[int] = ()
) -> bool:
    """Read what has arrived; return whether the answer is complete.

    Raises LoadError for a wrong answer: any status but 2xx, and those of `allowed`.
    """
    if connection.read():
        return is_complete(connection.answer, allowed)
    selector.unregister(connection.socket)
    connection.send_again()
    selector.register(connection.socket, selectors.EVENT_READ, connection)
    return False


def is_complete(answer: bytes, allowed: Container[int] = ()) -> bool:
    """Return whether the answer is complete. Raises LoadError as `take` does."""
    head_end = answer.find(b"\r\n\r\n")
    if head_end < 0:
        return False
    status = status_of(answer)
    if not 200 <= status < 300 and status not in allowed:
        raise LoadError(f"The server answered {answer[:500].decode(errors='replace')}")
    if length := _LENGTH.search(answer, 0, head_end):
        return len(answer) >= head_end + 4 + int(length[1])
    if _CHUNKED.search(answer, 0, head_end):
        # JSON on one line has no line break, so this cannot occur inside it.
        return answer.endswith(b"\r\n0\r\n\r\n")
    if status == HTTPStatus.NO_CONTENT:
        return True
    raise LoadError("An answer has no length.")


def status_of(answer: bytes) -> int:
    """Return the status of an answer whose first line has arrived."""
    return int(answer[9:12])


def _open(port: int) -> socket.socket:
    opened = socket.create_connection(("127.0.0.1", port), timeout=LONGEST_WAIT_SECONDS)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # With a timeout, Python makes an extra system call before each read or write.
    opened.setblocking(False)
    return opened
