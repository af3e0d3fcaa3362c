"""What the tests of test mode share."""

import pytest

from leadbook.testing.app import create_test_app


@pytest.fixture
def app_in_test_mode(tmp_path):
    app = create_test_app({"DATABASE": tmp_path / "test.db", "RATE_LIMIT": "50/minute"})
    yield app
    app.extensions["leadbook.controls"].snapshots.close()
    app.extensions["leadbook"].close()


@pytest.fixture
def answers(client):
    """Return all bytes of the answers to some calls."""

    def answers(*calls):
        made = [client.open(path, method=method, json=body) for method, path, body in calls]
        return [(each.status, list(each.headers), each.get_data()) for each in made]

    return answers
