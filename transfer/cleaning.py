"""Check the text of a row, as the API checks its values, and return the record to store."""

from collections.abc import Collection
from typing import Any

from marshmallow import ValidationError

from leadbook.fields.values import Text, WholeNumber
from leadbook.storage.columns import JsonEntries
from leadbook.storage.status_times import completed_by_status
from leadbook.storage.text import address_key
from leadbook.storage.text_rules import EMAIL
from leadbook.transfer.columns.kinds import Kind
from leadbook.transfer.columns.mapped import Mapped
from leadbook.transfer.columns.mapping import Columns
from leadbook.transfer.errors import RowRefusedError
from leadbook.transfer.parsers import own_parser, parser
from leadbook.transfer.values.cells import filled
from leadbook.transfer.values.mending import CUT, KEPT_WHOLE, LOST_BYTES, mended_number, mended_text

# The columns of a record in the database, with times and ids as they are stored.
Cleaned = dict[str, Any]
# Besides these: the addresses of which one names the person that it belongs to, as addresses are
# compared.
ADDRESSES = "addresses"


class Cleaner:
    """Checks the rows of one kind. `now` is the time of the import, in milliseconds since 1970.

    A value of an optional field that cannot be stored is mended, or kept as an entry, and counted.
    """

    def __init__(self, kind: Kind, columns: Columns, now: int) -> None:
        self._kind = kind
        self._columns = columns
        self._now = now
        stored = kind.model._meta.fields
        # For each header: the column, and the parser that returns the value to store.
        self._checks = {
            name: (str(field.name), parser(field, stored[field.name]))
            for name, field in kind.inputs.items()
            if name != kind.entries
        }
        entries = [(str(column.name), column.db_value) for column in _columns_of_entries(kind)]
        self._entries = entries[0] if entries else None
        self._required = [name for name, field in kind.inputs.items() if field.required]
        shown = kind.model.schema().fields
        self._names = {str(field.data_key): name for name, field in shown.items()}
        # The other columns of Leadbook's own export: the header, the column and its parser.
        self._kept = {
            str(field.data_key): (name, own_parser(field, stored[name]))
            for name, field in shown.items()
            if field.data_key not in kind.inputs and field.data_key not in kind.computed
        }
        # Columns that are never empty in Leadbook's own export.
        self._always = [
            str(field.data_key)
            for name, field in shown.items()
            if not field.allow_none
            and (field.data_key in self._kept or name == kind.model.counted_by)
        ]

    def clean(self, mapped: Mapped) -> Cleaned:
        """Return the record of a row. Raises RowRefusedError."""
        record = self._own(mapped) if mapped.plan.is_own else self._foreign(mapped)
        if mapped.entries and self._entries:
            column, pack = self._entries
            record[column] = pack(self._columns.entries_of(mapped))
        self._columns.adjustments.end_row()
        return record

    def _foreign(self, mapped: Mapped) -> Cleaned:
        record = self._checked_inputs(mapped)
        for name, time in mapped.times.items():
            record[self._names[name]] = time
        model, find_by = self._kind.model, self._kind.finds_by
        record |= completed_by_status(model, record, self._then(record))
        for column, (status, words) in model.status_times.items():
            if column in record and record.get(status) not in words:
                del record[column]
        if address := mapped.values.get(find_by):
            record[ADDRESSES] = tuple(map(address_key, mapped.addresses or [address]))
        # An id that is none is not an empty cell.
        elif find_by in self._kind.owners and record.keys().isdisjoint(model.links):
            raise RowRefusedError(f"{find_by}: Must not be empty.")
        return record

    def _then(self, record: Cleaned) -> int:
        """Return when a status was reached if nothing says it; not all that is old was done now."""
        given = (record[name] for name in self._kind.model.timed_by if name in record)
        return min(next(given, self._now), self._now)

    def _own(self, mapped: Mapped) -> Cleaned:
        """Return the record of a row from Leadbook's own export, with id, version, times and links.

        Raises RowRefusedError.
        """
        record = self._checked_inputs(mapped)
        values, missing = mapped.values, mapped.plan.missing
        problems = [
            f"{name}: Must not be empty."
            for name in self._always
            if name not in values and name not in missing
        ]
        for name, (column, parse) in self._kept.items():
            if name in values:
                try:
                    record[column] = parse(values[name])
                except ValueError as error:
                    problems.append(f"{name}: {error}")
        if missing:
            self._complete(record, missing)
        problems += self._kind.model.contradictions(record)
        if problems:
            raise RowRefusedError(" ".join(problems))
        return record

    def _complete(self, record: Cleaned, missing: Collection[str]) -> None:
        """Add to a record what follows from its other fields."""
        known = self._kind.model.completed(record, self._now)
        if "updated_at" in record:
            # It cannot be newer than its last change.
            known["created_at"] = record["updated_at"]
        lacking = {self._names[name] for name in missing}
        record.update({name: value for name, value in known.items() if name in lacking})

    def _checked_inputs(self, mapped: Mapped) -> Cleaned:
        record = {}
        problems = [*mapped.problems.values()]
        values = mapped.values
        for name, (column, check) in self._checks.items():
            if name in values:
                try:
                    record[column] = check(values[name])
                except ValidationError as error:
                    try:
                        self._mend(mapped, name, record)
                    except ValidationError:
                        is_empty = name in self._required and not filled(values[name])
                        messages = ["Must not be empty."] if is_empty else error.messages
                        problems += [f"{name}: {message}" for message in messages]
        absent = (name for name in self._required if name not in values | mapped.problems)
        problems += [f"{name}: Must not be empty." for name in absent]
        if problems:
            raise RowRefusedError(" ".join(problems))
        return record

    def _mend(self, mapped: Mapped, name: str, record: Cleaned) -> None:
        """Add a value that can be stored to the record. Raises ValidationError if there is none."""
        field, text = self._kind.inputs[name], mapped.values[name]
        column, check = self._checks[name]
        if isinstance(field, Text):
            mended = mended_text(text, field)
            # Half an address is another one, and a name that cannot be read is no name.
            if field.required and (
                LOST_BYTES in mended.changes or (field.kind is EMAIL and CUT in mended.changes)
            ):
                raise ValidationError(field.kind.wanted)
        elif isinstance(field, WholeNumber) and (number := mended_number(text, field)):
            mended = number
        elif mapped.plan.is_own or field.required:
            raise ValidationError("There is no other value.")
        else:
            self._columns.adjustments.misunderstood(name, text)
            mapped.keep_field(name, text)
            return
        try:
            record[column] = check(str(mended.value))
        except ValidationError:
            if mapped.plan.is_own or field.required:
                raise
            self._columns.adjustments.misunderstood(name, text)
            if mapped.plan.keeps_columns:
                mapped.keep_field(name, text)
            return
        self._columns.adjustments.mend(name, *mended.changes)
        # Otherwise, the column was used nevertheless; the report tells what was done to its values.
        if mapped.plan.keeps_columns and not KEPT_WHOLE.isdisjoint(mended.changes):
            mapped.keep_field(name, text)


def _columns_of_entries(kind: Kind) -> list[JsonEntries]:
    columns = kind.model._meta.fields.values()
    return [column for column in columns if isinstance(column, JsonEntries)]
