"""From the text of a row to a record as it is stored: every value is checked as the API's are."""

import re
from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError

from leadbook.schemas import CLIENT_STATUSES, Text
from leadbook.storage.columns import UuidText
from leadbook.storage.times import read_time
from leadbook.transfer.dates import read_date
from leadbook.transfer.errors import RowRefusedError
from leadbook.transfer.kinds import LEADS, Kind
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


def _client_status(text: str) -> str:
    if text not in CLIENT_STATUSES:
        raise ValueError(f"Must be one of: {', '.join(CLIENT_STATUSES)}.")
    return text


# What our own export has besides, by column and by header.
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
# Never empty in a record of ours.
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
            # A whole number is one in a file too, which has text alone.
            is_number = name == "score" and _WHOLE.fullmatch(text)
            return field.deserialize(int(float(text)) if is_number else text)

        return check


def _contradictions(record: Record) -> list[str]:
    """Return what cannot be together in a record of ours."""
    problems = []
    if ("client_id" in record) != ("converted_at" in record):
        problems.append("clientId: Must stand beside convertedAt, or both be empty.")
    if "client_id" in record and record.get("status") != "won":
        problems.append("status: Must be won where there is a clientId.")
    if ("archived_at" in record) != (record.get("status") == "archived"):
        problems.append("archivedAt: Must be there where the status is archived, and only there.")
    return problems
