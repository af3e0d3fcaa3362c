"""What every test may ask for: an app on a real file, its client, records, a real server."""

import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from leadbook.app import create_app
from server import Server

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


@pytest.fixture
def start_server() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(*arguments: str, **options: Any) -> Server:
        servers.append(Server(*arguments, **options))
        return servers[-1]

    yield start
    for server in servers:
        server.end()


@pytest.fixture
def take(leadbook):
    """Import a text, and return the report."""

    def take(text, kind="leads", media_type="text/csv", status=200, encoding="utf-8", **query):
        data = text if isinstance(text, bytes) else text.encode(encoding)
        query = {name: str(value).lower() for name, value in query.items()}
        answer = leadbook.client.post(
            f"/{kind}/import", data=data, content_type=media_type, query_string=query
        )
        assert answer.status_code == status, answer.json
        return answer.json

    return take


@pytest.fixture
def many_descriptors() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 2048:
        wanted = 2048 if hard == resource.RLIM_INFINITY else min(hard, 2048)
        if wanted < 1000:
            pytest.skip("this process may not open 1,000 files")
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
