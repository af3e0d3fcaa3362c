"""Refuse a header without a column that a record needs, or that the user names."""

import re
from collections.abc import Callable, Collection, Iterable

from leadbook.transfer.columns.kinds import EMAIL, Kind
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.files.row import Header, Row
from leadbook.transfer.values.cells import filled
from leadbook.transfer.words.synonyms import normalized

# Alone, or behind a name: "Ada Byron (ada@x.example)".
_ADDRESS = re.compile(
    r"[^\s@]{1,100}@[^\s@]{1,200}\.[^\s@.]{2,100}"
    r"|[^@<>()\[\]]{1,200}[<(\[][^\s@]{1,100}@[^\s@]{1,200}\.[^\s@.]{2,100}[>)\]]"
)
# Some cells may have a typing error, or a word for nothing.
_NEARLY_ALL = 0.9
# These mean something in double quotes, at least in one shell.
_SPECIAL = re.compile(r'["$`\\!%]')


def require_named(header: Header, names: Iterable[str]) -> None:
    """Raise FileRefusedError if the header lacks a column that the user names."""
    known = {normalized(name) for name in header}
    for name in names:
        if normalized(name) not in known:
            raise FileRefusedError(f"There is no column {name!r}. {_shown(header)}")


def require_columns(
    kind: Kind,
    header: Header,
    fields: Collection[str],
    told: Iterable[str],
    rows: Callable[[], Iterable[Row]],
) -> None:
    """Raise FileRefusedError if the header lacks addresses, or another column that is needed.

    `rows` returns the first rows of the file. A name may come from the company.
    """
    if EMAIL in kind.inputs:
        if EMAIL not in fields:
            raise no_addresses(header, told, rows())
        return
    lacking = [name for name in kind.inputs if name in kind.required and name not in fields]
    if lacking:
        raise _lacks(lacking[0], header)
    if kind.owners and kind.owners.isdisjoint(fields):
        if kind.finds_by:
            raise no_addresses(header, told, rows())
        # Another tool does not know our ids.
        raise FileRefusedError(
            f"Only an export of Leadbook can be imported as {kind.model._meta.table_name}: it has "
            f"their `id`, `version` and `{min(kind.owners)}`."
        )


def _lacks(name: str, header: Header) -> FileRefusedError:
    return FileRefusedError(
        f"No column is the {name}; rename one to `{name}`. {_shown(header)}",
        advice=f"Or name one with --map 'COLUMN={name}'.",
    )


def no_addresses(header: Header, names: Iterable[str], rows: Iterable[Row]) -> FileRefusedError:
    """Return the error for a header without addresses.

    `rows` are the first ones of the file. `names` are those of columns that the user names, which
    are something else.
    """
    told = {normalized(name) for name in names}
    name = _column_of_addresses(header, told, rows)
    if not name:
        return FileRefusedError(
            f"No column has e-mail addresses; rename one to `email`. {_shown(header)}",
            advice="Or name one with --map 'COLUMN=email'.",
        )
    argument = f"'{name}=email'" if _SPECIAL.search(name) else f'"{name}=email"'
    return FileRefusedError(
        f"No header says e-mail, but {name} has addresses; rename it to `email`.",
        advice=f"Or add --map {argument}.",
    )


def _shown(header: Header) -> str:
    return f"The columns are: {', '.join(header[:50])}."


def _column_of_addresses(header: Header, told: Collection[str], rows: Iterable[Row]) -> str:
    """Return the name of the column with the most addresses and hardly anything else, or ""."""
    cells = [0] * len(header)
    addresses = [0] * len(header)
    for row in rows:
        if row.problem or len(row.cells) != len(header):
            continue
        for place, cell in enumerate(row.cells):
            if text := filled(cell):
                cells[place] += 1
                addresses[place] += _ADDRESS.fullmatch(text) is not None
    found = [
        (addresses[place], -place)
        for place, name in enumerate(header)
        if name
        and normalized(name) not in told
        and addresses[place]
        and addresses[place] >= cells[place] * _NEARLY_ALL
    ]
    return header[-max(found)[1]] if found else ""
