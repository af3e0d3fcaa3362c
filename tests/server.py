"""A real server of its own process, for the tests that need one."""

import http.client
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import closing, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from forked_server import ForkedServer, can_fork
from places import TESTS
from waiting import wait_until

SERVE = ("leadbook.cli", "serve")
PATIENT = (str(TESTS / "patient_server.py"),)


def _as_run(command: tuple[str, ...]) -> list[str]:
    """Return what Python is told to run a module, or a file."""
    return [*command] if command[0].endswith(".py") else ["-m", *command]


class Server:
    """A `leadbook serve` of its own process, on a free port.

    A test of how the process itself starts asks for one that `is_new`.
    """

    def __init__(
        self,
        *arguments: str,
        command: tuple[str, ...] = SERVE,
        stderr: Any = subprocess.DEVNULL,
        start_new_session: bool = False,
        is_new: bool = False,
    ) -> None:
        # Its log, a line a request.
        options = {"stderr": stderr, "start_new_session": start_new_session}
        self.process: subprocess.Popen[str] | ForkedServer
        if is_new or stderr == subprocess.PIPE or command != SERVE or not can_fork():
            self.process = subprocess.Popen(
                [sys.executable, *_as_run(command), "--port", "0", *arguments],
                stdout=subprocess.PIPE, text=True, **options,
            )  # fmt: skip
        else:
            self.process = ForkedServer(["serve", "--port", "0", *arguments], **options)
        self.first_line = self.process.stdout.readline()
        self.url = re.search(r"http://[\w.:\[\]-]+", self.first_line)[0]

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Send one request over a connection of its own; return status and JSON."""
        payload = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"} | (headers or {})
        # Closed, too, where the server is gone before it answers.
        with closing(
            http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        ) as connection:
            connection.request(method, path, payload, headers)
            with connection.getresponse() as response:
                text = response.read()
        return response.status, json.loads(text) if text else None

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Stop it and return its exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=30)

    def end(self) -> None:
        """End it, whatever it is doing."""
        # A process that is killed does not tell which lines it has run.
        for _ in range(2 if "COVERAGE_PROCESS_CONFIG" in os.environ else 0):
            with suppress(subprocess.TimeoutExpired):
                self.process.terminate()
                self.process.wait(timeout=5)
        self.stop(signal.SIGKILL)
        self.process.stdout.close()


def workers_of(server: Server) -> list[int]:
    """Return the process ids of its workers."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    if not children.exists():
        pytest.skip("only Linux tells which processes a process has started")
    return [int(each) for each in children.read_text().split()]


def wait_until_refused(server: Server) -> None:
    """Wait until it accepts no more connections."""
    address = urlsplit(server.url)

    def is_refused():
        try:
            socket.create_connection((address.hostname, address.port), timeout=1).close()
        except ConnectionRefusedError:
            return True
        except OSError:
            pass  # the listener was closed while we waited in its queue
        return False

    wait_until(is_refused)


def free_port() -> int:
    """Return a port that nobody listens on, and that the system gives to nobody who asks for any."""
    for port in random.sample(range(20_000, 32_000), 100):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    pytest.fail("no port is free")


def call(url: str, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    """Send one request without a body; return status and bytes, whatever the status."""
    request = urllib.request.Request(url + path, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
