"""The options of `leadbook import` that say what columns and words mean: --map and --value."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from leadbook.transfer.columns.kinds import Kind
    from leadbook.transfer.columns.plans import Overrides


def overrides_of(kind: "Kind", columns: Iterable[str], words: Iterable[str]) -> "Overrides":
    """Return the overrides; `columns` are `Column=field`, `words` are `field:Word=value`.

    Raises ClickException.
    """
    from leadbook.fields.schema import choices_of
    from leadbook.transfer.columns.plans import Overrides
    from leadbook.transfer.words.synonyms import normalized

    parsed: dict[str, dict[str, str]] = {}
    for text in words:
        name, _, rest = text.partition(":")
        word, separator, ours = rest.rpartition("=")
        if not separator or name not in kind.inputs or not word:
            raise click.ClickException(
                f"--value must look like 'status:On Hold=contacted', not {text!r}."
            )
        if (choices := choices_of(kind.inputs[name])) and ours not in choices:
            one_of = ", ".join(choices)
            raise click.ClickException(f"A {name} must be one of {one_of}, not {ours!r}.")
        parsed.setdefault(name, {})[normalized(word)] = ours
    return Overrides(tuple(_column(kind, text) for text in columns), parsed)


def _column(kind: "Kind", text: str) -> tuple[str, str]:
    column, separator, name = text.rpartition("=")
    if kind.entries and f"={kind.entries}." in text:
        # The name of an entry may have an equals sign.
        column, separator, entry = text.partition(f"={kind.entries}.")
        name = f"{kind.entries}.{entry}"
    if not separator or not column:
        raise click.ClickException(f"--map must look like 'Column=field', not {text!r}.")
    if name and name not in kind.mappable and kind.entry_in(name) is None:
        entry = f", {kind.entries}.NAME" if kind.entries else ""
        known = f"{', '.join(kind.mappable)}{entry}"
        raise click.ClickException(f"There is no field {name!r}. The fields are: {known}.")
    return column, name
