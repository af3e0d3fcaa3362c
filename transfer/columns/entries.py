"""Turn cells into entries of `custom`."""

import re
from typing import Any

from marshmallow import ValidationError

from leadbook.fields.values import Text
from leadbook.storage.custom_values import LONGEST_TEXT, cleaned_name, cleaned_value
from leadbook.storage.text import is_visible
from leadbook.storage.text_rules import NOTES
from leadbook.transfer.columns.plans import Plan
from leadbook.transfer.files.strict_json import MalformedJSONError, parse_json
from leadbook.transfer.values.adjustments import Adjustments
from leadbook.transfer.values.cells import EMPTY, LONGEST_EMPTY, filled
from leadbook.transfer.values.mending import mended_text

Entries = dict[str, Any]

# Shopify and spreadsheets write '01067, so that the zero stays.
_GUARDED = re.compile(r"'[+-]?[0-9][0-9 ()./,-]{0,50}")
_TEXT = Text(NOTES, longest=LONGEST_TEXT)


def take_leftovers(
    plan: Plan, cells: list[str], entries: Entries, adjustments: Adjustments
) -> None:
    """Add the texts of columns that no field takes."""
    # A file may have a million rows of fifty such cells: no call for an ordinary one.
    for name, place in plan.leftovers:
        cell = cells[place]
        if not cell:
            continue
        if cell.isascii() and cell.isprintable():
            text = cell.strip()
            if len(text) <= LONGEST_EMPTY and text in EMPTY:
                if text:
                    adjustments.empty(plan.header[place])
                continue
            if text.startswith("'") and _GUARDED.fullmatch(text):
                text = text[1:]
            if len(text) <= LONGEST_TEXT:
                entries[name] = text
                continue
        elif not filled(cell):
            if is_visible(cell):
                adjustments.empty(plan.header[place])
            continue
        if text := entry_text(cell, adjustments):
            entries[name] = text


def entry_text(text: str, adjustments: Adjustments) -> str:
    """Return a text as an entry can have it; what is done to it is counted."""
    try:
        return _TEXT.clean(text) or ""
    except ValidationError:
        mended = mended_text(text, _TEXT)
        adjustments.mend("custom", *mended.changes)
        return str(mended.value)


def entries_in(text: str) -> Entries | None:
    """Return the entries of a JSON object; None if the text is no object of names and values."""
    try:
        found = parse_json(text.encode(errors="surrogateescape"))
    except MalformedJSONError:
        return None
    if not isinstance(found, dict):
        return None
    entries: Entries = {}
    for name, value in found.items():
        try:
            if value is not None:
                kept = value if isinstance(value, str) else cleaned_value(value)
                entries[cleaned_name(name)] = kept
        except ValueError:
            return None
    return entries
