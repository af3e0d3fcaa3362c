"""Check the text of a row, as the API checks its values, and return the record to store."""

import re
from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError

from leadbook.schemas import CLIENT_STATUSES, Text
from leadbook.storage.columns import UuidText
from leadbook.storage.times import read_time
from leadbook.transfer.dates import read_date
from leadbook.transfer.kinds import LEADS, Kind
from leadbook.transfer.mapping import Values
from leadbook.transfer.refused import RowRefusedError

# The columns of a record in the database, with times and ids as they are stored.
Record = dict[str, Any]

_LARGEST_VERSION = 2**53
_WHOLE = re.compile(r"[0-9]{1,16}(\.0+)?")


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


def _client_status(text: str) -> str:
    if text not in CLIENT_STATUSES:
        raise ValueError(f"Must be one of: {', '.join(CLIENT_STATUSES)}.")
    return text


# The other columns of Leadbook's own export: the header, the column and its parser.
_KEPT: dict[str, tuple[str, Callable[[str], Any]]] = {
    "id": ("id", _identifier),
    "version": ("version", _version),
    "createdAt": ("created_at", _time),
    "updatedAt": ("updated_at", _time),
    "clientId": ("client_id", _identifier),
    "convertedAt": ("converted_at", _time),
    "leadId": ("lead_id", _identifier),
    "archivedAt": ("archived_at", _time),
}
# Columns that are never empty in Leadbook's own export.
_ALWAYS = ("id", "version", "createdAt", "updatedAt", "status")


class Cleaner:
    """Checks the rows of one kind."""

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._checks: dict[str, Callable[[str], Any]] = {
            name: field.clean if isinstance(field, Text) else self._checked(name, field)
            for name, field in kind.inputs.items()
        }
        self._required = [name for name, field in kind.inputs.items() if field.required]

    def foreign(self, values: Values) -> Record:
        """Return the record of a row from another tool. Raises RowRefusedError."""
        record = self._checked_inputs(values)
        if created := values.get("createdAt"):
            record["created_at"] = read_date(created)
        return record

    def own(self, values: Values) -> Record:
        """Return the record of a row from Leadbook's own export, with id, version, times and links.

        Raises RowRefusedError.
        """
        record = self._checked_inputs(values)
        problems = [f"{name}: Must not be empty." for name in _ALWAYS if name not in values]
        for name in self._kind.header:
            if name in values and name in _KEPT:
                column, parse = _KEPT[name]
                try:
                    record[column] = parse(values[name])
                except ValueError as error:
                    problems.append(f"{name}: {error}")
        if self._kind is not LEADS:
            try:
                record["status"] = _client_status(values.get("status", ""))
            except ValueError as error:
                problems.append(f"status: {error}")
        problems += _contradictions(record)
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

    def _checked(self, name: str, field: Any) -> Callable[[str], Any]:
        def check(text: str) -> Any:
            # A file has only text, so the score is converted here.
            is_number = name == "score" and _WHOLE.fullmatch(text)
            return field.deserialize(int(float(text)) if is_number else text)

        return check


def _contradictions(record: Record) -> list[str]:
    """Return the values that contradict each other in a row of Leadbook's own export."""
    problems = []
    if ("client_id" in record) != ("converted_at" in record):
        problems.append("clientId: Must be given together with convertedAt, or both be empty.")
    if "client_id" in record and record.get("status") != "won":
        problems.append("status: Must be won if there is a clientId.")
    if ("archived_at" in record) != (record.get("status") == "archived"):
        problems.append("archivedAt: Must be given if the status is archived, and only then.")
    return problems
