"""Why rows were rejected: each kind of reason, how often, and the first line with it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from leadbook.transfer.columns.plans import Plan
from leadbook.transfer.errors import RowRefusedError, printable
from leadbook.transfer.files.row import Row
from leadbook.transfer.values.cells import filled

# How many kinds a report shows, and how many are counted to find the most frequent ones.
MOST_SHOWN = 100
_MOST_COUNTED = 1_000
OTHERS = "Other reasons."
# What differs from row to row: numbers, quoted values, and what already stands for them.
_VARIES = re.compile(r"""[0-9]+|…|(?<!\w)'[^']*+'(?!\w)|"[^"]*+\"""")
_ANY = "…"
# source.py replaces bytes that are not valid in the encoding by these.
_SURROGATE = re.compile("[\udc80-\udcff]")
# In characters. A reason may quote a value of the row.
_LONGEST_REASON, _LONGEST_REMARK, _LONGEST_VALUE = 2_000, 100, 50


@dataclass
class Reason:
    """A kind of reason: its text, how many rows have it, and the line of the first of them.

    `value` is what that row has instead of a value that can be stored; it may be empty.
    """

    text: str
    count: int
    line: int
    value: str = ""


class Reasons:
    """Counts the reasons of rejected rows, in bounded memory.

    Reasons that differ only in numbers or quoted values are one kind. The text of a kind has `…`
    where they differ.
    """

    def __init__(self, shown: Iterable[dict[str, Any]] = ()) -> None:
        self._kinds: dict[str, Reason] = {}
        # The kinds of the texts seen so far, since most rows have one of a few texts.
        self._of_text: dict[str, Reason] = {}
        for each in shown:
            kind = self.add(each["reason"], each["line"], each["count"])
            kind.value = kind.value or each.get("value", "")

    def add(self, text: str, line: int, count: int = 1) -> Reason:
        """Count `count` rows that were rejected for this reason, the first of them on `line`."""
        kind = self._of_text.get(text)
        if kind is None:
            kind = self._kind_of(text, line)
            if len(self._of_text) < _MOST_COUNTED:
                self._of_text[text] = kind
        kind.count += count
        return kind

    def _kind_of(self, text: str, line: int) -> Reason:
        key = "\0".join(_VARIES.split(text))
        known = self._kinds.get(key)
        if known is None and len(self._kinds) >= _MOST_COUNTED:
            text = key = OTHERS
            known = self._kinds.get(key)
        if known is None:
            known = self._kinds[key] = Reason(text, 0, line)
        known.text = _common(known.text, text)
        return known

    def shown(self, most: int) -> list[Reason]:
        """Return the `most` frequent kinds, and a last one for the others if there are more."""
        kinds = sorted(
            (each for each in self._kinds.values() if each.text != OTHERS),
            key=lambda each: (-each.count, each.line),
        )
        others = kinds[most:] + [each for each in self._kinds.values() if each.text == OTHERS]
        if others:
            count = sum(each.count for each in others)
            kinds[most:] = [Reason(OTHERS, count, min(each.line for each in others))]
        return kinds

    def as_json(self) -> list[dict[str, Any]]:
        """Return the most frequent kinds for the API."""
        return [
            {"reason": each.text, "count": each.count, "line": each.line}
            | ({"value": each.value} if each.value else {})
            for each in self.shown(MOST_SHOWN)
        ]


def _common(one: str, other: str) -> str:
    """Return the text of two reasons of one kind, with `…` for each part that differs."""
    if one == other:
        return one
    others = iter(_VARIES.findall(other))
    return _VARIES.sub(lambda part: part[0] if part[0] == next(others) else _ANY, one)


def shortened(reason: str) -> str:
    """Return the reason in printable characters, at most 2,000 of them."""
    text = printable(reason)
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}{_ANY}"


def reason_of(row: Row, error: RowRefusedError, encoding: str) -> str:
    """Return why a row cannot be imported; bytes that are not valid in `encoding` come first."""
    if any(_SURROGATE.search(cell) for cell in row.cells):
        return f"Some bytes are not {encoding}, unlike the rest."
    return shortened(str(error))


def text_of_remark(row: Row) -> str:
    """Return the first 100 characters of the only filled cell of a remark."""
    return printable(row.lone_text[:_LONGEST_REMARK])


def refused_value(row: Row, plan: Plan, reason: str) -> str:
    """Return the first 50 characters of the cell that the reason is about; empty if it is empty."""
    for name, places in plan.places.items():
        if f"{name}: " in reason:
            texts = [row.cells[place].strip() for place in places]
            if text := next(filter(filled, texts), "") or next(filter(None, texts), ""):
                is_long = len(text) > _LONGEST_VALUE
                return printable(f"{text[: _LONGEST_VALUE - 1]}{_ANY}" if is_long else text)
    return ""
