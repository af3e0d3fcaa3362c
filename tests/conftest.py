"""What every test may ask for: an app on a real file, its client, records, a real server."""

import http.client
import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from leadbook.app import create_app

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    app = create_app({"DATABASE": tmp_path / "leadbook.db"})
    yield app
    app.extensions["leadbook"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _maker(client: FlaskClient, path: str) -> Make:
    def make(**fields: Any) -> dict[str, Any]:
        count = client.get(path, query_string={"limit": 1}).json["pagination"]["total"]
        fields = {"name": "Ada Byron", "email": f"ada{count}@engines.test"} | fields
        answer = client.post(path, json=fields)
        assert answer.status_code == 201, answer.json
        return dict(answer.json)

    return make


@pytest.fixture
def make_lead(client: FlaskClient) -> Make:
    return _maker(client, "/leads")


@pytest.fixture
def make_client(client: FlaskClient) -> Make:
    return _maker(client, "/clients")


class Server:
    """A `leadbook serve` of its own process, on a free port."""

    def __init__(
        self, *arguments: str, command: tuple[str, ...] = ("leadbook.cli", "serve")
    ) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", *command, "--port", "0", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.first_line = self.process.stdout.readline()
        self.url = re.search(r"http://\S+", self.first_line)[0]

    def request(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Send one request over a connection of its own; return status and JSON."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        payload = None if body is None else json.dumps(body)
        connection.request(method, path, payload, {"Content-Type": "application/json"})
        with connection.getresponse() as response:
            text = response.read()
        connection.close()
        return response.status, json.loads(text) if text else None

    def stop(self, signal_number: int = signal.SIGTERM) -> int:
        """Stop it and return its exit code."""
        self.process.send_signal(signal_number)
        return self.process.wait(timeout=30)


@pytest.fixture
def start_server() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*arguments: str, **options: Any) -> Server:
        servers.append(Server(*arguments, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.stop(signal.SIGKILL)
        server.process.stdout.close()
