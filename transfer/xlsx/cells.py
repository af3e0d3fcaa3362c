"""The text of a cell, as people see it in the spreadsheet."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from math import isfinite

# Most numbers: with no more digits than a spreadsheet shows, and no zeros at the end.
_PLAIN = re.compile(r"-?[0-9]{1,20}|-?[0-9]{1,8}\.[0-9]{0,6}[1-9]")
_ZEROS = re.compile("0{2,40}")
# Numbers are binary; a spreadsheet shows no more digits than these.
_DIGITS = ".15g"
_LONGEST_NUMBER = 40


def number_text(text: str) -> str:
    """Return a number without an exponent and without a fraction of zeros."""
    if _PLAIN.fullmatch(text):
        return text
    try:
        number = float(text[:_LONGEST_NUMBER])
        return format(Decimal(format(number, _DIGITS)), "f") if isfinite(number) else text
    except (ValueError, ArithmeticError):
        return text


def number_reader(code: str, *, begins_1904: bool) -> Callable[[str], str]:
    """Return a function for the numbers of cells with this format: of dates, zip codes, others."""
    from openpyxl.styles.numbers import (  # noqa: PLC0415  # only for workbooks
        is_date_format,
        is_timedelta_format,
    )

    if is_timedelta_format(code):
        return _duration_text
    if is_date_format(code):
        return partial(_date_text, begins_1904=begins_1904)
    if _ZEROS.fullmatch(code):
        return lambda text: number_text(text).zfill(len(code))
    return number_text


def _date_text(text: str, *, begins_1904: bool) -> str:
    from openpyxl.utils.datetime import (  # noqa: PLC0415  # only for workbooks
        CALENDAR_MAC_1904,
        CALENDAR_WINDOWS_1900,
        from_excel,
    )

    epoch = CALENDAR_MAC_1904 if begins_1904 else CALENDAR_WINDOWS_1900
    try:
        moment = from_excel(float(text), epoch)
    except (ValueError, ArithmeticError, TypeError):
        return number_text(text)
    return _iso(moment)


def _duration_text(text: str) -> str:
    """Return hours, minutes and seconds, such as `26:30:00`."""
    try:
        seconds = round(float(text) * 24 * 60 * 60)
    except (ValueError, ArithmeticError):
        return number_text(text)
    minutes, second = divmod(abs(seconds), 60)
    sign = "-" if seconds < 0 else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{second:02}"


def _iso(moment: datetime | date | time | timedelta) -> str:
    """Return a date, with the time only if there is one."""
    if isinstance(moment, datetime):
        is_date = moment.time() == time()
        return moment.date().isoformat() if is_date else moment.isoformat(timespec="seconds")
    return moment.isoformat(timespec="seconds") if isinstance(moment, time) else str(moment)


def date_text(text: str) -> str:
    """Return the text of a cell whose type is a date, which is ISO 8601 already."""
    try:
        return _iso(datetime.fromisoformat(text))
    except ValueError:
        return text
