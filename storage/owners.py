"""Records beside what those that they belong to show, in one SELECT."""

from collections.abc import Sequence
from typing import Any

from leadbook.storage.rendering import columns_of


def with_owner(model: Any, shown: Sequence[str], numbers: str, where: str) -> str:
    """Return the SELECT of records in the order of their creation, each with columns of an owner.

    `numbers` is the SELECT of their numbers. Of several links, the last one that leads to a record
    counts.
    """
    table = model._meta.table_name
    owners = {link: kind._meta.table_name for link, kind in reversed(model.links.items())}
    joins = [f"LEFT JOIN {each} ON {each}.id = {table}.{link}" for link, each in owners.items()]
    columns = (", ".join(f"{each}.{name}" for each in owners.values()) for name in shown)
    return (
        f"SELECT {columns_of(model)}, {', '.join(f'coalesce({each})' for each in columns)}"
        f" FROM {table} {' '.join(joins)}"
        f" WHERE {table}.number IN ({numbers}) AND {where} ORDER BY {table}.number"
    )
