"""Tell Leadbook's own exports from files of other tools, even after columns were removed."""

from collections.abc import Iterable
from itertools import chain, islice

from leadbook.fields.schema import RecordInput
from leadbook.storage.columns import UuidText
from leadbook.transfer.columns.kinds import Kind, kinds
from leadbook.transfer.files.row import Row

# Somebody may have broken the ids of the first rows, but hardly those of so many.
_LOOKED_AT = 100
# The place of the version in the text of a UUID. Leadbook gives ids of version 7; the databases of
# other tools usually have version 4.
_VERSION_AT, _VERSION = 14, "7"


class OwnExport:
    """Whether a file is an export of one kind, and how its columns differ from today's.

    `missing` has the columns that the file lacks, and `extra` those that only a later version, or
    a person, can have added. `found` is true once a row was taken for ours.
    """

    def __init__(self, kind: Kind) -> None:
        self._kind = kind
        self._header = dict.fromkeys(kind.fields)
        # A kind that needs other fields cannot be taken for this one.
        alike = (each for each in kinds().values() if kind.required <= each.required)
        self._of_others = {name for each in alike for name in each.fields} - self._header.keys()
        self._has_ids = False
        self.found = False
        # Dicts keep the order, unlike sets.
        self.missing: dict[str, None] = {}
        self.extra: dict[str, None] = {}

    def look_at(self, rows: Iterable[Row]) -> Iterable[Row]:
        """Return the same rows, after a look at the ids of the first ones."""
        rows = iter(rows)
        first = list(islice(rows, _LOOKED_AT))
        self._has_ids = any(_has_our_id(row) for row in first)
        return chain(first, rows)

    def has(self, columns: list[str]) -> bool:
        """Return whether rows with these columns are from an export.

        Columns were removed, or moved: all names and the ids are ours. Columns were added, or are
        there twice: besides, everything is there that Leadbook itself writes into each record.
        Another tool may also have `id`, `name` and `email`, and a list of clients is not an export
        of leads.
        """
        columns = [name for name in columns if not self._is_entry(name)]
        names = set(columns)
        if self._header.keys() - self._kind.computed <= names <= self._header.keys():
            return True
        others = names - self._header.keys()
        is_as_we_write = not others and len(names) == len(columns)
        is_marked = is_as_we_write or RecordInput.ignored <= names
        return self._has_ids and "id" in names and is_marked and not others & self._of_others

    def note(self, columns: Iterable[str]) -> None:
        """Remember how the columns of an export differ from those of today."""
        names = dict.fromkeys(name for name in columns if not self._is_entry(name))
        self.found = True
        needed = (name for name in self._header if name not in self._kind.computed)
        self.missing |= {name: None for name in needed if name not in names}
        self.extra |= {name: None for name in names if name not in self._header}

    def _is_entry(self, name: str) -> bool:
        """Return whether a column has entries: our export has none, or as many as are in use."""
        return bool(name) and (name == self._kind.entries or self._kind.entry_in(name) is not None)


def _has_our_id(row: Row) -> bool:
    if row.problem:
        return False
    cells = zip(row.header, row.cells, strict=True)
    return any(name == "id" and _is_our_id(cell.strip()) for name, cell in cells)


def _is_our_id(text: str) -> bool:
    return text[_VERSION_AT : _VERSION_AT + 1] == _VERSION and bool(UuidText().db_value(text))
