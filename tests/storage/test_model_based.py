"""Requests in random order are answered as a model of the contract, made of dicts, expects."""

import json
import random
from copy import deepcopy
from inspect import getmembers

import drawn
import pytest
from belonging_requests import BelongingRequests
from drawn import BELONGING, CLIENT_ID, LEAD_ID, TAG, either
from hypothesis import Phase, given, settings, stateful
from hypothesis import strategies as st
from machine import RepeatedError, request, stamp_of
from model import CONTACT, RefusedError, fold, is_entry, searched

FIRST_PAGE = {"page": 1, "limit": 20, "sort": "createdAt", "order": "desc", "search": ""}
# Few enough to meet again, and to be compared often.
MOST_RECORDS = 30
STEPS = 2_000
# More than any step draws.
BYTES_OF_A_STEP = 8_000
# The records are compared after so many of the steps of a long run.
COMPARED_EVERY = 20


class Requests(BelongingRequests):
    """Every kind of request, and what the contract says of its answer."""

    @stateful.initialize(
        several=st.lists(st.tuples(drawn.NEW, st.booleans()), min_size=5, max_size=8)
    )
    def start_with_several(self, several):
        for new, is_used in several:
            self.create(new=new, on_duplicate="", key=False)
            if is_used and new[0] == "leads":
                lead = [*self.model.leads][-1]
                self.convert(id=lead, tag=None, query="?onDuplicate=link", body=None, key=False)
            elif is_used:
                self.archive(id=[*self.model.clients][-1], tag=None)

    @request(new=drawn.NEW, on_duplicate=drawn.CAPTURES, key=drawn.KEY)
    def create(self, new, on_duplicate, key):
        kind, body = new
        asked = on_duplicate if kind == "leads" else ""
        query = f"?onDuplicate={asked}" if asked else ""
        self.send("POST", f"/{kind}{query}", body, key=key)
        record, is_new = self.model.create(kind, body, asked or "create")
        return 201 if is_new else 200, record

    create_another = create  # twice as often: there are many ways to create

    @request(record=either(LEAD_ID, CLIENT_ID) | BELONGING)
    def get(self, record):
        return 200, self.send_about(*record, "GET")

    @request(id=LEAD_ID, method=drawn.METHOD, tag=TAG, body=drawn.LEAD_CHANGES)
    def change_lead(self, id, method, tag, body):
        lead = self.send_about("leads", id, method, tag, body=body)
        return 200, self.model.change("leads", lead, body)

    @request(id=CLIENT_ID, method=drawn.METHOD, tag=TAG, body=drawn.CLIENT_CHANGES)
    def change_client(self, id, method, tag, body):
        client = self.send_about("clients", id, method, tag, body=body)
        return 200, self.model.change("clients", client, body)

    @request(
        id=LEAD_ID,
        tag=TAG,
        query=drawn.ON_DUPLICATE,
        body=st.none() | drawn.CLIENT_CHANGES,
        key=drawn.KEY,
    )
    def convert(self, id, tag, query, body, key):
        more = f"/convert{query}"
        lead = self.send_about("leads", id, "POST", tag, more, body=body, key=key)
        client, is_new = self.model.convert(lead, body, query.rpartition("=")[2])
        return 201 if is_new else 200, client

    @request(id=CLIENT_ID, tag=TAG)
    def archive(self, id, tag):
        return 200, self.model.archive(self.send_about("clients", id, "DELETE", tag))

    @request(id=CLIENT_ID, tag=TAG, key=drawn.KEY)
    def restore(self, id, tag, key):
        client = self.send_about("clients", id, "POST", tag, "/restore", key=key)
        return 200, self.model.restore(client)

    @request(record=either(LEAD_ID, CLIENT_ID) | BELONGING, tag=TAG)
    def remove(self, record, tag):
        kind, gone = record
        more = "?permanent=true" if kind == "clients" else ""
        self.model.erase(kind, self.send_about(kind, gone, "DELETE", tag, more))
        self.gone = gone
        return 204, None

    @request(batch=drawn.BATCH, key=drawn.KEY)
    def change_many(self, batch, key):
        kind, (new, changes, removals) = batch
        updates = {item[0]: self.item(kind, *item) for item in changes}
        deletes = {item[0]: self.item(kind, *item) for item in removals if item[0] not in updates}
        body = {"create": new, "update": [*updates.values()], "delete": [*deletes.values()]}
        self.send("POST", f"/{kind}/batch", body, key=key)
        before, last = deepcopy(self.model.records), self.model.last_stamp
        made = self.answer.json.get("created")
        self.model.new_ids = self.checked(made) if made else iter([f"new {n}" for n in range(9)])
        try:
            return 200, self.model.carry_out(kind, body)
        except RefusedError as refusal:
            status, code, *existing = refusal.args
            if existing:
                was, now = (
                    each["clients"].get(existing[0]) for each in (before, self.model.records)
                )
                # It has the address only within this batch: nobody is told its id.
                if was is None or fold(was["email"]) != fold(now["email"]):
                    existing = []
            self.model.records, self.model.last_stamp = before, last
            raise RefusedError(status, code, *existing) from refusal

    @request(file=drawn.FILES)
    def bring_in(self, file):
        kind, (on_duplicate, rows) = file
        text = "".join(f"{json.dumps(row)}\n" for row in rows)
        path = f"/{kind}/import?onDuplicate={on_duplicate}"
        self.send("POST", path, text, media_type="application/x-ndjson")
        there = self.http.get(f"/{kind}?limit=100{'&status=all' * (kind == 'clients')}").json
        ids = {each["id"] for each in there["data"]} - self.model.records[kind].keys()
        self.model.new_ids = self.checked(sorted(ids))
        own = {}
        outcomes = [self.model.bring_in(kind, row, on_duplicate, own) for row in rows]
        for outcome in ("created", "updated", "skipped", "rejected"):
            assert self.answer.json[outcome] == outcomes.count(outcome)

    @request(key=drawn.USED_KEY, is_same=st.booleans())
    def send_again(self, key, is_same):
        if key is None:
            return
        (method, path, text), status, body, record = self.kept[key]
        other = (path, f"{text} ") if text else ("/leads", {"name": "a", "email": "a@a.test"})
        self.send(method, *((path, text) if is_same else other), key=key)
        if record and not any(record in records for records in self.model.records.values()):
            # Leadbook remembers that the record is gone, and nothing else of it.
            assert self.answer.status_code in (409, 410)
            assert "error" in self.answer.json
            return
        if not is_same:
            raise RefusedError(409, "IDEMPOTENCY_KEY_REUSED")
        if (
            record in self.model.parted
            and self.answer.json == self.model.records["clients"][record]
        ):
            # An answer that was kept before the lead was erased shows the client as it is now.
            body = self.answer.json
        raise RepeatedError(status, body)

    @request(by=drawn.JUMPS)
    def set_the_clock(self, by):
        self.offset += by

    @request(is_restart=st.booleans())
    def change_process(self, is_restart):
        self.at = 1 - self.at
        if is_restart:
            self.apps[self.at].extensions["leadbook"].close()
            self.apps[self.at], self.newest_ids[self.at] = self.open(), ""

    @request(kind=drawn.one_of(["leads", "clients", "follow-ups", "tickets"]))
    def follow_changes(self, kind):
        query = {"updatedSince": self.seen[kind], "limit": 7}
        query |= {"status": "all"} if kind == "clients" else {}
        token = True
        while token:
            page = self.http.get(f"/{kind}", query_string=query).json
            for record in page["data"]:
                self.followed[kind][record["id"]] = record
                self.seen[kind] = max(self.seen[kind], record["updatedAt"])
            token = page["pagination"]["next"]
            query = {"cursor": token}
        # What is erased is not told.
        records = self.model.records[kind]
        assert {each: self.followed[kind].get(each) for each in records} == records
        self.followed[kind] = deepcopy(records)

    @request(limit=st.integers(1, 100))
    def follow_events(self, limit):
        has_more = True
        while has_more:
            page = self.http.get(f"/events?after={self.place}&limit={limit}").json
            numbers = [event["number"] for event in page["data"]]
            # In order, without a gap.
            assert numbers == [*range(self.place + 1, self.place + 1 + len(numbers))]
            for event in page["data"]:
                if event["record"] is None:
                    self.copy.pop(event["recordId"], None)
                else:
                    self.copy[event["recordId"]] = event["record"]
            self.place, has_more = page["pagination"]["next"], page["pagination"]["hasMore"]
        kinds = self.model.records.values()
        assert self.copy == {k: each for records in kinds for k, each in records.items()}

    @request(record=either(LEAD_ID, CLIENT_ID) | drawn.LISTED)
    def read_history(self, record):
        kind, known = record
        now = self.send_about(kind, known, "GET", more="/history")
        page, events = self.answer.json, []
        while True:
            events += page["data"]
            if page["pagination"]["next"] is None:
                break
            query = {"cursor": page["pagination"]["next"]}
            page = self.http.get(f"/{kind}/{known}/history", query_string=query).json
        assert [event["number"] for event in events] == sorted(
            (event["number"] for event in events), reverse=True
        )
        assert events[0]["version"] == now["version"]
        # The last that an event says of a field is what the record says.
        told = {}
        for event in reversed(events):
            told |= {name: each["to"] for name, each in (event["changes"] or {}).items()}
        shown = {name: value for name, value in now.items() if name != "custom"}
        shown |= {f"custom.{name}": value for name, value in now.get("custom", {}).items()}
        is_whole = all(event["changes"] is not None for event in events)
        for name in told.keys() | (shown.keys() if is_whole else set()):
            if name not in ("id", "version", "updatedAt"):
                assert (name, told.get(name)) == (name, shown.get(name))
        assert is_whole or known in self.model.parted

    @request(listing=drawn.LISTS, filters=drawn.FILTERS)
    def list_page(self, listing, filters):
        kind, query = listing
        self.sent += 1
        self.answer = self.http.get(f"/{kind}", query_string=query | filters)
        self.look_again(kind, query | filters)
        asked = FIRST_PAGE | {"status": "all" if kind == "leads" else "active"} | query | filters
        sort, page, limit = asked["sort"], asked["page"], asked["limit"]
        words, found = searched(asked["search"]).split(), []
        texts = asked.keys() & {"company", "source"}
        entries = {name: asked[name] for name in asked if name.startswith("custom.")}
        scores = asked.get("scoreMin", 0), asked.get("scoreMax", 2)
        now = stamp_of(self.milliseconds())
        for record in self.model.records[kind].values():
            name, email, company = (searched(record[field]) for field in CONTACT[:3])
            if (
                is_any_of(record["status"], asked["status"])
                and all(fold(record[name] or "") == fold(asked[name]) for name in texts)
                and all(is_entry(record["custom"].get(each[7:]), entries[each]) for each in entries)
                and asked.get("followUp") in (None, part_of(record["nextFollowUpAt"], now))
                and scores[0] <= record.get("score", 0) <= scores[1]
                and fold(asked.get("email", record["email"])) == fold(record["email"])
                and all(word in name or word in email or word in company for word in words)
            ):
                key = name if sort == "name" else record[sort]
                # What is not planned comes after every time.
                found.append(("~" if key is None else key, record["id"], record))
        found = [record for *_, record in sorted(found, reverse=asked["order"] == "desc")]
        pagination = {"total": len(found), "page": page, "limit": limit}
        self.follow(kind, self.answer.json["pagination"], found[page * limit :])
        pagination["next"] = self.answer.json["pagination"]["next"]
        return 200, {"data": found[(page - 1) * limit :][:limit], "pagination": pagination}

    def look_again(self, kind, query):
        """Expect a 304 for the tag that the answer has, and the same list with every such tag."""
        tag = self.answer.headers["ETag"]
        kept = self.listed.setdefault((tag, kind, str(query)), self.answer.json["data"])
        assert kept == self.answer.json["data"]
        headers = {"If-None-Match": tag}
        again = self.http.get(f"/{kind}", query_string=query, headers=headers)
        assert (again.status_code, again.data) == (304, b"")

    list_another = list_page  # twice as often: there are many ways to list

    @stateful.invariant()
    def every_record_is_as_expected(self):
        newest = "sort=createdAt&order=desc"
        lists = [("/leads?", "leads"), ("/clients?status=all&", "clients")]
        lists += [(f"/follow-ups?{newest}&", "follow-ups"), ("/tickets?", "tickets")]
        for path, kind in lists:
            expected = self.model.in_order(kind)[::-1]
            numbers = range(1, len(expected) // 7 + 2)
            pages = [self.http.get(f"{path}limit=7&page={number}").json for number in numbers]
            assert [each for page in pages for each in page["data"]] == expected
        said = self.model.in_order("comments")
        for ticket in self.model.records["tickets"]:
            page = self.http.get(f"/tickets/{ticket}/comments?limit=100").json
            assert page["data"] == [each for each in said if each["ticketId"] == ticket]


def part_of(due, now):
    return "none" if due is None else "overdue" if due < now else "planned"


def is_any_of(status, asked):
    words = asked if isinstance(asked, list) else [asked]
    return {"all", status} & {each for word in words for each in word.split(",")}


@pytest.mark.long
@pytest.mark.parametrize("few", [0, 1000])
def test_service_agrees_with_the_model(tmp_path, monkeypatch, few):
    # With 0 a search takes the way of a common word, and not that of a rare one.
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", few)
    phases = [Phase.reuse, Phase.generate]  # add Phase.shrink to shorten a failure, for minutes
    steps = settings(max_examples=60, stateful_step_count=20, deadline=None, phases=phases)
    stateful.run_state_machine_as_test(lambda: Requests(tmp_path / "leadbook.db"), settings=steps)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5))
def test_service_agrees_with_the_model_over_thousands_of_steps(tmp_path, monkeypatch, seed):
    monkeypatch.setattr("leadbook.storage.sqlite.search.FEW", [0, 1000][seed % 2])
    rules = [rule for _, rule in getmembers(Requests) if hasattr(rule, "strategies")]
    machine, source = Requests(tmp_path / "leadbook.db"), random.Random(seed)

    @settings(database=None)
    @given(st.data())
    def step(data):
        rule = data.draw(drawn.one_of(rules))
        rule(machine, **data.draw(drawn.fields(rule.strategies)))

    try:
        # Each step is a test of its own to Hypothesis, whose tests draw no more than 8 KiB.
        for number in range(1, STEPS + 1):
            assert step.hypothesis.fuzz_one_input(source.randbytes(BYTES_OF_A_STEP))
            for kind, records in machine.model.records.items():
                if len(records) > MOST_RECORDS:
                    machine.remove(record=(kind, next(iter(records))), tag=None)
            if number % COMPARED_EVERY == 0:
                machine.every_record_is_as_expected()
    except AssertionError as error:
        last = "\n".join(map(str, machine.history[-10:]))
        error.add_note(f"step {len(machine.history)} of seed {seed}; the last were\n{last}")
        raise
    machine.teardown()
