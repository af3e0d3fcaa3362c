"""The entries of `custom`: their names and values, in requests, in the file and in cells of CSV."""

import re
from collections.abc import Mapping
from typing import Any

from leadbook.storage.json_text import as_text, decode, encode
from leadbook.storage.text_rules import NOTES, REQUIRED_TEXT

Value = str | int | float | bool

NAME_RULE, TEXT_RULE = REQUIRED_TEXT, NOTES
MOST_ENTRIES = 50
LONGEST_NAME = 64
LONGEST_TEXT = 1_000
# Every JSON parser reads a whole number up to this one exactly:
# https://www.rfc-editor.org/rfc/rfc7493#section-2.2
LARGEST_WHOLE = 2**53 - 1
TOO_MANY = f"Must not have more than {MOST_ENTRIES} entries."
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# Spreadsheets write them in capitals.
_WORDS = {"true": True, "false": False, "TRUE": True, "FALSE": False}
_FIRST_OF_TYPED = frozenset('"tfTF-0123456789')
# So long is no number that `checked_number` allows.
_LONGEST_NUMBER = 40


class Entries(dict[str, Any]):
    """Names and values, in the order of the names. `1` and `true` are different values."""

    def __eq__(self, other: object) -> bool:
        # Python's own comparison takes True for 1.
        return isinstance(other, dict) and encode(self) == encode(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None  # as any dict


class UnreadableEntries(Entries):
    """What a damaged column shows: nothing. It equals nothing, so that a change replaces it."""

    def __eq__(self, other: object) -> bool:
        return self is other

    __hash__ = None  # as any dict


class WrongEntriesError(ValueError):
    """Some entries cannot be stored: `problems` has the messages of each, by its name as given."""

    def __init__(self, problems: dict[str, list[str]]) -> None:
        super().__init__(problems)
        self.problems = problems


def merged(kept: Mapping[str, Any], given: Mapping[str, Any] | None) -> Entries:
    """Return `kept` with the entries of `given`: None removes one, or, as `given`, all."""
    if given is None:
        return Entries()
    entries = {**kept, **given}
    return Entries((name, entries[name]) for name in sorted(entries) if entries[name] is not None)


def cleaned(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entries of a request as they are stored; None stands for one to remove.

    Raises WrongEntriesError, and ValueError if there are too many.
    """
    if len(given) > MOST_ENTRIES:
        raise ValueError(TOO_MANY)
    entries: dict[str, Any] = {}
    problems: dict[str, list[str]] = {}
    for name, value in given.items():
        try:
            known = cleaned_name(name)
            if known in entries:
                raise ValueError("Must not be named more than once.")
            entries[known] = cleaned_value(value)
        except ValueError as error:
            problems[name] = [str(error)]
    if problems:
        raise WrongEntriesError(problems)
    return entries


def cleaned_name(name: str) -> str:
    """Return a name as it is stored. Raises ValueError."""
    return str(NAME_RULE.clean(name, LONGEST_NAME))


def cleaned_value(value: Any) -> Value | None:
    """Return a value as it is stored; None if it has no content. Raises ValueError."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return TEXT_RULE.clean(value, LONGEST_TEXT)
    if not isinstance(value, int | float):
        raise ValueError("Must be a text, a number, true or false.")
    return checked_number(value)


def checked_number(number: float) -> float:
    """Return a number as it is stored: 5.0 as 5. Raises ValueError."""
    # Of the others, each float is a whole number, and stands for several.
    if not -LARGEST_WHOLE <= number <= LARGEST_WHOLE:
        raise ValueError(f"Must be a number between -{LARGEST_WHOLE} and {LARGEST_WHOLE}.")
    return int(number) if number == number // 1 else number


def as_cell(value: Value) -> str:
    """Return a value as text of a cell, from which `of_cell` tells its type.

    A text that would be taken for a number, `true` or `false` is written as a JSON string.
    """
    return value if isinstance(value, str) and not _is_quoted(value) else as_text(value)


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
