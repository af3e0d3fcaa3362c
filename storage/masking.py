"""Replacing the names and addresses of an erased person in texts that stay."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from leadbook.storage.text import address_key, fold_for_search

MARK = "[erased]"
# A shorter name may be a part of other words: "Al" is one of "also".
_LONG = 5
_AROUND_ADDRESS = "._+-"
# Characters that searches put together with the one before are in one cluster, up to this many.
_LONGEST_CLUSTER = 32


@dataclass(frozen=True)
class Mask:
    """The names and the addresses to replace, in the forms in which they are compared."""

    names: frozenset[str]
    addresses: frozenset[str]

    @classmethod
    def of(cls, names: Iterable[str], addresses: Iterable[str]) -> Self:
        """Return the mask of names and addresses, in any case and spelling."""
        return cls(frozenset(map(_name_key, names)), frozenset(map(address_key, addresses)))

    def __sub__(self, other: "Mask") -> "Mask":
        return Mask(self.names - other.names, self.addresses - other.addresses)

    def __or__(self, other: "Mask") -> "Mask":
        return Mask(self.names | other.names, self.addresses | other.addresses)

    def __bool__(self) -> bool:
        return bool(self.names or self.addresses)

    def has_address(self, address: str | None) -> bool:
        """Return whether an address is one of those to replace."""
        return address is not None and address_key(address) in self.addresses

    def is_in(self, text: str) -> bool:
        """Return whether a text has something to replace."""
        return any(True for _ in self._spans(text))

    def applied(self, text: str, longest: int) -> str:
        """Return `text` with marks, cut to `longest` characters, since a mark may be longer."""
        spans = sorted(self._spans(text))
        if not spans:
            return text
        parts, end = [], 0
        for start, stop in spans:
            if start >= end:
                parts += [text[end:start], MARK]
            end = max(end, stop)
        return "".join((*parts, text[end:]))[:longest].rstrip()

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        folded, places = _folded(text)
        for name in filter(None, self.names):
            words = r"\s+".join(map(re.escape, name.split()))
            for start, stop in _found(words, folded):
                before, after = _around(folded, start, stop)
                if not (_goes_on(before) or (_goes_on(after) and len(name) < _LONG)):
                    yield places[start], places[stop]
        for address in self.addresses:
            for spelling in _spellings(address):
                for start, stop in _found(re.escape(spelling), folded):
                    if not _is_in_longer_address(folded, start, stop):
                        yield places[start], places[stop]


def _is_in_longer_address(text: str, start: int, stop: int) -> bool:
    """Return whether an address goes on; a mark beside it may also be that of a list or a link."""
    before, after = text[max(start - 2, 0) : start], text[stop : stop + 2]
    if before[-1:] and before[-1] in _AROUND_ADDRESS:
        before = before[:-1]
    return _goes_on(before[-1:]) or _goes_on(after.removeprefix("-")[:1])


def _name_key(name: str) -> str:
    return " ".join(_folded(name)[0].split())


def _spellings(address: str) -> Iterator[str]:
    """Yield the forms of a compared address: with the domain in ASCII, and as people read it.

    Each also as URLs have it.
    """
    local, _, domain = address.rpartition("@")
    readable = f"{local}@{'.'.join(map(_readable, domain.split('.')))}"
    for each in {address, readable}:
        in_urls = each.replace("@", "%40"), quote(each, safe="@"), quote(each, safe="")
        for spelling in {each, *in_urls}:
            yield _folded(spelling)[0]


def _readable(label: str) -> str:
    coded = label.removeprefix("xn--")
    try:
        return coded.encode().decode("punycode") if coded != label else label
    except UnicodeError:
        return label


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """Return a text as searches fold it, and the place in `text` of each of its characters.

    One more place is that of the end. Characters that searches ignore belong to the one before.
    """
    if text.isascii():
        return text.lower(), range(len(text) + 1)
    # UTS 46 takes this full stop for a dot.
    clusters = list(_clusters(text.replace("\u3002", ".")))
    places = [place for place, folded in clusters for _ in folded]
    return "".join(folded for _, folded in clusters), [*places, len(text)]


def _clusters(text: str) -> Iterator[tuple[int, str]]:
    """Yield the parts of a text that searches fold on their own: the place of each, and its form.

    Such a part is one character, or several that become one, as a half-width kana and its mark.
    """
    start, before = 0, ""
    for place, each in enumerate(text):
        folded, both = fold_for_search(each), fold_for_search(text[start : place + 1])
        is_apart = folded and both == before + folded
        if place and (is_apart or place - start >= _LONGEST_CLUSTER):
            yield start, before
            start, both = place, folded
        before = both
    if text:
        yield start, before


def _found(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield each place of a pattern, also where two overlap: only one may be a whole word."""
    known = re.compile(pattern)
    start = 0
    while found := known.search(text, start):
        yield found.span()
        start = found.start() + 1


def _around(text: str, start: int, stop: int) -> tuple[str, str]:
    """Return the characters before and after a part of a text, if there are any."""
    return text[max(start - 1, 0) : start], text[stop : stop + 1]


def _goes_on(character: str) -> bool:
    """Return whether a word may go on with it. Scripts without case have no spaces either."""
    return character.isdigit() or character.islower()
