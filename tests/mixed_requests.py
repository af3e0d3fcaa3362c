"""Requests of every kind in turn, over some connections, and how long the server took for each."""

import http.client
import json
import random
import time
from contextlib import ExitStack, closing
from urllib.parse import urlsplit

from leadbook.bench import rows

# Erased as fast as they are created, so that a larger database explains no growth.
MOST_RECORDS = 200
IN_A_BATCH = 10
IN_A_FILE = 20


class MixedRequests:
    """The same requests in the same order every time; `taken` are the kind and seconds of each.

    A second is one that the server's process spent on a processor: what else the machine does,
    and what is waited for the disk, tells nothing of the work that a request is.
    """

    def __init__(self, server):
        self._source = random.Random(20261122)
        # What clock_getcpuclockid(3) returns for the process.
        self._clock = ~server.process.pid << 3 | 2
        self._rows = (row.fields for row in rows.rows(10**6))
        self._stack = ExitStack()
        self._connections = [
            self._stack.enter_context(
                closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30))
            )
            for _ in range(4)
        ]
        self.taken = []
        self.statuses = {}
        self.leads, self.clients = [], []
        self._kinds = [
            *(self.create, self.create, self.convert, self.archive, self.restore),
            *(self.change, self.search, self.list_page, self.get, self.go_wrong),
        ]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._stack.close()

    def send(self, kind, method, path, body=None, content_type="application/json"):
        """Send one request and return what it answers."""
        connection = self._connections[len(self.taken) % len(self._connections)]
        payload = body if isinstance(body, str | None) else json.dumps(body)
        start = time.clock_gettime(self._clock)
        connection.request(method, path, payload, {"Content-Type": content_type})
        with connection.getresponse() as response:
            text = response.read()
        assert response.status < 500, (kind, len(self.taken), text)
        self.taken.append((kind, time.clock_gettime(self._clock) - start))
        self.statuses[response.status] = self.statuses.get(response.status, 0) + 1
        is_json = response.headers["Content-Type"] == "application/json"
        return json.loads(text) if is_json else text

    def send_many(self, until, after_each):
        """Send requests of all kinds until so many have been sent in all."""
        while len(self.taken) < until:
            self._source.choice(self._kinds)() if self.leads and self.clients else self.convert()
            turn = self._source.random()
            if turn < 0.03:
                self.batch()
            elif turn < 0.05:
                self.bring_in_and_out()
            self.erase_surplus()
            after_each()

    def open_all(self):
        """Have every connection open, since a 204 has closed one or the other."""
        for _ in self._connections:
            self.send("health", "GET", "/health")

    def create(self):
        self.leads.append(self.send("create", "POST", "/leads", next(self._rows))["id"])

    def convert(self):
        self.create()
        lead = self.leads.pop(self._source.randrange(len(self.leads)))
        self.clients.append(self.send("convert", "POST", f"/leads/{lead}/convert")["id"])
        self.send("erase lead", "DELETE", f"/leads/{lead}")

    def archive(self):
        self.send("archive", "DELETE", f"/clients/{self._source.choice(self.clients)}")

    def restore(self):
        client = self._source.choice(self.clients)
        self.send("restore", "POST", f"/clients/{client}/restore")

    def change(self):
        path = f"/leads/{self._source.choice(self.leads)}"
        self.send("change", "PUT", path, {"score": self._source.randrange(101)})
        # What is searched changes, too.
        self.send("change name", "PUT", path, {"company": next(self._rows)["company"]})

    def search(self):
        words = self._source.choice([rows.COMMON_WORD, rows.TWO_WORDS, rows.COMMON_WORD[:2]])
        query = f"search={words.replace(' ', '%20')}&limit=50&sort=score"
        self.send(f"search: {words}", "GET", f"/leads?{query}")

    def list_page(self):
        path = self._source.choice(["leads", "clients", "v1/leads"])
        self.send(f"list {path}", "GET", f"/{path}?limit=20")

    def get(self):
        self.send("get", "GET", f"/leads/{self._source.choice(self.leads)}")

    def go_wrong(self):
        number = len(self.taken)
        self.send("no record", "GET", f"/leads/{number}")
        self.send("no path", "GET", f"/nothing/{number}")
        self.send("no JSON", "POST", "/leads", '{"name": ')
        self.send("no field", "POST", "/leads", {f"field{number}": 1, "email": "x"})

    def batch(self):
        """Create some leads, change them, and erase as many."""
        made = [next(self._rows) for _ in range(IN_A_BATCH)]
        ids = self.send("create many", "POST", "/leads/batch", {"create": made})["created"]
        changes = [{"id": each, "phone": f"+99 {len(self.taken)}"} for each in ids]
        self.send("change many", "POST", "/leads/batch", {"update": changes})
        self.leads += ids
        gone = [{"id": self.leads.pop(0)} for _ in ids]
        self.send("erase many", "POST", "/leads/batch", {"delete": gone})

    def bring_in_and_out(self):
        """Import leads, export all there are, and erase what was imported."""
        text = "".join(f"{json.dumps(next(self._rows))}\n" for _ in range(IN_A_FILE))
        report = self.send("import", "POST", "/leads/import", text, "application/x-ndjson")
        assert report["created"] == IN_A_FILE, report
        exported = self.send("export", "GET", "/leads/export?format=jsonl").splitlines()
        self.leads += [json.loads(line)["id"] for line in exported[-IN_A_FILE:]]

    def erase_surplus(self):
        while len(self.leads) > MOST_RECORDS:
            self.send("erase lead", "DELETE", f"/leads/{self.leads.pop(0)}")
        while len(self.clients) > MOST_RECORDS:
            self.send("erase client", "DELETE", f"/clients/{self.clients.pop(0)}?permanent=true")
