"""Put a name together from its parts, and notes from several columns."""

import re
from collections.abc import Iterable
from functools import cache

from leadbook.transfer.words.header_words import INFIXES
from leadbook.transfer.words.synonyms import LONGEST_HEADER, normalized

# Chinese characters, the syllables of Japan and those of Korea.
_EAST_ASIAN = re.compile(r"[\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\s]+")


def full_name(first: str, last: str) -> str:
    """Return the name with these parts, of which one may be empty.

    In China, Japan and Korea, the family name comes first: 山田 太郎 has the family name 山田.
    The letters tell, since a file in English may have such names. A part that has the other one
    already is the whole name: some files have "Mara Quill" as "Name" beside "Surname".
    """
    if not first or not last:
        return first or last
    if f" {first} ".endswith(f" {last} "):
        return first
    if f" {last} ".startswith(f" {first} "):
        return last
    if not (first.isascii() or last.isascii()) and _EAST_ASIAN.fullmatch(first + last):
        return f"{last} {first}"
    return f"{first} {last}"


def joined_name(whole: str, first: str, last: str, *, is_told: bool) -> str:
    """Return the full name; some files have its parts, or the last name separately.

    `is_told` says that the user names the column of `whole`, for rows that have no parts.
    """
    if (first and last) or not whole or (is_told and (first or last)):
        return full_name(first, last)
    # With the columns "Name" and "Surname", the first one may be the first name only.
    return whole if not last or last in whole else full_name(whole, last)


def joined_notes(parts: Iterable[tuple[str, str]]) -> str:
    """Return one text for pairs of header and text; a single text stays as it is."""
    # Some files have a column twice.
    different = {text: header for header, text in reversed([*parts])}
    if len(different) == 1:
        return next(iter(different))
    return "\n".join(f"{header}: {text}" for text, header in reversed(different.items()))


def is_infix(header: str) -> bool:
    """Return whether a column has the words in front of a last name, such as "van der"."""
    return normalized(header[:LONGEST_HEADER]) in _infixes()


@cache
def _infixes() -> frozenset[str]:
    return frozenset(map(normalized, INFIXES.split(", ")))
