"""Prepare the tables of opt_out_words.py: which texts, headers and answers forbid contact."""

import re
from collections.abc import Iterable, Sequence
from enum import Flag, auto
from functools import cache
from itertools import accumulate

from leadbook.transfer.words.opt_out_words import LANGUAGES, NEGATIONS, NEGATIONS_BEHIND
from leadbook.transfer.words.synonyms import normalized

_NUMBERS = re.compile(r"^(\d+ )+|( \d+)+$")
# Shorter words are no part of a longer one.
_SHORT = 2
# Answers in which no word is.
_CHECKS = frozenset("✓ ✔ ☑ ✅ ○ ◯ ● ◎".split())


class Says(Flag):
    """What a word in a header is about."""

    OPT_OUT = auto()
    CONSENT = auto()
    STATE = auto()
    CHANNEL = auto()
    WHEN = auto()
    AROUND = auto()
    AROUND_OPT_OUT = auto()


_TABLES = {
    "words": Says.OPT_OUT,
    "columns": Says.OPT_OUT,
    "alone": Says.OPT_OUT,
    "consent": Says.CONSENT,
    "states": Says.STATE,
    "channels": Says.CHANNEL,
    "when": Says.WHEN,
    "around": Says.AROUND,
    "around opt out": Says.AROUND_OPT_OUT,
}


def forbids_contact(text: str) -> bool:
    """Return whether a text says that the person must not be contacted, or cannot be."""
    words = normalized(text)
    if key_of(words) in _whole():
        return True
    spaced, joined = _patterns()
    return bool(joined.search(words)) or any(
        words[: found.start()].rstrip().rpartition(" ")[2] not in _negations()
        for found in spaced.finditer(words)
    )


def key_of(words: str) -> str:
    """Return normalized words without spaces, and without the numbers of "1. New"."""
    return _NUMBERS.sub("", words).replace(" ", "")


def is_yes(text: str) -> bool:
    """Return whether an answer says yes."""
    return text in _CHECKS or key_of_answer(text) in _answers("yes")


def is_no(text: str) -> bool:
    """Return whether an answer says no."""
    return key_of_answer(text) in _answers("no")


def is_refusal(text: str) -> bool:
    """Return whether a text in a column of consent says that there is none."""
    return key_of_answer(text) in _answers("refusals")


def key_of_answer(text: str) -> str:
    """Return the words of an answer without spaces; numbers stay."""
    return normalized(text).replace(" ", "")


@cache
def _whole() -> frozenset[str]:
    return frozenset(key_of(each) for each in _listed("words", "alone"))


@cache
def _answers(which: str) -> frozenset[str]:
    return frozenset(_keys(which))


@cache
def _negations() -> frozenset[str]:
    return frozenset(map(normalized, NEGATIONS.split(", ")))


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return patterns for words with spaces between them, and for Japanese, which has none."""
    spaced = _any_of(each for each in _listed("words") if each.isascii())
    joined = _any_of(each for each in _listed("words") if not each.isascii())
    behind = _any_of(map(normalized, NEGATIONS_BEHIND.split(", ")))
    return re.compile(rf"\b(?:{spaced})\b"), re.compile(rf"(?:{joined})(?!{behind})")


def readings_of(words: Sequence[str]) -> set[Says]:
    """Return what normalized words say, in each way in which the table has all of them.

    Some languages, and some files, put words together: "Marketingstatus", "emailoptout".
    """
    key = "".join(words)
    begins = _begins()
    if not any(
        key[start : start + 3] in begins or key[start : start + 2] in begins
        for start in range(len(key))
    ):
        return set()
    known, longest = _known()
    ends = {0, *accumulate(map(len, words))}
    found: list[set[Says]] = [{Says(0)}, *(set[Says]() for _ in key)]
    for start in range(len(key)):
        if not found[start]:
            continue
        for end in range(start + 1, min(start + longest, len(key)) + 1):
            word = key[start:end]
            is_apart = start in ends and end in ends
            if word in known and (is_apart or len(word) > _SHORT or not word.isascii()):
                found[end] |= {each | one for each in found[start] for one in known[word]}
            elif word.isdigit():
                found[end] |= found[start]
    return found[-1]


@cache
def _begins() -> frozenset[str]:
    """Return how the words begin of which a header needs one. Most headers have none."""
    needed = _keys("words", "columns", "alone", "consent", "states")
    return frozenset(each[:3] for each in needed)


@cache
def _known() -> tuple[dict[str, set[Says]], int]:
    """Return what each word of the table is about, and the length of the longest one."""
    known: dict[str, set[Says]] = {}
    for name, says in _TABLES.items():
        for word in _keys(name):
            known.setdefault(word, set()).add(says)
    return known, max(map(len, known))


def _keys(*which: str) -> set[str]:
    return {each.replace(" ", "") for each in _listed(*which)}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(set(words), key=lambda each: (-len(each), each))))


def _listed(*which: str) -> list[str]:
    found = (
        normalized(each)
        for language in LANGUAGES.values()
        for name in which
        for each in language[name].split(", ")
    )
    return [each for each in found if each]
