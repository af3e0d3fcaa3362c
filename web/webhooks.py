"""What the calls under /webhooks share: how a webhook is shown, where it may go, and a ping."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any

import marshmallow as ma
from flask import current_app

from leadbook.storage.database import current
from leadbook.storage.record import VersionMismatchError
from leadbook.storage.rendering import Shown
from leadbook.web.preconditions import accepted_versions, explained
from leadbook.web.webhook_schemas import Delivery as DeliverySchema
from leadbook.web.webhook_schemas import Webhook as WebhookSchema
from leadbook.web.webhook_schemas import WebhookWithSecret
from leadbook.webhooks.messages import ping
from leadbook.webhooks.models import Delivery, Webhook
from leadbook.webhooks.targets import Policy, Target
from leadbook.webhooks.tries import store

Json = dict[str, Any]

_WEBHOOK, _WITH_SECRET, _DELIVERY = WebhookSchema(), WebhookWithSecret(), DeliverySchema()


def shown(webhook: Webhook) -> Shown:
    """Return a webhook for an answer, without its secret."""
    return _shown(_WEBHOOK, webhook)


def shown_with_secret(webhook: Webhook) -> Shown:
    """Return a webhook for an answer that shows its secret once."""
    return _shown(_WITH_SECRET, webhook)


def _shown(schema: ma.Schema, webhook: Webhook) -> Shown:
    values = {name: getattr(webhook, name) for name in schema.fields}
    return Shown(Webhook, schema.dump(values | {"events": webhook.patterns}))


def shown_delivery(delivery: Delivery) -> Json:
    """Return what became of one try."""
    found: Json = _DELIVERY.dump(delivery)
    return found


def deliveries_of(id: str) -> Json:
    """Return the last tries of a webhook, and how far it is. Raises NotFoundError."""
    with current.read():
        webhook = Webhook.fetch(id)
        data = list(map(shown_delivery, Delivery.of(webhook)))
    place = {"after": webhook.after, "failures": webhook.failures, "nextTry": webhook.next_try}
    return {"data": data, **place}


def require_allowed(fields: Mapping[str, Any]) -> None:
    """Raise ValidationError for the URL of an address that is not allowed.

    A name is looked up when it is sent to, since its addresses may change.
    """
    if "url" not in fields:
        return
    target = Target.parse(fields["url"])
    try:
        address = ip_address(target.host)
    except ValueError:
        return
    if not targets().allows(target, address):
        message = "Must be a public address, or one that LEADBOOK_WEBHOOK_TARGETS allows."
        raise ma.ValidationError({"url": [message]})


def targets() -> Policy:
    """Return which hosts webhooks may go to."""
    policy: Policy = current_app.config["WEBHOOK_TARGETS"]
    return policy


def send_ping(id: str) -> Json:
    """Send a ping now; return what became of it. Raises NotFoundError."""
    try:
        webhook = Webhook.fetch(id, accepted_versions())
    except VersionMismatchError as error:
        raise explained(error) from error
    # The receiver may take longer than a request may spend in the database.
    current.time_limit.lift()
    message = ping(webhook)
    outcome = message.send(targets(), current.clock.milliseconds())
    stored = store([(message, outcome)])
    # Without the webhook, which was removed meanwhile, nothing is stored.
    return shown_delivery(stored[0]) if stored else deliveries_of(id)
