"""People who are converted, archived and erased at random, with what belongs to them."""

import random

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
        self.done = dict.fromkeys(("convert", "archive", "erase", "keep", "move"), 0)

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

    def move(self, person):
        """Give a ticket to another person, or to nobody; it may still say who asked."""
        ticket = self.random.choice(sorted(self.tickets))
        now = self.http.get(f"/tickets/{ticket}").json
        if "id" not in now or person.is_archived:
            return
        links = {"leadId": person.ids.get("leads"), "clientId": person.client}
        if self.random.random() < 0.3:
            links = dict.fromkeys(links)
        body = links | self.random.choice([{}, {"subject": "Moved"}, {"requesterEmail": None}])
        self.send("PUT", f"/tickets/{ticket}", body)
        self.tickets[ticket] = person
        self.done["move"] += 1

    def wonder(self, person):
        """Ask with an address that nobody has yet, and give it to a person then."""
        if person.is_archived or len(person.ids) > 1:
            return
        self.numbers += 1
        mark = f"zq{self.numbers:04}x"
        body = {"subject": f"I, {mark} Byron, ask", "requesterEmail": f"{mark}@Engines.test"}
        assert self.send("POST", "/tickets", body)["clientId"] is None
        person.marks.append(mark)
        person.known = [*person.known, mark]
        [(kind, known)] = person.ids.items()
        self.send("PUT", f"/{kind}/{known}", person.fields)

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
        elif luck < 0.63:
            self.rename(person)
        elif luck < 0.65:
            self.wonder(person)
        elif luck < 0.72 and self.tickets:
            self.move(person)
        elif luck < 0.78:
            self.convert(person)
        elif luck < 0.9:
            self.archive(person)
        else:
            self.erase(person, self.random.choice(["erase", "keep"]))
