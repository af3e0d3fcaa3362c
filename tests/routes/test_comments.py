"""Comments of tickets: their list, changes, versions and paths, and what they do to the ticket."""

import http.client
import json
from threading import Barrier, Thread
from urllib.parse import urlsplit

import pytest
from flask import Flask
from repeated_posts import post
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from leadbook.app import create_app
from leadbook.storage.clock import Clock
from leadbook.testing import running_server


@pytest.fixture
def clock(time):
    return Clock(lambda: time[0])


@pytest.fixture
def ticket(client):
    return client.post("/tickets", json={"subject": "The engine stops"}).json


@pytest.fixture
def path(ticket):
    return f"/tickets/{ticket['id']}/comments"


def add(client, path, text="It hums.", **fields):
    answer = client.post(path, json={"text": text} | fields)
    assert answer.status_code == 201, answer.json
    return answer.json


def texts(client, path, **query):
    answer = client.get(path, query_string=query)
    assert answer.status_code == 200, answer.json
    return [each["text"] for each in answer.json["data"]]


def status_of(client, ticket):
    return client.get(f"/tickets/{ticket['id']}").json["status"]


def found(client, words):
    return client.get("/tickets", query_string={"search": words}).json["pagination"]["total"]


def test_comment_has_the_path_of_its_ticket(client, ticket, path):
    answer = client.post(path, json={"text": " It hums.\r\nLoudly. "})
    comment = answer.json
    assert (answer.status_code, answer.headers["ETag"]) == (201, '"1"')
    assert answer.headers["Location"] == f"{path}/{comment['id']}"
    assert client.get(answer.headers["Location"]).json == comment
    known = {name: comment[name] for name in ("ticketId", "text", "author", "internal", "version")}
    assert known == {
        "ticketId": ticket["id"], "text": "It hums.\nLoudly.", "author": None, "internal": False,
        "version": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"text": None}, "text"),
        ({"text": " "}, "text"),
        ({"text": "a" * 20_001}, "text"),
        ({"author": "a" * 101}, "author"),
        ({"internal": "yes"}, "internal"),
        ({"internal": None}, "internal"),
        ({"txt": "a"}, "txt"),
    ],
)
def test_wrong_field_is_named(client, path, fields, field):
    comment = add(client, path)
    for answer in (
        client.post(path, json={"text": "a"} | fields),
        client.put(f"{path}/{comment['id']}", json=fields),
    ):
        assert answer.status_code == 400
        assert [each["field"] for each in answer.json["error"]["details"]] == [field]
    assert client.get(path).json["data"] == [comment]


def test_comment_needs_its_text(client, path):
    answer = client.post(path, json={})
    assert [each["field"] for each in answer.json["error"]["details"]] == ["text"]


def test_list_is_oldest_first_and_walked_by_cursor(client, path, time):
    for number in range(5):
        time[0] += 1000
        add(client, path, f"comment {number}", internal=number % 2 == 1)
    other = client.post("/tickets", json={"subject": "a"}).json
    add(client, f"/tickets/{other['id']}/comments", "of another one")
    everything = [f"comment {number}" for number in range(5)]
    assert texts(client, path) == everything
    assert texts(client, path, order="desc", limit=2) == everything[:2:-1]
    assert texts(client, path, page=2, limit=2) == everything[2:4]
    assert texts(client, path, internal="true") == everything[1::2]
    assert client.get(path, query_string={"search": "comment"}).status_code == 400
    query, walked = {"limit": 2}, []
    while query:
        page = client.get(path, query_string=query).json
        assert page["pagination"]["total"] == 5
        walked += [each["text"] for each in page["data"]]
        token = page["pagination"]["next"]
        query = token and {"cursor": token, "limit": 2}
    assert walked == everything


def test_list_names_its_pages(client, path):
    for number in range(3):
        add(client, path, f"comment {number}")
    answer = client.get(f"/v1{path}?limit=2&internal=false")
    following = answer.headers["Link"].partition(">")[0].removeprefix("<")
    assert f"/v1{path}?" in following
    assert [each["text"] for each in client.get(following).json["data"]] == ["comment 2"]
    unchanged = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (unchanged.status_code, unchanged.data) == (304, b"")


def test_cursor_of_another_ticket_is_refused(client, ticket, path):
    for number in range(2):
        add(client, path, f"comment {number}")
    token = client.get(f"{path}?limit=1").json["pagination"]["next"]
    other = client.post("/tickets", json={"subject": "a"}).json
    # The cache of queries knows the token by now, in which the other path has no part.
    assert client.get(f"{path}?cursor={token}").status_code == 200
    same = f"/tickets/{ticket['id'].upper()}/comments"
    assert client.get(f"{same}?cursor={token}").status_code == 200
    answer = client.get(f"/tickets/{other['id']}/comments?cursor={token}")
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json["error"]["details"]] == ["cursor"]
    assert client.get(f"/tickets?cursor={token}").status_code == 400


@pytest.mark.parametrize("query", ["ticketId=a", "sort=text", "author=a", "order=up"])
def test_other_parameters_are_refused(client, path, query):
    assert client.get(f"{path}?{query}").status_code == 400


def test_comment_of_another_ticket_is_not_found(client, ticket, path):
    comment = add(client, path)
    other = client.post("/tickets", json={"subject": "a"}).json
    for parent in (f"/tickets/{other['id']}", "/tickets/unknown", f"/tickets/{comment['id']}"):
        wrong = f"{parent}/comments/{comment['id']}"
        for method, body in (("GET", None), ("PUT", {"text": "b"}), ("DELETE", None)):
            assert client.open(wrong, method=method, json=body).status_code == 404
    assert client.get(f"{path}/{ticket['id']}").status_code == 404
    assert client.get("/tickets/unknown/comments").status_code == 404
    assert client.post("/tickets/unknown/comments", json={"text": "a"}).status_code == 404
    assert client.get(f"{path}/{comment['id'].upper()}").json == comment


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_change_needs_the_version_of_the_comment(client, path, method):
    comment = add(client, path, author="Grace")
    one = f"{path}/{comment['id']}"
    stale = client.open(one, method=method, json={"text": "b"}, headers={"If-Match": '"3"'})
    assert stale.status_code == 412
    answer = client.open(one, method=method, json={"text": "b"}, headers={"If-Match": '"1"'})
    assert (answer.status_code, answer.headers["ETag"]) == (200, '"2"')
    assert (answer.json["text"], answer.json["author"]) == ("b", "Grace")
    assert client.open(one, method=method, json=answer.json).json == answer.json
    assert client.get(one, headers={"If-None-Match": '"2"'}).status_code == 304
    assert client.delete(one, headers={"If-Match": '"1"'}).status_code == 412
    assert client.delete(one, headers={"If-Match": '"2"'}).status_code == 204
    assert client.get(one).status_code == client.delete(one).status_code == 404


def test_new_comment_may_need_the_version_of_the_ticket(client, ticket, path):
    # Nobody has said anything since it was read.
    tag = {"If-Match": client.get(f"/tickets/{ticket['id']}").headers["ETag"]}
    assert client.post(path, json={"text": "a"}, headers=tag).status_code == 201
    assert client.post(path, json={"text": "b"}, headers=tag).status_code == 412
    assert texts(client, path) == ["a"]


def test_count_is_what_the_ticket_shows(client, ticket, path):
    comment = add(client, path)
    add(client, path, internal=True)
    now = client.get(f"/tickets/{ticket['id']}").json
    assert (now["commentCount"], now["version"]) == (2, 3)
    client.put(f"{path}/{comment['id']}", json={"text": "b"})
    assert client.get(f"/tickets/{ticket['id']}").json == now
    client.delete(f"{path}/{comment['id']}")
    assert client.get(f"/tickets/{ticket['id']}").json["commentCount"] == 1


@pytest.mark.parametrize(
    ("status", "internal", "then"),
    [
        ("resolved", False, "open"),
        ("resolved", True, "resolved"),
        ("closed", False, "closed"),
        ("pending", False, "pending"),
    ],
)
def test_comment_that_is_shown_opens_a_resolved_ticket(
    client, ticket, path, status, internal, then
):
    client.put(f"/tickets/{ticket['id']}", json={"status": status})
    add(client, path, internal=internal)
    now = client.get(f"/tickets/{ticket['id']}").json
    assert now["status"] == then
    assert (now["resolvedAt"] is None) == (then in ("open", "pending"))


def test_internal_comment_that_is_shown_later_opens_it_too(client, ticket, path):
    hidden, shown = add(client, path, internal=True), add(client, path)
    client.put(f"/tickets/{ticket['id']}", json={"status": "resolved"})
    client.put(f"{path}/{hidden['id']}", json={"text": "still hidden"})
    client.put(f"{path}/{shown['id']}", json={"text": "b", "internal": False})
    client.put(f"{path}/{shown['id']}", json={"internal": True})
    assert status_of(client, ticket) == "resolved"
    client.put(f"{path}/{hidden['id']}", json={"internal": False})
    assert status_of(client, ticket) == "open"


def test_search_of_tickets_follows_the_comments_at_once(client, path):
    comment = add(client, path, "It hums.")
    assert (found(client, "hums"), found(client, "engine HUM")) == (1, 1)
    client.put(f"{path}/{comment['id']}", json={"text": "It rattles."})
    assert (found(client, "hums"), found(client, "rattles")) == (0, 1)
    client.delete(f"{path}/{comment['id']}")
    assert found(client, "rattles") == 0


def test_repeated_comment_is_made_once(client, ticket, path):
    first = post(client, path, json={"text": "a"})
    again = post(client, f"/v1{path}", json={"text": "a"})
    assert (again.status_code, again.json) == (201, first.json)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == f"/v1{first.headers['Location']}"
    assert client.get(f"/tickets/{ticket['id']}").json["commentCount"] == 1
    client.delete(first.headers["Location"])
    assert post(client, path, json={"text": "a"}).status_code == 410


@pytest.mark.parametrize("public", [None, "https://crm.example.com/tickets"])
def test_repeated_comment_has_the_prefix_of_its_request(tmp_path, public):
    own = create_app({"DATABASE": tmp_path / "leadbook.db", "PUBLIC_URL": public})
    # A mount that looks like a part of the API, as tenants may have it.
    mount = "/tickets/01a22194-9377-7000-a1e6-d423c0cee158"
    client = Client(DispatcherMiddleware(Flask("host"), {mount: own}))
    try:
        ticket = client.post(f"{mount}/tickets", json={"subject": "a"}).json
        path = f"{mount}/v1/tickets/{ticket['id']}/comments"
        first, again = (post(client, path, json={"text": "a"}) for _ in range(2))
        one = f"/v1/tickets/{ticket['id']}/comments/{first.json['id']}"
        assert first.headers["Location"] == again.headers["Location"] == f"{public or mount}{one}"
        assert "Idempotency-Replayed" in again.headers
    finally:
        own.extensions["leadbook"].close()


def test_erased_ticket_takes_its_comments_along(app, client, ticket, path):
    comment = add(client, path, "Unforgettable")
    client.put(f"{path}/{comment['id']}", json={"text": "Unmistakable"})
    post(client, path, json={"text": "Unrepeatable"})
    assert client.delete(f"/tickets/{ticket['id']}").status_code == 204
    assert client.get(f"{path}/{comment['id']}").status_code == 404
    assert_nowhere(app, b"Unforgettable", b"Unmistakable", b"Unrepeatable")
    kinds = [each["type"] for each in client.get("/events").json["data"]]
    assert kinds.count("comment.deleted") == 2


def test_erased_comment_is_nowhere(app, client, path):
    comment = post(client, path, json={"text": "Unforgettable", "author": "Unrepeatable"}).json
    client.put(f"{path}/{comment['id']}", json={"text": "Unmistakable"})
    add(client, path, "It stays.")
    assert client.delete(f"{path}/{comment['id']}").status_code == 204
    assert_nowhere(app, b"Unforgettable", b"Unmistakable", b"Unrepeatable")
    assert_nowhere(app, b"unforgettable", b"unmistakable")
    assert texts(client, path) == ["It stays."]


def assert_nowhere(app, *words):
    for file in app.extensions["leadbook"].path.parent.iterdir():
        assert not [word for word in words if word in file.read_bytes()], file.name


def test_comments_at_once_are_all_counted():
    with running_server() as leadbook:
        ticket = leadbook.client.post("/tickets", json={"subject": "a"}).json
        path, address = f"/tickets/{ticket['id']}/comments", urlsplit(leadbook.url).netloc
        together, answers = Barrier(16), []

        def say(number):
            connection = http.client.HTTPConnection(address, timeout=60)
            body, headers = json.dumps({"text": f"{number}"}), {"Content-Type": "application/json"}
            together.wait(timeout=60)
            connection.request("POST", path, body, headers)
            with connection.getresponse() as answer:
                answers.append((answer.status, json.loads(answer.read())["id"]))
            connection.close()

        threads = [Thread(target=say, args=(number,)) for number in range(16)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(timeout=60)
        assert {status for status, _ in answers} == {201}
        assert len({made for _, made in answers}) == 16
        now = leadbook.client.get(f"/tickets/{ticket['id']}").json
        assert (now["commentCount"], now["version"]) == (16, 17)


def test_comment_is_read_once_whatever_its_version(app, client, path):
    comment, seen = add(client, path), []
    database = app.extensions["leadbook"]
    with database.use():
        database.connection().set_trace_callback(seen.append)
        answer = client.get(f"{path}/{comment['id']}")
        database.connection().set_trace_callback(None)
    assert answer.status_code == 200
    assert len([each for each in seen if "FROM comments WHERE" in each.replace('"', "")]) == 1
