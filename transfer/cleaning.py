"""Check the text of a row, as the API checks its values, and return the record to store."""

import re
from collections.abc import Callable, Collection, Sequence
from typing import Any

import peewee
from marshmallow import ValidationError
from marshmallow.fields import Boolean, Integer

from leadbook.schemas import Text, WholeNumber, choices_of
from leadbook.storage.columns import Packed, TimeText, UuidText
from leadbook.storage.times import read_time
from leadbook.transfer.dates import read_date
from leadbook.transfer.errors import RowRefusedError
from leadbook.transfer.kinds import Kind
from leadbook.transfer.mapping import Values

# The columns of a record in the database, with times and ids as they are stored.
Cleaned = dict[str, Any]

_LARGEST_VERSION = 2**53
_SWITCHES = {"true": True, "false": False}
_WHOLE = re.compile(r"-?[0-9]{1,16}(\.0+)?")


def _identifier(text: str) -> bytes:
    stored = UuidText().db_value(text)
    if not stored:
        raise ValueError("Must be an id of Leadbook.")
    return stored


def _time(text: str) -> int:
    try:
        time = read_time(text)
    except ValueError as error:
        raise ValueError(f"Must be {error}.") from None
    if time < 0:
        raise ValueError("Must be a time in 1970 or later.")
    return time


def _version(text: str) -> int:
    if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= _LARGEST_VERSION:
        raise ValueError("Must be a whole number, at least 1.")
    return int(text)


def _one_of(choices: Sequence[str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in choices:
            raise ValueError(f"Must be one of: {', '.join(choices)}.")
        return text

    return check


def _parser(field: Any, column: peewee.Field) -> Callable[[str], Any]:
    """Return the parser of a column that only our own export has."""
    if isinstance(column, UuidText):
        return _identifier
    if isinstance(column, TimeText):
        return _time
    if choices := choices_of(field):
        return _one_of(choices)
    return _version if isinstance(field, Integer) else field.deserialize


class Cleaner:
    """Checks the rows of one kind. `now` is the time of the import, in milliseconds since 1970."""

    def __init__(self, kind: Kind, now: int) -> None:
        self._kind = kind
        self._now = now
        columns = kind.model._meta.fields
        # For each header: the column, and the parser that returns the value to store.
        self._checks = {
            name: (str(field.name), _check(field, columns[field.name]))
            for name, field in kind.inputs.items()
        }
        self._required = [name for name, field in kind.inputs.items() if field.required]
        shown = kind.model.schema().fields
        self._names = {str(field.data_key): name for name, field in shown.items()}
        # The other columns of Leadbook's own export: the header, the column and its parser.
        self._kept = {
            str(field.data_key): (name, _parser(field, columns[name]))
            for name, field in shown.items()
            if field.data_key not in kind.inputs
        }
        # Columns that are never empty in Leadbook's own export.
        self._always = [
            str(field.data_key)
            for name, field in shown.items()
            if not field.allow_none
            and (field.data_key in self._kept or name == kind.model.counted_by)
        ]

    def foreign(self, values: Values) -> Cleaned:
        """Return the record of a row from another tool. Raises RowRefusedError."""
        record = self._checked_inputs(values)
        if created := values.get("createdAt"):
            record["created_at"] = read_date(created)
        return record

    def own(self, values: Values, missing: Collection[str]) -> Cleaned:
        """Return the record of a row from Leadbook's own export, with id, version, times and links.

        The file has no columns for the fields `missing`. Raises RowRefusedError.
        """
        record = self._checked_inputs(values)
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

    def _checked_inputs(self, values: Values) -> Cleaned:
        record = {}
        problems = []
        for name, (column, check) in self._checks.items():
            if name in values:
                try:
                    record[column] = check(values[name])
                except ValidationError as error:
                    problems += [f"{name}: {message}" for message in error.messages]
        problems += [f"{name}: Must not be empty." for name in self._required if name not in values]
        if problems:
            raise RowRefusedError(" ".join(problems))
        return record


def _check(field: Any, column: peewee.Field) -> Callable[[str], Any]:
    """Return the parser of a cell, which checks as the API does and returns the stored value."""
    if isinstance(field, Text) and not isinstance(column, Packed):
        # Without the machinery of marshmallow, since a file has millions of them.
        return field.clean

    def check(text: str) -> Any:
        # A file has only text, so numbers and switches are converted here.
        value: Any = text
        if isinstance(field, WholeNumber) and _WHOLE.fullmatch(text):
            value = int(float(text))
        elif isinstance(field, Boolean):
            value = _SWITCHES.get(text.lower(), text)
        return column.db_value(field.deserialize(value))

    return check
