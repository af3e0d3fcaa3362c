"""What somebody says of a file to import: which column is which, and what its words mean."""

from collections.abc import Iterable

from leadbook.schemas import LEAD_STATUSES
from leadbook.transfer.kinds import Kind
from leadbook.transfer.mapping import Overrides
from leadbook.transfer.words import normalized


class OptionError(ValueError):
    """It cannot be understood; the message says what was wanted."""


def parse_overrides(kind: Kind, columns: Iterable[str], words: Iterable[str]) -> Overrides:
    """Return the overrides: columns as `Column=field`, words as `field:Word=ours`.

    Raises OptionError.
    """
    parsed: dict[str, dict[str, str]] = {}
    for text in words:
        name, _, rest = text.partition(":")
        word, separator, ours = rest.rpartition("=")
        if not separator or name not in kind.inputs or not word:
            raise OptionError(f"--value must be such as 'status:On Hold=contacted', not {text!r}.")
        if name == "status" and ours not in LEAD_STATUSES:
            raise OptionError(f"A status is one of {', '.join(LEAD_STATUSES)}, not {ours!r}.")
        parsed.setdefault(name, {})[normalized(word)] = ours
    return Overrides(tuple(_column(kind, text) for text in columns), parsed)


def _column(kind: Kind, text: str) -> tuple[str, str]:
    column, separator, name = text.rpartition("=")
    if not separator or not column:
        raise OptionError(f"--map must be such as 'Column=field', not {text!r}.")
    if name and name not in kind.mappable:
        raise OptionError(f"There is no field {name!r}; there are {', '.join(kind.mappable)}.")
    return column, name
