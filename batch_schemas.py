"""What goes in as a batch: lists of new records, of changes and of removals."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.batch import MOST_ITEMS
from leadbook.schemas import (
    SERVER_OWNED,
    CamelCaseSchema,
    ClientChanges,
    ContactInput,
    LeadChanges,
    NewClient,
    NewLead,
    WholeNumber,
)


def _id() -> fields.String:
    return fields.String(required=True, metadata={"description": "Of the record."})


def _version() -> WholeNumber:
    return WholeNumber(
        validate=validate.Range(1, 2**53),
        metadata={"description": "The one it must still have, if any; else a 412."},
    )


def _require_at_most(count: int) -> None:
    if count > MOST_ITEMS:
        raise ma.ValidationError(f"Must not hold more than {MOST_ITEMS} items, not {count}.")


def _items(kind: type[ma.Schema]) -> fields.List[Any]:
    return fields.List(
        fields.Nested(kind), load_default=list, validate=validate.Length(max=MOST_ITEMS)
    )


class LeadUpdate(LeadChanges):
    """Which lead, and its fields to change."""

    ignored = SERVER_OWNED - {"id", "version"}

    id = _id()
    version = _version()


class ClientUpdate(ClientChanges):
    """Which client, and its fields to change."""

    ignored = (SERVER_OWNED | {"status"}) - {"id", "version"}

    id = _id()
    version = _version()


class LeadRemoval(CamelCaseSchema):
    """Which lead is to be removed for good."""

    class Meta:
        unknown = ma.RAISE

    id = _id()
    version = _version()


class ClientRemoval(LeadRemoval):
    """Which client is to be archived, or erased."""

    permanent = fields.Boolean(
        load_default=False,
        truthy={True},
        falsy={False},
        metadata={"description": "Erase for good instead of archiving."},
    )


class Batch(CamelCaseSchema):
    """What is to be done, all of it or nothing."""

    class Meta:
        unknown = ma.RAISE

    @ma.pre_load
    def _require_few(self, data: Any, **_: object) -> Any:
        """Count the items before any of them is read."""
        parts = data.values() if isinstance(data, dict) else ()
        _require_at_most(sum(len(part) for part in parts if isinstance(part, list)))
        return data

    @ma.validates_schema
    def _require_sense(self, data: dict[str, Any], **_: object) -> None:
        seen = set()
        for kind in ("update", "delete"):
            for number, item in enumerate(data[kind]):
                if item["id"] in seen:
                    wrong = {kind: {number: {"id": ["Must not be named more than once."]}}}
                    raise ma.ValidationError(wrong)
                seen.add(item["id"])


class LeadBatch(Batch):
    """Leads to create, to update and to delete."""

    create = _items(NewLead)
    update = _items(LeadUpdate)
    delete = _items(LeadRemoval)


class ClientBatch(Batch):
    """Clients to create, to update and to archive or erase."""

    create = _items(NewClient)
    update = _items(ClientUpdate)
    delete = _items(ClientRemoval)


# Those that ignore what the service owns, as the document has to say.
ITEMS: tuple[type[ContactInput], ...] = (LeadUpdate, ClientUpdate)
