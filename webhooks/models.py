"""The table of webhooks: which events go where, and how far each of them is."""

from collections.abc import Container, Mapping
from datetime import timedelta
from typing import Any, Self

import peewee

from leadbook.models import RECORDS
from leadbook.storage.columns import Flag, TimeText, UuidText
from leadbook.storage.database import current
from leadbook.storage.event_log import matching
from leadbook.storage.events import EventsExpiredError, feed, require_kept
from leadbook.storage.json_text import as_text, decode
from leadbook.storage.refusals import NotFoundError, Refusal, VersionMismatchError
from leadbook.storage.times import text_of
from leadbook.webhooks.deliveries import Delivery
from leadbook.webhooks.signing import make_secret

MOST_WEBHOOKS = 100
# How long a replaced secret still signs, so that a receiver can be changed meanwhile.
OLD_SECRET_KEPT = timedelta(hours=24)
_MOST_OLD_SECRETS = 10


class TooManyWebhooksError(Refusal):
    """There are too many webhooks; each one takes a thread while it is sent."""


class Webhook(peewee.Model):
    """A URL that gets events of some types, one after the other.

    It is done with the events up to number `after`. After `failures` tries in a row, it waits until
    `next_try`. These three do not change its version. If it was switched off by itself, which does,
    `reason` says why.
    """

    id = UuidText(primary_key=True)
    url = peewee.TextField()
    # The patterns of types as JSON, such as `["lead.*"]`.
    events = peewee.TextField()
    description = peewee.TextField(null=True)
    active = Flag(default=True)
    reason = peewee.TextField(null=True)
    secret = peewee.TextField()
    # As JSON: each former secret, and until when it signs, in milliseconds.
    old_secrets = peewee.TextField(default="[]")
    after = peewee.IntegerField()
    failures = peewee.IntegerField(default=0)
    next_try = TimeText(null=True)
    version = peewee.IntegerField(default=1)
    created_at = TimeText()
    updated_at = TimeText()

    class Meta:
        database = current
        table_name = "webhooks"

    @classmethod
    def path_of(cls, fields: Mapping[str, Any]) -> str:
        """Return the path of the webhook with these fields of its JSON."""
        return f"/webhooks/{fields['id']}"

    @classmethod
    def fetch(cls, id: str, versions: Container[int] | None = None) -> Self:
        """Return the webhook; if `versions` is given, it must have one of them.

        Raises NotFoundError or VersionMismatchError.
        """
        webhook = cls.get_or_none(cls.id == id)
        if webhook is None:
            raise NotFoundError("No webhook has this id.")
        if versions is not None and webhook.version not in versions:
            message = "The webhook has changed since it was read."
            raise VersionMismatchError(message, webhook.version)
        found: Self = webhook
        return found

    @classmethod
    def all(cls) -> list[Self]:
        """Return all webhooks, oldest first."""
        return list(cls.select().order_by(cls.id))

    @classmethod
    def active_ones(cls) -> list[Self]:
        """Return the webhooks that are switched on."""
        return list(cls.select().where(cls.active))

    @classmethod
    def create_from(cls, fields: Mapping[str, Any]) -> Self:
        """Store a new webhook, which gets the events that follow. Raises TooManyWebhooksError."""
        current.require_write()
        if cls.select().count() >= MOST_WEBHOOKS:
            raise TooManyWebhooksError(f"There are already {MOST_WEBHOOKS} webhooks.")
        last, _ = current.last_event()
        new_id, now = current.new_id(), current.now
        own = {"id": new_id, "after": last, "created_at": now, "updated_at": now}
        own |= {"secret": _new_secret(new_id, 1)}
        webhook = cls(**own | _stored(fields))
        webhook.save(force_insert=True)
        return webhook

    def change(self, fields: Mapping[str, Any]) -> Self:
        """Change what a person sets; then, or if it is switched on again, try again at once."""
        changed = {
            name: value for name, value in _stored(fields).items() if getattr(self, name) != value
        }
        if not changed:
            if fields.get("active") and self.failures:
                self.go_on(_FRESH)
            return self
        if "events" in changed and not self._has_waiting():
            # Other types count from now on, not from some event that was for nobody.
            changed["after"], _ = current.last_event()
        return self._set(changed | {"reason": None} | _FRESH)

    def _has_waiting(self) -> bool:
        """Return whether an event waits for it, or may do so."""
        types = matching(RECORDS, self.patterns)
        try:
            page = feed(RECORDS, after=self.after, limit=1, types=types)
        except EventsExpiredError:
            return True
        return bool(page.data) or page.has_more

    def rotate(self, secret: str | None) -> Self:
        """Replace the secret, with a new one by default; the old one still signs for a while."""
        now = current.clock.milliseconds()
        until = now + OLD_SECRET_KEPT // timedelta(milliseconds=1)
        kept = [[self.secret, until], *self._old_secrets(now)][:_MOST_OLD_SECRETS]
        new = secret or _new_secret(self.id, self.version + 1)
        return self._set({"secret": new, "old_secrets": as_text(kept)})

    def replay(self, after: int) -> Self:
        """Send the events after a number, again or for the first time.

        Raises EventsExpiredError if they are not kept, or if there is no such number.
        """
        require_kept(after)
        return self._set({"after": after} | _FRESH)

    def switch_off(self, reason: str) -> None:
        """Send nothing more until a person switches it on, and say why."""
        self._set({"active": False, "reason": reason} | _FRESH)

    def delete_for_good(self) -> None:
        """Remove the webhook, and what is known of its deliveries."""
        current.require_write()
        Delivery.forget_all(self.id)
        Webhook.delete().where(Webhook.id == self.id).execute()

    def go_on(self, progress: Mapping[str, Any]) -> None:
        """Store how far its delivery is: `after`, `failures` or `next_try`."""
        Webhook.update(progress).where(Webhook.id == self.id).execute()

    def move(self, after: int) -> bool:
        """Move its place, unless a person has changed it since it was read; return whether."""
        is_same = (Webhook.after == self.after) & (Webhook.version == self.version)
        moved = Webhook.update(after=after).where(Webhook.id == self.id, is_same).execute()
        return bool(moved)

    def secrets_at(self, milliseconds: int) -> list[str]:
        """Return the secrets that sign a message of this time, the current one first."""
        return [self.secret, *(secret for secret, _ in self._old_secrets(milliseconds))]

    @property
    def old_secret_until(self) -> str | None:
        """Until when the last of its former secrets signs; None if none does."""
        times = [until for _, until in self._old_secrets(current.clock.milliseconds())]
        return text_of(max(times)) if times else None

    def forget_old_secrets(self) -> None:
        """Remove the secrets that do not sign any more."""
        kept = as_text(self._old_secrets(current.clock.milliseconds()))
        if kept != self.old_secrets:
            self.go_on({"old_secrets": kept})

    def _old_secrets(self, now: int) -> list[tuple[str, int]]:
        """Return the former secrets that sign at a time, each with its end."""
        # Not much longer, if the clock was set back.
        latest = now + OLD_SECRET_KEPT // timedelta(milliseconds=1)
        found = _list_in(self.old_secrets)
        return [(secret, until) for secret, until in found if now < until <= latest]

    @property
    def patterns(self) -> list[str]:
        """The patterns of the types that it gets; none if the column is damaged."""
        return _list_in(self.events)

    def _set(self, values: Mapping[str, Any]) -> Self:
        current.require_write()
        stamped = {**values, "version": self.version + 1, "updated_at": current.now}
        for name, value in stamped.items():
            setattr(self, name, value)
        self.go_on(stamped)
        return self


# Of a webhook that has not failed since a person set it.
_FRESH = {"failures": 0, "next_try": None}


def _new_secret(id: str, version: int) -> str:
    return make_secret(current.clock.random_for("secret", id, version).randbytes)


def _list_in(column: str) -> list[Any]:
    """Return the list of a column; none if it is damaged, so that the others can be read."""
    try:
        found = decode(column)
    except (ValueError, RecursionError):
        return []
    return found if isinstance(found, list) else []


def _stored(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a body as the columns have them."""
    patterns = {"events": as_text(fields["events"])} if "events" in fields else {}
    return {**fields, **patterns}
