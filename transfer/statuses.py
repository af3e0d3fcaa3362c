"""Understand the statuses of other tools, in any of the languages of status_words.py."""

from collections.abc import Mapping
from typing import NamedTuple

from leadbook.transfer.status_words import LIFECYCLES, OPT_OUTS, STATUSES
from leadbook.transfer.synonyms import normalized


def _by_word(tables: list[dict[str, str]]) -> dict[str, str]:
    return {
        normalized(word): status
        for table in tables
        for status, words in table.items()
        for word in words.split(", ")
    }


_STATUSES = _by_word([*STATUSES.values()])
_LIFECYCLES = _STATUSES | _by_word([LIFECYCLES])
_OPT_OUTS = frozenset(map(normalized, OPT_OUTS.split(", ")))
# The first one that is understood counts: the reason says more than the status, such as Open.
_ORDER = ("status reason", "status", "lifecycle")


class Chosen(NamedTuple):
    """The status of a lead, or None; and what the words say besides.

    `not_understood` has the words without a meaning, each with its kind. `opted_out` is true if
    one of them says that the person must not be contacted.
    """

    status: str | None
    not_understood: tuple[tuple[str, str], ...]
    opted_out: bool


def status_of(word: str) -> str | None:
    """Return the status that a word of another tool means, or None."""
    return _STATUSES.get(normalized(word))


def chosen_status(words: Mapping[str, str]) -> Chosen:
    """Return what the "status reason", the "status" and the "lifecycle" of a row say together.

    The first of them that is understood counts, in this order.
    """
    found: list[str] = []
    unknown: list[tuple[str, str]] = []
    opted_out = False
    for which in _ORDER:
        if not (text := words.get(which, "")):
            continue
        word = normalized(text)
        known = _LIFECYCLES if which == "lifecycle" else _STATUSES
        if word in _OPT_OUTS:
            opted_out = True
        elif status := known.get(word):
            found.append(status)
        else:
            unknown.append((which, text))
    return Chosen(found[0] if found else None, tuple(unknown), opted_out)
