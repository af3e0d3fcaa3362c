"""Receivers of webhooks on real sockets: decent ones, and those that do their worst."""

import socket
import sys
import threading
from contextlib import contextmanager, suppress

from waiting import PATIENCE_SECONDS

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

# Where this process tried to connect to, however that ended. An audit hook stays for good.
_attempts = []


def _note(event, arguments):
    if event == "socket.connect":
        _attempts.append(arguments[1])


sys.addaudithook(_note)


@contextmanager
def attempts():
    """Hold a list of the addresses that this process tries to connect to meanwhile."""
    count, found = len(_attempts), []
    try:
        yield found
    finally:
        found += _attempts[count:]


class Receiver:
    """Listens on all addresses, and lets `behave` answer each request.

    With `reads=False`, `behave` gets the connection as it is, before anything was read.
    """

    def __init__(self, behave=None, tls=None, reads=True, ipv4_only=False):
        self.behave = behave or (lambda connection, _: connection.sendall(OK))
        self.tls, self.reads = tls, reads
        # What each connection sent, head and body.
        self.requests = []
        self.is_over = threading.Event()
        self.has_ipv6 = not ipv4_only and socket.has_ipv6 and _has_ipv6_loopback()
        kind, host = (socket.AF_INET6, "::") if self.has_ipv6 else (socket.AF_INET, "")
        self.listener = socket.create_server(
            (host, 0), family=kind, backlog=64, dualstack_ipv6=self.has_ipv6
        )
        self.port = self.listener.getsockname()[1]
        self.connected = 0
        self.threads = [threading.Thread(target=self._accept)]
        self.threads[0].start()

    def _accept(self):
        while True:
            connection, _ = self.listener.accept()
            if self.is_over.is_set():
                connection.close()
                return
            self.connected += 1
            self.threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self.threads[-1].start()

    def _serve(self, connection):
        connection.settimeout(PATIENCE_SECONDS)
        # It may go away at any time.
        with suppress(OSError), connection:
            if self.tls:
                with self.tls.wrap_socket(connection, server_side=True) as encrypted:
                    self._speak(encrypted)
            else:
                self._speak(connection)

    def _speak(self, connection):
        if self.reads:
            self.requests.append(read_request(connection))
        self.behave(connection, self)

    def drip(self, connection, piece):
        """Send a byte or a piece again and again, until it is over or the other one leaves."""
        while not self.is_over.wait(0.02):
            connection.sendall(piece)

    def close(self):
        if self.is_over.is_set():
            return
        self.is_over.set()
        # Closing a listener wakes nobody. Not `create_connection`, which looks the address up.
        with socket.socket() as waker:
            waker.connect(("127.0.0.1", self.port))
        for thread in self.threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()
        self.listener.close()


def read_request(connection):
    """Read a request with a Content-Length; return its first line, headers and body."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    line, *fields = head.decode("ascii").split("\r\n")
    pairs = [field.split(": ", 1) for field in fields]
    assert len({name.lower() for name, _ in pairs}) == len(pairs)
    headers = {name.lower(): value for name, value in pairs}
    while len(body) < int(headers["content-length"]):
        body += _some(connection)
    assert len(body) == int(headers["content-length"])
    return line, headers, body


def _some(connection):
    if data := connection.recv(65536):
        return data
    raise ConnectionError


def _has_ipv6_loopback():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True
