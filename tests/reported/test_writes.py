"""Writers at the same time, and requests that are sent again."""

from concurrent.futures import ThreadPoolExecutor

import pytest

WRITERS = 6


@pytest.fixture
def at_once():
    """Return a function that calls another in several threads, and returns what they return."""

    def at_once(call):
        with ThreadPoolExecutor(WRITERS) as pool:
            return [*pool.map(call, range(WRITERS))]

    return at_once


def test_of_equal_clients_at_once_one_is_created(ask, at_once):
    """hedgedoc/hedgedoc#6875, SandeepVashishtha/Eventra#19012: several accounts, or a 500."""
    answers = at_once(lambda _: ask("POST", "/clients", {"name": "Ada", "email": "a@b.example"}))
    assert sorted(answer.status for answer in answers) == [201] + [409] * (WRITERS - 1)
    [client] = ask("GET", "/clients").json["data"]
    refused = [answer.error["details"][0] for answer in answers if answer.status == 409]
    assert {detail["existingId"] for detail in refused} == {client["id"]}


def test_edits_of_different_fields_do_not_undo_each_other(ask, post, at_once):
    """coleifer/peewee#469: saving a record wrote every column, also those of other writers."""
    fields = ("phone", "company", "source", "notes", "score", "name")
    path = f"/leads/{post()['id']}"
    values = {name: 42 if name == "score" else "new" for name in fields}
    answers = at_once(lambda n: ask("PUT", path, {fields[n]: values[fields[n]]}))
    assert {answer.status for answer in answers} == {200}
    assert {answer.json["version"] for answer in answers} == set(range(2, WRITERS + 2))
    assert ask("GET", path).json.items() >= values.items()


def test_of_edits_of_one_version_one_is_stored(ask, post, at_once):
    """epam/ai-dial-admin-frontend#540: the second save silently undid the first one."""
    path = f"/leads/{post()['id']}"
    answers = at_once(lambda n: ask("PUT", path, {"score": n + 1}, If_Match='"1"'))
    assert sorted(answer.status for answer in answers) == [200] + [412] * (WRITERS - 1)
    [stored] = [answer.json for answer in answers if answer.status == 200]
    assert ask("GET", path).json == stored


def test_of_conversions_at_once_one_makes_the_client(ask, post, at_once):
    """c15t/c15t#861: the check for a duplicate was outside the transaction."""
    path = f"/leads/{post()['id']}/convert"
    answers = at_once(lambda _: ask("POST", path))
    assert sorted(answer.status for answer in answers) == [200] * (WRITERS - 1) + [201]
    assert len({answer.json["id"] for answer in answers}) == 1
    assert ask("GET", "/clients?status=all").json["pagination"]["total"] == 1


def test_request_that_is_sent_again_creates_nothing_again(ask):
    """ulsklyc/yuvomi#822: the key was taken, and a second record was created."""
    body = {"name": "Ada", "email": "ada@engines.example"}
    first, again = [ask("POST", "/leads", body, Idempotency_Key="order 1") for _ in range(2)]
    assert (first.status, again.status) == (201, 201)
    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    other = ask("POST", "/leads", body | {"name": "Bob"}, Idempotency_Key="order 1")
    assert (other.status, other.error["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert ask("GET", "/leads").json["data"] == [first.json]


def test_request_that_is_sent_again_at_once_creates_one_record(ask, at_once):
    """Kegbot/kegbot-server#359: a client that ran into a timeout reported everything twice."""
    body = {"name": "Ada", "email": "ada@engines.example"}
    answers = at_once(lambda _: ask("POST", "/leads", body, Idempotency_Key="order 2"))
    assert {answer.status for answer in answers} <= {201, 409}
    [lead] = ask("GET", "/leads").json["data"]
    assert {answer.json["id"] for answer in answers if answer.status == 201} == {lead["id"]}
    codes = {answer.error["code"] for answer in answers if answer.status == 409}
    assert codes <= {"IDEMPOTENCY_KEY_IN_USE"}


def test_answer_that_was_lost_is_not_lost_to_the_retry(ask, leadbook):
    """wiremock/wiremock#1036: the retry after a reset connection met another state."""
    leadbook.fail("POST", "/leads", drop="after")
    body = {"name": "Ada", "email": "ada@engines.example"}
    with pytest.raises(ConnectionError):
        ask("POST", "/leads", body, Idempotency_Key="order 3")
    again = ask("POST", "/leads", body, Idempotency_Key="order 3")
    assert (again.status, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert ask("GET", "/leads").json["data"] == [again.json]


def test_patch_changes_the_fields_that_it_names(ask, post):
    """keygen-sh/keygen-api#303: a PATCH was taken without a word, and changed nothing."""
    path = f"/leads/{post(phone='1')['id']}"
    for media_type in ("application/json", "application/merge-patch+json"):
        data = '{"phone": null, "company": "Engines"}'
        changed = ask("PATCH", path, data=data, Content_Type=media_type)
        assert (changed.status, changed.json["phone"]) == (200, None)
        assert (changed.json["company"], changed.json["name"]) == ("Engines", "Ada")
    assert ask("PATCH", path, {"name": None}).status == 400
