"""Understand the statuses of other tools, in any of the languages of status_words.py."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from leadbook.transfer.status_words import LIFECYCLES, OPT_OUTS, STATUSES
from leadbook.transfer.synonyms import normalized

_LONGEST_WORD = 100
# The first one that is understood counts: the reason says more than the status, such as Open.
_ORDER = ("status reason", "status", "lifecycle")


def _by_word(tables: list[dict[str, str]]) -> dict[str, str]:
    return {
        normalized(word): status
        for table in tables
        for status, words in table.items()
        for word in words.split(", ")
    }


class _Words(NamedTuple):
    statuses: dict[str, str]
    lifecycles: dict[str, str]
    opt_outs: frozenset[str]


@cache
def _tables() -> _Words:
    # When first needed: a service starts without them.
    statuses = _by_word([*STATUSES.values()])
    return _Words(
        statuses,
        statuses | _by_word([LIFECYCLES]),
        frozenset(map(normalized, OPT_OUTS.split(", "))),
    )


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
    return _tables().statuses.get(_word_of(word))


def is_opt_out(word: str) -> bool:
    """Return whether a word says that the person must not be contacted."""
    return _word_of(word) in _tables().opt_outs


def _word_of(text: str) -> str:
    # A longer text is no status, and would fill the memory.
    return _short_word_of(text) if len(text) <= _LONGEST_WORD else ""


@lru_cache(maxsize=4096)
def _short_word_of(text: str) -> str:
    return normalized(text)


def chosen_status(words: Mapping[str, str]) -> Chosen:
    """Return what the "status reason", the "status" and the "lifecycle" of a row say together.

    The first of them that is understood counts, in this order.
    """
    tables = _tables()
    found: list[str] = []
    unknown: list[tuple[str, str]] = []
    opted_out = False
    for which in _ORDER:
        if not (text := words.get(which, "")):
            continue
        word = _word_of(text)
        known = tables.lifecycles if which == "lifecycle" else tables.statuses
        if word in tables.opt_outs:
            opted_out = True
        elif status := known.get(word):
            found.append(status)
        else:
            unknown.append((which, text))
    return Chosen(found[0] if found else None, tuple(unknown), opted_out)
