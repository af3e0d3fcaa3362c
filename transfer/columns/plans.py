"""Decide what each column of a header becomes: a field, an entry of `custom`, or nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from leadbook.transfer.columns.entry_names import entry_names
from leadbook.transfer.columns.kinds import EMAIL, PARTS_OF_NAME, STAGES, Kind, time_of_day
from leadbook.transfer.columns.opt_outs import OptOuts, opt_out_columns
from leadbook.transfer.columns.own_files import OwnExport
from leadbook.transfer.columns.required_columns import require_columns, require_named
from leadbook.transfer.files.row import Header, Row
from leadbook.transfer.words.names import is_infix
from leadbook.transfer.words.phone_labels import label_columns
from leadbook.transfer.words.synonyms import fields_of, normalized
from leadbook.transfer.words.task_index import fields_of as task_fields_of

# The first columns of a file of rejected rows. The corrected file may still have them.
NOTES_ON_ROWS = ("leadbook line", "leadbook reason")
# Why a column is left out: the user says so, `custom` has no room for it, or no cell says anything.
Reason = Literal["told", "no custom", "too many", "empty"]
# The name of an entry, and the column that it comes from.
Entry = tuple[str, int]
Places = tuple[int, ...]

# These need more than the first filled cell.
_WITH_RULES = {"name", EMAIL, "phone", "notes", *PARTS_OF_NAME, *STAGES}


@dataclass(frozen=True)
class Overrides:
    """What the user says about the file: pairs of header and field, and words of a field.

    `date_order` is "dmy" or "mdy", for columns of dates that do not tell it themselves.
    """

    columns: tuple[tuple[str, str], ...] = ()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    keeps_columns: bool = True
    date_order: str | None = None


@dataclass(frozen=True)
class Plan:
    """What the columns of one header become.

    `named` has the entries that headers, or the user, name. `places` has the columns of each
    field, of which `plain` and `several` need no more than their first filled cell. `typed` are the
    entries that a header names, `texts` those that the user names, `objects` have several as JSON,
    and `leftovers` are the columns that no field takes. `labels` has the column with the kind of
    each phone, `dates` has the columns of each time, `opt_outs` has columns that may say that a
    person must not be contacted, and `infixes` those with the words in front of a last name.
    """

    header: Header
    named: Mapping[int, str]
    is_own: bool
    missing: frozenset[str]
    places: Mapping[str, Places]
    plain: tuple[tuple[str, int], ...]
    several: tuple[tuple[str, Places], ...]
    typed: tuple[Entry, ...]
    texts: tuple[Entry, ...]
    objects: Places
    leftovers: tuple[Entry, ...]
    left_out: tuple[tuple[str, Reason], ...]
    keeps_columns: bool
    labels: Mapping[int, int]
    has_stages: bool
    dates: Mapping[str, Places]
    opt_outs: tuple[OptOuts, ...]
    infixes: Places

    @cached_property
    def names(self) -> list[str]:
        """The entry that each column is kept as, if it is."""
        return entry_names(self.header, self.named)

    @cached_property
    def leftover_names(self) -> frozenset[str]:
        """The names of the leftovers."""
        return frozenset(name for name, _ in self.leftovers)

    def places_of(self, field: str) -> Places:
        """Return the columns of a field, those of its parts included."""
        parts = (field, *PARTS_OF_NAME) if field == "name" else (field,)
        return tuple(place for part in parts for place in self.places.get(part, ()))

    def is_shared(self, place: int) -> bool:
        """Return whether several fields take this column."""
        return sum(place in found for found in self.places.values()) > 1


class Planner:
    """Makes plans for the headers of one file. `is_table` says that all rows have one header."""

    def __init__(
        self,
        kind: Kind,
        overrides: Overrides,
        own: OwnExport,
        first_rows: Callable[[], Iterable[Row]],
        *,
        is_table: bool,
    ) -> None:
        self._kind = kind
        self._first_rows = first_rows
        self._overrides = overrides
        self._own = own
        self._is_table = is_table
        times = map(time_of_day, kind.moments)
        own_rules = {*kind.dates, *times, *kind.choices, kind.finds_by}
        self._with_rules = _WITH_RULES | own_rules
        self._keeps_columns = overrides.keeps_columns and bool(kind.entries)

    def plan(self, header: Header) -> Plan:
        """Return the plan for a header. Raises FileRefusedError."""
        # A spreadsheet may have added columns without a name.
        columns = [name for name in header if name and name not in NOTES_ON_ROWS]
        untold = [name for name in columns if not self._told(name)]
        is_own = self._own.has(untold)
        targets = self._targets(header, is_own=is_own)
        places = _places(targets)
        named = {
            place: entry
            for target, found in places.items()
            if (entry := self._kind.entry_in(target)) is not None
            for place in found
        }
        fields = {
            target: found for target, found in places.items() if self._kind.entry_in(target) is None
        }
        objects = fields.pop(self._kind.entries, ())
        if is_own:
            self._own.note((*untold, *fields))
            # Without the column that they belong to, these say nothing.
            for name, other in self._kind.depends.items():
                if other not in fields:
                    fields.pop(name, None)
        # In JSON Lines, only this row is wrong: each row has its own header.
        if self._is_table:
            told = [name for name, _ in self._overrides.columns]
            require_named(header, told)
            require_columns(self._kind, header, fields, told, self._first_rows)
        return self._planned(header, targets, fields, named, objects, is_own=is_own)

    def _planned(
        self,
        header: Header,
        targets: list[list[str]],
        fields: dict[str, Places],
        named: dict[int, str],
        objects: Places,
        *,
        is_own: bool,
    ) -> Plan:
        used = {place for found in fields.values() for place in found} | named.keys() | {*objects}
        unused = [
            place
            for place, name in enumerate(header)
            if place not in used and name not in NOTES_ON_ROWS
        ]
        kept = {place for place in unused if self._keeps_columns and targets[place] != [""]}
        names = entry_names(header, named) if kept else []
        leftovers = tuple((names[place], place) for place in sorted(kept))
        special = set() if is_own else self._with_rules
        simple = [(name, found) for name, found in fields.items() if name not in special]
        return Plan(
            header,
            named,
            is_own,
            frozenset(self._kind.fields) - fields.keys(),
            fields,
            tuple((name, found[0]) for name, found in simple if len(found) == 1),
            tuple((name, found) for name, found in simple if len(found) > 1),
            tuple((name, place) for place, name in named.items() if not self._told(header[place])),
            tuple((name, place) for place, name in named.items() if self._told(header[place])),
            objects,
            leftovers,
            tuple(
                (header[place], "told" if targets[place] == [""] else "no custom")
                for place in unused
                if place not in kept
            ),
            self._keeps_columns,
            {} if is_own else label_columns(header, fields.get("phone", ())),
            not is_own and self._kind.has_stages and not fields.keys().isdisjoint(STAGES),
            {} if is_own else {name: fields[name] for name in fields if name in self._kind.dates},
            opt_out_columns(header, fields) if self._kind.is_of_people and not is_own else (),
            () if is_own else tuple(place for place in unused if is_infix(header[place])),
        )

    def _targets(self, header: Header, *, is_own: bool) -> list[list[str]]:
        """Return what each column becomes: as the user says, or as its header does.

        [""] stands for a column that the user leaves out.
        """
        mapped = {target for _, target in self._overrides.columns}
        known = self._own_fields(header) if is_own else self._foreign_fields(header)
        return [
            # A field that the user maps comes from its mapped columns only.
            self._told(name) or ([found] if found and found not in mapped else [])
            for name, found in zip(header, known, strict=True)
        ]

    def _told(self, name: str) -> list[str]:
        """Return the fields that the user maps this column to; "" leaves it out."""
        words = normalized(name) if self._overrides.columns else ""
        return [target for each, target in self._overrides.columns if normalized(each) == words]

    def _own_fields(self, header: Header) -> list[str | None]:
        return [
            self._entry(name) or (name if name in self._kind.fields else None) for name in header
        ]

    def _foreign_fields(self, header: Header) -> list[str | None]:
        return [
            self._entry(name) or self._foreign_field(name, guess)
            for name, guess in zip(header, self._guesses(header), strict=True)
        ]

    def _guesses(self, header: Header) -> list[str | None]:
        return fields_of(header) if self._kind.is_of_people else task_fields_of(header)

    def _entry(self, name: str) -> str | None:
        """Return the header of one entry, such as `custom.Region`, or of all, as a target."""
        is_entry = name == self._kind.entries or self._kind.entry_in(name) is not None
        return name if name and is_entry else None

    def _foreign_field(self, name: str, guess: str | None) -> str | None:
        known = self._kind.own_name(normalized(name)) or guess
        if known == "name" and guess in (*PARTS_OF_NAME, "company"):
            # "Name" beside "Vorname", or beside "contacts[0].name".
            known = guess
        if known == EMAIL:
            known = self._kind.finds_by or EMAIL
        if known in self._kind.owners and known not in (EMAIL, name):
            # The ids of another tool.
            known = None
        return known if known in self._kind.mappable else None


def _places(targets: Sequence[Sequence[str]]) -> dict[str, Places]:
    places: dict[str, list[int]] = {}
    for place, found in enumerate(targets):
        for target in filter(None, found):
            places.setdefault(target, []).append(place)
    return {target: tuple(found) for target, found in places.items()}
