"""The thread that delivers: what goes wrong with one webhook, or once, does not end it."""

import threading
from contextlib import closing

import pytest
from waiting import wait_until

from leadbook.app import create_app
from leadbook.webhooks import courier, messages, tries
from leadbook.webhooks.courier import delivering
from leadbook.webhooks.targets import a_policy


@pytest.fixture
def app(path):
    app = create_app({"DATABASE": path, "WEBHOOK_TARGETS": "127.0.0.1"})
    with closing(app.extensions["leadbook"]):
        yield app


@pytest.fixture
def subscribe(client, receive):
    def subscribe(**fields):
        receiver = receive()
        new = {"url": f"http://127.0.0.1:{receiver.port}/", "events": ["lead.*"]} | fields
        return client.post("/webhooks", json=new).json, receiver

    return subscribe


def deliver(app):
    return delivering(app.extensions["leadbook"], a_policy("127.0.0.1"))


def test_error_of_a_try_counts_as_a_failure(app, client, subscribe, make_lead, monkeypatch):
    webhook, receiver = subscribe()
    send, errors = messages.Message.send, [MemoryError()]

    def fail_once(*arguments):
        if errors:
            raise errors.pop()
        return send(*arguments)

    monkeypatch.setattr(messages.Message, "send", fail_once)
    make_lead()
    path = f"/webhooks/{webhook['id']}"
    with deliver(app):
        wait_until(lambda: client.get(f"{path}/deliveries").json["failures"] == 1)
        [failed] = client.get(f"{path}/deliveries").json["data"]
        assert (failed["error"], failed["status"]) == ("internal error", None)
        client.put(path, json={"active": True})
        wait_until(lambda: len(receiver.requests) == 1)


def test_error_of_a_look_does_not_end_it(app, subscribe, make_lead, monkeypatch):
    _, receiver = subscribe()
    due, errors = tries.Agenda.due, [RuntimeError("Only once.")]

    def fail_once(*arguments):
        if errors:
            raise errors.pop()
        return due(*arguments)

    monkeypatch.setattr(tries.Agenda, "due", fail_once)
    make_lead()
    with deliver(app):
        wait_until(lambda: len(receiver.requests) == 1)
    assert not errors


def test_webhook_that_is_removed_while_its_place_moves_harms_nobody(
    app, client, subscribe, make_lead, monkeypatch, caplog
):
    removed, _ = subscribe(events=["client.archived"])
    _, receiver = subscribe()
    monkeypatch.setattr(tries, "_FAR", 1)
    find, is_removed = tries.next_message, threading.Event()

    def remove_first(webhook, place):
        found = find(webhook, place)
        if webhook.id == removed["id"] and not is_removed.is_set():
            # By another thread, as a request would.
            thread = threading.Thread(target=client.delete, args=(f"/webhooks/{webhook.id}",))
            thread.start()
            thread.join()
            is_removed.set()
        return found

    monkeypatch.setattr(tries, "next_message", remove_first)
    with deliver(app):
        make_lead()
        wait_until(is_removed.is_set)
        make_lead()
        wait_until(lambda: len(receiver.requests) == 2)
    assert not caplog.messages
    assert [each["url"] for each in client.get("/webhooks").json["data"]] == [
        f"http://127.0.0.1:{receiver.port}/"
    ]


def test_locked_database_is_told_once_and_waited_for(
    app, subscribe, make_lead, monkeypatch, caplog
):
    _, receiver = subscribe()
    monkeypatch.setattr(courier, "_IDLE_SECONDS", 0.01)
    make_lead()
    is_locked = True
    store = courier.store

    def refuse(done):
        if is_locked:
            raise courier.peewee.OperationalError("database is locked")
        return store(done)

    monkeypatch.setattr(courier, "store", refuse)
    with deliver(app):
        wait_until(lambda: receiver.requests)
        wait_until(lambda: caplog.messages)
        make_lead()
        is_locked = False
        wait_until(lambda: len(receiver.requests) == 2)
    assert caplog.messages == ["Webhooks wait for the database: database is locked"]
    # What was sent before is not sent again.
    assert len({headers["webhook-id"] for _, headers, _ in receiver.requests}) == 2


def test_replay_while_its_place_moves_is_not_undone(app, client, subscribe, make_lead, monkeypatch):
    webhook, receiver = subscribe(events=["lead.deleted"])
    lead = make_lead()
    client.delete(f"/leads/{lead['id']}")
    path = f"/webhooks/{webhook['id']}"
    client.post(f"{path}/replay", json={"after": 2})
    make_lead()
    monkeypatch.setattr(tries, "_FAR", 1)
    find, is_replayed = tries.next_message, threading.Event()

    def replay_first(webhook, place):
        found = find(webhook, place)
        if not is_replayed.is_set():
            request = {"target": client.post, "args": (f"{path}/replay",)}
            thread = threading.Thread(**request, kwargs={"json": {"after": 0}})
            thread.start()
            thread.join()
            is_replayed.set()
        return found

    monkeypatch.setattr(tries, "next_message", replay_first)
    with deliver(app):
        wait_until(lambda: len(receiver.requests) == 1)
    assert is_replayed.is_set()
