"""Find the e-mail addresses in cells: those that a record may have, and what else is there."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple, cast
from urllib.parse import unquote

from marshmallow import ValidationError

from leadbook.fields.values import Text
from leadbook.schemas import ContactInput
from leadbook.storage.text import address_key, is_visible
from leadbook.storage.text_rules import BRACKETS, SEPARATORS
from leadbook.transfer.values.cells import filled as says_something

# Most cells are like this, and need neither the search nor the rule. It is a part of the rule.
_PLAIN = re.compile(r"[A-Za-z0-9\u00c0-\u024f._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_LONGEST_PLAIN = 254
# A thousand rows are looked up with one query, which has room for 32,766 values.
_MOST_OF_A_ROW = 20
# Between these, a run of characters may have addresses. Not `)`: "a@b.c)d@e.f" is neither of the
# two (CVE-2023-27043). A comment has no address.
_RUN = re.compile(rf'\([^()@]*\)|[^\s;|("\[\]“”„«»{BRACKETS}]+')
_SEPARATOR = re.compile(f"[{SEPARATORS}]")
# "mailto" is a URL, and Exchange writes "SMTP:".
_SCHEME = re.compile(r"(?i:mailto:|smtp:)")
# "work:a@x.example", and the numbers of a list: "1)a@x.example".
_LABEL = re.compile(
    r"(?i:(?:e-?mail|mail|work|home|office|business|private|personal|other):|\d{1,2}\))"
)
_ADDRESS = re.compile(r"[^@]+@[^@/\\#?&:]+")
# None of these is in a domain: "a@x.example/b@x.example", and "text#mailto:a@x.example#" of Access.
_AFTER_DOMAIN = re.compile(r"[/\\#?&:]+")

# Characters that show or change the direction of a text, or take no room.
_MARKS = "\xad\u061c\ufeff" + "".join(
    map(chr, (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)))
)
_COMMAS, _BRACKETS = (each.encode().decode("unicode_escape") for each in (SEPARATORS, BRACKETS))
_AROUND = f"'`´‘’‚‛*•·:){{}}{_COMMAS}{_MARKS}"
_AT_END = f"{_AROUND}.。．｡?!/\\#"
_LIST_MARKS = f" \t\r\n{_BRACKETS}|/\\:?#&*•·“”„«»{_COMMAS}{_MARKS}"
_WORD = re.compile(r"[^\W_]")
_LIST_SEPARATOR = re.compile(rf"[\r\n|/{SEPARATORS}]| ::: ")


class Found(NamedTuple):
    """The usable addresses of a cell in their order, and what else the cell says."""

    usable: tuple[str, ...]
    rest: str


class ChosenAddress(NamedTuple):
    """The address of a record. `over` has the place of each cell with text that is not used."""

    address: str
    over: tuple[tuple[int, str], ...]


class _Place(NamedTuple):
    """An address, and where it stands in the cell. `run` is where its run of characters begins."""

    address: str
    start: int
    end: int
    run: int


def chosen_address(cells: Sequence[str]) -> ChosenAddress:
    """Return the first usable address of the cells, and the text that is not used.

    An address in another spelling counts as used. If no cell has a usable address, the result is
    the first filled cell as it is, whose text the API refuses; a word for nothing comes last.
    """
    filled = [place for place, cell in enumerate(cells) if cell]
    if len(filled) == 1 and is_plain(cells[filled[0]]):
        return ChosenAddress(cells[filled[0]], ())
    filled = [place for place in filled if is_visible(cells[place])]
    found = [(place, addresses_in(cells[place])) for place in filled]
    address = next((each for _, cell in found for each in cell.usable), None)
    if address is None:
        texts = [cells[place] for place in filled]
        return ChosenAddress(next(filter(says_something, texts), "".join(texts[:1])), ())
    known = {address_key(address)}
    over = []
    for place, cell in found:
        texts = []
        for each in cell.usable:
            if (key := address_key(each)) not in known:
                known.add(key)
                texts.append(each)
        if texts and cell.rest:
            # Which word belongs to which address is only seen in the whole cell.
            over.append((place, cells[place].strip()))
        elif texts or cell.rest:
            over.append((place, cell.rest or ", ".join(texts)))
    return ChosenAddress(address, tuple(over))


def usable_addresses(cells: Iterable[str]) -> tuple[str, ...]:
    """Return the first usable addresses of the cells, each once."""
    found = {
        address_key(address): address for cell in cells for address in addresses_in(cell).usable
    }
    return tuple(found.values())[:_MOST_OF_A_ROW]


def unlike_plain(cells: Sequence[str], address: str) -> tuple[int, bool]:
    """Return how many cells have several addresses, and whether the chosen one is the first.

    It is not the first if the text before it was meant as another one, which cannot be used.
    """
    found = [addresses_in(cell) for cell in cells if says_something(cell)]
    several = sum(len(each.usable) > 1 for each in found)
    if not found or address not in (usable := found[0].usable):
        return several, not found or not address
    before = next(filter(says_something, cells)).partition(address)[0]
    return several, "@" not in before or any(each in before for each in usable)


def addresses_in(text: str) -> Found:
    """Return the addresses of a cell that the API accepts, and the text outside them.

    The address in angle brackets comes before those in its display name.
    """
    text = text.strip()
    if is_plain(text):
        return Found((text,), "")
    places = list(_places(text)) if "@" in text else []
    if not places:
        return Found((text,), "") if "@" in text and _is_usable(text) else Found((), text)
    return Found(tuple(_in_order(text, places)), _rest(text, places))


def is_plain(text: str) -> bool:
    """Return whether the text is an address that the API accepts and does not change."""
    return len(text) <= _LONGEST_PLAIN and bool(_PLAIN.fullmatch(text))


def _places(text: str) -> Iterator[_Place]:
    for run in _RUN.finditer(text):
        # A comment begins with a bracket; no other run does.
        if text[run.start()] != "(":
            for start, end in _pieces(text, *run.span()):
                yield from _places_in_piece(text, start, end, run.start())


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a run with an @, between its commas.

    A part without one belongs to the next: "john,doe@x.example" may be a slip for "john.doe", and
    "doe@x.example" would be another person.
    """
    at = text.find("@", start, end)
    for separator in _SEPARATOR.finditer(text, start, end):
        if at < 0:
            return
        if at < separator.start():
            yield start, separator.start()
            start = separator.end()
            at = text.find("@", start, end)
    if at >= 0:
        yield start, end


def _places_in_piece(text: str, start: int, end: int, run: int) -> Iterator[_Place]:
    piece = text[start:end].rstrip(_AT_END)
    at = len(piece) - len(piece.lstrip(_AROUND))
    while at < len(piece):
        begin = at
        if label := _LABEL.match(piece, at):
            begin = at = label.end()
        if scheme := _SCHEME.match(piece, at):
            at = scheme.end()
        found = _ADDRESS.match(piece, at)
        # After a second @, nobody knows which address it is.
        if not found or piece.startswith("@", found.end()):
            return
        address = unquote(found[0]) if scheme else found[0]
        if ")" not in address and _is_usable(address):
            yield _Place(address, start + begin, start + found.end(), run)
        if scheme and piece.startswith("?", found.end()):
            return
        after = _AFTER_DOMAIN.match(piece, found.end())
        at = after.end() if after else len(piece)


def _in_order(text: str, places: list[_Place]) -> list[str]:
    """Return the addresses in their order, but those of a display name after its address."""
    addresses: list[str] = []
    mailbox = end = 0
    for place in places:
        between = text[end : place.run]
        if between.count('"') % 2:
            # The address before it is quoted, and so is what follows up to the next quote.
            between = between.partition('"')[2]
        if _LIST_SEPARATOR.search(between):
            mailbox = len(addresses)
        if place.run and text[place.run - 1] in _BRACKETS:
            addresses.insert(mailbox, place.address)
            mailbox = len(addresses)
        else:
            addresses.append(place.address)
        end = place.end
    return addresses


def _rest(text: str, places: list[_Place]) -> str:
    ends = [0, *(place.end for place in places)]
    starts = [*(place.start for place in places), len(text)]
    between = (_said(text[end:start]) for end, start in zip(ends, starts, strict=True))
    return ", ".join(filter(None, between))


def _said(text: str) -> str:
    """Return what is said between two addresses, without the punctuation around it."""
    if not _WORD.search(text):
        return ""
    text = text.lstrip(f"{_LIST_MARKS})]}}").rstrip(f"{_LIST_MARKS}([{{")
    if text[0] == "(" and text[-1] == ")" and text.count("(") == 1:
        return text[1:-1].strip()
    for quote in "\"'":
        if text.count(quote) == 1 or (text[0] == text[-1] == quote and text.count(quote) == 2):
            text = text.strip(quote)
    return text.strip()


@cache
def _rule() -> Text:
    return cast(Text, ContactInput().fields["email"])


def _is_usable(address: str) -> bool:
    try:
        return bool(_rule().clean(address))
    except ValidationError:
        return False
