"""Finding rows by an entry of a column of JSON: its name as it is, its value in any case.

Calling Python for a row, or reading its JSON, takes a microsecond, which is a second for a million
rows. SQLite compares a text with a pattern in a fifth of that. So a first pattern lets few rows
through, and none that matches is lost; others find most of those that match; Python decides on the
rest.
"""

import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, lru_cache
from typing import Any

import peewee

from leadbook.storage.custom_values import of_cell
from leadbook.storage.json_text import as_text, decode
from leadbook.storage.text import fold

Holds = Callable[[str], bool]
_LONGEST_BEGINNING = 40
# What a character becomes at most when its case is folded, such as ﬃ.
_MOST_FOR_ONE = 3
# Beyond these, folding changes no character but into its small letter.
_FOLDING = range(0x80, 0xFB18)


def holding(column: str, name: str, value: str) -> tuple[str, tuple[str, ...]]:
    """Return the condition that the entry `name` of a column has the value, and its values."""
    folded = fold(value)
    near, exact = tuple(_near(name, folded)), tuple(_exact(name, folded))
    is_near = " OR ".join([f"{column} LIKE ?"] * len(near))
    is_exact = " OR ".join([f"{column} GLOB ?"] * len(exact))
    sql = f"iif({is_near}, iif({is_exact}, 1, holds({column}, ?)), 0)"
    return sql, (*near, *exact, as_text([name, folded]))


def register_holds(database: peewee.SqliteDatabase) -> None:
    """Let the statements of `database` call `holds`."""
    database.register_function(_holds, "holds", 2, deterministic=True)


def _holds(entries: str, asked: str) -> bool:
    """Return whether stored entries have the name and the folded value in `asked`."""
    return _test(asked)(entries)


@lru_cache
def _test(asked: str) -> Holds:
    """Return the test of a row. It finds the entry in the text, without reading all the JSON."""
    name: str
    folded: str
    name, folded = decode(asked)
    key, words = f"{as_text(name)}:", _words(folded)

    def read(text: str) -> bool:
        with suppress(ValueError):
            found = decode(text)
            value = found.get(name) if isinstance(found, dict) else None
            if isinstance(value, str):
                return fold(value) == folded
            return as_text(value) in words
        return False

    def holds(text: str) -> bool:
        start = text.find(key)
        if start < 0:
            return False
        if text[start - 1] == "\\":
            # The end of a longer name, with a quote in it.
            return read(text)
        start += len(key)
        if not text.startswith('"', start):
            return text[start : text.find(",", start)].rstrip("}") in words
        value = text[start + 1 : text.find('"', start + 1)]
        if "\\" in value:
            return read(text)
        return (value.lower() if value.isascii() else fold(value)) == folded

    return holds


def _words(folded: str) -> tuple[str, ...]:
    """Return how the file writes the number, true or false that a text means, if it means one."""
    value: Any = of_cell(folded)
    return () if isinstance(value, str) else (as_text(value),)


def _near(name: str, folded: str) -> Iterator[str]:
    """Return patterns of LIKE for all texts with the entry, and for few others."""
    # Without its first quote: SQLite quickly finds the first character of a pattern, and a text has
    # many quotes. `%` would make it look again and again.
    key = as_text(name)[1:].translate(_ANY_ONE)
    beginning, is_whole = _beginning(folded)
    end = '"%' if is_whole else "%"
    yield f'%{key}:"{beginning}{end}'
    for word in _words(folded):
        yield f"%{key}:{word}%"


_ANY_ONE = str.maketrans("%", "_")


def _exact(name: str, folded: str) -> Iterator[str]:
    """Return patterns of GLOB that only texts with the entry have."""
    key = as_text(name).translate(_LITERALLY)
    values = [f"{word}[,}}]*" for word in _words(folded)]
    values.append(f'"{"".join(map(_in_any_case, folded))}"*')
    for value in values:
        # A quote in a string has a backslash before it, so this is the beginning of a name.
        yield f"{{{key}:{value}"
        yield f"*,{key}:{value}"


_LITERALLY = str.maketrans({each: f"[{each}]" for each in "*?["})


def _in_any_case(character: str) -> str:
    """Return the pattern of the characters that become `character` when their case is folded."""
    cases = {character, character.upper(), character.title()}
    known = sorted(each for each in cases if len(each) == 1 and fold(each) == character)
    return (
        f"[{''.join(known)}]" if len(known) > 1 else as_text(character)[1:-1].translate(_LITERALLY)
    )


def _beginning(folded: str) -> tuple[str, bool]:
    """Return the pattern of the texts that become `folded`, and whether it is that of the end too.

    `%` stands once where a text may have one character for several, such as ß. The pattern ends at
    the next such place, and where marks may be apart from their letters.
    """
    # A longer one would tell hardly more values apart.
    considered = folded[:_LONGEST_BEGINNING]
    starts = [_is_several(folded[place : place + 2]) for place in range(len(considered))]
    pattern = ""
    for place, character in enumerate(considered):
        capital = unicodedata.normalize("NFC", character.upper())
        marks = map(unicodedata.combining, folded[place : place + 2])
        if any(starts[max(0, place - _MOST_FOR_ONE + 1) : place + 1]):
            if "%" in pattern[:-1]:
                return pattern, False
            pattern = f"{pattern.removesuffix('%')}%"
        elif any(marks) or len(capital) > 1:
            return pattern, False
        elif character in _variants() or not character.isascii():
            pattern += "_"
        else:
            pattern += as_text(character)[1:-1].translate(_ANY_ONE)
    return pattern, considered == folded


def _is_several(pair: str) -> bool:
    """Return whether a text may have one character for both, or two for the first."""
    parts = unicodedata.normalize("NFD", pair)
    first = unicodedata.normalize("NFD", pair[0])
    return parts[:2] in _ligatures() or (len(first) > 1 and first[0] in _variants())


@cache
def _ligatures() -> frozenset[str]:
    """Return the first two characters of what ß, ﬁ and others become when their case is folded."""
    folded = (chr(code).casefold() for code in _FOLDING)
    return frozenset(unicodedata.normalize("NFD", each)[:2] for each in folded if len(each) > 1)


@cache
def _variants() -> frozenset[str]:
    """Return the letters that others than their capitals become, such as the s of old books."""
    folded = {chr(code): chr(code).casefold() for code in _FOLDING}
    return frozenset(to for letter, to in folded.items() if letter not in (to, to.upper()))
