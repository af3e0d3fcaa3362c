"""What is due now, and what becomes of a try: the next event, another try, or the end."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from leadbook.storage.database import current
from leadbook.storage.events import EventsExpiredError
from leadbook.storage.times import milliseconds_of, text_of
from leadbook.webhooks.deliveries import Delivery
from leadbook.webhooks.messages import Message, next_message
from leadbook.webhooks.models import Webhook
from leadbook.webhooks.outcomes import Outcome
from leadbook.webhooks.retries import LONGEST_WISH, delay_after

GONE = 410
# How far the place of a webhook moves, without a message for it, before that is stored.
_FAR = 1000
_LONGEST_DELAY = LONGEST_WISH // timedelta(milliseconds=1)
_ENDS = "SELECT 1 FROM events WHERE number > ? AND version IS NULL LIMIT 1"

_log = logging.getLogger("leadbook.webhooks")


class Try(NamedTuple):
    """What was sent, when, in milliseconds, and what became of it."""

    message: Message
    sent_at: int
    outcome: Outcome


class Agenda:
    """Finds the messages that are due, and remembers which events are for no webhook."""

    def __init__(self) -> None:
        # By webhook: its place and types, and the event up to which there is no message for it.
        self._seen: dict[str, tuple[tuple[int, str], int]] = {}

    def due(self, webhooks: Sequence[Webhook], milliseconds: int) -> list[Webhook]:
        """Return those of `webhooks` for which there may be a message now."""
        last, _ = current.last_event()
        ids = {webhook.id for webhook in webhooks}
        self._seen = {name: place for name, place in self._seen.items() if name in ids}
        return [
            webhook
            for webhook in webhooks
            if _is_over(webhook.next_try, milliseconds) and self._place(webhook) != last
        ]

    def next_message(self, webhook: Webhook) -> Message | None:
        """Return the next message to a webhook, or None if there is none among the next events."""
        place = self._place(webhook)
        try:
            message, place = next_message(webhook, place)
        except EventsExpiredError as error:
            _skip(webhook, error)
            return None
        if message:
            return message
        self._seen[webhook.id] = (webhook.after, webhook.events), place
        if place - webhook.after >= _FAR:
            with current.write():
                webhook.move(place)
        return None

    def _place(self, webhook: Webhook) -> int:
        known, place = self._seen.get(webhook.id, (None, 0))
        return place if known == (webhook.after, webhook.events) else int(webhook.after)


def _is_over(next_try: str | None, now: int) -> bool:
    # A time that is too far ahead is from before the clock was set back.
    return next_try is None or not now < milliseconds_of(next_try) <= now + _LONGEST_DELAY


def _skip(webhook: Webhook, error: EventsExpiredError) -> None:
    """Go on with the oldest event that is kept; somebody should know that some are missing."""
    _log.warning("The webhook %s has missed events. %s", webhook.id, error)
    with current.write():
        last, _ = current.last_event()
        if not webhook.move(last if webhook.after > last else error.oldest - 1):
            return
        Delivery.create(
            webhook_id=webhook.id,
            message_id="",
            type="missed",
            time=current.now,
            error=str(error),
            milliseconds=0,
            answer="",
        )


def store(tries: Sequence[Try]) -> list[Delivery]:
    """Store what became of tries, in one write; return the deliveries."""
    with current.write():
        stored = [_store_one(*each) for each in tries]
        found = [each for each in stored if each is not None]
        Delivery.forget_old({each.message.webhook.id for each in tries})
    return found


def _store_one(message: Message, sent_at: int, outcome: Outcome) -> Delivery | None:
    webhook = Webhook.get_or_none(Webhook.id == message.webhook.id)
    if webhook is None:
        return None
    webhook.forget_old_secrets()
    next_try = None
    if message.event is not None and webhook.after == message.webhook.after:
        next_try = _advance(webhook, message, outcome)
    # Who was erased while it was sent may stand in the answer.
    has_ends = current.execute_sql(_ENDS, (message.last_event,)).fetchone() is not None
    return Delivery.create(
        webhook_id=webhook.id,
        message_id=message.id,
        event=message.event,
        type=message.type,
        record_id=message.record_id,
        time=text_of(sent_at),
        status=outcome.status,
        error=outcome.error,
        milliseconds=outcome.milliseconds,
        answer="" if has_ends and message.record_id else outcome.text,
        next_try=next_try,
    )


def _advance(webhook: Webhook, message: Message, outcome: Outcome) -> str | None:
    """Move a webhook on; return the time of the next try, if there will be one."""
    if outcome.is_success:
        webhook.go_on({"after": message.event, "failures": 0, "next_try": None})
        return None
    if webhook.version != message.webhook.version:
        # A person has changed it meanwhile, so it starts afresh.
        return None
    if outcome.status == GONE:
        webhook.switch_off("The receiver has answered 410 Gone.")
        return None
    return _try_again(webhook, message, outcome)


def _try_again(webhook: Webhook, message: Message, outcome: Outcome) -> str | None:
    failures, now = webhook.failures + 1, datetime.fromisoformat(current.clock.now())
    source = current.clock.random_for("delay", webhook.id, message.id, failures)
    delay = delay_after(failures, source, now, outcome.retry_after)
    told = outcome.error or f"status {outcome.status}"
    if delay is None:
        webhook.switch_off(f"Event {message.event} failed {failures} times; the last time: {told}.")
        _log.warning("The webhook %s is switched off. %s", webhook.id, webhook.reason)
        return None
    next_try = str(current.clock.after(delay))
    webhook.go_on({"failures": failures, "next_try": next_try})
    _log.warning("The webhook %s could not be sent (%s); next try: %s", webhook.id, told, next_try)
    return next_try
