"""The pytest fixtures `leadbook` and `leadbook_server`; they import Leadbook only when used."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from leadbook.testing import Leadbook


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options to pytest's configuration."""
    parser.addini("leadbook_seed", "The seed of the ids that Leadbook makes.", default="1")
    parser.addini("leadbook_api_key", "The key that every call to Leadbook needs.", default="")


@pytest.fixture(scope="session")
def leadbook_server(pytestconfig: pytest.Config) -> Iterator["Leadbook"]:
    """Serve Leadbook in test mode for the whole session, in a thread and with an empty file."""
    from leadbook.testing import running_server  # noqa: PLC0415  # each run of pytest would pay

    seed = pytestconfig.getini("leadbook_seed")
    if not seed.isdecimal():
        raise pytest.UsageError(f"leadbook_seed must be a whole number, not {seed!r}")
    api_key = pytestconfig.getini("leadbook_api_key")
    with running_server(seed=int(seed), api_key=api_key or None) as leadbook:
        yield leadbook


@pytest.fixture
def leadbook(leadbook_server: "Leadbook") -> Iterator["Leadbook"]:
    """Return the running Leadbook, emptied before each test."""
    known = leadbook_server.snapshots
    leadbook_server.reset()
    yield leadbook_server
    for name in leadbook_server.snapshots - known:
        leadbook_server.forget(name)
