"""Read rows from vCards: one for each card, with the headers that other tools use.

vobject, the library for vCards, refuses a whole file for one line that is no property, for an
attached card, or for a photo without its padding; and it keeps a card without an end in memory.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace
from itertools import count

from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.row import Row
from leadbook.transfer.files.source import LONGEST_LINE, Source
from leadbook.transfer.files.vcard_lines import Property, properties

MOST_COLUMNS = 1_000
_TOO_LONG = f"The vCard has more than {LONGEST_LINE} characters."
# In characters, with photos: after so many, no end is expected.
_LONGEST_CARD = 32 * 1024 * 1024
_PART = re.compile(r"((?:[^;\\]++|\\.|\\$)*+)(?:;|$)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BREAKS = re.compile(r"\s*\n\s*")
# Labels of Apple's address book.
_LABEL = re.compile(r"_\$!<(.*)>!\$_")
_SCHEME = re.compile(r"(?i)(tel|mailto):")

_HEADERS = {
    "FN": "Full Name",
    "TITLE": "Title",
    "URL": "Website",
    "BDAY": "Birthday",
    "NICKNAME": "Nickname",
    "ROLE": "Role",
    "CATEGORIES": "Categories",
    "UID": "UID",
}
_NAME_PARTS = ("Last Name", "First Name", "Middle Name", "Name Prefix", "Name Suffix")
# The first kind of which a phone has a type is its header.
_PHONES = (
    ("Fax", {"fax", "homefax", "workfax", "home fax", "work fax", "other fax"}),
    ("Pager", {"pager"}),
    ("Mobile Phone", {"cell", "mobile", "iphone", "apple watch"}),
    ("Work Phone", {"work", "company", "main"}),
    ("Home Phone", {"home"}),
)
# The kinds of these that say no more than their header, or that everybody has.
_OF_CONTACT = frozenset(("N", "FN", "ORG", "TITLE", "TEL", "EMAIL", "ADR", "URL", "IMPP", "LABEL"))
_USUAL_TYPES = frozenset(
    "home, work, pref, text, voice, fax, cell, video, pager, textphone, msg, bbs, modem, car, isdn"
    ", pcs, internet, x400, dom, intl, postal, parcel, other, main, company, mobile, iphone, phone"
    ", apple watch, homefax, workfax, home fax, work fax, other fax, homepage, uri".split(", ")
)
_NO_LABELS = frozenset({"pref", ""})
# These describe the card and not the person.
_OF_CARDS = frozenset(("VERSION", "PRODID", "REV", "CLIENTPIDMAP", "X-ABLABEL"))
_COUNTED = _OF_CARDS - {"VERSION", "X-ABLABEL"}


def read_vcards(source: Source) -> Iterator[Row | None]:
    """Yield the row of each card; its line is that of BEGIN.

    Photos, sounds and keys are left out, and counted in the notices of the source. Raises
    FileRefusedError if the only card has no end.
    """
    lines = _Lines(source.lines())
    left_out: Counter[str] = Counter()
    # A card may be attached to another one.
    opened: list[_Card] = []
    cards = 0
    for each in properties(lines, source.encoding):
        if each.name == "BEGIN":
            if opened and not opened[-1].is_attaching:
                cards += 1
                yield opened.pop().row()
            opened.append(_Card(each.line))
        elif not opened:
            yield Row(each.line, (), [], each.value, "The line belongs to no vCard.")
        elif each.name == "END":
            row = opened.pop().row()
            if opened:
                # The card of somebody who acts for the person.
                opened[-1].add(replace(each, name="AGENT", value=", ".join(row.cells)))
                continue
            cards += 1
            yield row
        else:
            opened[-1].add(each)
            if opened[-1].read > _LONGEST_CARD:
                raise _endless(source, opened[-1])
            if each.is_binary or each.name in _COUNTED:
                left_out[each.name] += 1
                counted = ", ".join(f"{name} ({number:,})" for name, number in left_out.items())
                source.notices[:] = [f"Left out of the vCards: {counted}."]
    for card in opened:
        if card.is_too_long and not cards:
            raise _endless(source, card)
        yield card.row() if lines.is_complete else card.cut_row()


def _endless(source: Source, card: "_Card") -> FileRefusedError:
    return FileRefusedError(f"{source.name} has a vCard on line {card.line} without END.")


class _Lines(Iterator[str]):
    """Lines, of which the last one is complete if it has a line end."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.is_complete = True

    def __next__(self) -> str:
        line = next(self._lines)
        self.is_complete = line.endswith(("\n", "\r"))
        return line


class _Card:
    """The properties of a card, as far as it has been read."""

    def __init__(self, line: int) -> None:
        self.line = line
        self.is_attaching = False
        # In characters, with photos.
        self.read = 0
        self._found: list[Property] = []
        self._length = 0

    @property
    def is_too_long(self) -> bool:
        """Whether no more is kept of the card."""
        return self._length > LONGEST_LINE or len(self._found) > MOST_COLUMNS

    def add(self, found: Property) -> None:
        """Add a property."""
        self.is_attaching = found.name == "AGENT" and not found.value.strip()
        self.read += found.length
        self._length += 0 if found.is_binary else found.length
        if not self.is_too_long and not found.is_binary and found.value.strip():
            self._found.append(found)

    def row(self) -> Row:
        """Return the row of the card."""
        if self.is_too_long:
            return Row(self.line, (), [], "", _TOO_LONG)
        columns: dict[str, str] = {}
        for name, value, label in _columns(self._found):
            text = value.strip()
            if name == "Notes":
                columns[name] = f"{columns[name]}\n{text}" if name in columns else text
            elif text:
                columns[free := _free(columns, name)] = text
                if label:
                    columns[f"{free} Label"] = label
        raw = json.dumps(columns, ensure_ascii=False)
        return Row(self.line, tuple(columns), [*columns.values()], raw)

    def cut_row(self) -> Row:
        """Return the row of a card whose end is missing, perhaps with a part of its last line."""
        row = self.row()
        problem = "The vCard has no END:VCARD, since the file ends in the middle of a line."
        return Row(self.line, row.header, [], row.raw, row.problem or problem)


def _free(columns: dict[str, str], name: str) -> str:
    """Return the name, or the first one with a number that no column has."""
    if name not in columns:
        return name
    return next(each for number in count(2) if (each := f"{name} {number}") not in columns)


def _columns(found: list[Property]) -> Iterator[tuple[str, str, str]]:
    """Yield headers, values and labels of a card.

    Of several e-mail addresses, the preferred one comes first.
    """
    labels = {each.group: _label(each) for each in found if each.name == "X-ABLABEL"}
    full = " ".join(_text(each.value) for each in found if each.name == "FN")
    for each in sorted(found, key=lambda each: each.rank):
        label = labels.get(each.group, "")
        types = each.types | {label.lower()}
        words = [*sorted(each.types), *([label] if label.lower() not in each.types else [])]
        usual = _NO_LABELS | (_USUAL_TYPES if each.name in _OF_CONTACT else set())
        told = ", ".join(word for word in words if word.lower() not in usual)
        for header, value in _columns_of(each, types, full):
            yield header, value, told


def _columns_of(each: Property, types: Set[str], full: str) -> Iterator[tuple[str, str]]:
    """Yield headers and values of a property."""
    if each.name == "N":
        yield from _name(each.value, full)
    elif each.name == "ORG":
        company, *departments = map(_text, _parts(each.value))
        yield "Company", company
        yield "Department", ", ".join(filter(None, departments))
    elif each.name == "ADR":
        parts = (_BREAKS.sub(", ", _text(part)).strip() for part in _parts(each.value))
        yield "Address", ", ".join(filter(None, parts))
    elif each.name == "TEL":
        value = _SCHEME.sub("", _text(each.value).strip(), count=1)
        yield next((header for header, of in _PHONES if of & types), "Phone"), value
    elif each.name == "EMAIL":
        yield "Email", _SCHEME.sub("", _text(each.value).strip(), count=1)
    elif each.name in ("NOTE", ""):
        # A line that is no property is usually the rest of a note.
        yield "Notes", _text(each.value)
    elif each.name not in _OF_CARDS:
        value = ", ".join(filter(None, map(_text, _parts(each.value))))
        yield _HEADERS.get(each.name) or _own_name(each.name), value


def _own_name(name: str) -> str:
    return name if name.startswith("X-") else name.title()


def _name(value: str, full: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a name, unless the full name has all of them."""
    parts = [_text(part).replace(",", " ").strip() for part in _parts(value)]
    words = set(full.casefold().split())
    if not all(words.issuperset(part.casefold().split()) for part in parts[:2]) or not words:
        yield from zip(_NAME_PARTS, parts, strict=False)


def _label(each: Property) -> str:
    value = _text(each.value).strip()
    found = _LABEL.fullmatch(value)
    return found[1] if found else value


def _parts(value: str) -> Iterable[str]:
    return (found[1] for found in _PART.finditer(value) if found[0])


def _text(value: str) -> str:
    r"""Return a text without its backslashes; `\n` is a line break."""
    if "\\" not in value:
        return value
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
