"""From the text of a row to a record as it is stored: every value is checked as the API's are."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import peewee
from marshmallow import ValidationError
from marshmallow.validate import OneOf

from leadbook.schemas import Text, WholeNumber
from leadbook.storage.columns import TimeText, UuidText
from leadbook.storage.times import read_time
from leadbook.transfer.dates import read_date
from leadbook.transfer.errors import RowRefusedError
from leadbook.transfer.kinds import Kind
from leadbook.transfer.mapping import Values

# A record by its columns, as models have them: times and ids are stored as they are in the file.
Record = dict[str, Any]

_LARGEST_VERSION = 2**53
_WHOLE = re.compile(r"[0-9]{1,16}(\.0+)?")


def _identifier(text: str) -> bytes:
    stored = UuidText().db_value(text)
    if not stored:
        raise ValueError("Must be an id of Leadbook's.")
    return stored


def _time(text: str) -> int:
    try:
        time = read_time(text)
    except ValueError as error:
        raise ValueError(f"Must be {error}.") from None
    if time < 0:
        raise ValueError("Must be a time from 1970 on.")
    return time


def _version(text: str) -> int:
    if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= _LARGEST_VERSION:
        raise ValueError("Must be a whole number from 1 on.")
    return int(text)


def _one_of(choices: Sequence[str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in choices:
            raise ValueError(f"Must be one of: {', '.join(choices)}.")
        return text

    return check


def _parser(field: Any, column: peewee.Field) -> Callable[[str], Any]:
    """Return what reads a cell that only our own export has."""
    if isinstance(column, UuidText):
        return _identifier
    if isinstance(column, TimeText):
        return _time
    for each in field.validators:
        if isinstance(each, OneOf):
            return _one_of(tuple(each.choices))
    return _version


class Cleaner:
    """Checks the rows of one kind."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._checks: dict[str, Callable[[str], Any]] = {
            name: field.clean if isinstance(field, Text) else self._checked(field)
            for name, field in kind.inputs.items()
        }
        self._required = [name for name, field in kind.inputs.items() if field.required]
        columns = kind.model._meta.fields
        shown = kind.model.schema().fields
        # What our own export has besides, by header: the column, and what reads a cell.
        self._kept = {
            str(field.data_key): (name, _parser(field, columns[name]))
            for name, field in shown.items()
            if field.data_key not in kind.inputs
        }
        # Never empty in a record of ours.
        self._always = [
            str(field.data_key)
            for name, field in shown.items()
            if not field.allow_none
            and (field.data_key in self._kept or name == kind.model.counted_by)
        ]

    def foreign(self, values: Values) -> Record:
        """Return the record of a row of another tool. Raises RowRefusedError."""
        record = self._checked_inputs(values)
        if created := values.get("createdAt"):
            record["created_at"] = read_date(created)
        return record

    def own(self, values: Values) -> Record:
        """Return the record of a row of our own export, with its id, version, times and links.

        Raises RowRefusedError.
        """
        record = self._checked_inputs(values)
        problems = [f"{name}: Must not be empty." for name in self._always if name not in values]
        for name, (column, parse) in self._kept.items():
            if name in values:
                try:
                    record[column] = parse(values[name])
                except ValueError as error:
                    problems.append(f"{name}: {error}")
        problems += self._kind.model.contradictions(record)
        if problems:
            raise RowRefusedError(" ".join(problems))
        return record

    def _checked_inputs(self, values: Values) -> Record:
        record = {}
        problems = []
        for name, check in self._checks.items():
            if name in values:
                try:
                    record[name] = check(values[name])
                except ValidationError as error:
                    problems += [f"{name}: {message}" for message in error.messages]
        problems += [f"{name}: Must not be empty." for name in self._required if name not in values]
        if problems:
            raise RowRefusedError(" ".join(problems))
        return record

    def _checked(self, field: Any) -> Callable[[str], Any]:
        def check(text: str) -> Any:
            # A whole number is one in a file too, which has text alone.
            is_number = isinstance(field, WholeNumber) and _WHOLE.fullmatch(text)
            return field.deserialize(int(float(text)) if is_number else text)

        return check
