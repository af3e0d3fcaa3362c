"""Understand the statuses of other tools, in any of the languages of status_words.py."""

import re
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from leadbook.transfer.words.opt_out_index import forbids_contact, key_of
from leadbook.transfer.words.status_words import LIFECYCLES, STATUSES
from leadbook.transfer.words.synonyms import normalized

# The reason says more than the status: "Open" and "Contacted".
_ORDER = ("status reason", "status", "lifecycle")
_CLOSED = frozenset({"won", "lost"})
# A longer text is a note.
_LONGEST = 200
_MOST_REMEMBERED = 1_000
_MOST_PARTS = 4
# Such as those of "Lost - Competitor" and "Qualified (phone)".
_BETWEEN = re.compile(r"\s[-\u2010-\u2015]+\s|[:;,/|>()\[\]\u2192]")


class Chosen(NamedTuple):
    """The status of a lead, or None; and what the words say besides.

    `not_understood` has each kind and text of which a word says nothing to Leadbook. `opted_out` is
    true if a text says that the person must not be contacted, or cannot be. This alone is no
    status: whether such a lead is lost is for the user to say.
    """

    status: str | None
    not_understood: tuple[tuple[str, str], ...]
    opted_out: bool


class _Said(NamedTuple):
    """What one text says. If it says something else besides, `is_whole` is false.

    A text that forbids contact is kept anyway.
    """

    status: str | None
    opted_out: bool
    is_whole: bool


def is_opt_out(text: str) -> bool:
    """Return whether a text says that the person must not be contacted, or cannot be."""
    return _said(text, "status").opted_out


def chosen_status(words: Mapping[str, str]) -> Chosen:
    """Return what the "status reason", the "status" and the "lifecycle" of a row say together.

    The first one that is understood counts, in this order. A status of won or lost stands, though:
    a reason such as "Bad Timing" then says why.
    """
    said = {which: _said(text, which) for which in _ORDER if (text := words.get(which))}
    found = [each.status for each in said.values() if each.status]
    if "status" in said and said["status"].status in _CLOSED and found[0] not in _CLOSED:
        found.insert(0, str(said["status"].status))
    return Chosen(
        found[0] if found else None,
        tuple((which, words[which]) for which, each in said.items() if not each.is_whole),
        any(each.opted_out for each in said.values()),
    )


@lru_cache(maxsize=_MOST_REMEMBERED)
def _said(text: str, which: str) -> _Said:
    if len(text) > _LONGEST:
        opted_out = forbids_contact(text[:_LONGEST])
        return _Said(None, opted_out, is_whole=opted_out)
    words = normalized(text)
    if not words:
        return _Said(None, opted_out=False, is_whole=True)
    known = _lifecycles() if which == "lifecycle" else _statuses()
    if status := known.get(key_of(words)):
        return _Said(status, opted_out=False, is_whole=True)
    opted_out = forbids_contact(text)
    parts = [part for each in _BETWEEN.split(text) if (part := normalized(each))]
    if not 1 < len(parts) <= _MOST_PARTS:
        return _Said(None, opted_out, is_whole=opted_out)
    found = [known.get(key_of(part)) for part in parts]
    is_whole = opted_out or all(
        status or part.isdigit() for part, status in zip(parts, found, strict=True)
    )
    # The later part is the closer one: "Closed - Lost".
    return _Said(next(filter(None, reversed(found)), None), opted_out, is_whole)


def _by_key(tables: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {
        key_of(normalized(word)): status
        for table in tables
        for status, words in table.items()
        for word in words.split(", ")
    }


@cache
def _statuses() -> dict[str, str]:
    return _by_key(STATUSES.values())


@cache
def _lifecycles() -> dict[str, str]:
    return _by_key([LIFECYCLES]) | _statuses()
