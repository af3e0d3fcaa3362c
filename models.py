"""Leads and clients: their columns, their rules, how they change, and how one becomes the other.

Values come in as schemas.py cleans them. Everything that changes a row needs `database.write()`
around it, so that what was looked at and what is written belong together.
"""

from collections.abc import Collection, Mapping
from typing import Any, Self

import peewee

from leadbook import rows, texts
from leadbook.columns import ChangeNumber, TimeText, UuidText
from leadbook.current_database import current
from leadbook.folding import fold, fold_for_search
from leadbook.idempotency import forget_answers
from leadbook.refusals import (
    ClientArchivedError,
    DuplicateEmailError,
    LeadConvertedError,
    NotFoundError,
    VersionMismatchError,
)

CONTACT_FIELDS = ("name", "email", "phone", "company", "source", "notes")

Fields = Mapping[str, Any]


def _orders(*columns: str) -> tuple[tuple[tuple[str, ...], bool], ...]:
    """Index each order of the list, of all rows and of those of a status; the id breaks ties.

    And the order of changes, with the time that it is filtered by.
    """
    orders = [(*first, column, "id") for first in ((), ("status",)) for column in columns]
    return tuple((order, False) for order in [*orders, ("change_number", "id", "updated_at")])


class Contact(peewee.Model):
    """The columns of both tables, and how a row of either comes, changes and goes."""

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
        strict_tables = True

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
        times = {"created_at": current.now, "updated_at": current.now}
        made = times | {"id": current.new_id(), "change_number": current.change_number}
        record = cls(**fields, **made)
        for column, value in record.derive().items():
            setattr(record, column, value)
        rows.insert(record)
        texts.add(record)
        return record

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
        self.delete_instance()
        texts.clean_index(self)
        current.erase_from_log()

    def derive(self) -> dict[str, Any]:
        """Return the columns that follow from the others."""
        key = fold(self.email)
        return {"email_key": None if key == self.email else key}


class Lead(Contact):
    """Somebody who may buy."""

    status = peewee.TextField(default="new")
    score = peewee.IntegerField(default=0)
    client_id = UuidText(null=True)
    converted_at = TimeText(null=True)
    # Last, where an upgrade adds it.
    change_number = ChangeNumber()

    class Meta:
        table_name = "leads"
        indexes = _orders("created_at", "updated_at", "score")

    @classmethod
    def create_from(cls, fields: Fields) -> Self:
        """Store a new lead; two may share an address, since the same person may ask twice."""
        return cls.insert_new(fields)

    def change(self, fields: Fields) -> Self:
        """Change what `fields` names. Raises LeadConvertedError for another status than `won`."""
        if self.client_id and fields.get("status", self.status) != self.status:
            raise LeadConvertedError("The status of a converted lead cannot be changed.")
        return self.update_columns(fields)

    def delete_for_good(self) -> None:
        """Remove the lead; a client made from it stays, unlinked."""
        current.require_write()
        for client in Client.select().where(Client.lead_id == self.id):
            client.unlink()
        self.erase()

    def unlink(self) -> Self:
        """Forget the client, after which the lead can be converted anew."""
        return self.update_columns({"client_id": None, "converted_at": None})

    def convert(self, overrides: Fields, on_duplicate: str) -> tuple["Client", bool]:
        """Return the client made of this lead, and whether it is new.

        `overrides` go over the lead's own fields. Where an active client has the address, it is
        a DuplicateEmailError (`on_duplicate` "reject") or the client that is returned ("link").
        """
        if self.client_id:
            return Client.fetch(self.client_id), False
        fields = {name: getattr(self, name) for name in CONTACT_FIELDS} | dict(overrides)
        existing = Client.active_with_email(fields["email"]) if on_duplicate == "link" else None
        if existing:
            client = existing.fill_in(fields | {"lead_id": self.id})
        else:
            client = Client.create_from(fields | {"lead_id": self.id})
        self.update_columns({"status": "won", "client_id": client.id, "converted_at": current.now})
        return client, existing is None


class Client(Contact):
    """Somebody who has bought. Archived ones stay readable and free their address."""

    status = peewee.TextField(default="active")
    lead_id = UuidText(null=True)
    archived_at = TimeText(null=True)
    name_key = peewee.TextField()
    change_number = ChangeNumber()

    class Meta:
        table_name = "clients"
        indexes = _orders("created_at", "updated_at", "name_key")

    @classmethod
    def active_with_email(cls, email: str) -> Self | None:
        """Return the active client of this address, if there is one."""
        key = peewee.fn.COALESCE(cls.email_key, cls.email)
        found: Self | None = cls.get_or_none(key == fold(email), cls.status == "active")
        return found

    @classmethod
    def create_from(cls, fields: Fields) -> Self:
        """Store a new client. Raises DuplicateEmailError."""
        cls._require_free_email(fields["email"])
        return cls.insert_new(fields)

    def change(self, fields: Fields) -> Self:
        """Change what `fields` names. Raises ClientArchivedError or DuplicateEmailError."""
        if self.status == "archived":
            raise ClientArchivedError("An archived client cannot be changed; restore it first.")
        self._require_free_email(fields.get("email", self.email), except_id=self.id)
        return self.update_columns(fields)

    def fill_in(self, fields: Fields) -> Self:
        """Set those of `fields` that are still empty."""
        empty = {name: value for name, value in fields.items() if getattr(self, name) is None}
        return self.update_columns(empty)

    def unlink(self) -> Self:
        """Forget the lead."""
        return self.update_columns({"lead_id": None})

    def archive(self) -> Self:
        """Take the client out of the lists; its address is free again."""
        if self.status == "archived":
            return self
        return self.update_columns({"status": "archived", "archived_at": current.now})

    def restore(self) -> Self:
        """Take the client out of the archive. Raises DuplicateEmailError."""
        if self.status == "active":
            return self
        self._require_free_email(self.email)
        return self.update_columns({"status": "active", "archived_at": None})

    def delete_for_good(self) -> None:
        """Erase the client; the leads it came from stay, unlinked, and can be converted anew."""
        current.require_write()
        for lead in Lead.select().where(Lead.client_id == self.id):
            lead.unlink()
        self.erase()

    @classmethod
    def _require_free_email(cls, email: str, except_id: str | None = None) -> None:
        existing = cls.active_with_email(email)
        if existing is not None and existing.id != except_id:
            raise DuplicateEmailError(existing.id)

    def derive(self) -> dict[str, Any]:
        """Return the columns that follow from the others."""
        return super().derive() | {"name_key": fold_for_search(self.name)}
