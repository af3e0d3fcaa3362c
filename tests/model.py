"""The contract in a few lines: leads and clients as dicts, and what becomes of them."""

import json
from unicodedata import combining, normalize

from belongings import FIRST, Belongings, RefusedError
from drawn import THEIRS, clean

from leadbook.schemas import LEAD_STATUSES

CONTACT = ["name", "email", "company", "phone", "source", "notes"]
PERSON = dict.fromkeys(CONTACT) | {"custom": None, "nextFollowUpAt": None, "openFollowUps": 0}
DEFAULTS = FIRST | {
    "leads": PERSON | {"status": "new", "score": 0, "clientId": None, "convertedAt": None},
    "clients": PERSON | {"status": "active", "leadId": None, "archivedAt": None},
}


def fold(text):
    return normalize("NFC", text).casefold()


def merged(kept, given):
    entries = {} if given is None else {**kept, **given}
    entries = {name: entries[name] for name in sorted(entries) if entries[name] is not None}
    # 1.0 is kept as 1.
    return {
        name: int(each) if each == 1.0 and each is not True else each
        for name, each in entries.items()
    }


def is_entry(kept, asked):
    """Return whether a list filtered by an entry has a record with this one."""
    if isinstance(kept, str):
        return fold(kept) == fold(asked)
    return kept is not None and json.dumps(kept) == asked.lower()


def searched(text):
    apart = normalize("NFKD", fold(text or ""))
    return "".join(each for each in apart if not combining(each))


class Model(Belongings):
    """The records by kind and id; `now` stamps what changes, `new_ids` yields the next ids."""

    def __init__(self):
        super().__init__()
        self.now = self.last_stamp = ""
        # The records whose history was forgotten: a person whose words they had was erased.
        self.parted = set()
        self.new_ids = iter(())

    @property
    def leads(self):
        return self.records["leads"]

    @property
    def clients(self):
        return self.records["clients"]

    def in_order(self, kind):
        """Return the records as they came."""
        return sorted(self.records[kind].values(), key=lambda each: (each["createdAt"], each["id"]))

    def fetch(self, kind, id, version=None):
        if id not in self.records[kind]:
            raise RefusedError(404, "NOT_FOUND")
        record = self.records[kind][id]
        if version not in (None, record["version"]):
            raise RefusedError(412, "VERSION_MISMATCH")
        return record

    def insert(self, kind, values):
        new_id = next(self.new_ids, None)
        made = self.records[kind][new_id] = DEFAULTS[kind] | values
        if "custom" in made:
            made["custom"] = merged({}, values.get("custom"))
        made |= {"id": new_id, "version": 1, "createdAt": self.now, "updatedAt": self.now}
        self.last_stamp = self.now
        return made

    def update(self, record, values):
        if "custom" in values:
            values = {**values, "custom": merged(record["custom"], values["custom"])}
        # As JSON, in which 1 and true are different.
        custom = [json.dumps(each.get("custom")) for each in (record, record | values)]
        if record | values != record or len(set(custom)) > 1:
            record |= values | {"version": record["version"] + 1, "updatedAt": self.now}
            self.last_stamp = self.now
        return record

    def owner_of(self, email):
        """Return the active client of an address."""
        active = (each for each in self.clients.values() if each["status"] == "active")
        return next((each for each in active if fold(each["email"]) == fold(email)), None)

    def newest_lead(self, email, statuses):
        found = [each for each in self.in_order("leads") if fold(each["email"]) == fold(email)]
        return next((each for each in reversed(found) if each["status"] in statuses), None)

    def require_free(self, email, own_id=None):
        owner = self.owner_of(email)
        if owner and owner["id"] != own_id:
            raise RefusedError(409, "DUPLICATE_EMAIL", owner["id"])

    def create(self, kind, body, on_duplicate="create"):
        """Return the record, and whether it is new."""
        values = clean(body)
        if kind == "clients":
            self.require_free(values["email"])
        elif on_duplicate != "create":
            existing = self.newest_lead(values["email"], ("new", "contacted", "qualified"))
            if existing and on_duplicate == "reject":
                raise RefusedError(409, "DUPLICATE_EMAIL", existing["id"])
            if existing and on_duplicate == "update":
                return self.change("leads", existing, body), False
            if existing:
                return existing, False
        return self.insert(kind, values), True

    def change(self, kind, record, body):
        values = clean(body)
        if kind == "leads" and record["clientId"] and values.get("status", "won") != "won":
            raise RefusedError(409, "LEAD_CONVERTED")
        if kind == "clients":
            if record["status"] == "archived":
                raise RefusedError(409, "CLIENT_ARCHIVED")
            self.require_free((record | values)["email"], record["id"])
        return self.update(record, values)

    def convert(self, lead, body, on_duplicate):
        """Return the client, and whether it is new."""
        if lead["clientId"]:
            return self.clients[lead["clientId"]], False
        given = clean(body or {})
        values = {name: lead[name] for name in CONTACT} | given | {"leadId": lead["id"]}
        values["custom"] = merged(lead["custom"], given.get("custom", {}))
        if on_duplicate != "link":
            self.require_free(values["email"])
        owner = self.owner_of(values["email"])
        if owner:
            empty = {name: values[name] for name in values if owner[name] is None}
            self.update(owner, empty | {"custom": values["custom"] | owner["custom"]})
        client = owner or self.insert("clients", values)
        self.update(lead, {"status": "won", "clientId": client["id"], "convertedAt": self.now})
        self.take_along(lead, client)
        return client, not owner

    def archive(self, client):
        since = client["archivedAt"] or self.now
        return self.update(client, {"status": "archived", "archivedAt": since})

    def restore(self, client):
        self.require_free(client["email"], client["id"])
        return self.update(client, {"status": "active", "archivedAt": None})

    def erase(self, kind, record):
        gone = self.records[kind].pop(record["id"])["id"]
        halves = {each["id"] for each in self.clients.values() if each["leadId"] == gone}
        halves |= {record.get("clientId")} & self.clients.keys()
        self.parted |= halves | self.around(halves)
        for each in (*self.leads.values(), *self.clients.values()):
            if each.get("clientId") == gone:
                self.update(each, {"clientId": None, "convertedAt": None})
            if each.get("leadId") == gone:
                self.update(each, {"leadId": None})
        self.lose(kind, gone)

    def carry_out(self, kind, body):
        """Do what a batch says, in its order; return the ids."""
        ids = {"created": [self.create(kind, item)[0]["id"] for item in body["create"]]}
        for item in body["update"]:
            record = self.fetch(kind, item["id"], item.get("version"))
            changes = {name: item[name] for name in item if name not in ("id", "version")}
            self.change(kind, record, changes)
        for item in body["delete"]:
            record = self.fetch(kind, item["id"], item.get("version"))
            if kind == "clients" and not item.get("permanent"):
                self.archive(record)
            else:
                self.erase(kind, record)
        for kind_of_change, named in (("update", "updated"), ("delete", "deleted")):
            ids[named] = [item["id"] for item in body[kind_of_change]]
        return ids

    def bring_in(self, kind, row, on_duplicate, own):
        """Import a row and return what became of it; `own` are those of its file, by address."""
        values = {name: value for name, value in clean(row).items() if value is not None}
        if entries := {name: values.pop(name) for name in [*values] if values[name] == THEIRS}:
            values["custom"] = entries
        existing = self.duplicate_of(kind, values["email"], on_duplicate, own)
        if existing is None:
            own[fold(values["email"])] = self.insert(kind, values)
            return "created"
        if on_duplicate == "update":
            try:
                self.change(kind, existing, values)
            except RefusedError:
                return "rejected"
            return "updated"
        return "skipped" if on_duplicate == "skip" else "rejected"

    def duplicate_of(self, kind, email, on_duplicate, own):
        if kind == "clients":
            return self.owner_of(email)
        if on_duplicate == "create":
            return None
        # A later row of the file is newer, whatever the ids of another process are.
        return own.get(fold(email)) or self.newest_lead(email, LEAD_STATUSES)
