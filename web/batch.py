"""Many changes in one transaction, and which of them failed."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.fields.schema import EXAMPLE_ID, CamelCaseSchema
from leadbook.fields.values import WholeNumber
from leadbook.people.contacts import Contact, DuplicateEmailError
from leadbook.storage.columns import one_spelling
from leadbook.storage.database import current
from leadbook.storage.record import Record
from leadbook.storage.refusals import Refusal
from leadbook.storage.summaries import once
from leadbook.web.removal import ArchivableRemoval, PersonRemoval, remove

Item = Mapping[str, Any]
Changes = Mapping[str, list[dict[str, Any]]]
# Carries out an item; returns the record, and whether it has another address than before.
Change = Callable[[Item], tuple[Record, bool]]
# By the id of a record: the place of the item that gave it its address.
Places = dict[str, str]

# A larger batch would make other writers wait too long.
MOST_ITEMS = 500
LARGEST_BATCH = 8 * 1024 * 1024


class ItemRefusedError(Exception):
    """A rule forbids the item at `place`, such as `update[2]`; `cause` says which rule."""

    def __init__(self, place: str, cause: Refusal) -> None:
        super().__init__(str(cause))
        self.place = place
        self.cause = cause


def carry_out(model: type[Record], changes: Changes) -> dict[str, list[str]]:
    """Create, update and delete the items of `changes`, in this order; return the ids.

    Raises ItemRefusedError; the caller must then roll the transaction back.
    """
    places: Places = {}
    # A person with many of these follow-ups changes once.
    with once():
        return {
            "created": _each("create", changes, lambda item: _create(model, item), places),
            "updated": _each("update", changes, lambda item: _update(model, item), places),
            "deleted": _each("delete", changes, lambda item: _delete(model, item), places),
        }


def _each(kind: str, changes: Changes, change: Change, places: Places) -> list[str]:
    """Carry out the items of a kind; return the ids.

    `places` gets the place of each item that has given a record its address.
    """
    ids = []
    for number, item in enumerate(changes[kind]):
        current.time_limit.require()
        place = f"{kind}[{number}]"
        try:
            record, has_new_address = change(item)
        except Refusal as error:
            raise ItemRefusedError(place, _as_undone(error, places)) from error
        ids.append(record.id)
        if has_new_address:
            places[record.id] = place
    return ids


def _as_undone(error: Refusal, places: Places) -> Refusal:
    """Return the error without the id of a record that loses the address with this batch."""
    if isinstance(error, DuplicateEmailError) and error.existing_id in places:
        return DuplicateEmailError(None, f"item {places[error.existing_id]} of this batch")
    return error


def _create(model: type[Record], item: Item) -> tuple[Record, bool]:
    return model.create_from(item), True


def _update(model: type[Record], item: Item) -> tuple[Record, bool]:
    record = _fetch(model, item)
    before = record.identifying
    fields = {name: value for name, value in item.items() if name not in ("id", "version")}
    changed = record.change(fields)
    return changed, changed.identifying != before


def _delete(model: type[Record], item: Item) -> tuple[Record, bool]:
    record = _fetch(model, item)
    remove(record, **{name: each for name, each in item.items() if name not in ("id", "version")})
    return record, False


def _fetch(model: type[Record], item: Item) -> Record:
    return model.fetch(item["id"], {item["version"]} if "version" in item else None)


class _Id(fields.String):
    """An id, in the one spelling by which a batch can tell that two items name the same record."""

    def _deserialize(self, *args: Any, **kwargs: Any) -> str:
        return one_spelling(super()._deserialize(*args, **kwargs))


def _id() -> _Id:
    return _Id(required=True, metadata={"description": "The record's id."})


def _version() -> WholeNumber:
    return WholeNumber(
        validate=validate.Range(1, 2**53),
        metadata={"description": "If the record has another version, the answer is a 412."},
    )


def _require_at_most(count: int) -> None:
    if count > MOST_ITEMS:
        raise ma.ValidationError(f"Must not hold more than {MOST_ITEMS} items, not {count}.")


def _items(kind: type[ma.Schema]) -> fields.List[Any]:
    few = validate.Length(max=MOST_ITEMS)
    return fields.List(fields.Nested(kind), load_default=list, validate=few)


class Removal(CamelCaseSchema):
    """A record to erase."""

    class Meta:
        unknown = ma.RAISE

    id = _id()
    version = _version()


class Batch(CamelCaseSchema):
    """The changes to make, all or none."""

    class Meta:
        unknown = ma.RAISE

    @ma.pre_load
    def _require_few(self, data: Any, **_: object) -> Any:
        """Count the items before reading any of them."""
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


@cache
def batch_of(model: type[Record]) -> type[Batch]:
    """Return the body that creates, updates and deletes records of a model."""
    name, changes = model.__name__, model.changes
    ignored = changes.ignored - {"id", "version"}
    example = {"id": EXAMPLE_ID, "version": 1, **changes.as_example()}
    own = {"id": _id(), "version": _version(), "ignored": ignored, "example": example}
    update = type(f"{name}Update", (changes,), own)
    removal = _removal_of(model)
    parts = {
        "create": _items(model.new),
        "update": _items(update),
        "delete": _items(type(f"{name}Removal", removal, {})),
        "example": {"create": [model.new.as_example()], "update": [example], "delete": []},
    }
    return type(f"{name}Batch", (Batch,), parts)


def _removal_of(model: type[Record]) -> tuple[type[ma.Schema], ...]:
    """Return what an item says that erases a record, or that archives it."""
    if model.archives:
        return ArchivableRemoval, Removal
    return (PersonRemoval, Removal) if issubclass(model, Contact) else (Removal,)
