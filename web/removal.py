"""Archiving and erasing a record: what a query and an item of a batch may say about it."""

from typing import Any

from marshmallow import fields, validate

from leadbook.fields.schema import CamelCaseSchema
from leadbook.fields.values import TrueOrFalse
from leadbook.storage.record import Record
from leadbook.web.parameters import Switch, choice

_KEEP = "keep"
_TICKETS = ("erase", _KEEP)
_DESCRIPTION = (
    "Erase the tickets of the person too, or keep them without the person's name and address. An "
    "archived client keeps its tickets as they are."
)


def remove(record: Any, *, permanent: bool = True, tickets: str = "erase") -> Record | None:
    """Archive or erase a record; return it if it is archived."""
    if not permanent:
        archived: Record = record.archive()
        return archived
    if tickets == _KEEP:
        record.keep_tickets()
    record.delete_for_good()
    return None


class PersonRemovalQuery(CamelCaseSchema):
    """The query of the removal of a person who cannot be archived."""

    tickets = choice(*_TICKETS, description=_DESCRIPTION)


class RemovalQuery(PersonRemovalQuery):
    """The query of the removal of a client."""

    permanent = Switch("Erase instead of archiving.", load_default=False)


class PersonRemoval(CamelCaseSchema):
    """What an item of a batch may say about a person to erase."""

    tickets = fields.String(
        validate=validate.OneOf(_TICKETS),
        load_default="erase",
        metadata={"description": _DESCRIPTION},
    )


class ArchivableRemoval(PersonRemoval):
    """What an item of a batch may say about a person to archive or erase."""

    permanent = TrueOrFalse(
        load_default=False,
        metadata={"description": "Erase instead of archiving."},
    )
