"""What all records share: their columns, and how a row comes, changes and goes.

Everything that changes a row needs `database.write()` around it, so that what was looked at and
what is written belong together.
"""

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, ClassVar, Self

import peewee

from leadbook.storage import rows
from leadbook.storage.columns import ChangeNumber, DerivedText, TimeText, UuidText
from leadbook.storage.database import current
from leadbook.storage.idempotency import forget_answers
from leadbook.storage.sqlite import searched_text

Fields = Mapping[str, Any]


class Refusal(Exception):  # noqa: N818  # what the errors below have in common, and none itself
    """A rule stands against what was asked."""


class NotFoundError(Refusal, LookupError):
    """No record has this id."""


class VersionMismatchError(Refusal):
    """The record has changed since the caller read it."""


class Record(peewee.Model):
    """A row with an id, a version and times; lists, files and the document follow from a model."""

    # Its JSON, and that of a new one and of a change: schemas of marshmallow's.
    schema: ClassVar[Any]
    new: ClassVar[Any]
    changes: ClassVar[Any]
    # What a list can be sorted by, and narrowed to: each parameter with its column.
    sorts: ClassVar[dict[str, str]] = {"createdAt": "created_at", "updatedAt": "updated_at"}
    filters: ClassVar[dict[str, str]] = {}
    # The columns that are searched.
    searched: ClassVar[tuple[str, ...]] = ()
    # The filter whose totals are kept, and its value where a list names none.
    counted_by: ClassVar[str]
    listed: ClassVar[str | None] = None
    # Whether a record is archived where nothing says that it is to be erased.
    archives: ClassVar[bool] = False
    # What an import may do with a record that is there already; the first is the default.
    on_duplicate: ClassVar[tuple[str, ...]] = ("reject", "skip", "update")
    rival: ClassVar[str] = "a record of its id is there"
    # The column that an import finds a record by besides its id, who may have it already, and in
    # which status, if not in any.
    identity: ClassVar[str | None] = None
    owner: ClassVar[str] = ""
    owning_status: ClassVar[str | None] = None

    # SQLite's rowid: what the other tables and the search index call the row.
    number = peewee.AutoField()
    id = UuidText(unique=True)
    version = peewee.IntegerField(default=1)
    created_at = TimeText()
    updated_at = TimeText()
    change_number = ChangeNumber()

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
        for column, value in cls.derived(record.__data__).items():
            setattr(record, column, value)
        rows.insert(record)
        searched_text.add(record)
        return record

    def update_columns(self, values: Fields) -> Self:
        """Store those of `values` that differ; version and time follow where any does."""
        current.require_write()
        changed = {name: value for name, value in values.items() if getattr(self, name) != value}
        if not changed:
            return self
        for column, value in changed.items():
            setattr(self, column, value)
        derived = self.derived(self.__data__) | {"version": self.version + 1}
        derived |= {"updated_at": current.now, "change_number": current.change_number}
        for column, value in derived.items():
            if getattr(self, column) != value:
                setattr(self, column, value)
                changed[column] = value
        rows.update(self, changed)
        if changed.keys() & set(self.searched):
            searched_text.change(self)
        return self

    def erase(self) -> None:
        """Leave nothing of the record: no row, no stored answer, no page of the log."""
        forget_answers(self.id)
        rows.delete(self)
        searched_text.purge(self)
        current.erase_from_log()

    @classmethod
    def create_from(cls, fields: Fields) -> Self:
        """Store a new record, as far as the rules of its kind allow."""
        return cls.insert_new(fields)

    def change(self, fields: Fields) -> Self:
        """Change what `fields` names, as far as the rules of its kind allow."""
        return self.update_columns(fields)

    def archive(self) -> Self:
        """Take the record out of the lists, if that can be done to its kind."""
        raise NotImplementedError

    def delete_for_good(self) -> None:
        """Erase the record; a kind that others link to unlinks them."""
        current.require_write()
        self.erase()

    @classmethod
    def derived(cls, values: Fields) -> dict[str, Any]:
        """Return the columns that follow from some of `values`."""
        return {each.name: each.derive(values[each.source]) for each in derived_columns(cls)}

    @classmethod
    def is_apart(cls, values: Fields) -> bool:  # noqa: ARG003 - for kinds with an identity
        """Return whether a record of a file is another than the one of the same identity."""
        return False

    @classmethod
    def contradictions(cls, values: Fields) -> list[str]:  # noqa: ARG003 - for kinds with links
        """Return what cannot be together in a record of ours that a file brings back."""
        return []


@cache
def derived_columns(model: type[Record]) -> tuple[DerivedText, ...]:
    """Return the columns of a model that follow from another one."""
    return tuple(each for each in model._meta.sorted_fields if isinstance(each, DerivedText))
