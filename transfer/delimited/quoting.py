"""Quotes in CSV that are not as the rest of the file has them."""

import csv
from collections.abc import Mapping
from typing import Any

Options = Mapping[str, Any]

# A quoted cell has a quote as `""`, and with these options as `\"`.
_BACKSLASH = {"escapechar": "\\", "doublequote": False}


def with_backslashes(options: Options) -> dict[str, Any]:
    """Return the options for csv.reader with a backslash before a quote in a quoted cell."""
    return {**options, **_BACKSLASH}


def has_backslashes(options: Options) -> bool:
    """Return whether the options are those of `with_backslashes`."""
    return "escapechar" in options


def read_otherwise(line: str, options: Options, width: int) -> list[str] | None:
    """Return the cells of a line if only the other way to write quotes gives `width` cells."""
    if has_backslashes(options):
        other = {name: each for name, each in options.items() if name not in _BACKSLASH}
    elif '\\"' in line:
        other = with_backslashes(options)
    else:
        return None
    try:
        [cells] = csv.reader([line], strict=True, **other)
    except (csv.Error, ValueError):
        return None
    return cells if len(cells) == width and not has_stray_quotes(line, cells, other) else None


def has_stray_quotes(raw: str, cells: list[str], options: Options) -> bool:
    """Return whether a record of a file with backslashes has quotes without one.

    csv.reader takes `"a ""b"" c"` with backslashes for something else and finds no error.
    """
    if not has_backslashes(options) or '""' not in raw:
        return False
    return sum(cell.count('"') for cell in cells) > raw.count('\\"')


def is_glued(lines: list[str], cells: list[str], width: int, options: Options) -> bool:
    """Return whether a record of several lines is several records around two lone quotes.

    If it is as wide as the header, it may also be a note with a pasted table. Then it is glued only
    if each of the quotes stands alone in its cell.
    """
    separator = options["delimiter"]
    if not any("@" in line and line.count(separator) == width - 1 for line in lines[1:]):
        return False
    ends = ("\n", "\r", separator)
    return len(cells) != width or any(
        cell.startswith(ends) and cell.endswith(ends) for cell in cells if "\n" in cell
    )
