"""What the calls under /webhooks share: how a webhook is shown, where it may go, and a ping."""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from ipaddress import IPv4Address, ip_address
from typing import Any

import marshmallow as ma
from flask import current_app

from leadbook.access.fronting import ENDING, UnreadableError
from leadbook.storage.database import current
from leadbook.storage.refusals import VersionMismatchError
from leadbook.storage.rendering import Shown
from leadbook.web.preconditions import Versions, accepted_versions, explained
from leadbook.web.webhook_schemas import Delivery as DeliverySchema
from leadbook.web.webhook_schemas import Webhook as WebhookSchema
from leadbook.web.webhook_schemas import WebhookWithSecret
from leadbook.webhooks.courier import attempt
from leadbook.webhooks.deliveries import Delivery
from leadbook.webhooks.messages import Message, ping
from leadbook.webhooks.models import Webhook
from leadbook.webhooks.networks import Address
from leadbook.webhooks.outcomes import Outcome
from leadbook.webhooks.targets import Policy, Target
from leadbook.webhooks.tries import Try, store

Json = dict[str, Any]

# They take threads of long calls, which imports and exports need.
_MOST_PINGS = 2
_LOOK_SECONDS = 0.05
_pings = threading.BoundedSemaphore(_MOST_PINGS)

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
        data = list(map(shown_delivery, Delivery.of(webhook.id)))
    place = {"after": webhook.after, "failures": webhook.failures, "nextTry": webhook.next_try}
    return {"data": data, **place}


def require_allowed(fields: Mapping[str, Any]) -> None:
    """Raise ValidationError for the URL of an address that is not allowed.

    A name is looked up when it is sent to, since its addresses may change.
    """
    if "url" not in fields:
        return
    target = Target.parse(fields["url"])
    address = _address(target.host)
    if address and not targets().allows(target, address):
        message = "Must be a public address, or one that LEADBOOK_WEBHOOK_TARGETS allows."
        raise ma.ValidationError({"url": [message]})


def _address(host: str) -> Address | None:
    """Return the address that a host is, or None if it is a name."""
    with suppress(ValueError):
        return ip_address(host)
    with suppress(OSError):
        # As the system reads it: `127.1` and `0x7f000001` are addresses too.
        return IPv4Address(socket.inet_aton(host))
    return None


def replay(id: str, versions: Versions, after: int) -> Webhook:
    """Let a webhook go on after an event.

    Raises NotFoundError, VersionMismatchError, ValidationError and EventsExpiredError.
    """
    webhook, (last, _) = Webhook.fetch(id, versions), current.last_event()
    if after > last:
        raise ma.ValidationError({"after": [f"Must be at most {last}, that of the last event."]})
    return webhook.replay(after)


def targets() -> Policy:
    """Return which hosts webhooks may go to."""
    policy: Policy = current_app.config["WEBHOOK_TARGETS"]
    return policy


def send_ping(id: str) -> Json:
    """Send a ping now; return what became of it, or that the server ends.

    Raises NotFoundError, and UnreadableError if too many are under way.
    """
    try:
        webhook = Webhook.fetch(id, accepted_versions())
    except VersionMismatchError as error:
        raise explained(error) from error
    # The receiver may take longer than a request may spend in the database.
    current.time_limit.lift()
    tried = _try_until_the_end(ping(webhook))
    stored = store([tried])
    # Without the webhook, which was removed meanwhile, nothing is stored.
    return shown_delivery(stored[0]) if stored else deliveries_of(id)


def _try_until_the_end(message: Message) -> Try:
    """Send a message in a thread, which the end of the server does not wait for."""
    if not _pings.acquire(blocking=False):
        text = f"{_MOST_PINGS} pings are under way already; try again soon."
        raise UnreadableError(503, "TOO_BUSY", text)
    policy, now, found = targets(), current.clock.milliseconds(), list[Try]()

    def send() -> None:
        try:
            found.append(attempt(message, policy, now))
        finally:
            _pings.release()

    thread = threading.Thread(target=send, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        _pings.release()
        raise UnreadableError(503, "TOO_BUSY", "There are no more threads.") from None
    ending = current_app.extensions.get(ENDING)
    # Nobody tells of both, so that there is only asking.
    while thread.is_alive() and not (ending and ending.is_set()):
        thread.join(_LOOK_SECONDS)
    return found[0] if found else Try(message, now, Outcome(None, "the server ends", 0))
