"""What every test may ask for: an app on a real file, its client, records, a real server."""

import resource
import shutil
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from compiled_rules import share_compiled_rules
from exports import LIST
from flask import Flask
from flask.testing import FlaskClient
from receivers import Receiver

from leadbook.app import create_app
from leadbook.storage.clock import Clock
from server import Server

Make = Callable[..., dict[str, Any]]

share_compiled_rules()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "leadbook.db"


@pytest.fixture
def database(path: Path) -> Path:
    """Where a command is told that the database is."""
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A list of contacts to import."""
    path = tmp_path / "list.csv"
    path.write_text(LIST)
    return path


@pytest.fixture
def time() -> list[int]:
    """The time in milliseconds, to be moved by a test whose `clock` reads it."""
    return [1_767_225_600_000]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def new_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new database. All have the same bytes, and a copy takes a third of the time."""
    path = tmp_path_factory.mktemp("new") / "leadbook.db"
    create_app({"DATABASE": path}, Clock()).extensions["leadbook"].close()
    return path


@pytest.fixture
def app(tmp_path: Path, clock: Clock, new_file: Path) -> Iterator[Flask]:
    path = tmp_path / "leadbook.db"
    shutil.copy(new_file, path)
    app = create_app({"DATABASE": path}, clock)
    yield app
    app.extensions["leadbook"].close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def _maker(client: FlaskClient, path: str) -> Make:
    numbers = count()

    def make(**fields: Any) -> dict[str, Any]:
        fields = {"name": "Ada Byron", "email": f"ada{next(numbers)}@engines.test"} | fields
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


@pytest.fixture(params=["leads", "clients"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def make(kind: str, make_lead: Make, make_client: Make) -> Make:
    return make_lead if kind == "leads" else make_client


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
def server(start_server: Callable[..., Server], path: Path) -> Server:
    return start_server("--database", str(path))


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
def receive():
    """Start a receiver of webhooks."""
    started = []

    def receive(*arguments, **options):
        started.append(Receiver(*arguments, **options))
        return started[-1]

    yield receive
    for each in started:
        each.close()


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
