"""Guard cells that a spreadsheet would run as formulas, and remove the guards on import.

https://owasp.org/www-community/attacks/CSV_Injection
"""

import re
from collections.abc import Iterable

# Spreadsheets take a cell that begins with one of these for a formula; some also take the wide
# forms. `'` is the guard itself.
_WIDE = "\uff1d\uff0b\uff0d\uff20"
_FIRST = frozenset(f"=+-@'\t\r{_WIDE}")
# A spreadsheet with another separator starts a new cell after one of these.
_INNER = re.compile(rf"""([,;|\t\n\r])(?='|[" ]*[=+\-@{_WIDE}])""")
_GUARDED = re.compile(r"([,;|\t\n\r])'")
_DANGER = re.compile(rf"""[,;|\t\n\r][" ]*[=+\-@{_WIDE}]""")
_SEPARATOR = re.compile(r"""[,;|\t\n\r"]""")
# No cell of an earlier version begins like this: its guard was followed by one of _FIRST.
_MARK = "' "


def guarded(text: str | None) -> str | None:
    """Return the text, with a guard in front if it begins like a formula."""
    return f"'{text}" if text and text[0] in _FIRST else text


def needs_care(csv: str) -> bool:
    """Return whether any cell in these lines must be written by `cells`."""
    return any(separator in csv for separator in ";|\t") or bool(_DANGER.search(csv))


def cells(column: Iterable[object]) -> list[str]:
    """Return the values of a column as CSV; one that is like a formula has its guard already."""
    texts = ["" if each is None else str(each) for each in column]
    # Most columns need no quotes.
    return list(map(_cell, texts)) if _SEPARATOR.search("".join(texts)) else texts


def _cell(value: str) -> str:
    if not _SEPARATOR.search(value):
        return value
    if _DANGER.search(value):
        value = _MARK + _INNER.sub(r"\1'", value.removeprefix("'"))
    quoted = value.replace('"', '""')
    return f'"{quoted}"'


def header_name(text: str) -> str:
    """Return the name of a column as `cells` got it; only a header of ours has guards."""
    return without_guards(text) if text.startswith(_MARK) else text


def without_guards(text: str) -> str:
    """Return the original text of a cell written by this version or an earlier one."""
    if text.startswith(_MARK):
        return _GUARDED.sub(r"\1", text.removeprefix(_MARK))
    return text.removeprefix("'")
