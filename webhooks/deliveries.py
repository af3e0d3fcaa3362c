"""The table of deliveries: what became of each try to send a message."""

from collections.abc import Iterable
from typing import Self

import peewee

from leadbook.storage.columns import TimeText, UuidText
from leadbook.storage.database import current

_MOST_DELIVERIES = 100


class Delivery(peewee.Model):
    """One try to send a message to a webhook. `event` is its number, or None for a ping."""

    number = peewee.AutoField()
    webhook_id = UuidText()
    message_id = peewee.TextField()
    event = peewee.IntegerField(null=True)
    type = peewee.TextField()
    record_id = UuidText(null=True)
    time = TimeText()
    status = peewee.IntegerField(null=True)
    error = peewee.TextField(null=True)
    milliseconds = peewee.IntegerField()
    answer = peewee.TextField()
    next_try = TimeText(null=True)

    class Meta:
        database = current
        table_name = "deliveries"

    @classmethod
    def of(cls, webhook_id: str) -> list[Self]:
        """Return the last deliveries of a webhook, newest first."""
        found = cls.select().where(cls.webhook_id == webhook_id)
        return list(found.order_by(cls.number.desc()).limit(_MOST_DELIVERIES))

    @classmethod
    def forget_old(cls, webhook_ids: Iterable[str]) -> None:
        """Remove all deliveries of these webhooks but the last ones."""
        for webhook_id in webhook_ids:
            of_webhook = cls.webhook_id == webhook_id
            kept = cls.select(cls.number).where(of_webhook).order_by(cls.number.desc())
            oldest = kept.offset(_MOST_DELIVERIES - 1).limit(1).scalar()
            if oldest is not None:
                cls.delete().where(of_webhook, cls.number < oldest).execute()

    @classmethod
    def forget_all(cls, webhook_id: str) -> None:
        """Remove all deliveries of a webhook."""
        cls.delete().where(cls.webhook_id == webhook_id).execute()
