"""Writes that wait for each other share one transaction; each is stored and answered as if alone."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from functools import partial
from threading import Event

import peewee
import pytest
from waiting import PATIENCE_SECONDS, wait_until

from leadbook.access.fronting import PAUSE
from leadbook.app import create_app
from leadbook.storage import group_commit
from leadbook.storage.database import current
from leadbook.storage.sqlite import connected_file
from leadbook.storage.sqlite.driver import sqlite3

LEAD = {"name": "Ada", "email": "ada@engines.test"}
ENDLESS = """INSERT INTO lead_texts WITH RECURSIVE numbers (value) AS (
    SELECT 1000 UNION ALL SELECT value + 1 FROM numbers
) SELECT value, 'words' FROM numbers"""


@pytest.fixture
def app(tmp_path):
    app = create_app({"DATABASE": tmp_path / "leadbook.db"})
    # As long as one connection is open, there is a log.
    with app.extensions["leadbook"].snapshot():
        yield app
    app.extensions["leadbook"].close()


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    # On a busy machine, a few writes take longer than a transaction usually waits for more.
    monkeypatch.setattr(group_commit, "_LONGEST_SECONDS", PATIENCE_SECONDS)


def together(app, *calls):
    """Return what the calls return whose writes run in one transaction, in this order.

    Each call gets the function that it must call before it waits. An error is returned too.
    """
    database = app.extensions["leadbook"]
    begun, end = Event(), Event()

    def lead():
        begun.set()
        assert end.wait(PATIENCE_SECONDS)

    def run_first():
        with database.use():
            database.group.run(lead, int)

    with ThreadPoolExecutor(len(calls) + 1) as pool:
        first = pool.submit(run_first)
        assert begun.wait(PATIENCE_SECONDS)
        running = []
        for call in calls:
            waits = Event()
            running.append(pool.submit(call, waits.set))
            assert waits.wait(PATIENCE_SECONDS)
        end.set()
        first.result()
        return [each.exception() or each.result() for each in running]


def calling(app, method, path, **options):
    def call(pause):
        environ = {PAUSE: pause}
        return app.test_client().open(path, method=method, environ_overrides=environ, **options)

    return call


def posting(app, name, **options):
    return calling(app, "POST", "/leads", json=LEAD | {"name": name}, **options)


def working(app, work):
    """Return a call that runs `work` in a write of its own, with the time limit of a request."""
    database = app.extensions["leadbook"]

    def call(pause):
        with database.use(), database.time_limit.begin():
            return database.group.run(work, pause)

    return call


def commits(path):
    """Return how many transactions the write-ahead log has: https://www.sqlite.org/fileformat2.html#walformat."""
    log = path.with_name(f"{path.name}-wal").read_bytes()
    frame = 24 + int.from_bytes(log[8:12])
    salts = log[16:24]
    heads = (log[at : at + 24] for at in range(32, len(log), frame))
    return sum(any(head[4:8]) for head in heads if head[8:16] == salts)


def names_of(app):
    leads = app.test_client().get("/leads?sort=createdAt&order=asc").json["data"]
    return [each["name"] for each in leads]


def test_all_share_one_transaction(app, tmp_path):
    before = commits(tmp_path / "leadbook.db")
    names = [f"Ada {number}" for number in range(6)]
    answers = together(app, *(posting(app, name) for name in names))
    assert [each.status_code for each in answers] == [201] * 6
    assert commits(tmp_path / "leadbook.db") == before + 1
    assert names_of(app) == names
    events = app.test_client().get("/events").json["data"]
    assert [each["record"]["name"] for each in events] == names
    times = [each["time"] for each in events]
    assert times == sorted(times)
    assert [each["requestId"] for each in events] == [
        each.headers["X-Request-Id"] for each in answers
    ]


def test_one_that_fails_takes_back_only_its_own_changes(app):
    lead = app.test_client().post("/leads", json=LEAD).json
    path = f"/leads/{lead['id']}"

    def half_done():
        current.execute_sql("UPDATE leads SET name = 'Nobody'")
        raise ValueError("half done")

    answers = together(
        app,
        posting(app, "Before"),
        calling(app, "PUT", path, json={"name": "Lost"}, headers={"If-Match": '"7"'}),
        working(app, half_done),
        calling(app, "PUT", path, json={"name": "Found"}, headers={"If-Match": '"1"'}),
        calling(app, "PUT", path, json={"name": "Late"}, headers={"If-Match": '"1"'}),
        posting(app, "After"),
    )
    assert str(answers.pop(2)) == "half done"
    assert [each.status_code for each in answers] == [201, 412, 200, 412, 201]
    assert names_of(app) == ["Found", "Before", "After"]
    assert app.test_client().get("/leads?search=found").json["pagination"]["total"] == 1


def test_repeated_request_in_one_transaction_is_done_once(app):
    post = posting(app, "Ada", headers={"Idempotency-Key": "k1"})
    first, *repeated = together(app, post, post, post)
    assert first.status_code == 201
    assert "Idempotency-Replayed" not in first.headers
    for each in repeated:
        assert (each.headers["Idempotency-Replayed"], each.json) == ("true", first.json)
    assert names_of(app) == ["Ada"]


def test_only_one_of_many_conversions_makes_a_client(app):
    lead = app.test_client().post("/leads", json=LEAD).json
    convert = calling(app, "POST", f"/leads/{lead['id']}/convert")
    answers = together(app, *(16 * [convert]))
    assert [each.status_code for each in answers] == [201] + [200] * 15
    assert app.test_client().get("/clients").json["pagination"]["total"] == 1


def test_no_one_gets_an_answer_before_the_commit(app, tmp_path):
    path = tmp_path / "leadbook.db"
    with closing(sqlite3.connect(path, check_same_thread=False)) as other:
        seen = []

        def look():
            seen.append(other.execute("SELECT count(*) FROM leads").fetchone()[0])

        answers = together(app, posting(app, "Ada"), working(app, look), posting(app, "Eve"))
        look()
    assert [answers[0].status_code, answers[2].status_code] == [201, 201]
    assert seen == [0, 2]


def test_failing_commit_is_an_error_for_all(app, monkeypatch):
    database = app.extensions["leadbook"]

    def fail():
        database.connection().rollback()
        raise peewee.OperationalError("disk I/O error")

    def break_disk():
        monkeypatch.setattr(database, "commit", fail)

    with pytest.raises(peewee.OperationalError, match="disk I/O error"):
        together(app, posting(app, "Ada"), working(app, break_disk), posting(app, "Eve"))
    assert database.fault == "disk I/O error"
    monkeypatch.undo()
    assert names_of(app) == []
    assert app.test_client().post("/leads", json=LEAD).status_code == 201


def test_followers_of_a_failing_commit_are_told(app, monkeypatch):
    database = app.extensions["leadbook"]
    told = []

    def fail():
        database.connection().rollback()
        raise peewee.OperationalError("disk I/O error")

    def keep(call):
        return lambda pause: told.append(call(pause))

    # The second client is refused because of the first one, which is not stored either.
    clients = [keep(calling(app, "POST", "/clients", json=LEAD)) for _ in range(2)]
    broken = working(app, lambda: monkeypatch.setattr(database, "commit", fail))
    with pytest.raises(peewee.OperationalError):
        together(app, keep(posting(app, "Ada")), *clients, broken)
    codes = [(each.status_code, each.json["error"]["code"]) for each in told]
    assert codes == [(503, "DATABASE_UNAVAILABLE")] * 3
    assert all(int(each.headers["Retry-After"]) > 0 for each in told)


def test_when_one_takes_too_long_the_others_are_stored(tmp_path):
    path = tmp_path / "leadbook.db"
    app = create_app({"DATABASE": path, "QUERY_TIMEOUT": 1})
    database = app.extensions["leadbook"]

    def take_long():
        current.execute_sql(ENDLESS)

    def patiently(call):
        # On a busy machine, a small request takes longer than the limit.
        def run(pause):
            database.time_limit.hurry(PATIENCE_SECONDS)
            return call(pause)

        return run

    first, second = (patiently(posting(app, name)) for name in ("Ada", "Eve"))
    answers = together(app, first, working(app, take_long), second)
    assert str(answers[1]) == "interrupted"
    assert [answers[0].status_code, answers[2].status_code] == [201, 201]
    # Each in a transaction of its own, in any order.
    assert sorted(names_of(app)) == ["Ada", "Eve"]
    database.close()


def test_who_has_no_time_left_when_its_turn_comes_is_not_run(app):
    database = app.extensions["leadbook"]
    ran = []

    def is_over():
        try:
            database.time_limit.require()
        except peewee.OperationalError:
            return True
        return False

    def call(pause):
        def pause_until_over():
            wait_until(is_over)
            pause()

        database.time_limit.hurry(0.001)
        return working(app, lambda: ran.append("late"))(pause_until_over)

    answers = together(app, posting(app, "Ada"), call)
    assert (answers[0].status_code, str(answers[1]), ran) == (201, "interrupted", [])


def test_who_waits_too_long_is_refused(app, tmp_path, monkeypatch):
    monkeypatch.setattr(connected_file, "LOCK_TIMEOUT_SECONDS", 1)
    with closing(sqlite3.connect(tmp_path / "leadbook.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _: posting(app, "Ada")(int), range(4)))
        other.execute("ROLLBACK")
    assert {each.json["error"]["code"] for each in answers} == {"DATABASE_UNAVAILABLE"}
    assert app.test_client().post("/leads", json=LEAD).status_code == 201
    assert names_of(app) == ["Ada"]


def test_many_are_spread_over_several_transactions(app, tmp_path, monkeypatch):
    monkeypatch.setattr(group_commit, "_MOST", 2)
    before = commits(tmp_path / "leadbook.db")
    answers = together(app, *(posting(app, f"Ada {number}") for number in range(5)))
    assert [each.status_code for each in answers] == [201] * 5
    # The first has two followers, as has the one after them.
    assert commits(tmp_path / "leadbook.db") == before + 2
    assert names_of(app) == [f"Ada {number}" for number in range(5)]


def test_erasure_among_others_is_complete_when_it_is_answered(app, tmp_path):
    lead = app.test_client().post("/leads", json=LEAD | {"name": "Wintermute"}).json
    erase = calling(app, "DELETE", f"/leads/{lead['id']}")
    answers = together(app, posting(app, "Before"), erase, posting(app, "After"))
    assert [each.status_code for each in answers] == [201, 204, 201]
    for file in tmp_path.iterdir():
        assert b"wintermute" not in file.read_bytes().lower()


def test_without_time_for_others_each_has_its_own_transaction(app, tmp_path, monkeypatch):
    monkeypatch.setattr(group_commit, "_LONGEST_SECONDS", -1)
    before = commits(tmp_path / "leadbook.db")
    together(app, *(posting(app, f"Ada {number}") for number in range(3)))
    assert commits(tmp_path / "leadbook.db") == before + 3


@pytest.mark.parametrize(("seconds", "pauses"), [(0, 2), (PATIENCE_SECONDS, 0)])
def test_who_is_alone_pauses_only_if_commits_are_slow(app, monkeypatch, seconds, pauses):
    monkeypatch.setattr(group_commit, "_SLOW_COMMIT_SECONDS", seconds)
    paused = []
    # How slow they are is not known before the first one.
    for _ in range(3):
        posting(app, "Ada")(lambda: paused.append(1))
    assert len(paused) == pauses


def test_large_request_shares_its_transaction_with_nobody(app, monkeypatch):
    monkeypatch.setattr(group_commit, "_SLOW_COMMIT_SECONDS", 0)
    posting(app, "Ada")(int)
    paused = []
    for count in (1, 500):
        batch = calling(app, "POST", "/leads/batch", json={"create": count * [LEAD]})
        assert batch(lambda count=count: paused.append(count)).status_code == 200
    assert paused == [1]


def test_lost_transaction_is_noticed_whatever_the_error(app):
    def run_out_of_memory():
        # As SQLite does it.
        current.connection().rollback()
        raise MemoryError

    answers = together(
        app, posting(app, "Ada"), working(app, run_out_of_memory), posting(app, "Eve")
    )
    assert isinstance(answers.pop(1), MemoryError)
    assert [each.status_code for each in answers] == [201, 201]
    assert sorted(names_of(app)) == ["Ada", "Eve"]


class GivenUpError(BaseException):
    pass


def test_who_is_interrupted_while_it_waits_leaves_nobody_waiting(app, monkeypatch):
    database = app.extensions["leadbook"]
    # It would lead next.
    monkeypatch.setattr(group_commit, "_LONGEST_SECONDS", -1)
    monkeypatch.setattr(connected_file, "LOCK_TIMEOUT_SECONDS", 1)

    def give_up(self, seconds):
        raise GivenUpError

    def leave(pause):
        with monkeypatch.context() as patch:
            patch.setattr(group_commit._Member, "is_told_within", give_up)
            with pytest.raises(GivenUpError), database.use():
                database.group.run(int, pause)

    together(app, leave)
    assert posting(app, "Ada")(int).status_code == 201


class Kept:
    pass


def test_write_is_freed_without_the_garbage_collector(app):
    references = []

    def using(*, is_refused=False):
        kept = Kept()
        references.append(weakref.ref(kept))

        def work():
            assert kept
            if is_refused:
                raise ValueError("refused")

        return working(app, work)

    def refused(pause):
        # Without pytest.raises, which keeps the error.
        with suppress(ValueError):
            using(is_refused=True)(pause)

    gc.collect()
    gc.disable()
    try:
        using()(int)
        refused(int)
        together(app, *(lambda pause, call=call: call(pause) for call in (using(), refused)))
        left = [each for each in references if each()]
    finally:
        gc.enable()
    assert len(references) == 4
    assert not left


def twice(self, work, _):
    """Run the work of a write, roll back, and run it again, as after a lost transaction."""
    with self._database.write():
        with suppress(ZeroDivisionError), self._database.part():
            work()
            raise ZeroDivisionError
        return work()


def test_each_write_may_run_again(app, monkeypatch):
    client = app.test_client()
    monkeypatch.setattr(group_commit.GroupCommit, "run", twice)
    headers = {"Idempotency-Key": "k1"}
    lead = client.post("/leads", json=LEAD | {"custom": {"room": 7}}, headers=headers)
    assert (lead.status_code, lead.json["custom"]) == (201, {"room": 7})
    path = f"/leads/{lead.json['id']}"
    changed = client.put(path, json={"name": "Eve"}, headers={"If-Match": '"1"'})
    assert (changed.json["name"], changed.json["version"]) == ("Eve", 2)
    items = {"create": [LEAD], "update": [{"id": lead.json["id"], "score": 5}]}
    batch = client.post("/leads/batch", json=items)
    assert batch.status_code == 200, batch.json
    converted = client.post(f"{path}/convert", json={"name": "Ada & Co"})
    assert converted.status_code == 201
    hook = client.post("/webhooks", json={"url": "https://hooks.test/", "events": ["lead.*"]})
    assert hook.status_code == 201, hook.json
    archive = partial(client.delete, f"/clients/{converted.json['id']}")
    assert [archive().status_code, archive().status_code] == [200, 200]
    types = [each["type"] for each in client.get("/events").json["data"]]
    assert types == [
        "lead.created", "lead.updated", "lead.created", "lead.updated",
        "client.created", "lead.converted", "client.archived",
    ]  # fmt: skip
