"""Many changes in one transaction: each item by itself, and where one went wrong."""

from collections.abc import Callable, Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.models import Client, DuplicateEmailError, Lead
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
from leadbook.storage.current_database import current
from leadbook.storage.record import Refusal

Item = Mapping[str, Any]
Changes = Mapping[str, list[dict[str, Any]]]

# So many items at the most: others wait for their turn to write.
MOST_ITEMS = 500
LARGEST_BATCH = 8 * 1024 * 1024


class ItemRefusedError(Exception):
    """A rule stands against the item at `place`, such as `update[2]`; `cause` says which."""

    def __init__(self, place: str, cause: Refusal) -> None:
        super().__init__(str(cause))
        self.place = place
        self.cause = cause


def carry_out(model: type[Lead] | type[Client], changes: Changes) -> dict[str, list[str]]:
    """Create, update and delete what `changes` names, in this order; return the ids.

    Raises ItemRefusedError, after which the transaction must not be kept.
    """
    created: list[str] = []
    return {
        "created": _each("create", changes, model.create_from, created),
        "updated": _each("update", changes, lambda item: _update(model, item), created),
        "deleted": _each("delete", changes, lambda item: _delete(model, item), created),
    }


def _each(
    kind: str, changes: Changes, change: Callable[[Item], Lead | Client], created: list[str]
) -> list[str]:
    ids = created if kind == "create" else []
    for number, item in enumerate(changes[kind]):
        current.time_limit.require()
        try:
            ids.append(change(item).id)
        except Refusal as error:
            raise ItemRefusedError(f"{kind}[{number}]", _as_undone(error, created)) from error
    return ids


def _as_undone(error: Refusal, created: list[str]) -> Refusal:
    """Return the error in the words of whoever will not find what the batch has created."""
    if isinstance(error, DuplicateEmailError) and error.existing_id in created:
        place = created.index(error.existing_id)
        return DuplicateEmailError(None, f"Item create[{place}] of this batch")
    return error


def _update(model: type[Lead] | type[Client], item: Item) -> Lead | Client:
    fields = {name: value for name, value in item.items() if name not in ("id", "version")}
    return _fetch(model, item).change(fields)


def _delete(model: type[Lead] | type[Client], item: Item) -> Lead | Client:
    record = _fetch(model, item)
    # A lead is not archived.
    if isinstance(record, Client) and not item["permanent"]:
        return record.archive()
    record.delete_for_good()
    return record


def _fetch(model: type[Lead] | type[Client], item: Item) -> Lead | Client:
    return model.fetch(item["id"], {item["version"]} if "version" in item else None)


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
