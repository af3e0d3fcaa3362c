"""A message to a webhook: an event with its record, or a ping."""

from dataclasses import dataclass
from typing import Any

from leadbook.models import RECORDS
from leadbook.storage.database import current
from leadbook.storage.event_log import matching
from leadbook.storage.events import feed
from leadbook.storage.json_text import as_text
from leadbook.storage.times import milliseconds_of
from leadbook.webhooks.models import Webhook
from leadbook.webhooks.outcomes import Outcome
from leadbook.webhooks.signing import signed_headers
from leadbook.webhooks.targets import Policy, Target

PING = "ping"


@dataclass(frozen=True)
class Message:
    """What one try sends.

    `id` is the same at every try of an event; the body may show a newer record. `event` is the
    number of the event. `last_event` is that of the log when the body was made.
    """

    webhook: Webhook
    id: str
    type: str
    body: bytes
    event: int | None = None
    record_id: str | None = None
    last_event: int = 0

    def send(self, policy: Policy, milliseconds: int) -> Outcome:
        """Send the message, signed with this time; this takes up to ten seconds."""
        # With TLS and a parser of HTTP, which only those need who have webhooks.
        from leadbook.webhooks.sending import send  # noqa: PLC0415  # as above

        secrets = self.webhook.secrets_at(milliseconds)
        try:
            headers = signed_headers(self.id, milliseconds // 1000, self.body, secrets)
            target = Target.parse(self.webhook.url)
        except ValueError as error:
            # Somebody has changed the file by other means.
            return Outcome(None, f"the webhook is damaged: it needs {error}", 0)
        headers["Content-Type"] = "application/json"
        return send(target, headers, self.body, policy)


def ping(webhook: Webhook) -> Message:
    """Return a message that stands for no event."""
    now = current.clock.now()
    message_id = f"{PING}_{current.clock.new_id().replace('-', '')}"
    return Message(webhook, message_id, PING, _body(PING, now, None, None))


def next_message(webhook: Webhook, after: int) -> tuple[Message | None, int]:
    """Return the message of the first event after a number, and the number to look after next.

    It looks at some thousand events at once: if there is no message, there may be one after the
    returned number. Raises EventsExpiredError.
    """
    with current.read():
        last, _ = current.last_event()
        types = matching(RECORDS, webhook.patterns)
        page = feed(RECORDS, after=after, limit=1, types=types or [""])
    place = after if page.next is None else page.next
    if not page.data:
        return None, place
    [event] = page.data
    record = event.pop("record")
    # Another log, of a restored file, may give the number to another event.
    message_id = f"evt_{event['number']}_{milliseconds_of(event['time'])}"
    body = _body(event["type"], event["time"], event, record)
    named = event["type"], body, event["number"], event["recordId"]
    return Message(webhook, message_id, *named, last), place


def _body(what: str, time: str, event: Any, record: Any) -> bytes:
    """Return a body: https://github.com/standard-webhooks/standard-webhooks."""
    content = {"type": what, "timestamp": time, "data": {"event": event, "record": record}}
    return as_text(content).encode()
