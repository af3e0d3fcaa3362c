"""Reminders of a real server: each comes once, whichever process serves, and however it ends."""

import json
import random
import signal
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from places import TESTS
from raw_sockets import connect
from waiting import wait_until

from leadbook.app import create_app

# It soon replaces a killed worker, and soon tries a receiver again.
HASTY = (str(TESTS / "hasty_server.py"), "serve")
ADA = {"name": "Ada", "email": "ada@engines.test"}
PLANNED_AT_ONCE = 50


def in_seconds(seconds):
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def plan(ask, lead, *seconds):
    """Plan follow-ups so many seconds from now, and return their ids."""
    new = [{"leadId": lead, "subject": "Call", "dueAt": in_seconds(each)} for each in seconds]
    status, done = ask("POST", "/follow-ups/batch", {"create": new})
    assert status == 200, done
    return done["created"]


class Announced:
    """The ids of the records that were announced so far, in order; any server may tell the rest."""

    def __init__(self):
        self.ids, self._place = [], 0

    def count(self, ask):
        has_more = True
        while has_more:
            status, page = ask("GET", f"/events?after={self._place}&limit=100")
            assert status == 200, page
            due = [each for each in page["data"] if each["type"] == "follow-up.due"]
            self.ids += [each["recordId"] for each in due]
            self._place, has_more = page["pagination"]["next"], page["pagination"]["hasMore"]
        return len(self.ids)


def check_reminders(start_server, path, kills):
    dice, announced, planned = random.Random(kills), Announced(), []
    options = [("--workers", "2"), ("--workers", "1")]

    def start(number):
        return start_server("--database", str(path), *options[number], command=HASTY)

    servers = [start(0), start(1)]
    lead = servers[0].request("POST", "/leads", ADA)[1]["id"]
    for turn in range(kills):
        killed, ask = turn % 2, servers[(turn + 1) % 2].request
        seconds = [dice.random() for _ in range(PLANNED_AT_ONCE)]
        planned += plan(ask, lead, *seconds)
        # After a number of them and not a time, so that it happens while others come.
        wanted = len(announced.ids) + dice.randrange(PLANNED_AT_ONCE)
        wait_until(lambda wanted=wanted, ask=ask: announced.count(ask) >= wanted)
        servers[killed].stop(signal.SIGKILL)
        servers[killed] = start(killed)
    wait_until(lambda: announced.count(servers[0].request) >= len(planned))
    # None comes again when the service stops, and starts after more of them have come.
    for server in servers:
        server.stop(signal.SIGKILL)
    server = start(0)
    planned += plan(server.request, lead, 0)
    wait_until(lambda: announced.count(server.request) > len(planned) - 1)
    assert sorted(announced.ids) == sorted(planned)
    for each in random.Random(1).sample(planned, 10):
        assert server.request("GET", f"/follow-ups/{each}")[1]["version"] == 1


def test_each_comes_once_over_kills(start_server, path):
    check_reminders(start_server, path, kills=2)


@pytest.mark.long
def test_thousand_come_once_each_over_twenty_kills(start_server, path):
    check_reminders(start_server, path, kills=20)


def test_stream_gets_a_reminder(server):
    lead = server.request("POST", "/leads", ADA)[1]["id"]
    with closing(connect(server)) as connection:
        head = "GET /events?after=now&type=follow-up.due HTTP/1.1\r\nHost: localhost\r\n"
        connection.sendall(f"{head}Accept: text/event-stream\r\n\r\n".encode())
        read = b""
        while b"retry: " not in read:
            read += received(connection)
        [planned] = plan(server.request, lead, 0.2)
        while b"\n\n" not in read.partition(b"data: ")[2]:
            read += received(connection)
    event = json.loads(read.partition(b"data: ")[2].partition(b"\n\n")[0])
    assert (event["type"], event["recordId"]) == ("follow-up.due", planned)
    # Not before its time, on the clock of the service.
    assert event["time"] >= event["record"]["dueAt"]


def received(connection):
    some = connection.recv(65536)
    assert some
    return some


def subscribe(ask, receiver):
    webhook = {"url": f"http://127.0.0.1:{receiver.port}/", "events": ["follow-up.due"]}
    assert ask("POST", "/webhooks", webhook)[0] == 201


def test_webhook_is_a_reminder(start_server, receive, path):
    options = ("--webhook-targets", "127.0.0.1", "--workers", "2")
    server, receiver = start_server("--database", str(path), *options), receive()
    subscribe(server.request, receiver)
    lead = server.request("POST", "/leads", ADA)[1]["id"]
    planned = plan(server.request, lead, 0, 0.1, 0.2)
    wait_until(lambda: len(receiver.requests) == 3)
    messages = [json.loads(body) for _, _, body in receiver.requests]
    assert [each["data"]["record"]["id"] for each in messages] == planned
    assert {each["type"] for each in messages} == {"follow-up.due"}


def test_command_reminds_beside_another_server(receive, path, monkeypatch):
    monkeypatch.setenv("LEADBOOK_WEBHOOK_TARGETS", "127.0.0.1")
    app, receiver = create_app({"DATABASE": path}), receive()
    client = app.test_client()

    def ask(method, path, body):
        answer = client.open(path, method=method, json=body)
        return answer.status_code, answer.json

    command = [sys.executable, "-m", "leadbook.cli", "deliver", "--database", str(path)]
    with closing(app.extensions["leadbook"]):
        subscribe(ask, receiver)
        plan(ask, ask("POST", "/leads", ADA)[1]["id"], 0)
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            wait_until(lambda: len(receiver.requests) == 1)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0
