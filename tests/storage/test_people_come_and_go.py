"""People are converted, archived and erased at random, with follow-ups and tickets around them.

Then nothing points nowhere, what records show is what the rows say, and no file has a word of a
person who is gone.
"""

import random
from contextlib import closing

import pytest

from leadbook.models import RECORDS
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.check import check
from leadbook.storage.sqlite.compact import compact
from leadbook.storage.sqlite.driver import sqlite3

LINKS = (
    ("follow_ups", "lead_id", "leads"),
    ("follow_ups", "client_id", "clients"),
    ("tickets", "lead_id", "leads"),
    ("tickets", "client_id", "clients"),
    ("comments", "ticket_id", "tickets"),
)
SAID = """
SELECT person.id, person.open_follow_ups, person.next_follow_up_at,
 count(own.id), ifnull(min(own.due_at), 1 << 53)
FROM {table} person LEFT JOIN follow_ups own ON own.{link} = person.id AND own.status = 'open'
GROUP BY person.id
"""
COUNTED = """
SELECT tickets.id, comment_count, count(own.id)
FROM tickets LEFT JOIN comments own ON own.ticket_id = tickets.id GROUP BY tickets.id
"""
CASES = (str.upper, str.lower, str.title, str)


class Person:
    """A lead, the client made from it, or both; and the words that only this person has."""

    def __init__(self, number):
        self.marks = [f"zq{number:04}x"]
        # Those that Leadbook can know: the lead took its earlier ones along.
        self.known = list(self.marks)
        self.ids = {}
        self.is_won = self.is_archived = False

    @property
    def fields(self):
        return {"name": f"{self.marks[-1]} Byron", "email": f"{self.marks[-1]}@engines.test"}

    @property
    def links(self):
        """The fields of something new of the person."""
        return {"leadId": self.ids["leads"]} if "leads" in self.ids else {"clientId": self.client}

    @property
    def client(self):
        return self.ids.get("clients")


class Town:
    """All people, and what may happen to them."""

    def __init__(self, client, seed):
        self.http, self.random = client, random.Random(seed)
        self.people, self.gone, self.numbers = [], [], 0
        self.tickets = {}
        self.done = dict.fromkeys(("convert", "archive", "erase", "keep"), 0)

    def send(self, method, path, body=None, *statuses):
        # Some are stored, so that erasures have something to forget.
        self.numbers += 1
        key = {"Idempotency-Key": f"k{self.numbers}"} if self.random.random() < 0.5 else {}
        headers = key if method == "POST" else {}
        answer = self.http.open(path, method=method, json=body, headers=headers)
        assert answer.status_code in (statuses or (200, 201, 204)), (method, path, answer.json)
        return answer.json

    def text(self, person):
        mark, case = self.random.choice(person.known), self.random.choice(CASES)
        words = self.random.choice([f"{mark} Byron", f"<{mark}@engines.test>"])
        return f"About {case(words)}, who called."

    def arrive(self):
        self.numbers += 1
        person, kind = Person(self.numbers), self.random.choice(["leads", "leads", "clients"])
        person.ids[kind] = self.send("POST", f"/{kind}", person.fields)["id"]
        self.people.append(person)

    def rename(self, person):
        if len(person.ids) > 1 or person.is_archived:
            return
        self.numbers += 1
        person.marks.append(f"zq{self.numbers:04}x")
        person.known = [*person.known, person.marks[-1]]
        [(kind, known)] = person.ids.items()
        self.send("PUT", f"/{kind}/{known}", person.fields)

    def convert(self, person):
        if "leads" not in person.ids or person.client:
            return
        person.ids["clients"] = self.send("POST", f"/leads/{person.ids['leads']}/convert")["id"]
        self.done["convert"] += 1
        person.is_won = True

    def archive(self, person):
        if not person.client:
            return
        if person.is_archived:
            self.send("POST", f"/clients/{person.client}/restore")
        else:
            self.send("DELETE", f"/clients/{person.client}")
            self.done["archive"] += 1
        person.is_archived = not person.is_archived

    def erase(self, person, tickets):
        kind = self.random.choice(sorted(person.ids))
        known = person.ids.pop(kind)
        permanent = "permanent=true&" if kind == "clients" else ""
        if self.random.random() < 0.5:
            self.send("DELETE", f"/{kind}/{known}?{permanent}tickets={tickets}")
        else:
            item = {"id": known, "tickets": tickets}
            item |= {"permanent": True} if kind == "clients" else {}
            self.send("POST", f"/{kind}/batch", {"delete": [item]})
        person.known = person.marks[-1:]
        if kind == "clients":
            person.is_archived = False
        self.done[tickets] += 1
        if not person.ids:
            self.people.remove(person)
            self.gone.append(person)

    def plan(self, person):
        if not person.is_archived:
            body = {"subject": self.text(person), "notes": self.text(person), **person.links}
            body["dueAt"] = f"2026-02-{self.random.randint(1, 28):02}T10:00:00Z"
            planned = self.send("POST", "/follow-ups", body)
            action = self.random.choice(["keep", "done", "complete", "delete"])
            if action == "done":
                self.send("PUT", f"/follow-ups/{planned['id']}", {"status": "done"})
            elif action == "complete":
                following = {"subject": self.text(person), "dueAt": "2026-03-01T10:00:00Z"}
                body = {"outcome": self.text(person), "next": following}
                self.send("POST", f"/follow-ups/{planned['id']}/complete", body)
            elif action == "delete":
                self.send("DELETE", f"/follow-ups/{planned['id']}")

    def ask(self, person):
        if person.is_archived:
            return
        by_address = {"requesterEmail": person.fields["email"].upper()}
        is_known = person.client or not person.is_won
        is_found = is_known and self.random.random() < 0.5
        body = {"subject": self.text(person), "description": self.text(person)} | by_address
        ticket = self.send("POST", "/tickets", body if is_found else body | person.links)
        assert ticket["leadId"] or ticket["clientId"]
        self.tickets[ticket["id"]] = person

    def talk(self):
        ticket = self.random.choice(sorted(self.tickets))
        person, path = self.tickets[ticket], f"/tickets/{ticket}"
        now = self.http.get(path).json
        if not (now.get("leadId") or now.get("clientId")):
            # It is gone, or belongs to nobody.
            del self.tickets[ticket]
            return
        comment = self.send("POST", f"{path}/comments", {"text": self.text(person)})
        one = f"{path}/comments/{comment['id']}"
        action = self.random.choice(["keep", "change", "delete", "resolve", "delete ticket"])
        if action == "change":
            self.send("PUT", one, {"text": self.text(person), "author": person.fields["name"]})
        elif action == "delete":
            self.send("DELETE", one)
        elif action == "resolve":
            self.send("PUT", path, {"status": "resolved", "subject": self.text(person)})
        elif self.random.random() < 0.2 and action == "delete ticket":
            self.send("DELETE", path)

    def step(self):
        if len(self.people) < 12:
            self.arrive()
        person, luck = self.random.choice(self.people), self.random.random()
        if luck < 0.15:
            self.plan(person)
        elif luck < 0.35:
            self.ask(person)
        elif luck < 0.6 and self.tickets:
            self.talk()
        elif luck < 0.65:
            self.rename(person)
        elif luck < 0.78:
            self.convert(person)
        elif luck < 0.9:
            self.archive(person)
        else:
            self.erase(person, self.random.choice(["erase", "keep"]))


@pytest.mark.parametrize(
    ("seed", "times"),
    [(1, 10), *(pytest.param(seed, 100, marks=pytest.mark.long) for seed in range(2, 5))],
)
def test_nothing_points_nowhere_and_nothing_of_who_is_gone_stays(app, client, seed, times):
    town, path = Town(client, seed), app.extensions["leadbook"].path
    while min(town.done.values()) < times:
        town.step()
    assert len(town.gone) > times / 2
    with closing(sqlite3.connect(path)) as reader:
        for table, link, others in LINKS:
            dangling = f"SELECT count(*) FROM {table} WHERE {link} NOT IN (SELECT id FROM {others})"
            assert reader.execute(dangling).fetchone() == (0,), (table, link)
        nobody = "SELECT count(*) FROM follow_ups WHERE coalesce(lead_id, client_id) IS NULL"
        assert reader.execute(nobody).fetchone() == (0,)
        for table, link in (("leads", "lead_id"), ("clients", "client_id")):
            rows = reader.execute(SAID.format(table=table, link=link)).fetchall()
            assert [each[1:3] for each in rows] == [each[3:] for each in rows]
        rows = reader.execute(COUNTED).fetchall()
        assert [each[1] for each in rows] == [each[2] for each in rows]
        assert len(rows) > times / 3
        paused = "SELECT (SELECT status FROM clients WHERE id = client_id) IS 'archived'"
        wrong = f"{paused}, paused FROM follow_ups WHERE paused <> ({paused})"
        assert reader.execute(wrong).fetchall() == []
    assert [each for each in check(path, Clock(), RECORDS, repair=False) if each[1]] == []
    app.extensions["leadbook"].close()
    assert_nowhere(path, [mark for person in town.gone for mark in person.marks])


def assert_nowhere(path, marks):
    """Assert that no row has a mark, and no byte of the files, once SQLite's old copies are gone.

    docs/operations.md tells of those: when a row grows, SQLite may leave a copy of another one.
    """
    with closing(sqlite3.connect(path)) as other:
        tables = other.execute("SELECT name FROM sqlite_master WHERE rootpage > 0").fetchall()
        for (table,) in tables:
            rows = other.execute(f"SELECT * FROM pragma_table_info('{table}')").fetchall()
            columns = [f'CAST("{row[1]}" AS BLOB)' for row in rows]
            kept = other.execute(f'SELECT {", ".join(columns) or 1} FROM "{table}"') if rows else ()
            texts = b"\n".join(each for row in kept for each in row if each).lower()
            assert [each for each in marks if each.encode() in texts] == [], table
    compact(path, lambda _: None)
    for file in path.parent.iterdir():
        kept = file.read_bytes().lower()
        assert [each for each in marks if each.encode() in kept] == [], file.name
