"""Two processes that serve one file, and beside them a model of what they should answer."""

import json
import random
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from functools import wraps

import drawn
from hypothesis import stateful
from model import Model, RefusedError

from leadbook.app import create_app
from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check

MOST_KEYS = 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
JSON = "application/json"


class RepeatedError(Exception):
    """The status and answer that a key got the first time, expected again."""


def request(**strategies):
    """Make a rule of a method that sends a request and returns, or raises, what it expects."""
    rule = stateful.rule(**strategies)

    def register(call):
        wrapped = rule(wraps(call)(lambda self, **given: self.compare(call, given)))
        wrapped.strategies = strategies
        return wrapped

    return register


class Machine(stateful.RuleBasedStateMachine):
    """Sends requests to one process or the other, and compares the answers."""

    def __init__(self, path):
        super().__init__()
        self.model, self.path, self.gone = Model(), path, "nobody"
        # By key: the request, and the status, answer and record that it got.
        self.kept, self.key, self.history = {}, None, []
        # Somebody who follows the changes, and the last time that they have seen.
        self.followed = {"leads": {}, "clients": {}, "follow-ups": {}, "tickets": {}}
        # The records as the feed of events tells of them, up to a number.
        self.copy, self.place = {}, 0
        self.seen = dict.fromkeys(self.followed, stamp_of(0))
        # The lists that were answered, by ETag and query.
        self.listed = {}
        self.sent, self.offset, self.latest = 0, 10**6, ""
        self.opened = self.at = 0
        self.apps, self.newest_ids = [self.open(), self.open()], ["", ""]
        drawn.running.append(self)

    def open(self):
        # Other ids than those of the other process, and the same ones every time.
        self.opened += 1
        clock = Clock(self.milliseconds, random.Random(self.opened))
        app = create_app({"DATABASE": self.path}, clock)
        app.extensions["leadbook"].pragma("synchronous", "OFF")  # no power cut is expected
        return app

    def milliseconds(self):
        # Three requests share one, so that records of equal times are sorted, too.
        return self.sent // 3 + self.offset

    def teardown(self):
        drawn.running.remove(self)
        for app in self.apps:
            app.extensions["leadbook"].close()
        faults = [found for found in check(self.path, Clock(), RECORDS, repair=False) if found[1]]
        assert faults == []
        self.path.unlink()

    @property
    def http(self):
        return self.apps[self.at].test_client()

    def compare(self, call, given):
        self.history.append((call.__name__, given))
        self.key = None
        try:
            expected = call(self, **given)
        except RefusedError as refusal:
            expected = refusal.args[0], [*refusal.args[1:]]
        except RepeatedError as repeated:
            expected, self.key = repeated.args, None
            assert self.answer.headers["Idempotency-Replayed"] == "true"
        if expected is None:
            return
        status, body = expected
        answered = self.answer.status_code, self.shown()
        assert answered == (status, body), f"{answered} instead of {(status, body)}"
        if status in (200, 201) and "version" in body:
            assert self.answer.headers["ETag"] == f'"{body["version"]}"'
        if status == 201:
            kinds = {"ticketId": "comments", "dueAt": "follow-ups", "number": "tickets"}
            kinds |= {"score": "leads", "archivedAt": "clients"}
            kind = next(kind for name, kind in kinds.items() if name in body)
            assert self.answer.headers["Location"] == self.place_of(kind, body["id"])
        if self.key and status in (200, 201):
            self.keep(status, deepcopy(body))

    def shown(self):
        """Return the answer; of a refusal the code, and the record that is in the way."""
        body = self.answer.json if self.answer.data else None
        if not body or "error" not in body:
            return body
        details = body["error"]["details"]
        return [
            body["error"]["code"],
            *(each["existingId"] for each in details if "existingId" in each),
        ]

    def send(self, method, path, body=None, *, key=None, tag=None, media_type=JSON):
        """Send a request, and tell the model when that was, and which id a new record got."""
        self.sent += 1
        self.key = f"{self.sent}" if key is True else key or None
        headers = {"If-Match": tag} if tag else {}
        headers |= {"Idempotency-Key": self.key} if self.key else {}
        text = json.dumps(body) if isinstance(body, dict) else body
        options = {} if text is None else {"data": text, "content_type": media_type}
        self.request = (method, path, text)
        self.answer = self.http.open(path, method=method, headers=headers, **options)
        self.model.now = self.stamp()
        told = self.answer.json if self.answer.data else {}
        self.model.new_ids = self.checked([told["id"]] if "id" in told else [])

    def stamp(self):
        """Return the time that the request had: the clock's, unless a write had a later one."""
        clock = stamp_of(self.milliseconds())
        self.latest = max(self.latest, clock)
        earliest = max(self.model.last_stamp, clock)
        if earliest == self.latest:
            return earliest
        # A write that left no record behind, such as an erasure, may have had a later one.
        paths = ["/leads?", "/clients?status=all&", "/follow-ups?order=desc&", "/tickets?"]
        tickets = self.model.records["tickets"]
        paths += [f"/tickets/{each}/comments?order=desc&" for each in tickets]
        found = [self.http.get(f"{path}sort=updatedAt&limit=1").json for path in paths]
        # A ticket may just have been erased.
        pages = [each.get("data", []) for each in found]
        newest = max((each["updatedAt"] for page in pages for each in page), default="")
        return newest if earliest <= newest <= self.latest else earliest

    def checked(self, ids):
        """Yield new ids, each later than those before of the same process."""
        for each in ids:
            assert each > self.newest_ids[self.at]
            self.newest_ids[self.at] = each
            yield each

    def keep(self, status, body):
        record = body.get("id")
        self.kept[self.key] = (self.request, status, body, record)
        while len(self.kept) > MOST_KEYS:
            del self.kept[next(iter(self.kept))]

    def send_about(self, kind, id, method, tag=None, more="", **options):
        """Send it and return the record it is about, unless every such request is refused."""
        version = self.model.records[kind].get(id, {"version": 1})["version"]
        filled = tag.format(version=version, stale=version - 1) if tag else None
        self.send(method, f"{self.place_of(kind, id)}{more}", tag=filled, **options)
        record = self.model.fetch(kind, id)
        if tag in (drawn.WEAK, drawn.STALE):
            raise RefusedError(412, "VERSION_MISMATCH")
        return record

    def place_of(self, kind, id):
        """Return the path of a record."""
        if kind != "comments":
            return f"/{kind}/{id}"
        ticket = self.model.records[kind].get(id, {"ticketId": id})["ticketId"]
        return f"/tickets/{ticket}/comments/{id}"

    def item(self, kind, id, off, values):
        values = {name: value for name, value in values.items() if name != "version"}
        version = self.model.records[kind].get(id, {"version": 2})["version"]
        named = {} if off is None else {"version": max(version + off, 1)}
        return {"id": id, **named, **values}

    def follow(self, kind, pagination, rest):
        """Walk on by cursor, and expect the rest of the list."""
        seen = []
        while token := pagination["next"]:
            page = self.http.get(f"/{kind}", query_string={"cursor": token, "limit": 2}).json
            seen, pagination = seen + page["data"], page["pagination"]
            assert pagination["page"] is None
        assert seen == rest


def stamp_of(milliseconds):
    moment = EPOCH + timedelta(milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
