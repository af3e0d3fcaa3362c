"""What all records share: their columns, and how to insert, change and erase a row.

Each change of a row must be in `database.write()`, so that no other write comes between its reads
and its writes.
"""

from collections.abc import Container, Mapping
from functools import cache
from typing import Any, ClassVar, Self

import peewee

from leadbook.storage import event_log, rows, summaries
from leadbook.storage.announcements import Announcement
from leadbook.storage.columns import DerivedText, TimeText, UuidText, columns_of_entries, comparable
from leadbook.storage.custom_values import MOST_ENTRIES, merged
from leadbook.storage.database import current
from leadbook.storage.event_log import CREATED, UPDATED
from leadbook.storage.filters import AtLeast, Before, Filter
from leadbook.storage.idempotency import forget_answers
from leadbook.storage.links import Linked
from leadbook.storage.naming import name_of, plural_of
from leadbook.storage.refusals import NotFoundError, TooManyEntriesError, VersionMismatchError
from leadbook.storage.sqlite import searched_text
from leadbook.storage.status_times import (
    StatusTimes,
    completed_by_status,
    contradictions_of_status,
    stamped,
)

Fields = Mapping[str, Any]


class Record(Linked, peewee.Model):
    """A row with an id, a version and times. Lists, files and the document follow from a model."""

    # Its JSON, the JSON of a new record, and that of a change, as marshmallow schemas.
    schema: ClassVar[Any]
    new: ClassVar[Any]
    changes: ClassVar[Any]
    # The sort keys of lists, each with its column; and the filters of lists and exports.
    # The first sort key is the default, in this order.
    sorts: ClassVar[dict[str, str]] = {"createdAt": "created_at", "updatedAt": "updated_at"}
    order: ClassVar[str] = "desc"
    filters: ClassVar[dict[str, Filter]] = {
        "created_since": AtLeast("created_at"),
        "created_before": Before("created_at"),
        "updated_since": AtLeast("updated_at"),
        "updated_before": Before("updated_at"),
    }
    # What may happen to a record; the last is its end.
    verbs: ClassVar[tuple[str, ...]] = (CREATED, UPDATED, "deleted")
    # The columns that a search reads; without any, lists have no search.
    searched: ClassVar[tuple[str, ...]] = ()
    searched_also: ClassVar[Mapping[str, searched_text.TextsOf | searched_text.Hashed]] = {}
    # The filter whose totals are stored, and its default in lists.
    counted_by: ClassVar[str]
    listed: ClassVar[str | None] = None
    # The index for this order in a status is two: of the rows with a time in the other column, and
    # of those without. So few without one are found, and no other index has to have them.
    halved: ClassVar[dict[str, str]] = {}
    # Whether a deletion archives the record by default.
    archives: ClassVar[bool] = False
    # What an import may do if the record exists already; the first is the default.
    on_duplicate: ClassVar[tuple[str, ...]] = ("reject", "skip", "update")
    rival: ClassVar[str] = "a record has the id"
    # Why an import cannot create another record, if people may expect that it can.
    why_no_create: ClassVar[str] = ""
    # The column, besides the id, by which an import finds an existing record; the kind of record
    # that may own its value; and the status that such a record must have, or None for any.
    identity: ClassVar[str | None] = None
    owner: ClassVar[str] = ""
    owning_status: ClassVar[str | None] = None
    # Columns that say nothing without another one, which an exported file may lack.
    depends: ClassVar[dict[str, str]] = {}
    # The times that a status sets: see status_times.py.
    status_times: ClassVar[StatusTimes] = {}
    # The columns of its time in a timeline: the first that is not null counts.
    timed_by: ClassVar[tuple[str, ...]] = ("created_at",)
    # When records are announced: see announcements.py.
    announcement: ClassVar[Announcement | None] = None

    # SQLite's rowid: the other tables and the search index refer to the row by it.
    number = peewee.AutoField()
    id = UuidText(unique=True)
    version = peewee.IntegerField(default=1)
    created_at = TimeText()
    updated_at = TimeText()

    class Meta:
        database = current

    @classmethod
    def fetch(cls, id: str, versions: Container[int] | None = None) -> Self:
        """Return the record; if `versions` is given, it must have one of them.

        Raises NotFoundError or VersionMismatchError.
        """
        record = rows.read(cls, id)
        if record is None:
            raise NotFoundError(f"No {name_of(cls)} has this id.")
        return record.in_version(versions)

    def in_version(self, versions: Container[int] | None) -> Self:
        """Return the record; if `versions` is given, it must have one of them.

        Raises VersionMismatchError.
        """
        if versions is not None and self.version not in versions:
            message = f"The {name_of(type(self))} has changed since it was read."
            raise VersionMismatchError(message, self.version)
        return self

    @classmethod
    def insert_new(cls, fields: Fields) -> Self:
        """Store a new record with `fields` and return it."""
        current.require_write()
        now = current.now
        made = {"id": current.new_id(), "created_at": now, "updated_at": now}
        record = cls(**cls._with_entries({}, fields), **stamped(cls, fields, {}, now), **made)
        for column, value in cls.derived(record.__data__).items():
            setattr(record, column, value)
        rows.insert(record)
        searched_text.add(record)
        summaries.read_owners(record)
        event_log.add(record, CREATED)
        summaries.tell(record)
        return record

    def update_columns(self, values: Fields, verb: str = UPDATED) -> Self:
        """Store the values that differ; if any does, raise the version and set the time.

        `verb`, one of the model's `verbs`, says what has happened.
        """
        current.require_write()
        values = self._with_entries(self.__data__, values)
        values = {**values, **stamped(type(self), values, self.__data__, current.now)}
        changed = {name: value for name, value in values.items() if getattr(self, name) != value}
        if not changed:
            return self
        before = {column: getattr(self, column) for column in changed}
        for column, value in changed.items():
            setattr(self, column, value)
        derived = self.derived(self.__data__)
        derived |= {"version": self.version + 1, "updated_at": current.now}
        for column, value in derived.items():
            if getattr(self, column) != value:
                setattr(self, column, value)
                changed[column] = value
        rows.update(self, changed)
        if changed.keys() & set(self.searched):
            searched_text.change(self)
        event_log.add(self, verb, before)
        summaries.tell(self, before)
        return self

    def erase(self) -> None:
        """Remove all traces of the record except that it is gone."""
        if summaries.owned_by(type(self)):
            # Much may go with it, and an erasure that takes too long could never be done.
            current.time_limit.lift()
        forget_answers(self.id)
        rows.delete(self)
        # Before its events are silent: they may tell what to look for in what stays.
        for model, link in summaries.owned_by(type(self)):
            for each in rows.linked(model, link, self.id):
                each.lose(self, link)
        for model in (type(self), *summaries.text_readers_of(type(self))):
            searched_text.purge(model)
        event_log.bury(self, self.verbs[-1])
        current.erase_from_log()
        summaries.tell(self)

    @classmethod
    def path_of(cls, fields: Fields) -> str:
        """Return the path of the record with these fields of its JSON."""
        return f"/{plural_of(cls)}/{fields['id']}"

    @property
    def identifying(self) -> str | None:
        """The value of the identity column, in the form in which it is compared."""
        if self.identity is None:
            return None
        column = self._meta.fields[self.identity]
        return str(comparable(column, getattr(self, column.source)))

    @classmethod
    def create_from(cls, fields: Fields) -> Self:
        """Store a new record, if the rules of its kind allow it."""
        return cls.insert_new(fields)

    def change(self, fields: Fields) -> Self:
        """Change `fields`, if the rules of its kind allow it."""
        return self.update_columns(fields)

    def archive(self) -> Self:
        """Archive the record; only some kinds can be archived."""
        raise NotImplementedError

    def delete_for_good(self) -> None:
        """Erase the record. Kinds with links override this to unlink the others."""
        current.require_write()
        self.erase()

    @classmethod
    def derived(cls, values: Fields) -> dict[str, Any]:
        """Return the columns that are derived from some of `values`."""
        return {each.name: each.derive(values.get(each.source)) for each in derived_columns(cls)}

    @classmethod
    def _with_entries(cls, kept: Fields, values: Fields) -> Fields:
        """Return `values`, with the entries of each column that has some put over the kept ones.

        Raises TooManyEntriesError.
        """
        for name in columns_of_entries(cls):
            if name not in values:
                continue
            if values[name] == {}:
                # A damaged column shows none: sent back, they must not replace what is there.
                values = {column: value for column, value in values.items() if column != name}
                continue
            entries = merged(kept.get(name, {}), values[name])
            if len(entries) > MOST_ENTRIES:
                raise TooManyEntriesError(name)
            values = {**values, name: entries}
        return values

    @classmethod
    def is_apart(cls, values: Fields) -> bool:  # noqa: ARG003 - for kinds with an identity
        """Return whether a row of a file may have the same identity as an existing record."""
        return False

    @classmethod
    def completed(cls, values: Fields, now: int) -> dict[str, Any]:
        """Return what follows from the `values` of an export for columns that the file lacks."""
        return completed_by_status(cls, values, now)

    @classmethod
    def contradictions(cls, values: Fields) -> list[str]:
        """Return messages about fields of an exported record that contradict each other."""
        return contradictions_of_status(cls, values)


@cache
def derived_columns(model: type[Record]) -> tuple[DerivedText, ...]:
    """Return the columns of a model that are derived from another one."""
    return tuple(each for each in model._meta.sorted_fields if isinstance(each, DerivedText))
