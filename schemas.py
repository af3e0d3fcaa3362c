"""Records as JSON: names, types and limits. This module uses no database."""

from typing import Any, ClassVar

from marshmallow import fields, validate

from leadbook.fields.custom import CustomFields, entries
from leadbook.fields.schema import EXAMPLE_ID, Example, Identified, RecordInput, Versioned
from leadbook.fields.values import Link, Moment, Tags, Text, TrueOrFalse, WholeNumber
from leadbook.storage.text_rules import ANY_TEXT, EMAIL, NOTES, REQUIRED_NOTES, REQUIRED_TEXT

LEAD_STATUSES = ("new", "contacted", "qualified", "won", "lost")
CLIENT_STATUSES = ("active", "archived")


class ContactInput(RecordInput):
    """The fields that a body may have for leads and clients."""

    ignored = RecordInput.ignored | {
        "convertedAt",
        "archivedAt",
        "clientId",
        "leadId",
        "nextFollowUpAt",
        "openFollowUps",
    }

    name = Text(REQUIRED_TEXT, longest=200, example="Ada Byron")
    email = Text(EMAIL, longest=254, example="ada@analytical.example")
    phone = Text(ANY_TEXT, longest=50, allow_none=True, example="+44 20 7946 0000")
    company = Text(ANY_TEXT, longest=200, allow_none=True, example="Analytical Engines")
    source = Text(ANY_TEXT, longest=50, allow_none=True, example="Trade fair")
    notes = Text(NOTES, longest=10_000, allow_none=True, example="Wants a demonstration.")
    custom = CustomFields()


class NewContact(ContactInput):
    """The required fields of a new record."""

    name = Text(REQUIRED_TEXT, longest=200, required=True, example="Ada Byron")
    email = Text(EMAIL, longest=254, required=True, example="ada@analytical.example")


class LeadChanges(ContactInput):
    """Fields of a lead to change; other fields keep their values."""

    example: ClassVar[Example] = {"status": "contacted", "score": 60}

    status = fields.String(validate=validate.OneOf(LEAD_STATUSES))
    score = WholeNumber(validate=validate.Range(0, 100))


class NewLead(NewContact, LeadChanges):
    """A lead to create."""

    example = None
    # The model has the defaults, so that `update` can see which fields the body has.
    status = fields.String(
        validate=validate.OneOf(LEAD_STATUSES), metadata={"default": "new", "example": "new"}
    )
    score = WholeNumber(validate=validate.Range(0, 100), metadata={"default": 0, "example": 40})


class ClientChanges(ContactInput):
    """Fields of a client to change; other fields keep their values."""

    ignored = ContactInput.ignored | {"status"}
    example: ClassVar[Example] = {"phone": "+44 20 7946 0001"}


class ClientOverrides(ClientChanges):
    """Fields of a new client that replace those of its lead."""

    body_is_optional = True
    example = {"company": "Analytical Engines Ltd"}


class NewClient(NewContact, ClientChanges):
    """A client to create."""

    example = None


class ContactOutput(Identified):
    """The fields that leads and clients have in common."""

    name = fields.String(required=True)
    email = fields.String(
        required=True, metadata={"filters": {"email": "The whole address, in any spelling of it."}}
    )
    phone = fields.String(required=True, allow_none=True)
    company = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    notes = fields.String(required=True, allow_none=True)
    custom = fields.Raw(required=True, metadata=entries("string", "number", "boolean"))
    next_follow_up_at = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "When the earliest open follow-up is due. Null if there is none.",
            "format": "date-time",
            "example": None,
            "filters": {
                "follow_up": "Only records whose next follow-up is `overdue`, or is `planned` for "
                "later, or that have `none`."
            },
        },
    )
    open_follow_ups = fields.Integer(
        required=True, metadata={"description": "How many follow-ups are open.", "example": 0}
    )


# The fields of the last base come first in JSON.
class Lead(Versioned, ContactOutput):
    """A person who may buy."""

    written = NewLead

    status = fields.String(
        required=True,
        validate=validate.OneOf(LEAD_STATUSES),
    )
    score = fields.Integer(required=True, validate=validate.Range(0, 100))
    client_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The client made from this lead.", "example": None},
    )
    converted_at = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time", "example": None}
    )


class Client(Versioned, ContactOutput):
    """A person who has bought."""

    written = NewClient

    status = fields.String(
        required=True,
        validate=validate.OneOf(CLIENT_STATUSES),
        metadata={"example": "active"},
    )
    lead_id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The lead of this client.", "example": f"{EXAMPLE_ID[:-1]}2"},
    )
    archived_at = fields.String(
        required=True, allow_none=True, metadata={"format": "date-time", "example": None}
    )


FOLLOW_UP_TYPES = ("task", "call", "email", "meeting")
FOLLOW_UP_STATUSES = ("open", "done", "cancelled")
_NO_TIME: dict[str, Any] = {"format": "date-time", "example": None}


class FollowUpChanges(RecordInput):
    """Fields of a follow-up to change; other fields keep their values."""

    ignored = RecordInput.ignored | {"doneAt"}
    example: ClassVar[Example] = {"dueAt": "2026-02-03T15:00:00+01:00"}

    lead_id = Link(allow_none=True, description="The lead that it is for.")
    client_id = Link(allow_none=True, description="The client that it is for.")
    type = fields.String(
        validate=validate.OneOf(FOLLOW_UP_TYPES), metadata={"default": "task", "example": "call"}
    )
    subject = Text(REQUIRED_TEXT, longest=200, example="Ask about the quote")
    notes = Text(NOTES, longest=10_000, allow_none=True, example="Prefers mornings.")
    due_at = Moment(example="2026-02-02T10:00:00+01:00")
    remind_at = Moment(
        allow_none=True,
        description="When the event `follow-up.due` is made; by default at `dueAt`.",
        example="2026-02-02T09:45:00+01:00",
    )
    assignee = Text(ANY_TEXT, longest=100, allow_none=True, example="Grace")
    status = fields.String(
        validate=validate.OneOf(FOLLOW_UP_STATUSES), metadata={"default": "open", "example": "open"}
    )
    outcome = Text(NOTES, longest=1000, allow_none=True)


class NextFollowUp(FollowUpChanges):
    """A follow-up to create for the same person, unless it names another one."""

    example = None

    subject = Text(REQUIRED_TEXT, longest=200, required=True, example="Ask about the quote")
    due_at = Moment(required=True, example="2026-02-02T10:00:00+01:00")


class NewFollowUp(NextFollowUp):
    """A follow-up to create, for exactly one lead or client."""

    lead_id = Link(
        allow_none=True,
        description="The lead that it is for. Required, unless there is a clientId.",
        example=EXAMPLE_ID,
    )
    client_id = Link(
        allow_none=True,
        description="The client that it is for. Required, unless there is a leadId.",
    )


class FollowUp(Versioned, Identified):
    """Something to do for a lead or a client."""

    written = NewFollowUp

    lead_id = fields.String(
        required=True, allow_none=True, metadata={"description": "The lead that it is for."}
    )
    client_id = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The client that it is for. If a lead was converted, both.",
            "example": None,
        },
    )
    type = fields.String(required=True, validate=validate.OneOf(FOLLOW_UP_TYPES))
    subject = fields.String(required=True)
    notes = fields.String(required=True, allow_none=True)
    due_at = fields.String(
        required=True,
        metadata={
            "format": "date-time",
            "filters": {
                "due_since": "Only follow-ups due at this time or later.",
                "due_before": "Only follow-ups due before this time.",
            },
        },
    )
    remind_at = fields.String(required=True, allow_none=True, metadata=_NO_TIME)
    assignee = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(FOLLOW_UP_STATUSES))
    outcome = fields.String(required=True, allow_none=True, metadata={"example": None})
    done_at = fields.String(required=True, allow_none=True, metadata=_NO_TIME)


TICKET_STATUSES = ("open", "pending", "resolved", "closed")
PRIORITIES = ("low", "normal", "high", "urgent")


class TicketChanges(RecordInput):
    """Fields of a ticket to change; other fields keep their values."""

    ignored = RecordInput.ignored | {"number", "resolvedAt", "closedAt", "commentCount"}
    example: ClassVar[Example] = {"status": "resolved"}

    subject = Text(REQUIRED_TEXT, longest=200, example="The engine stops")
    description = Text(NOTES, longest=20_000, allow_none=True, example="It stops at noon.")
    status = fields.String(
        validate=validate.OneOf(TICKET_STATUSES), metadata={"default": "open", "example": "open"}
    )
    priority = fields.String(
        validate=validate.OneOf(PRIORITIES), metadata={"default": "normal", "example": "high"}
    )
    lead_id = Link(allow_none=True, description="The lead that asks, if it is one.")
    client_id = Link(
        allow_none=True, description="The client that asks, if it is one.", example=EXAMPLE_ID
    )
    requester_email = Text(EMAIL, longest=254, allow_none=True, example="ada@analytical.example")
    assignee = Text(ANY_TEXT, longest=100, allow_none=True, example="Grace")
    tags = Tags(most=20, longest=50, example=("Engines", "Hot"))


class NewTicket(TicketChanges):
    """A ticket to create."""

    example = None

    subject = Text(REQUIRED_TEXT, longest=200, required=True, example="The engine stops")


class Ticket(Versioned, Identified):
    """A request for help."""

    written = NewTicket

    number = fields.Integer(
        required=True, metadata={"description": "Counts from 1; never used twice.", "example": 1}
    )
    subject = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)
    status = fields.String(required=True, validate=validate.OneOf(TICKET_STATUSES))
    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    lead_id = fields.String(required=True, allow_none=True, metadata={"example": None})
    client_id = fields.String(required=True, allow_none=True)
    requester_email = fields.String(required=True, allow_none=True)
    assignee = fields.String(required=True, allow_none=True)
    tags = fields.List(
        fields.String(),
        required=True,
        metadata={"filters": {"tag": "Only tickets with this tag, in any case."}},
    )
    resolved_at = fields.String(required=True, allow_none=True, metadata=_NO_TIME)
    closed_at = fields.String(required=True, allow_none=True, metadata=_NO_TIME)
    comment_count = fields.Integer(required=True, metadata={"example": 0})


class CommentChanges(RecordInput):
    """Fields of a comment to change; other fields keep their values."""

    ignored = RecordInput.ignored | {"ticketId"}
    example: ClassVar[Example] = {"text": "It stops at noon and at six."}

    text = Text(REQUIRED_NOTES, longest=20_000, example="It stops at noon.")
    author = Text(ANY_TEXT, longest=100, allow_none=True, example="Grace")
    internal = TrueOrFalse(metadata={"default": False, "example": False})


class NewComment(CommentChanges):
    """A comment to add to a ticket."""

    example = None

    text = Text(REQUIRED_NOTES, longest=20_000, required=True, example="It stops at noon.")


class Comment(Versioned, Identified):
    """What somebody has said about a ticket."""

    written = NewComment

    id = fields.String(
        required=True,
        metadata={"description": "Opaque. Newer ids sort later.", "example": f"{EXAMPLE_ID[:-1]}2"},
    )
    ticket_id = fields.String(required=True, metadata={"example": EXAMPLE_ID})
    text = fields.String(required=True)
    author = fields.String(required=True, allow_none=True)
    internal = fields.Boolean(
        required=True,
        metadata={
            "filters": {"internal": "Only internal comments if true, only the others if false."}
        },
    )
