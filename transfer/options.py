"""Parse the user's options for an import: `--map` and `--value`."""

from collections.abc import Iterable

from leadbook.schemas import LEAD_STATUSES
from leadbook.transfer.kinds import LEADS, Kind
from leadbook.transfer.mapping import Overrides
from leadbook.transfer.words import normalized


class OptionError(ValueError):
    """An option cannot be parsed; the message says what it must be."""


def parse_overrides(kind: Kind, columns: Iterable[str], words: Iterable[str]) -> Overrides:
    """Return the overrides; `columns` are `Column=field`, `words` are `field:Word=value`.

    Raises OptionError.
    """
    parsed: dict[str, dict[str, str]] = {}
    for text in words:
        name, _, rest = text.partition(":")
        word, separator, ours = rest.rpartition("=")
        if not separator or name not in kind.inputs or not word:
            raise OptionError(f"--value must look like 'status:On Hold=contacted', not {text!r}.")
        if name == "status" and ours not in LEAD_STATUSES:
            raise OptionError(f"A status must be one of {', '.join(LEAD_STATUSES)}, not {ours!r}.")
        parsed.setdefault(name, {})[normalized(word)] = ours
    return Overrides(tuple(_column(kind, text) for text in columns), parsed)


def _column(kind: Kind, text: str) -> tuple[str, str]:
    column, separator, name = text.rpartition("=")
    if not separator or not column:
        raise OptionError(f"--map must look like 'Column=field', not {text!r}.")
    if name and name not in kind.mappable:
        raise OptionError(
            f"There is no field {name!r}. The fields are: {', '.join(kind.mappable)}."
        )
    return column, name


def choices(kind: Kind) -> tuple[str, ...]:
    """Return the choices for duplicates; the first one is the default."""
    return ("create", "skip", "update", "reject") if kind is LEADS else ("reject", "skip", "update")
