"""From the text of a cell to the value that the file stores, for each field of a kind."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import peewee
from marshmallow.fields import Boolean, Integer

from leadbook.fields.schema import choices_of
from leadbook.fields.values import Tags, Text, WholeNumber
from leadbook.storage.columns import Packed, TimeText, UuidText
from leadbook.storage.text_rules import ANY_TEXT, EMAIL, NOTES, REQUIRED_TEXT
from leadbook.storage.times import read_time
from leadbook.transfer.values.addresses import is_plain
from leadbook.transfer.values.cells import listed

_LARGEST_VERSION = 2**53
# The next number is one more, so there must be many left.
_LARGEST_NUMBER = 2**31 - 1
_SWITCHES = {"true": True, "false": False}
# Texts of these characters are in NFC and visible. A soft hyphen is not.
_LATIN = re.compile(r"[ -~\u00a1-\u00ac\u00ae-\u024f]+")
# These rules allow all such characters.
_OF_ANY_CHARACTERS = (REQUIRED_TEXT, ANY_TEXT, NOTES)
# How many values of a column with few different ones are remembered.
_MOST_REMEMBERED = 1_000
_WHOLE = re.compile(r"-?[0-9]{1,16}(\.0+)?")


def own_parser(field: Any, column: peewee.Field) -> Callable[[str], Any]:
    """Return the parser of a column that only our own export has."""
    if isinstance(column, UuidText):
        return _identifier
    if isinstance(column, TimeText):
        return _time
    if choices := choices_of(field):
        return _one_of(choices)
    if isinstance(column, peewee.AutoField):
        return _number
    return _version if isinstance(field, Integer) else field.deserialize


def parser(field: Any, column: peewee.Field) -> Callable[[str], Any]:
    """Return the parser of a cell, which checks as the API does and returns the stored value."""
    if isinstance(field, Text) and not isinstance(column, Packed):
        # Without the machinery of marshmallow, since a file has millions of them.
        return _check_of_text(field)

    known: dict[str, Any] = {}

    def check(text: str) -> Any:
        # Scores and statuses are the same few texts in all rows.
        if text in known:
            return known[text]
        # A file has only text, so numbers and switches are converted here.
        value: Any = text
        if isinstance(field, WholeNumber) and _WHOLE.fullmatch(text):
            value = int(float(text))
        elif isinstance(field, Boolean):
            value = _SWITCHES.get(text.lower(), text)
        elif isinstance(field, Tags):
            value = listed(text)
        stored = column.db_value(field.deserialize(value))
        if len(known) < _MOST_REMEMBERED:
            known[text] = stored
        return stored

    return check


def _check_of_text(field: Text) -> Callable[[str], str | None]:
    """Return what `field.clean` does, faster for the usual texts, which it does not change."""
    clean, longest = field.clean, field.longest

    def check_address(text: str) -> str | None:
        return text if is_plain(text) else clean(text)

    def check(text: str) -> str | None:
        is_usual = (text.isascii() and text.isprintable()) or _LATIN.fullmatch(text)
        is_bare = text and text[0] != " " and text[-1] != " "
        return text if is_usual and is_bare and len(text) <= longest else clean(text)

    if field.kind is EMAIL:
        return check_address
    return check if field.kind in _OF_ANY_CHARACTERS else clean


def _identifier(text: str) -> bytes:
    stored = UuidText().db_value(text)
    if not stored:
        raise ValueError("Must be an id of Leadbook.")
    return stored


def _time(text: str) -> int:
    try:
        time = read_time(text)
    except ValueError as error:
        raise ValueError(f"Must be {error}.") from None
    if time < 0:
        raise ValueError("Must be a time in 1970 or later.")
    return time


def _version(text: str) -> int:
    if not _WHOLE.fullmatch(text) or not 1 <= int(text) <= _LARGEST_VERSION:
        raise ValueError("Must be a whole number, at least 1.")
    return int(text)


def _number(text: str) -> int:
    if not _WHOLE.fullmatch(text) or not 1 <= int(float(text)) <= _LARGEST_NUMBER:
        raise ValueError(f"Must be a whole number from 1 to {_LARGEST_NUMBER:,}.")
    return int(float(text))


def _one_of(choices: Sequence[str]) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in choices:
            raise ValueError(f"Must be one of: {', '.join(choices)}.")
        return text

    return check
