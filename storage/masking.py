"""Replacing the names and addresses of an erased person in texts that stay."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Self

from leadbook.storage.text import address_key, fold_for_search

MARK = "[erased]"
# A shorter name may be a part of other words: "Al" is one of "also".
_LONG = 5
_AROUND_ADDRESS = "._+-"


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
                    before, after = _around(folded, start, stop)
                    is_longer = _goes_on(before) or (before and before in _AROUND_ADDRESS)
                    if not (is_longer or _goes_on(after) or after == "-"):
                        yield places[start], places[stop]


def _name_key(name: str) -> str:
    return " ".join(_folded(name)[0].split())


def _spellings(address: str) -> Iterator[str]:
    """Yield the forms of a compared address: with the domain in ASCII, and as people read it."""
    folded, _ = _folded(address)
    yield folded
    local, _, domain = address.rpartition("@")
    if "xn--" in domain:
        yield _folded(f"{local}@{'.'.join(map(_readable, domain.split('.')))}")[0]


def _readable(label: str) -> str:
    coded = label.removeprefix("xn--")
    try:
        return coded.encode().decode("punycode") if coded != label else label
    except UnicodeError:
        return label


def _folded(text: str) -> tuple[str, list[int]]:
    """Return a text as searches fold it, and the place in `text` of each of its characters.

    One more place is that of the end. Characters that searches ignore belong to the one before.
    """
    # UTS 46 takes this full stop for a dot.
    parts = [fold_for_search("." if each == "\u3002" else each) for each in text]
    places = [number for number, part in enumerate(parts) for _ in part]
    return "".join(parts), [*places, len(text)]


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
