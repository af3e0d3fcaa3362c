"""The calls under /webhooks."""

from typing import Any

from flask import jsonify

from leadbook.access.gate import WEBHOOKS
from leadbook.storage.rendering import Shown
from leadbook.web import webhook_schemas as schemas
from leadbook.web import webhooks
from leadbook.web.operations import Operations
from leadbook.web.preconditions import Versions
from leadbook.webhooks.models import Webhook

blueprint = Operations(WEBHOOKS, __name__, description="Events sent to other systems.")

_FULL: Any = {409: {"$ref": "#/components/responses/Conflict"}}
_SWEPT: Any = {410: {"$ref": "#/components/responses/Gone"}}


@blueprint.read("/webhooks", schemas.WebhookList)
def list_webhooks() -> Any:
    """List all webhooks, oldest first.

    There may be 100 webhooks. Only keys with the scope `admin` may make these calls; without keys,
    only programs on this machine.
    """
    return jsonify(data=[webhooks.shown(each).fields for each in Webhook.all()])


@blueprint.write_unstored(
    "/webhooks",
    schemas.WebhookWithSecret,
    status=201,
    body=schemas.NewWebhook,
    responses=_FULL,
)
def create_webhook(body: dict[str, Any]) -> Shown:
    """Create a webhook, which gets the events from now on.

    The answer shows the secret that signs its messages; it is not shown again.
    """
    webhooks.require_allowed(body)
    return webhooks.shown_with_secret(Webhook.create_from(body))


@blueprint.read("/webhooks/<record:id>", schemas.Webhook)
def get_webhook(id: str) -> Shown:
    """Get a webhook.

    `reason` says why Leadbook has switched it off.
    """
    return webhooks.shown(Webhook.fetch(id))


@blueprint.change("/webhooks/<record:id>", schemas.Webhook, body=schemas.WebhookChanges)
def update_webhook(id: str, versions: Versions, body: dict[str, Any]) -> Shown:
    """Change the fields of a webhook that are in the body.

    If anything changes, an event that failed is tried again at once. A webhook that is switched on
    again goes on where it stopped.
    """
    webhooks.require_allowed(body)
    return webhooks.shown(Webhook.fetch(id, versions).change(body))


@blueprint.write("DELETE", "/webhooks/<record:id>", status=204)
def delete_webhook(id: str, versions: Versions) -> None:
    """Remove a webhook.

    Nothing more is sent to it, and its deliveries are removed too.
    """
    Webhook.fetch(id, versions).delete_for_good()


@blueprint.write_unstored(
    "/webhooks/<record:id>/rotate", schemas.WebhookWithSecret, body=schemas.NewSecret
)
def rotate_secret(id: str, versions: Versions, body: dict[str, Any]) -> Shown:
    """Replace the secret of a webhook.

    The old secret signs beside the new one for 24 hours.
    """
    return webhooks.shown_with_secret(Webhook.fetch(id, versions).rotate(body.get("secret")))


@blueprint.act("POST", "/webhooks/<record:id>/test", schemas.Delivery, is_long=True)
def test_webhook(id: str) -> Any:
    """Send a `ping` to a webhook now, and return what became of it.

    A failed ping is not tried again, and does not count as a failure.
    """
    return jsonify(webhooks.send_ping(id))


@blueprint.write_unstored(
    "/webhooks/<record:id>/replay", schemas.Webhook, body=schemas.Replay, responses=_SWEPT
)
def replay_events(id: str, versions: Versions, body: dict[str, Any]) -> Shown:
    """Send the events after a number, whether they were sent before or not.

    An event that is sent again has the same `webhook-id`.
    """
    return webhooks.shown(webhooks.replay(id, versions, **body))


@blueprint.read("/webhooks/<record:id>/deliveries", schemas.DeliveryList)
def list_deliveries(id: str) -> Any:
    """List the last 100 tries of a webhook, newest first.

    `after`, `failures` and `nextTry` say how far it is.
    """
    return jsonify(webhooks.deliveries_of(id))
