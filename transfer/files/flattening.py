"""Turn a JSON object into the cells of a row: nested values get names such as `address.city`."""

import json
from collections.abc import Container, Iterator
from typing import Any

from leadbook.storage.custom_values import LARGEST_WHOLE, as_cell
from leadbook.transfer.files.row import Header
from leadbook.transfer.values.cells import list_cell

MOST_COLUMNS = 1_000
# Values at a deeper level become JSON text.
_DEEPEST = 8
# Our own field of entries, whose names may have dots in them.
_CUSTOM = "custom"


class TooManyColumnsError(ValueError):
    """The object has more than MOST_COLUMNS values."""


def flattened(
    item: dict[str, Any], lists: Container[str] = frozenset()
) -> tuple[Header, list[str]]:
    """Return the header and the cells of an object.

    `{"email": [{"value": "a"}]}` has the column `email[0].value`. A list of plain values is one
    cell. The texts of the columns in `lists` may have commas. Raises TooManyColumnsError.
    """
    for value in item.values():
        if type(value) is dict or type(value) is list:
            break
    else:
        return tuple(item), [each if type(each) is str else as_text(each) for each in item.values()]
    names: list[str] = []
    cells: list[str] = []
    for name, value in item.items():
        is_list = name in lists and isinstance(value, list)
        for column, cell in _columns(name, _one_cell(value) if is_list else value, 1):
            names.append(column)
            cells.append(cell)
        if len(names) > MOST_COLUMNS:
            raise TooManyColumnsError(f"The object has more than {MOST_COLUMNS:,} values.")
    return tuple(names), cells


def _one_cell(value: list[Any]) -> object:
    texts = [each for each in value if each != ""]
    return list_cell(texts) if all(isinstance(each, str) for each in texts) else value


def as_text(value: object) -> str:
    """Return the value of a field as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _columns(name: str, value: object, depth: int) -> Iterator[tuple[str, str]]:
    """Yield the columns of a value, and their cells."""
    if isinstance(value, dict) and value and depth <= _DEEPEST:
        if name == _CUSTOM and depth == 1:
            yield from ((f"{name}.{entry}", _as_entry(each)) for entry, each in value.items())
            return
        for key, each in value.items():
            yield from _columns(f"{name}.{key}", each, depth + 1)
        return
    if isinstance(value, list) and depth <= _DEEPEST:
        if not any(isinstance(each, dict | list) for each in value):
            yield name, ", ".join(filter(None, map(as_text, value)))
            return
        for place, each in enumerate(value):
            yield from _columns(f"{name}[{place}]", each, depth + 1)
        return
    yield name, "" if value in ({}, []) else as_text(value)


def _as_entry(value: object) -> str:
    """Return the cell of an entry of `custom`."""
    if isinstance(value, int | float) and not -LARGEST_WHOLE <= value <= LARGEST_WHOLE:
        # No number that an entry can have; orjson writes none that is longer than 64 bits.
        return str(value)
    return as_cell(value) if isinstance(value, str | int | float) else as_text(value)
