"""Many changes in one transaction: each item by itself, and where one went wrong."""

from collections.abc import Callable, Mapping
from typing import Any

from leadbook.current_database import current
from leadbook.models import Client, Lead
from leadbook.refusals import Refusal

Item = Mapping[str, Any]
Changes = Mapping[str, list[dict[str, Any]]]

# So many items at the most: others wait for their turn to write.
MOST_ITEMS = 500
LARGEST_BODY = 8 * 1024 * 1024


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
    return {
        "created": _each("create", changes, model.create_from),
        "updated": _each("update", changes, lambda item: _update(model, item)),
        "deleted": _each("delete", changes, lambda item: _delete(model, item)),
    }


def _each(kind: str, changes: Changes, change: Callable[[Item], Lead | Client]) -> list[str]:
    ids = []
    for number, item in enumerate(changes[kind]):
        current.time_limit.require()
        try:
            ids.append(change(item).id)
        except Refusal as error:
            raise ItemRefusedError(f"{kind}[{number}]", error) from error
    return ids


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
