"""Choose the phone number of a person from the cells of a row, and keep it as it is written."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple, cast

from leadbook.fields.values import Text
from leadbook.schemas import ContactInput
from leadbook.storage.text import INVISIBLE_CHARACTER
from leadbook.transfer.words.phone_labels import Reach, reach_of

# Most cells are like this: one short number without words.
_PLAIN = re.compile(r"\+?\(?[0-9][0-9 ().-]{0,24}")
_NO_SIGNS = str.maketrans("", "", " ().-")
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_MARK = r"[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*"
# Spreadsheets put an apostrophe in front, Facebook's lead ads `p:`.
_FRONT = re.compile(rf"(?:{_MARK}(?:['`´‘’‛\s]|(?i:tel|p|callto):))+")
# What a spreadsheet is told to keep a zero at the beginning.
_FORMULA = re.compile(r'="([^"]*)"')
# What a spreadsheet leaves of a long number: 3.51911E+11.
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[Ee]\+\d+")

_EXTENSION = (
    r"(?:#|(?i:x|ext|extn|extension|dw|durchwahl|poste|int|interno|anexo|ramal|wew|toestel|доб|内線)"
    r"(?![^\W\d_]))"
)
_SPACE_AND_EXTENSION = re.compile(rf"\s{{0,4}}{_EXTENSION}")
# `;ext=5` and other parameters belong to their number (https://www.rfc-editor.org/rfc/rfc3966).
_LISTED = re.compile(r"\s:::\s|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029|；]|;(?!\s*[A-Za-z-]+=)")
# Code of a country or an area, after which a number may go on in the next line.
_CODE = re.compile(r"0\d{1,4}|\(\d{1,5}\)|\+\d{1,3}(?: ?\(0\))? ?(?:\d{1,4}|\(\d{1,4}\))?")
_LONGEST_CODE = 16

# These may stand between two numbers, and in one: "555-0100, ask for Mara", "0221 / 5550100". The
# first pattern finds a comma, the end of "(work)", the plus of the next number, and a word.
_BETWEEN = (
    re.compile(rf"[,、，]|(?<=[^\W\d_]\))|\s(?=\(?\+\d)|(?<![^\W\d_])(?!{_EXTENSION})(?=[^\W\d_])"),
    re.compile(r"\s[/–—&-]\s"),
    re.compile("/"),
)
# What has fewer digits is an extension or an area code.
_FEWEST_DIGITS = 6
# An area code has up to 6 digits, and up to 8 with the code of its country: "+49 (0)38293".
_FEWEST_BEFORE_SLASH, _FEWEST_ABROAD = 7, 9
_ABROAD = re.compile(r"\D{0,20}(?:\+|00)")
_NUMBER = re.compile(
    rf"\+?\(?\+?\d(?:[\s().–/-]{{0,4}}\d)*(?:[\s.,;]{{0,3}}{_EXTENSION}[\s.:=]{{0,3}}\d+)?"
)
_EDGES = " \t\r\n,、，;/&|–—"


class ChosenPhone(NamedTuple):
    """The phone of a record. `over` has the place of each cell with text that is not used."""

    phone: str
    over: tuple[tuple[int, str], ...]


class _Part(NamedTuple):
    """A part of a cell. `phone` is "" if no number in it fits; `rest` is what it says besides."""

    phone: str
    rest: str
    reach: Reach


def chosen_phone(cells: Sequence[tuple[str, str, str]]) -> ChosenPhone:
    """Return the number that best reaches the person, and the text that is not used.

    A cell has its header, its label and its text. A number of the person comes before one at work,
    then one of the company, then fax machines and pagers. Among equals, the first counts. If there
    is none, the phone is "".
    """
    filled = [place for place, (_, _, text) in enumerate(cells) if text]
    if not filled:
        return ChosenPhone("", ())
    if len(filled) == 1 and _is_plain(only := cells[filled[0]][2]):
        return ChosenPhone(only, ())
    parts = [(place, part) for place in filled for part in _parts(*cells[place])]
    # `min` returns the first of equals.
    numbers = (number for number, (_, part) in enumerate(parts) if part.phone)
    best = min(numbers, key=lambda number: parts[number][1].reach, default=-1)
    phone = parts[best][1].phone if best >= 0 else ""
    known = {_key(phone)}
    over: dict[int, list[str]] = {}
    for number, (place, part) in enumerate(parts):
        for text in (part.rest,) if number == best else (part.phone, part.rest):
            if text and (key := _key(text)) not in known:
                known.add(key)
                over.setdefault(place, []).append(text)
    return ChosenPhone(phone, tuple((place, ", ".join(texts)) for place, texts in over.items()))


def _key(text: str) -> str:
    """Return the form in which numbers are compared; words around a number count."""
    if _is_plain(text):
        digits = text.translate(_NO_SIGNS)
    elif _LETTER.search(text) or not _DIGIT.search(text):
        return text
    else:
        digits = "+" * ("+" in text) + "".join(_DIGIT.findall(text))
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def _is_plain(text: str) -> bool:
    return bool(_PLAIN.fullmatch(text)) and " - " not in text


def _parts(header: str, label: str, text: str) -> Iterator[_Part]:
    """Yield the parts of a cell, each with one number at most."""
    if _is_plain(text) or _is_plain(text := _bare(text)):
        yield _Part(text, "", reach_of(header, label))
        return
    parts = [text]
    if _DIGIT.search(text):
        parts = list(_listed(text))
        for separator in _BETWEEN:
            parts = [part for whole in parts for part in _cut(whole, separator)]
    for part in parts:
        if written := _without_front(part).strip(_EDGES):
            words = (written,) if _LETTER.search(written) else ()
            yield _part(written, reach_of(header, label, *words))


def _bare(text: str) -> str:
    """Return a cell without what a spreadsheet or another tool has put around it."""
    formula = _FORMULA.fullmatch(text.strip())
    return _without_front(formula[1] if formula else text)


def _without_front(text: str) -> str:
    found = _FRONT.match(text)
    return text[found.end() :] if found else text


def _listed(text: str) -> Iterator[str]:
    """Yield the lines of a cell, and what other signs of a list separate."""
    start = 0
    for mark in _LISTED.finditer(text):
        is_code = mark.start() - start <= _LONGEST_CODE and _CODE.fullmatch(
            text[start : mark.start()].strip()
        )
        if ":::" in mark[0] or not (is_code or _SPACE_AND_EXTENSION.match(text, mark.end())):
            yield text[start : mark.start()]
            start = mark.end()
    yield text[start:]


def _cut(text: str, separator: re.Pattern[str]) -> Iterator[str]:
    """Yield the text in parts: it is cut where the separator stands between two numbers."""
    marks = list(separator.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)] if marks else []
    start = 0
    before = _digits(text, 0, marks[0].start()) if marks else 0
    for mark, end in zip(marks, ends, strict=True):
        after = _digits(text, mark.end(), end)
        if before >= _fewest(text, start, separator) and after >= _FEWEST_DIGITS:
            yield text[start : mark.start()]
            start, before = mark.end(), 0
        before += after
    yield text[start:]


def _digits(text: str, start: int, end: int) -> int:
    return len(_DIGIT.findall(text, start, end))


def _fewest(text: str, start: int, separator: re.Pattern[str]) -> int:
    """Return how many digits the number before the separator has at least."""
    if separator is _BETWEEN[0]:
        return _FEWEST_DIGITS
    return _FEWEST_ABROAD if _ABROAD.match(text, start) else _FEWEST_BEFORE_SLASH


def _part(text: str, reach: Reach) -> _Part:
    if not _DIGIT.search(text) or _ROUNDED.fullmatch(text):
        return _Part("", text, reach)
    if _fits(text):
        return _Part(text, "", reach)
    for found in _NUMBER.finditer(text):
        if _digits(text, *found.span()) >= _FEWEST_DIGITS and _fits(found[0]):
            around = (text[: found.start()].strip(_EDGES), text[found.end() :].strip(_EDGES))
            return _Part(found[0], ", ".join(filter(None, around)), reach)
    return _Part("", text, reach)


def _fits(text: str) -> bool:
    # The marks are taken out before the text is stored.
    return len(text) <= _longest() or len(INVISIBLE_CHARACTER.sub("", text)) <= _longest()


@cache
def _longest() -> int:
    return cast(Text, ContactInput().fields["phone"]).longest
