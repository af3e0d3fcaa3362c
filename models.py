"""The records of a CRM: their columns, their rules, and how a lead becomes a client.

schemas.py has cleaned all values before.
"""

from collections.abc import Container
from typing import Any, ClassVar, Self

import peewee

from leadbook import schemas
from leadbook.people.belonging import OfPerson
from leadbook.people.contacts import (
    ClientArchivedError,
    Contact,
    DuplicateEmailError,
    LeadConvertedError,
)
from leadbook.storage import rows
from leadbook.storage.announcements import Announcement
from leadbook.storage.columns import AddressKey, Flag, Ranked, TextList, TimeText, UuidText
from leadbook.storage.database import current
from leadbook.storage.due import Due, InTimeZone
from leadbook.storage.event_log import CREATED, UPDATED
from leadbook.storage.filters import AnyCase, AnyOf, AtLeast, AtMost, Before, Filter, HasText, Is
from leadbook.storage.record import Fields, Record
from leadbook.storage.refusals import NotFoundError
from leadbook.storage.sqlite.searched_text import Hashed, TextsOf
from leadbook.storage.status_times import StatusTimes
from leadbook.storage.summaries import CountOf, OwnerHas


class Lead(Contact):
    """A person who may buy."""

    schema, new, changes = schemas.Lead, schemas.NewLead, schemas.LeadChanges
    sorts = Contact.sorts | {"score": "score"}
    filters = {
        **Contact.filters,
        "score_min": AtLeast("score"),
        "score_max": AtMost("score"),
        "client_id": Is("client_id"),
    }
    on_duplicate = ("create", "skip", "update", "reject")
    verbs = (CREATED, UPDATED, "converted", "deleted")
    closed = ("won", "lost")
    owner = "a lead"
    rival = f"{owner} has the address"
    depends: ClassVar[dict[str, str]] = {"converted_at": "client_id"}

    status = peewee.TextField(default="new")
    score = peewee.IntegerField(default=0)
    client_id = UuidText(null=True)
    converted_at = TimeText(null=True)

    class Meta:
        table_name = "leads"

    @classmethod
    def with_email(cls, email: str) -> Self | None:
        """Return the newest lead with this address that is not won or lost, or None."""
        is_open = cls.status.not_in(cls.closed)
        of_address = cls.select().where(cls.has_email(email), is_open)
        found: Self | None = of_address.order_by(cls.created_at.desc(), cls.id.desc()).first()
        return found

    def change(self, fields: Fields) -> Self:
        """Change `fields`. Raises LeadConvertedError for a new status of a converted lead."""
        if self.client_id and fields.get("status", self.status) != self.status:
            raise LeadConvertedError("The status of a converted lead cannot be changed.")
        return self.update_columns(fields)

    def delete_for_good(self) -> None:
        """Erase the lead; a client made from it stays, without the link."""
        current.require_write()
        for client in self.halves:
            if client.lead_id == self.id:
                client.unlink("lead_id")
            client.outlive(self)
        self.erase()

    @classmethod
    def is_apart(cls, values: Fields) -> bool:
        """Return whether the row is from our own export: such leads may have equal addresses."""
        return "id" in values

    @classmethod
    def completed(cls, values: Fields, now: int) -> dict[str, Any]:
        """Return the status and time of a converted lead, in case its export lacks them."""
        if "client_id" not in values:
            return {}
        return {"status": "won", "converted_at": values.get("updated_at", now)}

    @classmethod
    def contradictions(cls, values: Fields) -> list[str]:
        """Return messages about fields of an exported lead that contradict each other."""
        problems = []
        if ("client_id" in values) != ("converted_at" in values):
            problems.append("clientId: Must be given together with convertedAt, or both be empty.")
        if "client_id" in values and values.get("status") != "won":
            problems.append("status: Must be won if there is a clientId.")
        return problems


class Client(Contact):
    """A person who has bought. An archived client stays readable, and its address is free."""

    schema, new, changes = schemas.Client, schemas.NewClient, schemas.ClientChanges
    filters = {**Contact.filters, "lead_id": Is("lead_id")}
    listed = "active"
    archives = True
    verbs = (CREATED, UPDATED, "archived", "restored", "erased")
    owner = "an active client"
    rival = f"{owner} has the address"
    why_no_create = "Two active clients cannot have the same address."
    owning_status = "active"
    status_times: ClassVar[StatusTimes] = {"archived_at": ("status", ("archived",))}

    status = peewee.TextField(default="active")
    lead_id = UuidText(null=True)
    archived_at = TimeText(null=True)
    # Versions before 6 compared addresses in another way. An upgrade keeps all clients, and marks
    # those whose address another one has by now, until a person decides.
    shares_address = Flag(default=False)

    class Meta:
        table_name = "clients"

    @classmethod
    def with_email(cls, email: str) -> Self | None:
        """Return the active client with this address, or None."""
        of_address = cls.select().where(cls.has_email(email), cls.status == "active")
        # The one whose address it is comes before those that only share it.
        found: Self | None = of_address.order_by(cls.shares_address, cls.id).first()
        return found

    @classmethod
    def create_from(cls, fields: Fields) -> Self:
        """Store a new client. Raises DuplicateEmailError."""
        cls._require_free_email(fields["email"])
        return cls.insert_new(fields)

    def change(self, fields: Fields) -> Self:
        """Change `fields`. Raises ClientArchivedError or DuplicateEmailError."""
        if self.status == "archived":
            raise ClientArchivedError("An archived client cannot be changed; restore it first.")
        if fields.get("email", self.email) == self.email:
            return self.update_columns(fields)
        self._require_free_email(fields["email"], except_id=self.id)
        return self.update_columns({**fields, "shares_address": False})

    def fill_in(self, fields: Fields) -> Self:
        """Set the fields of the client that are still empty, and the entries that it lacks."""
        empty = {name: value for name, value in fields.items() if getattr(self, name) is None}
        lacking = {name: each for name, each in fields["custom"].items() if name not in self.custom}
        return self.update_columns({**empty, "custom": lacking})

    def archive(self) -> Self:
        """Archive the client; its address is free then."""
        if self.status == "archived":
            return self
        archived = {"status": "archived", "shares_address": False}
        return self.update_columns(archived, "archived")

    def restore(self) -> Self:
        """Make the client active again. Raises DuplicateEmailError."""
        if self.status == "active":
            return self
        self._require_free_email(self.email)
        return self.update_columns({"status": "active"}, "restored")

    def delete_for_good(self) -> None:
        """Erase the client; the leads that it came from stay and can be converted again."""
        current.require_write()
        for lead in self.halves:
            if lead.client_id == self.id:
                lead.unlink("client_id")
        self.erase()

    @classmethod
    def _require_free_email(cls, email: str, except_id: str | None = None) -> None:
        existing = cls.with_email(email)
        if existing is not None and existing.id != except_id:
            raise DuplicateEmailError(existing.id, cls.owner)

    @classmethod
    def is_apart(cls, values: Fields) -> bool:
        """Return whether the client is archived: it does not own its address then."""
        return values.get("status") == "archived"


_TO_DO: dict[str, str | bool] = {"status": "open", "paused": False}


class FollowUp(OfPerson):
    """Something to do for a lead or a client."""

    schema, new, changes = schemas.FollowUp, schemas.NewFollowUp, schemas.FollowUpChanges
    sorts: ClassVar[dict[str, str]] = {"dueAt": "due_at", **Record.sorts}
    order = "asc"
    filters: ClassVar[dict[str, Filter]] = {
        "status": AnyOf("status"),
        "type": AnyOf("type", is_indexed=False),
        "assignee": AnyCase("assignee"),
        "lead_id": Is("lead_id", covers=("due_at",)),
        "client_id": Is("client_id", covers=("due_at",)),
        "due": Due("due_at", _TO_DO, covers=("assignee", "type")),
        "time_zone": InTimeZone("due_at"),
        "due_since": AtLeast("due_at"),
        "due_before": Before("due_at"),
        **Record.filters,
    }
    verbs = (CREATED, UPDATED, "due", "deleted")
    searched = ("subject", "notes")
    says = ("subject", "notes", "assignee", "outcome")
    counted_by = "status"
    links: ClassVar[dict[str, type[Record]]] = {"lead_id": Lead, "client_id": Client}
    status_times: ClassVar[StatusTimes] = {"done_at": ("status", ("done",))}
    announcement = Announcement(
        "due", ("remind_at", "due_at"), _TO_DO, mark="reminded", index="follow_up_reminder"
    )
    timed_by = ("done_at", "due_at")
    is_independent = False

    type = peewee.TextField(default="task")
    subject = peewee.TextField()
    notes = peewee.TextField(null=True)
    due_at = TimeText()
    remind_at = TimeText(null=True)
    assignee = peewee.TextField(null=True)
    status = peewee.TextField(default="open")
    outcome = peewee.TextField(null=True)
    done_at = TimeText(null=True)
    # Whether nothing is due, since the client is archived.
    paused = OwnerHas("clients", "client_id", status="archived")
    # Whether the event `follow-up.due` was made.
    reminded = Flag(default=False)

    class Meta:
        table_name = "follow_ups"

    def update_columns(self, values: Fields, verb: str = UPDATED) -> Self:
        """Store the values that differ. A new time to remind is one to come."""
        return super().update_columns(self.announcement.renewed(self, values), verb)


class Ticket(OfPerson):
    """A request for help."""

    schema, new, changes = schemas.Ticket, schemas.NewTicket, schemas.TicketChanges
    sorts = Record.sorts | {"priority": "priority", "number": "number"}
    filters: ClassVar[dict[str, Filter]] = {
        "status": AnyOf("status"),
        "priority": AnyOf("priority"),
        "lead_id": Is("lead_id"),
        "client_id": Is("client_id"),
        "assignee": AnyCase("assignee"),
        "tag": HasText("tags"),
        **Record.filters,
    }
    searched = ("subject", "description")
    says = ("subject", "description", "assignee", "tags")
    addresses = ("requester_email",)
    searched_also: ClassVar[dict[str, Any]] = {
        "number": Hashed("number"),
        "comments": TextsOf("comments", "text"),
    }
    counted_by = "status"
    links: ClassVar[dict[str, type[Record]]] = {"lead_id": Lead, "client_id": Client}
    status_times: ClassVar[StatusTimes] = {
        "resolved_at": ("status", ("resolved", "closed")),
        "closed_at": ("status", ("closed",)),
    }

    subject = peewee.TextField()
    description = peewee.TextField(null=True)
    status = peewee.TextField(default="open")
    priority = Ranked(schemas.PRIORITIES, default="normal")
    requester_email = peewee.TextField(null=True)
    requester_key = AddressKey("requester_email")
    assignee = peewee.TextField(null=True)
    tags = TextList()
    resolved_at = TimeText(null=True)
    closed_at = TimeText(null=True)
    comment_count = CountOf("comments")

    class Meta:
        table_name = "tickets"


class Comment(Record):
    """What somebody has said about a ticket."""

    schema, new, changes = schemas.Comment, schemas.NewComment, schemas.CommentChanges
    filters: ClassVar[dict[str, Filter]] = {
        "ticket_id": Is("ticket_id"),
        "internal": Is("internal"),
        **Record.filters,
    }
    says = ("text", "author")
    counted_by = "internal"
    order = "asc"
    links: ClassVar[dict[str, type[Record]]] = {"ticket_id": Ticket}
    is_independent = False

    ticket_id = UuidText()
    text = peewee.TextField()
    author = peewee.TextField(null=True)
    internal = Flag(default=False)

    class Meta:
        table_name = "comments"

    @classmethod
    def path_of(cls, fields: Fields) -> str:
        """Return the path of the comment with these fields of its JSON."""
        return f"/tickets/{fields['ticketId']}/comments/{fields['id']}"

    @classmethod
    def create_from(cls, fields: Fields) -> Self:
        """Add a comment; one that is not internal opens a resolved ticket again."""
        cls._open_again({"internal": False, **fields})
        return cls.insert_new(fields)

    def change(self, fields: Fields) -> Self:
        """Change `fields`; to show an internal comment opens a ticket as a new one does."""
        if self.internal:
            self._open_again({"internal": True, "ticket_id": self.ticket_id, **fields})
        return self.update_columns(fields)

    @classmethod
    def of_ticket(cls, ticket_id: str, id: str, versions: Container[int] | None = None) -> Self:
        """Return a comment of the ticket, as `fetch` does. Raises NotFoundError for another."""
        ticket, comment = Ticket.fetch(ticket_id), rows.read(cls, id)
        if comment is None or comment.ticket_id != ticket.id:
            raise NotFoundError("No comment of this ticket has this id.")
        return comment.in_version(versions)

    @staticmethod
    def _open_again(fields: Fields) -> None:
        ticket = Ticket.fetch(fields["ticket_id"])
        if ticket.status == "resolved" and not fields["internal"]:
            ticket.change({"status": "open"})


# All models of records. Code that handles every kind of record loops over these.
RECORDS: tuple[type[Record], ...] = (Lead, Client, FollowUp, Ticket, Comment)
