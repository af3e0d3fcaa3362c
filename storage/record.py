"""What leads and clients share: their columns, and how a row of either comes, changes and goes.

Everything that changes a row needs `database.write()` around it, so that what was looked at and
what is written belong together.
"""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar, Self

import peewee

from leadbook.storage import rows
from leadbook.storage.columns import ChangeNumber, TimeText, UuidText
from leadbook.storage.current_database import current
from leadbook.storage.idempotency import forget_answers
from leadbook.storage.sqlite import texts
from leadbook.storage.text import fold

CONTACT_FIELDS = ("name", "email", "phone", "company", "source", "notes")

Fields = Mapping[str, Any]


class Refusal(Exception):  # noqa: N818  # what the errors below have in common, and none itself
    """A rule stands against what was asked."""


class NotFoundError(Refusal, LookupError):
    """No record has this id."""


class VersionMismatchError(Refusal):
    """The record has changed since the caller read it."""


class Contact(peewee.Model):
    """The columns of both tables, and how a row of either comes, changes and goes."""

    # Its JSON, a schema of marshmallow's.
    schema: ClassVar[Any]
    # SQLite's rowid: what the other tables and the search index call the row.
    number = peewee.AutoField()
    id = UuidText(unique=True)
    name = peewee.TextField()
    email = peewee.TextField()
    phone = peewee.TextField(null=True)
    company = peewee.TextField(null=True)
    source = peewee.TextField(null=True)
    notes = peewee.TextField(null=True)
    status: peewee.TextField
    change_number: ChangeNumber
    version = peewee.IntegerField(default=1)
    created_at = TimeText()
    updated_at = TimeText()
    # The folded address, where it differs: SQLite folds the case of ASCII only.
    email_key = peewee.TextField(null=True)

    class Meta:
        database = current

    @classmethod
    def fetch(cls, id: str, versions: Collection[int] | None = None) -> Self:
        """Return the record; it must have one of `versions` where those are given.

        Raises NotFoundError or VersionMismatchError.
        """
        record = rows.read(cls, id)
        if record is None:
            raise NotFoundError(f"No {cls.__name__.lower()} has this id.")
        if versions is not None and record.version not in versions:
            raise VersionMismatchError(f"The {cls.__name__.lower()} has changed since it was read.")
        return record

    @classmethod
    def insert_new(cls, fields: Fields) -> Self:
        """Store a new record with `fields` and return it."""
        current.require_write()
        now = current.now
        made = {"id": current.new_id(), "created_at": now, "updated_at": now}
        made["change_number"] = current.change_number
        record = cls(**fields, **made)
        for column, value in record.derive().items():
            setattr(record, column, value)
        rows.insert(record)
        texts.add(record)
        return record

    @classmethod
    def has_email(cls, email: str) -> Any:
        """Return the condition that a record has the address, whatever its case."""
        return peewee.fn.COALESCE(cls.email_key, cls.email) == fold(email)

    def update_columns(self, values: Fields) -> Self:
        """Store those of `values` that differ; version and time follow where any does."""
        current.require_write()
        changed = {name: value for name, value in values.items() if getattr(self, name) != value}
        if not changed:
            return self
        for column, value in changed.items():
            setattr(self, column, value)
        derived = self.derive() | {"version": self.version + 1, "updated_at": current.now}
        derived["change_number"] = current.change_number
        for column, value in derived.items():
            if getattr(self, column) != value:
                setattr(self, column, value)
                changed[column] = value
        rows.update(self, changed)
        if texts.SEARCHED & changed.keys():
            texts.change(self)
        return self

    def erase(self) -> None:
        """Leave nothing of the record: no row, no stored answer, no page of the log."""
        forget_answers(self.id)
        rows.delete(self)
        texts.purge(self)
        current.erase_from_log()

    def derive(self) -> dict[str, Any]:
        """Return the columns that follow from the others."""
        return self.derived(self.name, self.email)

    @classmethod
    def derived(cls, name: str, email: str) -> dict[str, Any]:  # noqa: ARG003  # for clients
        """Return the columns that follow from these."""
        key = fold(email)
        return {"email_key": None if key == email else key}
