"""Cells of our CSV that a spreadsheet would run: guarded on the way out, restored on the way in.

https://owasp.org/www-community/attacks/CSV_Injection
"""

import re

# What begins with one of these is taken for a formula, in some languages with the wide ones too.
# `'` is the guard itself.
_WIDE = "\uff1d\uff0b\uff0d\uff20"
_FIRST = frozenset(f"=+-@'\t\r{_WIDE}")
# A spreadsheet that separates by another character begins a cell behind each of these.
_INNER = re.compile(rf"""([,;|\t\n\r])(?='|[" ]*[=+\-@{_WIDE}])""")
_GUARDED = re.compile(r"([,;|\t\n\r])'")
_DANGER = re.compile(rf"""[,;|\t\n\r][" ]*[=+\-@{_WIDE}]""")
_SEPARATOR = re.compile(r"""[,;|\t\n\r"]""")
# No cell of an earlier version begins so: behind its guard stood one of _FIRST.
_MARK = "' "


def guarded(text: str | None) -> str | None:
    """Return the text with a guard in front where it begins like a formula."""
    return f"'{text}" if text and text[0] in _FIRST else text


def needs_care(csv: str) -> bool:
    """Return whether some cell of these lines has to go through `cell`."""
    return any(separator in csv for separator in ";|\t") or bool(_DANGER.search(csv))


def cell(value: object) -> str:
    """Return the cell as CSV; `value` has a guard in front where it begins like a formula."""
    if not isinstance(value, str):
        return "" if value is None else str(value)
    if _DANGER.search(value):
        value = _MARK + _INNER.sub(r"\1'", value.removeprefix("'"))
    quoted = value.replace('"', '""')
    return f'"{quoted}"' if _SEPARATOR.search(value) else value


def without_guards(text: str) -> str:
    """Return what stood in the record, of a cell of this version or an earlier one."""
    if text.startswith(_MARK):
        return _GUARDED.sub(r"\1", text.removeprefix(_MARK))
    return text.removeprefix("'")
