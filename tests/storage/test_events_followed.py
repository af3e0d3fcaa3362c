"""Who follows the feed has all records in the end, whatever happens meanwhile."""

import http.client
import json
import random
import signal
import threading
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from server import Server

THREADS = 8
FAILURES = (OSError, http.client.HTTPException)


class Writers:
    """Some threads that write at random through one of two servers, which may be killed."""

    def __init__(self, servers, count):
        self.servers = servers
        self.left = count
        self.lock = threading.Lock()
        self.ids = {"leads": [], "clients": []}
        self.acknowledged = 0

    def run(self, seed):
        dice = random.Random(seed)
        while self.begin():
            kind = dice.choice(["leads", "clients"])
            body = {"name": f"N{dice.random()}", "email": f"e{dice.random()}@engines.test"}
            known = dice.choice(self.ids[kind]) if self.ids[kind] and dice.random() < 0.6 else None
            if known is None:
                self.send(dice, "POST", f"/{kind}", body, kind)
                continue
            path, chance = f"/{kind}/{known}", dice.random()
            if chance < 0.5:
                self.send(dice, "PUT", path, {"notes": body["name"]})
            elif chance < 0.7 and kind == "leads":
                self.send(dice, "POST", f"{path}/convert", {}, "clients")
            elif chance < 0.8 and kind == "clients":
                self.send(dice, "DELETE", path)
            else:
                self.send(dice, "DELETE", f"{path}{'?permanent=true' if kind == 'clients' else ''}")

    def begin(self):
        with self.lock:
            self.left -= 1
            return self.left >= 0

    def send(self, dice, method, path, body=None, kind=None):
        try:
            status, answer = dice.choice(self.servers).request(method, path, body)
        except FAILURES:
            return  # it was killed; nobody knows whether it has written
        assert status < 500 or status == 503, answer
        with self.lock:
            self.acknowledged += status < 300
            if kind and status == 201:
                self.ids[kind].append(answer["id"])


class Follower:
    """Keeps a copy by the feed, as docs/events.md shows."""

    def __init__(self, servers):
        self.servers = servers
        self.copy, self.place = {}, 0
        self.error = None

    def run(self, is_over):
        try:
            while not is_over():
                self.poll(1)
        except AssertionError as error:
            self.error = error

    def poll(self, wait):
        """Read a page, and apply it; return whether there was an event."""
        server = random.choice(self.servers)
        try:
            with closing(
                http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=60)
            ) as connection:
                connection.request("GET", f"/events?after={self.place}&wait={wait}")
                with connection.getresponse() as response:
                    status, text = response.status, response.read()
        except FAILURES:
            return True
        if status == 503:
            return True
        page = json.loads(text)
        numbers = [event["number"] for event in page["data"]]
        # Nothing appears behind the place.
        assert numbers == [*range(self.place + 1, self.place + 1 + len(numbers))]
        for event in page["data"]:
            if event["record"] is None:
                self.copy.pop(event["recordId"], None)
            else:
                self.copy[event["recordId"]] = event["record"]
        self.place = page["pagination"]["next"]
        return bool(numbers)


def records_of(server):
    records = {}
    for path in ("/leads?limit=100", "/clients?status=all&limit=100"):
        query = ""
        while query is not None:
            status, page = server.request("GET", path + query)
            assert status == 200
            records |= {each["id"]: each for each in page["data"]}
            token = page["pagination"]["next"]
            query = f"&cursor={token}" if token else None
    return records


def follow(start, path, count, kills):
    servers = [start("--database", str(path)) for _ in range(2)]
    writers, follower = Writers(servers, count), Follower(servers)
    threads = [threading.Thread(target=writers.run, args=(seed,)) for seed in range(THREADS)]
    reader = threading.Thread(target=follower.run, args=(lambda: not any_alive(threads),))
    for each in (*threads, reader):
        each.start()
    for number in range(kills):
        wanted = count - (number + 1) * count // (kills + 1)
        while writers.left > wanted and any_alive(threads):
            threads[0].join(0.01)
        killed: Server = servers[number % 2]
        killed.stop(signal.SIGKILL)
        servers[number % 2] = start("--database", str(path))
    for each in (*threads, reader):
        each.join()
    assert follower.error is None, follower.error
    while follower.poll(0):
        pass
    late = Follower(servers)
    while late.poll(0):
        pass
    there = records_of(servers[0])
    assert len(there) > count // 20
    assert writers.acknowledged > count // 2
    # Who began at once, and who began in the end.
    assert follower.copy == there
    assert late.copy == there


def any_alive(threads):
    return any(each.is_alive() for each in threads)


def test_follower_ends_with_all_records(start_server, path):
    follow(start_server, path, 400, kills=1)


@pytest.mark.long
def test_follower_ends_with_all_records_after_thousands_of_writes(start_server, path):
    follow(start_server, path, 5_000, kills=6)
