"""The JSON of webhooks and of what became of their deliveries."""

from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.fields.schema import CamelCaseSchema, Example, Identified, RecordInput, Versioned
from leadbook.fields.values import Text, TrueOrFalse, WholeNumber
from leadbook.storage.text_rules import NOTES
from leadbook.web.bodies import Body, checked_by
from leadbook.web.event_schemas import LARGEST_NUMBER, PATTERNS
from leadbook.webhooks.signing import key_of
from leadbook.webhooks.targets import LONGEST_URL, Target

_URL = "https://hooks.example/crm"
_SECRET = "whsec_bGVhZGJvb2stZXhhbXBsZS1zZWNyZXQ="  # noqa: S105  # an example
_LONGEST_DESCRIPTION = 1000
_TIME = {"format": "date-time", "example": None}


def _require_different(patterns: list[str]) -> None:
    if len(set(patterns)) < len(patterns):
        raise ma.ValidationError("Must not be named more than once.")


def _url(**options: Any) -> fields.String:
    metadata = {
        "description": "Where the events are sent, with http or https.",
        "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://",
        "maxLength": LONGEST_URL,
        "example": _URL,
    }
    return fields.String(validate=checked_by(Target.parse), metadata=metadata, **options)


def _events(**options: Any) -> Any:
    return fields.List(
        fields.String(validate=validate.OneOf(PATTERNS)),
        validate=[validate.Length(min=1), _require_different],
        metadata={
            "description": "The types of the events. `lead.*` means all of leads.",
            "uniqueItems": True,
            "example": ["lead.*", "client.archived"],
        },
        **options,
    )


def _secret(**options: Any) -> fields.String:
    metadata = {
        "description": "`whsec_` and the base64 of 24 to 64 random bytes. Leadbook makes one "
        "by default.",
        "pattern": "^whsec_[A-Za-z0-9+/]+={0,2}$",
        "example": _SECRET,
    }
    return fields.String(validate=checked_by(key_of), metadata=metadata, **options)


class WebhookChanges(RecordInput):
    """What a person may change of a webhook; other fields keep their values."""

    ignored = RecordInput.ignored | {"reason", "oldSecretUntil"}
    example: ClassVar[Example] = {"active": True}

    url = _url()
    events = _events()
    description = Text(
        NOTES, longest=_LONGEST_DESCRIPTION, allow_none=True, example="Keeps the shop in step."
    )
    active = TrueOrFalse(metadata={"description": "Whether events are sent.", "example": True})


class NewWebhook(WebhookChanges):
    """A webhook to create."""

    example = None

    url = _url(required=True)
    events = _events(required=True)
    secret = _secret()


class NewSecret(Body):
    """The secret of a webhook from now on."""

    body_is_optional = True

    secret = _secret()


class Replay(Body):
    """Where a webhook goes on."""

    example: ClassVar[Example] = {"after": 7}

    after = WholeNumber(
        required=True,
        validate=validate.Range(0, LARGEST_NUMBER),
        metadata={"description": "The number of the event after which it goes on."},
    )


class _WebhookFields(Identified):
    url = fields.String(required=True, metadata={"example": _URL})
    events = fields.List(
        fields.String(validate=validate.OneOf(PATTERNS)),
        required=True,
        metadata={"example": ["lead.*", "client.archived"]},
    )
    description = fields.String(
        required=True, allow_none=True, metadata={"example": "Keeps the shop in step."}
    )
    active = fields.Boolean(required=True, metadata={"example": True})
    reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why Leadbook has switched it off.", "example": None},
    )
    old_secret_until = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Until when a former secret signs too.", **_TIME},
    )


class Webhook(Versioned, _WebhookFields):
    """A URL that gets events."""


class WebhookWithSecret(Versioned, _WebhookFields):
    """A webhook with its secret, which is not shown again."""

    secret = fields.String(required=True, metadata={"example": _SECRET})


class WebhookList(CamelCaseSchema):
    """All webhooks, oldest first."""

    data = fields.List(fields.Nested(Webhook), required=True)


class Delivery(CamelCaseSchema):
    """One try to send a message."""

    webhook_id = fields.String(required=True, metadata={"example": Identified.as_example()["id"]})
    message_id = fields.String(
        required=True,
        metadata={
            "description": "The header `webhook-id`, the same at every try.",
            "example": "evt_7_1767225600000",
        },
    )
    number = fields.Integer(
        required=True,
        allow_none=True,
        attribute="event",
        metadata={"description": "That of the event; null for a ping.", "example": 7},
    )
    type = fields.String(
        required=True,
        metadata={
            "description": "That of the event; `ping`; or `missed`, if events were removed before "
            "they were sent.",
            "example": "lead.updated",
        },
    )
    time = fields.String(
        required=True, metadata={"format": "date-time", "example": "2026-01-01T00:00:00.000Z"}
    )
    status = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "That of the answer, if there was one.", "example": 200},
    )
    error = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why there is no whole answer.", "example": None},
    )
    ms = fields.Integer(required=True, attribute="milliseconds", metadata={"example": 48})
    answer = fields.String(
        required=True, metadata={"description": "The beginning of its body.", "example": "ok"}
    )
    next_try = fields.String(required=True, allow_none=True, metadata=_TIME)


class Deliveries(CamelCaseSchema):
    """Some tries."""

    data = fields.List(fields.Nested(Delivery), required=True)


class DeliveryList(Deliveries):
    """The last 100 tries of a webhook, newest first, and how far it is."""

    after = fields.Integer(
        required=True,
        metadata={
            "description": "It is done with the events up to this number.",
            "example": 7,
        },
    )
    failures = fields.Integer(
        required=True, metadata={"description": "Failed tries in a row.", "example": 0}
    )
    next_try = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "When it is tried again after a failure.", **_TIME},
    )
