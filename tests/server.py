"""A real server of its own process, for the tests that need one."""

import http.client
import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit


class Server:
    """A `leadbook serve` of its own process, on a free port."""

    def __init__(
        self, *arguments: str, command: tuple[str, ...] = ("leadbook.cli", "serve")
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command, "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            # Its log, a line a request.
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.first_line = self.process.stdout.readline()
        self.url = re.search(r"http://\S+", self.first_line)[0]

    def request(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Send one request over a connection of its own; return status and JSON."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        payload = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"} | (headers or {})
        connection.request(method, path, payload, headers)
        with connection.getresponse() as response:
            text = response.read()
        connection.close()
        return response.status, json.loads(text) if text else None

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Stop it and return its exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=30)


def call(url: str, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    """Send one request without a body; return status and bytes, whatever the status."""
    request = urllib.request.Request(url + path, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
