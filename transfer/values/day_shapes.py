"""Find the day in a cell without its time of day: `23/2/2024`, `15 de abril de 2021`."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from typing import NamedTuple

from leadbook.transfer.words.month_words import before_days, months


class Days(NamedTuple):
    """The ordinals of a day in each order, and without an order; None where there is no day."""

    dmy: int | None
    mdy: int | None
    plain: int | None


# Two-digit years are those of POSIX (strptime, %y): 1969 to 2068.
_CENTURY_ENDS = 69

_DAY = r"(?P<day>\d{1,2})(?:(?:st|nd|rd|th|er|e|\.?o|a|°)(?![a-z]))?"
_MONTH = r"(?P<month>[a-z]{3,12})"
_YEAR = r"'?(?P<year>\d{4}|\d{2})"
_GAP = r"[ ,./-]{0,3}"
_OF = r"(?:(?:de|del|do|of) )?"


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    # They are compiled when a file needs them, since that takes milliseconds.
    sources = {
        "year first": r"(\d{4})(?: ?([-/.]) ?(\d{1,2}) ?\2 ?(\d{1,2})\.?|(\d{2})(\d{2}))",
        "year last": r"(\d{1,2}) ?([-/.]) ?(\d{1,2}) ?\2 ?(\d{4})\.?|"
        r"(\d{1,2})([-/.])(\d{1,2})\6(\d{2})",
        # 15 Apr 2021, 15-APR-21, 15 de abril de 2021, 15 kwietnia 2021 r.
        "day, month": rf"{_DAY}{_GAP}{_OF}{_MONTH}{_GAP}{_OF}{_YEAR}(?: ?r\.?| roku)?",
        # Apr 15, 2021, April 15th, 2021
        "month, day": rf"{_MONTH}{_GAP}(?:the )?{_DAY}[ ,./-]{{1,3}}{_YEAR}",
        # 2021 Apr 15, 2021-Apr-15
        "year, month": rf"(?P<year>\d{{4}}){_GAP}{_MONTH}{_GAP}{_DAY}",
        "word before": r"([a-z]{2,12}(?:-feira)?)[.,]{0,2} ?(?=[a-z0-9])",
    }
    return {name: re.compile(source) for name, source in sources.items()}


def read_days(words: str) -> Days | None:
    """Return the day that a folded cell names, or None if it names none."""
    return next(filter(None, map(_days, _without_weekday(words))), None)


def _days(words: str) -> Days | None:
    return (_numeric(words) if words[:1].isdigit() else None) or _named(words)


def _without_weekday(words: str) -> Iterator[str]:
    """Yield the words, and what is left of them without a weekday."""
    yield words
    head, _, tail = words.rpartition(" ")
    if tail.strip("().") in before_days():
        yield head.rstrip(",")
    # "Mo., den 15. April 2021": a weekday and an article. In "Wed, Mar 1, 2000", "mar" is a month
    # and not the French Tuesday, so each is tried before the next goes.
    for _ in range(2):
        found = _patterns()["word before"].match(words)
        if not found or found[1] not in before_days():
            break
        words = words[found.end() :]
        yield words


def _numeric(words: str) -> Days | None:
    patterns = _patterns()
    if found := patterns["year first"].fullmatch(words):
        year, _, month, day, joined_month, joined_day = found.groups()
        return _certain(int(year), int(month or joined_month), int(day or joined_day))
    found = patterns["year last"].fullmatch(words)
    if not found:
        return None
    first, sign, second, year = found.groups()[:4] if found[1] else found.groups()[4:]
    full = _year(year)
    dmy, mdy = _ordinal(full, int(second), int(first)), _ordinal(full, int(first), int(second))
    plain = dmy or mdy
    if sign == "-" and len(year) == 2 and _ordinal(_year(first), int(second), int(year)):
        # 21-04-15 may also have its year first, as in the ISO 8601 of 1988.
        plain = None
    elif dmy and mdy and dmy != mdy and sign != ".":
        # With dots and the year last, the day is first in every locale of the CLDR.
        plain = None
    return Days(dmy, mdy, plain) if dmy or mdy else None


def _named(words: str) -> Days | None:
    for name in ("day, month", "month, day", "year, month"):
        found = _patterns()[name].fullmatch(words)
        if found and (month := months().get(found["month"])):
            return _certain(_year(found["year"]), month, int(found["day"]))
    return None


def _year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < _CENTURY_ENDS else 1900)


def _certain(year: int, month: int, day: int) -> Days | None:
    ordinal = _ordinal(year, month, day)
    return Days(ordinal, ordinal, ordinal) if ordinal else None


def _ordinal(year: int, month: int, day: int) -> int | None:
    with suppress(ValueError):
        return date(year, month, day).toordinal()
    return None
