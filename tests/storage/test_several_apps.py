"""Several apps in one process, each with a file of its own."""

import gc
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from left_open import nothing_left_open

from leadbook.app import create_app
from leadbook.testing.app import create_test_app

APPS = 8


@pytest.fixture
def apps(tmp_path):
    apps = [
        create_app({"DATABASE": tmp_path / f"{number}" / "leadbook.db"}) for number in range(APPS)
    ]
    yield apps
    for app in apps:
        app.extensions["leadbook"].close()


def test_no_row_gets_into_the_wrong_file(apps):
    def work(thread):
        for turn in range(20):
            number = (thread + turn) % APPS
            client = apps[number].test_client()
            body = {"name": f"App {number}", "email": f"t{thread}n{turn}@engines.test"}
            assert client.post("/leads", json=body).status_code == 201
            page = client.get("/leads?limit=100").json
            assert {lead["name"] for lead in page["data"]} == {f"App {number}"}

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(work, range(12)))
    totals = []
    for number, app in enumerate(apps):
        page = app.test_client().get(f"/leads?search=App%20{number}").json
        assert page["data"] == app.test_client().get("/leads").json["data"]
        totals.append(page["pagination"]["total"])
    assert sum(totals) == 12 * 20


def test_one_app_may_be_called_within_a_request_of_another(apps):
    outer, inner = apps[:2]

    @outer.before_request
    def call_inner():
        answer = inner.test_client().post(
            "/leads", json={"name": "Inner", "email": "i@engines.test"}
        )
        assert answer.status_code == 201

    outer.test_client().post("/leads", json={"name": "Outer", "email": "o@engines.test"})
    page = outer.test_client().get("/leads").json
    assert [lead["name"] for lead in page["data"]] == ["Outer"]


def test_connection_ends_with_its_thread(apps):
    client = apps[0].test_client()

    def read_in_a_thread():
        thread = threading.Thread(target=client.get, args=("/leads",))
        thread.start()
        thread.join()

    # SQLite keeps the first closed descriptor for the next one who opens the file.
    client.get("/leads")
    read_in_a_thread()
    with nothing_left_open():
        for _ in range(10):
            read_in_a_thread()


def test_app_that_is_let_go_closes_its_connections(tmp_path):
    """From Python 3.13 on, the standard library's sqlite3 warns of each that was not closed."""
    with nothing_left_open():
        for name, create in (("data", create_app), ("test", create_test_app)):
            app = create({"DATABASE": tmp_path / f"{name}.db"})
            assert app.test_client().get("/leads").status_code == 200
            del app
            gc.collect()


def test_child_of_a_fork_opens_its_own_connection(apps):
    client = apps[0].test_client()
    client.post("/leads", json={"name": "Parent", "email": "p@engines.test"})
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        status = client.post(
            "/leads", json={"name": "Child", "email": "c@engines.test"}
        ).status_code
        os.write(write_end, str(status).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read_end, 10) == b"201"
    os.close(read_end)
    os.close(write_end)
    names = [lead["name"] for lead in client.get("/leads").json["data"]]
    assert names == ["Child", "Parent"]


def test_fork_while_another_thread_writes_leaves_no_lock_behind(apps):
    database, client = apps[0].extensions["leadbook"], apps[0].test_client()
    client.get("/leads")
    group = database.group
    with database.use(), database.write():
        child = os.fork()
        if child == 0:
            # However it fails, the child must not go on with the tests of its parent.
            code = 1
            try:
                is_new = database.is_closed()
                is_readable = client.get("/leads").status_code == 200
                is_free = database.writer.acquire(blocking=False)
                is_alone = database.group is not group
                code = 0 if is_new and is_readable and is_free and is_alone else 1
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0


def test_new_app_keeps_no_connection_open(tmp_path):
    with nothing_left_open():
        app = create_app({"DATABASE": tmp_path / "leadbook.db"})
    assert app
