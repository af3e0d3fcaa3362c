"""The entries of `custom`: their names and values, in requests, in the file and in cells of CSV."""

import math
import re
from collections.abc import Mapping
from typing import Any

from leadbook.storage.json_text import decode, encode

Value = str | int | float | bool

MOST_ENTRIES = 50
LONGEST_NAME = 64
LONGEST_TEXT = 1_000
# Every JSON parser reads a whole number up to this one exactly:
# https://www.rfc-editor.org/rfc/rfc7493#section-2.2
LARGEST_WHOLE = 2**53 - 1
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORDS = {"true": True, "false": False}
_FIRST_OF_TYPED = frozenset('"tf-0123456789')
# So long is no number that `checked_number` allows.
_LONGEST_NUMBER = 40


class Entries(dict[str, Any]):
    """Names and values, in the order of the names. `1`, `1.0` and `true` are different values."""

    def __eq__(self, other: object) -> bool:
        # Python's own comparison takes True for 1.
        return isinstance(other, dict) and encode(self) == encode(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # as any dict


def merged(kept: Mapping[str, Any], given: Mapping[str, Any] | None) -> Entries:
    """Return `kept` with the entries of `given`: None removes one, or, as `given`, all."""
    if given is None:
        return Entries()
    entries = {**kept, **given}
    return Entries((name, entries[name]) for name in sorted(entries) if entries[name] is not None)


def checked_number(number: float) -> float:
    """Return a number as it is stored: 5.0 as 5. Raises ValueError."""
    if not math.isfinite(number) or (isinstance(number, int) and abs(number) > LARGEST_WHOLE):
        raise ValueError(f"Must be a number between -{LARGEST_WHOLE} and {LARGEST_WHOLE}.")
    is_whole = number == number // 1 and abs(number) <= LARGEST_WHOLE
    return int(number) if is_whole else number


def as_cell(value: Value) -> str:
    """Return a value as text of a cell, from which `of_cell` tells its type.

    A text that would be taken for a number, `true` or `false` is written as a JSON string.
    """
    if not isinstance(value, str):
        return encode(value).decode().rstrip("\n")
    return encode(value).decode().rstrip("\n") if _is_quoted(value) else value


def of_cell(text: str) -> Value:
    """Return the value of a cell that `as_cell`, or a person, has written."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _LONGEST_NUMBER and _NUMBER.fullmatch(text):
        try:
            return checked_number(int(text) if text.lstrip("-").isdigit() else float(text))
        except ValueError:
            return text
    if text.startswith('"'):
        try:
            value = decode(text)
        except ValueError:
            return text
        return value if isinstance(value, str) else text
    return text


def _is_quoted(text: str) -> bool:
    """Return whether `of_cell` would take the text itself for another value."""
    if text[:1] not in _FIRST_OF_TYPED:
        return False
    return text.startswith('"') or not isinstance(of_cell(text), str)
