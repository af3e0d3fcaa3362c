"""Webhooks of a real server: nothing is lost when it is killed, and nobody waits for a receiver."""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest
from places import TESTS
from receivers import OK
from standardwebhooks import Webhook
from waiting import wait_until

from leadbook.app import create_app

HASTY = (str(TESTS / "hasty_server.py"), "serve")
HERE = ("--webhook-targets", "127.0.0.1")
REDIRECT = b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"
FAILURE = b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"


def subscribe(ask, receiver, host="127.0.0.1", **fields):
    new = {"url": f"http://{host}:{receiver.port}/", "events": ["lead.*", "client.*"]} | fields
    status, webhook = ask("POST", "/webhooks", new)
    assert status == 201, webhook
    return webhook


def add_leads(ask, count, first=0):
    for number in range(first, first + count):
        lead = {"name": f"Lead {number}", "email": f"lead{number}@engines.test"}
        assert ask("POST", "/leads", lead)[0] == 201


def numbers(receiver):
    return [json.loads(body)["data"]["event"]["number"] for _, _, body in list(receiver.requests)]


class Unreliable:
    """Fails at random, in every way that a receiver can."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        # The numbers of the events that it has taken.
        self.taken = []
        self.requests = []

    def __call__(self, connection, receiver):
        line, headers, body = receiver.requests[-1]
        self.requests.append((headers, body))
        failure = self.dice.choice((*["none"] * 5, "500", "reset", "slow", "302", "hang"))
        if failure == "500":
            connection.sendall(FAILURE)
        elif failure == "302":
            connection.sendall(REDIRECT)
        elif failure == "slow":
            receiver.drip(connection, b"H")
        elif failure == "hang":
            connection.recv(1)
        elif failure == "none":
            assert line == "POST / HTTP/1.1"
            self.taken.append(json.loads(body)["data"]["event"]["number"])
            connection.sendall(OK)


def check_deliveries(start_server, receive, path, count, kills):
    unreliable = Unreliable(seed=kills)
    receiver, dead = receive(unreliable), receive(lambda connection, _: connection.recv(1))
    server = start_server("--database", str(path), *HERE, command=HASTY)
    subscribe(server.request, dead)
    webhook = subscribe(server.request, receiver)
    for kill in range(kills):
        add_leads(server.request, count // kills, first=kill * (count // kills))
        wanted = random.Random(kill).randrange(kill * (count // kills), (kill + 1) * count // kills)
        wait_until(lambda wanted=wanted: len(set(unreliable.taken)) >= wanted)
        server.stop(signal.SIGKILL)
        server = start_server("--database", str(path), *HERE, command=HASTY)
    events = []
    while True:
        status, page = server.request("GET", f"/events?after={len(events)}")
        assert status == 200
        events += page["data"]
        if not page["pagination"]["hasMore"]:
            break
    wait_until(lambda: unreliable.taken and unreliable.taken[-1] == len(events))
    # Each one arrives, in order; only the one that was under way may come again.
    assert list(dict.fromkeys(unreliable.taken)) == [event["number"] for event in events]
    sent = [json.loads(body)["data"]["event"]["number"] for _, body in unreliable.requests]
    assert sent == sorted(sent)
    ids = {}
    for headers, body in unreliable.requests:
        message = Webhook(webhook["secret"]).verify(body, headers)
        number = message["data"]["event"]["number"]
        assert ids.setdefault(number, headers["webhook-id"]) == headers["webhook-id"]
        assert message["data"]["event"]["type"] == events[number - 1]["type"]
    assert len(set(ids.values())) == len(events)
    assert set(numbers(dead)) == {1}


def test_all_events_arrive_in_order_whatever_fails(start_server, receive, path):
    check_deliveries(start_server, receive, path, count=12, kills=2)


@pytest.mark.long
def test_all_events_arrive_over_ten_kills(start_server, receive, path):
    check_deliveries(start_server, receive, path, count=200, kills=10)


def test_slow_receiver_delays_no_other_and_not_the_end(start_server, receive, path):
    server = start_server("--database", str(path), *HERE)
    # Ten seconds each, with a retry after five.
    slow, receiver = receive(lambda connection, _: connection.recv(1)), receive()
    stuck = subscribe(server.request, slow)
    subscribe(server.request, receiver)
    add_leads(server.request, 20)
    wait_until(lambda: len(receiver.requests) == 20)
    assert numbers(receiver) == [*range(1, 21)]
    _, shown = server.request("GET", f"/webhooks/{stuck['id']}/deliveries")
    assert shown["after"] == 0
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ping_that_hangs_delays_neither_exports_nor_the_end(start_server, receive, path, workers):
    server = start_server("--database", str(path), *HERE, "--workers", workers)
    slow = receive(lambda connection, _: connection.recv(1))
    test = f"/webhooks/{subscribe(server.request, slow)['id']}/test"
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(server.request("POST", test)))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    # Two of each process hang; the others are told so.
    wait_until(lambda: len(answers) >= 12 - 2 * int(workers))
    assert {(status, body["error"]["code"]) for status, body in answers} == {(503, "TOO_BUSY")}
    assert server.request("GET", "/leads/export?format=jsonl")[0] == 200
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 5
    for thread in threads:
        thread.join()
    ended = [body for status, body in answers if status == 200]
    assert len(ended) == len(slow.requests) > 0
    assert {body["error"] for body in ended} == {"the server ends"}


@pytest.mark.parametrize("workers", ["2", pytest.param("1", marks=pytest.mark.long)])
def test_one_of_several_processes_delivers(start_server, receive, path, workers):
    options = ("--database", str(path), *HERE, "--workers", workers)
    servers = [start_server(*options, command=HASTY) for _ in range(2)]
    receiver = receive()
    subscribe(servers[0].request, receiver)
    for number, server in enumerate(servers * 10):
        add_leads(server.request, 1, first=number)
    wait_until(lambda: len(receiver.requests) >= 20)
    servers[0].stop(signal.SIGKILL)
    # Whichever of them has delivered, the other one goes on.
    add_leads(servers[1].request, 5, first=20)
    wait_until(lambda: len(set(numbers(receiver))) == 25)
    assert list(dict.fromkeys(numbers(receiver))) == [*range(1, 26)]
    # What was under way at the kill is sent again, and nothing else.
    assert len(receiver.requests) <= 26


def test_ended_process_leaves_the_lease_to_the_next(start_server, receive, path):
    receiver = receive()
    server = start_server("--database", str(path), *HERE)
    subscribe(server.request, receiver)
    for number in range(2):
        add_leads(server.request, 1, first=number)
        wait_until(lambda number=number: len(receiver.requests) == number + 1)
        server.stop()
        server = start_server("--database", str(path), *HERE)
    assert numbers(receiver) == [1, 2]


def test_no_way_into_the_house(start_server, receive, path):
    server = start_server("--database", str(path))
    receiver = receive()
    webhook = subscribe(server.request, receiver, host="localhost")
    add_leads(server.request, 1)
    _, ping = server.request("POST", f"/webhooks/{webhook['id']}/test")
    assert (ping["status"], ping["error"]) == (None, "forbidden address")

    def is_tried():
        _, shown = server.request("GET", f"/webhooks/{webhook['id']}/deliveries")
        return shown["failures"] >= 1

    wait_until(is_tried)
    assert receiver.connected == 0


def test_test_mode_sends_nothing_by_itself(start_server, receive, path):
    server = start_server("--database", str(path), "--test-mode")
    receiver = receive()
    subscribe(server.request, receiver)
    add_leads(server.request, 1)
    # Longer than a server takes to look.
    status, waited = server.request("GET", "/events?after=1&wait=1")
    assert (status, waited["data"], receiver.connected) == (200, [], 0)
    status, sent = server.request("POST", "/_test/webhooks/deliver")
    assert [each["status"] for each in sent["data"]] == [200]
    assert len(receiver.requests) == 1


def run_deliver(*arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "leadbook.cli", "deliver", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_command_delivers_beside_another_server(receive, path, monkeypatch):
    monkeypatch.setenv("LEADBOOK_WEBHOOK_TARGETS", "127.0.0.1")
    app, receiver = create_app({"DATABASE": path}), receive()
    client = app.test_client()

    def ask(method, path, body):
        answer = client.open(path, method=method, json=body)
        return answer.status_code, answer.json

    with closing(app.extensions["leadbook"]):
        subscribe(ask, receiver)
        add_leads(ask, 2)
        with run_deliver("--database", str(path)) as process:
            assert process.stdout.readline().startswith("Leadbook delivers the webhooks of ")
            add_leads(ask, 2, first=2)
            wait_until(lambda: len(receiver.requests) == 4)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
    assert numbers(receiver) == [1, 2, 3, 4]


def test_command_makes_no_database(path):
    with run_deliver("--database", str(path)) as process:
        _, told = process.communicate()
    assert (process.returncode, told) == (1, f"leadbook: There is no database {path}.\n")
    assert not path.exists()
