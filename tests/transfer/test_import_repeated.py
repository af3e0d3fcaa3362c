"""An import that is told, stopped, taken up again and repeated."""

import json
import threading

import peewee
import pytest

from leadbook.app import create_app
from leadbook.storage import idempotency
from leadbook.transfer import importing

FULL = peewee.OperationalError("database or disk is full")
KEY = {"Idempotency-Key": "once"}


def people(count, first=0):
    rows = (f"Name {number},n{number}@a.test\n" for number in range(first, first + count))
    return "name,email\n" + "".join(rows)


def post(client, text, path="/leads/import", media_type="text/csv", **headers):
    data = text if isinstance(text, bytes) else text.encode(errors="surrogatepass")
    return client.post(path, data=data, content_type=media_type, headers=headers or KEY)


def total(client):
    return client.get("/leads?limit=1").json["pagination"]["total"]


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 10)
    monkeypatch.setattr(importing, "PARTS", 1)


@pytest.fixture
def fail(monkeypatch):
    """Have the writes after so many batches fail, as on a full disk."""

    def fail(batches, error=FULL):
        put, left = importing.put, [batches]

        def put_some(*arguments):
            left[0] -= 1
            if left[0] == -1:
                raise error
            return put(*arguments)

        monkeypatch.setattr(importing, "put", put_some)

    return fail


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/x-ndjson", b'{"name":"A","email":"a@b.test","\\ud800":"x"}\n'),
        ("application/x-ndjson", b'{"name":"A","email":"a@b.test","\\ud800":1,"\\ud800":2}\n'),
        ("application/x-ndjson", b'{"name":"A","email":"a@b.test","status":"\\udfff"}\n'),
        ("text/csv", b"name,email,h\xffh\nA,a@b.test,x\n"),
        ("text/csv", b"name,email,status\nA,a@b.test,\xff\n"),
        ("text/csv", b"name,h\xffh\nA,a@b.test\n"),
        ("text/csv", b"Em\x1b[31mail,email,name\n,a@b.test,A\n"),
    ],
)
@pytest.mark.parametrize("query", ["", "?dryRun=true", "?strict=true"])
def test_whatever_is_in_the_file_the_answer_tells_what_was_kept(client, media_type, body, query):
    answer = post(client, body, f"/leads/import{query}", media_type, Accept="*/*")
    assert answer.status_code in (200, 400), answer.text
    answer.text.encode()
    json.dumps(answer.json).encode()
    kept = answer.json["created"] if answer.status_code == 200 and "dry" not in query else 0
    assert total(client) == kept


@pytest.mark.parametrize("query", ["", "?onDuplicate=skip"])
def test_full_disk_tells_how_far_it_came_and_the_rest_can_follow(client, fail, monkeypatch, query):
    text = people(35).replace(",n3@", ",none").replace("Name 12", '"Two\nlines"')
    fail(2)
    answer = post(client, text, f"/leads/import{query}", Accept="*/*")
    error = answer.json["error"]
    assert (answer.status_code, error["code"]) == (503, "DATABASE_UNAVAILABLE")
    [told] = error["details"]
    # One of the twenty rows was rejected.
    assert (told["rows"], told["line"]) == (19, 22)
    assert "19 rows are stored." in told["message"]
    assert "fromLine=23" in told["message"]
    assert total(client) == 19
    monkeypatch.undo()
    rest = post(client, text, "/leads/import?fromLine=23", Accept="*/*")
    assert (rest.json["rows"], rest.json["created"]) == (15, 15)
    emails = {each["email"] for each in client.get("/leads?limit=100").json["data"]}
    assert (total(client), len(emails)) == (34, 34)


def test_any_other_error_tells_it_too(client, fail):
    fail(1, RuntimeError("a fault of ours"))
    answer = post(client, people(35), Accept="*/*")
    assert (answer.status_code, answer.json["error"]["details"][0]["rows"]) == (500, 10)
    assert total(client) == 10


@pytest.mark.parametrize("query", ["?strict=true", "?dryRun=true"])
def test_all_or_nothing_says_that_nothing_was_done(client, fail, query):
    fail(2)
    answer = post(client, people(35), f"/leads/import{query}", Accept="*/*")
    [told] = answer.json["error"]["details"]
    assert (answer.status_code, told["rows"]) == (503, 0)
    assert total(client) == 0


def test_same_file_with_the_same_key_is_imported_once(client):
    first, second = post(client, people(35)), post(client, people(35))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.data == second.data
    assert first.json["created"] == 35
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert total(client) == 35


def test_same_key_for_another_file_is_a_conflict(client):
    post(client, people(5))
    for again in (
        post(client, people(6)),
        post(client, people(5), "/leads/import?onDuplicate=skip"),
        post(client, people(5), "/clients/import"),
        post(client, people(5), media_type="application/x-ndjson"),
    ):
        assert (again.status_code, again.json["error"]["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert total(client) == 5


def test_stopped_import_goes_on_with_its_key(client, create_client, fail, monkeypatch):
    text = people(35).replace(",n3@", ",none").replace("email\n", "email,status,other\n")
    text = text.replace(".test\n", ".test,Hmm,\n")
    plain = post(create_client(), text, Accept="*/*").json
    fail(2)
    stopped = post(client, text)
    assert (stopped.status_code, total(client)) == (503, 19)
    monkeypatch.undo()
    monkeypatch.setattr(importing, "BATCH", 10)
    monkeypatch.setattr(importing, "PARTS", 1)
    done = post(client, text)
    assert done.status_code == 200
    assert done.json == plain
    assert total(client) == plain["created"]
    assert post(client, text).data == done.data


@pytest.fixture
def create_client(tmp_path):
    apps = []

    def create():
        folder = tmp_path / str(len(apps))
        folder.mkdir()
        apps.append(create_app({"DATABASE": folder / "leadbook.db"}))
        return apps[-1].test_client()

    yield create
    for each in apps:
        each.extensions["leadbook"].close()


def test_two_at_once_import_nothing_twice(app, client, monkeypatch):
    read, meet = importing.read_rows, threading.Barrier(2)

    def read_together(source):
        # Both have seen the key before either has stored anything.
        meet.wait(timeout=30)
        yield from read(source)

    monkeypatch.setattr(importing, "read_rows", read_together)
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(post(app.test_client(), people(55))))
        for _ in range(2)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert total(client) == 55
    codes = sorted(each.status_code for each in answers)
    assert codes in ([200, 409], [200, 200])
    for each in answers:
        if each.status_code == 409:
            assert each.json["error"]["code"] == "IDEMPOTENCY_KEY_IN_USE"
            assert each.headers["Retry-After"]


@pytest.mark.parametrize("is_stopped", [False, True])
def test_report_keeps_no_word_of_who_is_erased(app, client, fail, monkeypatch, is_stopped):
    text = people(25).replace("Name 1,", "Unforgettable,")
    text = text.replace("email\n", "email,status\n").replace(".test\n", ".test,\n")
    text = text.replace("n1@a.test,", "n1@a.test,Unforgettable")
    if is_stopped:
        fail(2)
    post(client, text)
    for lead in client.get("/leads?search=n1@").json["data"]:
        client.delete(f"/leads/{lead['id']}")
    for file in app.extensions["leadbook"].path.parent.iterdir():
        assert b"Unforgettable" not in file.read_bytes()
    monkeypatch.undo()
    again = post(client, text)
    assert (again.json["rows"], again.json["created"], again.json["shown"]) == (25, 25, [])
    assert total(client) == 24
    with app.extensions["leadbook"].use():
        [kept] = idempotency.StoredAnswer.select()
    assert b"Unforgettable" not in bytes(kept.body)


def test_dry_run_and_strict_may_have_a_key(client):
    dry = [post(client, people(5), "/leads/import?dryRun=true") for _ in range(2)]
    assert dry[0].data == dry[1].data
    assert total(client) == 0
    other = {"Idempotency-Key": "another"}
    for _ in range(2):
        assert post(client, people(35), "/leads/import?strict=true", **other).json["rows"] == 35
    assert total(client) == 35


@pytest.mark.parametrize("query", ["", "?strict=true"])
def test_rows_are_told_where_only_the_last_report_cannot_be_kept(app, client, query):
    stop = "CREATE TRIGGER stop BEFORE INSERT ON stored_answers WHEN new.status = 200 BEGIN"
    with app.extensions["leadbook"].use() as database:
        database.execute_sql(f"{stop} SELECT raise(ABORT, 'no room'); END")
        answer = post(client, people(25), f"/leads/import{query}")
        assert (answer.status_code, total(client)) == (500, 25)
        [detail] = answer.json["error"]["details"]
        assert (detail["rows"], detail["line"]) == (25, 26)
        database.execute_sql("DROP TRIGGER stop")
    report = post(client, people(25), f"/leads/import{query}").json
    assert (report["rows"], report["created"], total(client)) == (25, 25, 25)


def test_dry_run_whose_report_cannot_be_kept_has_done_nothing(app, client):
    stop = "CREATE TRIGGER stop BEFORE INSERT ON stored_answers BEGIN"
    with app.extensions["leadbook"].use() as database:
        database.execute_sql(f"{stop} SELECT raise(ABORT, 'no room'); END")
    answer = post(client, people(25), "/leads/import?dryRun=true")
    assert (answer.status_code, total(client)) == (500, 0)
    [detail] = answer.json["error"]["details"]
    assert (detail["message"], detail["rows"]) == ("Nothing was imported.", 0)
