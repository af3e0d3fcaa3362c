"""Requests in random order are answered as a model of the contract, made of dicts, expects."""

from functools import wraps
from unicodedata import normalize

import pytest
from drawn import (
    CLIENT_CHANGES,
    CLIENT_ID,
    FILTERS,
    LEAD,
    LEAD_ID,
    LISTS,
    NEW,
    ON_DUPLICATE,
    REQUIRED,
    STALE,
    TAG,
    WEAK,
    clean,
    either,
    fields,
)
from hypothesis import Phase, settings, stateful
from hypothesis import strategies as st

from leadbook.app import create_app
from leadbook.checking import check
from leadbook.clock import Clock

CONTACT = ["name", "email", "company", "phone", "source", "notes"]
DEFAULTS = {
    "leads": {"status": "new", "score": 0, "clientId": None, "convertedAt": None},
    "clients": {"status": "active", "leadId": None, "archivedAt": None},
}
FIRST_PAGE = {"page": 1, "limit": 20, "sort": "createdAt", "order": "desc", "search": ""}


class RefusedError(Exception):
    """The status and code that are expected, and the id of the record that is in the way."""


def fold(text):
    return normalize("NFC", text).casefold()


def request(**strategies):
    """Make a rule of a method that sends a request and returns, or raises, what it expects."""
    rule = stateful.rule(**strategies)
    return lambda call: rule(wraps(call)(lambda self, **drawn: self.compare(call, drawn)))


class Requests(stateful.RuleBasedStateMachine):
    """The service, and beside it the records that it should hold by now."""

    def __init__(self, path):
        super().__init__()
        self.leads, self.clients = {}, {}
        self.records = {"leads": self.leads, "clients": self.clients}
        self.path, self.sent, self.gone = path, 0, "nobody"
        # Three requests share a millisecond, so that records of equal times are sorted, too.
        self.app = create_app({"DATABASE": path}, Clock(lambda: self.sent // 3))
        self.app.extensions["leadbook"].pragma("synchronous", "OFF")  # no power cut is expected
        self.http = self.app.test_client()

    def teardown(self):
        self.app.extensions["leadbook"].close()
        faults = [found for found in check(self.path, Clock(), repair=False) if found[1]]
        assert faults == []
        self.path.unlink()

    def compare(self, call, drawn):
        try:
            status, expected = call(self, **drawn)
        except RefusedError as refusal:
            status, *expected = refusal.args
        body = self.answer.json if self.answer.data else None
        if body and "error" in body:
            existing = [each["existingId"] for each in body["error"]["details"]]
            body = [body["error"]["code"], *existing]
        assert (self.answer.status_code, body) == (status, expected)
        if status in (200, 201) and "version" in expected:
            assert self.answer.headers["ETag"] == f'"{expected["version"]}"'

    def send(self, method, path, **options):
        self.sent += 1
        self.now = f"1970-01-01T00:00:00.{self.sent // 3:03d}Z"
        self.answer = self.http.open(path, method=method, **options)

    def send_about(self, kind, id, method, tag=None, more="", **options):
        """Send it and return the record it is about, unless every such request is refused."""
        version = self.records[kind].get(id, {"version": 1})["version"]
        headers = {"If-Match": tag.format(version=version, stale=version - 1)} if tag else {}
        self.send(method, f"/{kind}/{id}{more}", headers=headers, **options)
        if id not in self.records[kind]:
            raise RefusedError(404, "NOT_FOUND")
        if tag in (WEAK, STALE):
            raise RefusedError(412, "VERSION_MISMATCH")
        return self.records[kind][id]

    def insert(self, kind, values):
        new_id = self.answer.json["id"]  # only the service can know it
        assert all(new_id > earlier for records in self.records.values() for earlier in records)
        assert self.answer.headers["Location"] == f"/{kind}/{new_id}"
        made = self.records[kind][new_id] = dict.fromkeys(CONTACT) | DEFAULTS[kind] | values
        made |= {"id": new_id, "version": 1, "createdAt": self.now, "updatedAt": self.now}
        return made

    def update(self, record, values):
        if record | values != record:
            record |= values | {"version": record["version"] + 1, "updatedAt": self.now}
        return record

    def owner_of(self, email):
        active = (each for each in self.clients.values() if each["status"] == "active")
        return next((each for each in active if fold(each["email"]) == fold(email)), None)

    def require_free(self, email, own_id=None):
        owner = self.owner_of(email)
        if owner and owner["id"] != own_id:
            raise RefusedError(409, "DUPLICATE_EMAIL", owner["id"])

    @stateful.initialize(several=st.lists(st.tuples(NEW, st.booleans()), min_size=5, max_size=8))
    def start_with_several(self, several):
        for new, is_used in several:
            self.create(new=new)
            if is_used and new[0] == "leads":
                self.convert(id=[*self.leads][-1], tag=None, query="?onDuplicate=link", body=None)
            elif is_used:
                self.archive(id=[*self.clients][-1], tag=None)

    @request(new=NEW)
    def create(self, new):
        kind, body = new
        self.send("POST", f"/{kind}", json=body)
        if kind == "clients":
            self.require_free(clean(body)["email"])
        return 201, self.insert(kind, clean(body))

    @request(record=either(LEAD_ID, CLIENT_ID))
    def get(self, record):
        return 200, self.send_about(*record, "GET")

    @request(id=LEAD_ID, tag=TAG, body=fields({}, optional=REQUIRED | LEAD))
    def change_lead(self, id, tag, body):
        lead = self.send_about("leads", id, "PUT", tag, json=body)
        if lead["clientId"] and body.get("status", "won") != "won":
            raise RefusedError(409, "LEAD_CONVERTED")
        return 200, self.update(lead, clean(body))

    @request(id=CLIENT_ID, tag=TAG, body=CLIENT_CHANGES)
    def change_client(self, id, tag, body):
        client = self.send_about("clients", id, "PUT", tag, json=body)
        if client["status"] == "archived":
            raise RefusedError(409, "CLIENT_ARCHIVED")
        self.require_free((client | clean(body))["email"], id)
        return 200, self.update(client, clean(body))

    @request(id=LEAD_ID, tag=TAG, query=ON_DUPLICATE, body=st.none() | CLIENT_CHANGES)
    def convert(self, id, tag, query, body):
        lead = self.send_about("leads", id, "POST", tag, f"/convert{query}", json=body)
        if lead["clientId"]:
            return 200, self.clients[lead["clientId"]]
        values = {name: lead[name] for name in CONTACT} | clean(body or {}) | {"leadId": id}
        if not query.endswith("link"):
            self.require_free(values["email"])
        owner = self.owner_of(values["email"])
        if owner:
            self.update(owner, {name: values[name] for name in values if owner[name] is None})
        client = owner or self.insert("clients", values)
        self.update(lead, {"status": "won", "clientId": client["id"], "convertedAt": self.now})
        return 200 if owner else 201, client

    @request(id=CLIENT_ID, tag=TAG)
    def archive(self, id, tag):
        client = self.send_about("clients", id, "DELETE", tag)
        since = client["archivedAt"] or self.now
        return 200, self.update(client, {"status": "archived", "archivedAt": since})

    @request(id=CLIENT_ID, tag=TAG)
    def restore(self, id, tag):
        client = self.send_about("clients", id, "POST", tag, "/restore")
        self.require_free(client["email"], id)
        return 200, self.update(client, {"status": "active", "archivedAt": None})

    @request(record=either(LEAD_ID, CLIENT_ID), tag=TAG)
    def remove(self, record, tag):
        kind, gone = record
        self.send_about(kind, gone, "DELETE", tag, "?permanent=true" if kind == "clients" else "")
        self.gone = self.records[kind].pop(gone)["id"]
        for each in (*self.leads.values(), *self.clients.values()):
            if each.get("clientId") == gone:
                self.update(each, {"clientId": None, "convertedAt": None})
            if each.get("leadId") == gone:
                self.update(each, {"leadId": None})
        return 204, None

    @request(listing=LISTS, filters=FILTERS)
    def list_page(self, listing, filters):
        kind, query = listing
        self.send("GET", f"/{kind}", query_string=query | filters)
        asked = FIRST_PAGE | {"status": "all" if kind == "leads" else "active"} | query | filters
        sort, page, limit = asked["sort"], asked["page"], asked["limit"]
        words, found = fold(asked["search"]).split(), []
        for record in self.records[kind].values():
            name, email, company = (fold(record[field] or "") for field in CONTACT[:3])
            if (
                asked["status"] in ("all", record["status"])
                and fold(asked.get("email", record["email"])) == email
                and all(word in name or word in email or word in company for word in words)
            ):
                found.append((name if sort == "name" else record[sort], record["id"], record))
        found = [record for *_, record in sorted(found, reverse=asked["order"] == "desc")]
        pagination = {"total": len(found), "page": page, "limit": limit}
        self.follow(kind, self.answer.json["pagination"], found[page * limit :])
        pagination["next"] = self.answer.json["pagination"]["next"]
        return 200, {"data": found[(page - 1) * limit :][:limit], "pagination": pagination}

    def follow(self, kind, pagination, rest):
        """Walk on by cursor, and expect the rest of the list."""
        seen = []
        while token := pagination["next"]:
            page = self.http.get(f"/{kind}", query_string={"cursor": token, "limit": 2}).json
            seen, pagination = seen + page["data"], page["pagination"]
            assert pagination["page"] is None
        assert seen == rest

    list_another = list_page  # twice as often: there are many ways to list

    @stateful.invariant()
    def every_record_is_as_expected(self):
        for path, records in (("/leads?", self.leads), ("/clients?status=all&", self.clients)):
            numbers = range(1, len(records) // 7 + 2)
            pages = [self.http.get(f"{path}limit=7&page={number}").json for number in numbers]
            assert [each for page in pages for each in page["data"]] == [*records.values()][::-1]


@pytest.mark.long
@pytest.mark.parametrize("few", [0, 1000])
def test_service_agrees_with_the_model(tmp_path, monkeypatch, few):
    # With 0 a search takes the way of a common word, and not that of a rare one.
    monkeypatch.setattr("leadbook.searching.FEW", few)
    phases = [Phase.reuse, Phase.generate]  # add Phase.shrink to shorten a failure, for minutes
    steps = settings(max_examples=60, stateful_step_count=20, deadline=None, phases=phases)
    stateful.run_state_machine_as_test(lambda: Requests(tmp_path / "leadbook.db"), settings=steps)
