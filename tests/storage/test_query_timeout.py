"""Requests that ask too much of the database are stopped, and leave nothing behind."""

import string
from contextlib import closing

import pytest

from leadbook.app import create_app
from leadbook.storage.sqlite.driver import sqlite3

LEAD = {"name": "Ada", "email": "ada@engines.test"}
LETTERS = " ".join(string.ascii_lowercase)


@pytest.fixture
def hasty_app(tmp_path):
    """An app on many records, which allows a request a hundredth of a second for them."""
    app = create_app({"DATABASE": tmp_path / "leadbook.db", "QUERY_TIMEOUT": 0.01})
    lead = app.test_client().post("/leads", json=LEAD).json
    with closing(sqlite3.connect(tmp_path / "leadbook.db")) as other, other:
        columns = {row[1]: row[1] for row in other.execute("PRAGMA table_info(leads)")}
        columns |= {"number": "number + value", "id": "randomblob(16)"}
        other.execute(
            f"""INSERT INTO leads ({", ".join(columns)}) WITH RECURSIVE numbers (value) AS (
                SELECT 1 UNION ALL SELECT value + 1 FROM numbers LIMIT 30000
            ) SELECT {", ".join(columns.values())} FROM leads, numbers"""
        )
        other.execute("DELETE FROM lead_texts")
        other.execute("INSERT INTO lead_texts SELECT number, ? FROM leads", [LETTERS])
    yield app, lead
    app.extensions["leadbook"].close()


def assert_stopped(answer):
    assert (answer.status_code, answer.json["error"]["code"]) == (503, "QUERY_TIMEOUT")
    assert int(answer.headers["Retry-After"]) > 0


def assert_nobody_holds_the_lock(path):
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")


def test_search_that_takes_too_long_is_stopped(hasty_app, tmp_path):
    app, lead = hasty_app
    client = app.test_client()
    answer = client.get("/leads", query_string={"search": LETTERS})
    assert_stopped(answer)
    assert client.get(f"/leads/{lead['id']}").json == lead
    assert_nobody_holds_the_lock(tmp_path / "leadbook.db")
    assert client.get("/health").status_code == 200


def test_write_that_takes_too_long_is_stopped_and_undone(hasty_app, tmp_path):
    app, lead = hasty_app
    client = app.test_client()
    with closing(sqlite3.connect(tmp_path / "leadbook.db")) as other:
        other.execute(
            "CREATE TRIGGER slow AFTER INSERT ON leads BEGIN "
            "SELECT SUM(LENGTH(name)) FROM leads, (SELECT 1 FROM leads LIMIT 100); END"
        )
        answer = client.post("/leads", json=LEAD | {"name": "too slow"})
        assert_stopped(answer)
        assert_nobody_holds_the_lock(tmp_path / "leadbook.db")
        names = other.execute("SELECT COUNT(*) FROM leads WHERE name = 'too slow'").fetchone()
        assert names == (0,)
        other.execute("DROP TRIGGER slow")
    assert client.get("/health").status_code == 200
    assert client.post("/leads", json=LEAD).status_code == 201
    assert client.get(f"/leads/{lead['id']}").json == lead


def test_no_limit_lets_writes_through(tmp_path):
    app = create_app({"DATABASE": tmp_path / "leadbook.db", "QUERY_TIMEOUT": 0})
    body = {"name": "Ada", "email": "ada@engines.test"}
    assert app.test_client().post("/leads", json=body).status_code == 201
    app.extensions["leadbook"].close()
