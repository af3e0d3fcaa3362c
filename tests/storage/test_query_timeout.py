"""Requests that ask too much of the database are stopped, and leave nothing behind."""

import string
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import pytest
from waiting import PATIENCE_SECONDS

from leadbook.app import create_app
from leadbook.storage.sqlite.driver import sqlite3

LEAD = {"name": "Ada", "email": "ada@engines.test"}
HASTE_SECONDS = 0.01
LETTERS = " ".join(string.ascii_lowercase)


@pytest.fixture
def hasty_app(tmp_path):
    """An app on many records, which allows a request a hundredth of a second for them.

    Other requests of this thread may take longer: on a busy machine, a small one does.
    """
    app = create_app({"DATABASE": tmp_path / "leadbook.db", "QUERY_TIMEOUT": HASTE_SECONDS})
    app.extensions["leadbook"].time_limit.hurry(PATIENCE_SECONDS)
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


def asked_in_haste(app, ask):
    """Return the answer in a new thread, which has the limit of the app, and then in this one."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(ask).result()
    limit = app.extensions["leadbook"].time_limit
    limit.hurry(HASTE_SECONDS)
    try:
        yield ask()
    finally:
        limit.hurry(PATIENCE_SECONDS)


def assert_nobody_holds_the_lock(path):
    with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")


def test_search_that_takes_too_long_is_stopped(hasty_app, tmp_path):
    app, lead = hasty_app
    client = app.test_client()
    search = partial(client.get, "/leads", query_string={"search": LETTERS})
    for answer in asked_in_haste(app, search):
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
        write = partial(client.post, "/leads", json=LEAD | {"name": "too slow"})
        for answer in asked_in_haste(app, write):
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
