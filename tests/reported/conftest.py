"""Real requests for situations that users of comparable software reported.

Each test names its report as owner/repository#number, in its docstring or in the id of a parameter.
"""

import http.client
import json
from contextlib import closing
from email.message import Message
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        return self.json["error"]

    @property
    def faults(self) -> dict[str, str]:
        """What is wrong, by the names of the fields."""
        return {each["field"]: each["message"] for each in self.error["details"]}

    @property
    def names(self) -> list[str]:
        """The names of the records on a page."""
        return [each["name"] for each in self.json["data"]]


@pytest.fixture(scope="session")
def send():
    """Return a function that sends a request to the service at a URL.

    `body` is sent as JSON, `data` as it is. If_Match and the like become headers.
    """

    def send(url, method, path, body=None, data=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None:
            data = json.dumps(body)
            headers = {"Content-Type": "application/json"} | headers
        with closing(http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)) as connection:
            connection.request(method, path, data, headers)
            with connection.getresponse() as response:
                return Answer(response.status, response.headers, response.read())

    return send


@pytest.fixture
def ask(leadbook, send):
    """Return a function that sends a request to the emptied server."""

    def ask(method, path, body=None, data=None, **headers):
        return send(leadbook.url, method, path, body, data, **headers)

    return ask


@pytest.fixture
def post(ask):
    """Return a function that creates a record and returns it."""

    def post(kind="leads", **fields):
        answer = ask("POST", f"/{kind}", {"name": "Ada", "email": "ada@engines.example"} | fields)
        assert answer.status == 201, answer.body
        return answer.json

    return post
