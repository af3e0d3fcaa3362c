"""Mend a value of an optional field that cannot be stored as it is, so that its row can be."""

import math
import re
import unicodedata
from typing import Any, NamedTuple

from marshmallow import validate

from leadbook.fields.values import Text, WholeNumber

# What was done to a value, as reports name it.
CUT, CHARACTERS, LINE_BREAKS, LOST_BYTES = "cut", "characters", "lineBreaks", "lostBytes"
BENT, ROUNDED = "bent", "rounded"
# After these, an entry keeps the value as it was.
KEPT_WHOLE = frozenset({CUT, BENT, ROUNDED})

# The limit of schemas.Text is 30 marks in a row; NFC may split one in two.
_MOST_MARKS = 15
_BREAKS = re.compile("[\t-\r\x1c-\x1e\x85\u2028\u2029]+")
# Marks for the direction of text, and others without width. Inside a text they have a meaning.
MARKS = " \u061c\u200b\u200e\u200f\u2060\ufeff"
_DIRECTIONS = "\u202a-\u202e\u2066-\u2069"
# Lone surrogates stand for bytes that are not valid in the encoding of the file.
_UNWANTED = re.compile(f"[\0-\x1f\x7f-\x9f{_DIRECTIONS}]")
_UNWANTED_IN_NOTES = re.compile(f"[\0-\x08\x0b-\x1f\x7f-\x9f{_DIRECTIONS}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\ufffd"

_NUMBER = re.compile(r"([-+\u2212]?)([0-9]{1,20})(?:([.,])([0-9]{1,20}))?(?: ?%)?")
_THOUSANDS = re.compile(r"[-+\u2212]?[0-9]{1,3}(?:,[0-9]{3}){1,6}(?:\.[0-9]{1,20})?")
_EXPONENT = re.compile(r"-?[0-9](?:\.[0-9]{1,20})?[eE][+-]?[0-9]{1,3}")


class Mended(NamedTuple):
    """A value that can be stored, and what was done to it."""

    value: Any
    changes: tuple[str, ...]


def mended_text(text: str, field: Text) -> Mended:
    """Return `text` without what `field` refuses, cut at its limit."""
    changes = []
    if field.kind.is_multiline:
        # The line break of old Macs.
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        tidy = _UNWANTED_IN_NOTES.sub("", text)
        changes += [CHARACTERS] * (tidy != text)
    else:
        tidy, changes = one_line(text)
    if _SURROGATE.search(tidy):
        tidy = _SURROGATE.sub(_REPLACEMENT, tidy)
        changes.append(LOST_BYTES)
    few = _with_few_marks(tidy)
    if few != tidy and CHARACTERS not in changes:
        changes.append(CHARACTERS)
    composed = unicodedata.normalize("NFC", few).strip()
    if len(composed) > field.longest:
        composed = composed[: field.longest].rstrip()
        changes.append(CUT)
    return Mended(composed, tuple(changes))


def one_line(text: str) -> tuple[str, list[str]]:
    """Return a text in one line and without characters that are not seen, and what was done."""
    if text.isascii() and text.isprintable():
        return text.strip(), []
    changes = []
    # Not with a pattern for spaces on both sides, which would take quadratic time.
    joined = " ".join(filter(None, (part.strip() for part in _BREAKS.split(text))))
    if joined != text.strip():
        changes.append(LINE_BREAKS)
    tidy = _UNWANTED.sub("", joined).strip()
    if tidy != joined:
        changes.append(CHARACTERS)
    return tidy, changes


def _with_few_marks(text: str) -> str:
    if text.isascii():
        return text
    kept = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def mended_number(text: str, field: WholeNumber) -> Mended | None:
    """Return the number in `text`, rounded and bent into the range of `field`; None without one.

    "85.5", "85,5" and "85.5 %" are 86; "1,234" has a separator of thousands.
    """
    number = _number_in(text)
    if number is None:
        return None
    low, high = _range_of(field)
    changes = []
    bent = min(max(number, low), high)
    if bent != number:
        changes.append(BENT)
    # Halves go up, as people round.
    whole = math.floor(bent + 0.5)
    if whole != bent:
        changes.append(ROUNDED)
    return Mended(whole, tuple(changes))


def _number_in(text: str) -> float | None:
    text = text.replace("\u2212", "-")
    if _THOUSANDS.fullmatch(text):
        return float(text.replace(",", ""))
    if _EXPONENT.fullmatch(text):
        return float(text)
    if not (found := _NUMBER.fullmatch(text)):
        return None
    sign, whole, _, fraction = found.groups()
    return float(f"{sign}{whole}.{fraction or 0}")


def _range_of(field: WholeNumber) -> tuple[float, float]:
    ranges = [each for each in field.validators if isinstance(each, validate.Range)]
    lows = [float(each.min) for each in ranges if each.min is not None]
    highs = [float(each.max) for each in ranges if each.max is not None]
    # Every JSON parser reads whole numbers up to these exactly.
    return max(lows, default=-(2.0**53)), min(highs, default=2.0**53)
