"""Map the columns of a file to fields, and its words to those of Leadbook."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from leadbook.schemas import choices_of
from leadbook.storage.text import is_visible
from leadbook.transfer.dates import read_date
from leadbook.transfer.errors import FileRefusedError
from leadbook.transfer.formulas import without_guards
from leadbook.transfer.kinds import Kind
from leadbook.transfer.own_files import OwnExport
from leadbook.transfer.reading import Header, Row
from leadbook.transfer.statuses import status_of
from leadbook.transfer.synonyms import field_of, normalized

Values = dict[str, str]

# The first columns of a file of rejected rows. The corrected file may still have them.
NOTES_ON_ROWS = ("leadbook line", "leadbook reason")
# Google Contacts writes several values into one cell, separated by this.
_SEVERAL = " ::: "
_PARTS_OF_NAME = ("first name", "last name")
_MOST_WORDS, _LONGEST_WORD, _OTHERS = 1_000, 100, "(others)"
_MOST_COLUMNS = 1_000


@dataclass(frozen=True)
class Overrides:
    """What the user says about the file: pairs of header and field, and words of a field."""

    columns: tuple[tuple[str, str], ...] = ()
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Plan:
    """For rows with one header: which cells each field may come from, and which have none.

    `repeated` has the cells whose header an earlier one also has.
    """

    places: dict[str, list[int]]
    repeated: frozenset[int]
    is_own: bool
    missing: frozenset[str]


class Columns:
    """How the columns of a file are used, as far as it has been read.

    `own` says whether it is Leadbook's own export. `mapped` has the headers of each field, and
    `left_out` the headers of values that were not imported: no field uses them, or an earlier
    column with the same header was filled with something else. `unknown` counts the words that were
    not understood, by field.
    """

    def __init__(self, kind: Kind, overrides: Overrides, *, unescape: bool) -> None:
        self._kind = kind
        self._overrides = overrides
        self._unescape = unescape
        self._plans: dict[Header, _Plan] = {}
        self._statuses = choices_of(kind.inputs["status"]) if "status" in kind.inputs else ()
        self.own = OwnExport(kind)
        self._is_name_told = any(target == "name" for _, target in overrides.columns)
        self.mapped: dict[str, list[str]] = {}
        # A dict keeps the order, unlike a set.
        self.left_out: dict[str, None] = {}
        self.unknown: dict[str, Counter[str]] = {"status": Counter(), "createdAt": Counter()}

    def is_own(self, row: Row) -> bool:
        """Return whether the row comes from Leadbook's own export."""
        return self._plan(row.header).is_own

    def missing(self, row: Row) -> frozenset[str]:
        """Return the fields that the file has no column for, by their names in JSON."""
        return self._plan(row.header).missing

    def values(self, row: Row) -> Values:
        """Return the text of each filled field of the row.

        Raises FileRefusedError if no column has addresses.
        """
        plan = self._plan(row.header)
        values: Values = {}
        others: set[int] = set()
        for name, places in plan.places.items():
            filled = [place for place in places if is_visible(row.cells[place])]
            if filled:
                values[name] = row.cells[filled[0]].strip()
                others.update(filled[1:])
        if lost := others & plan.repeated:
            texts = set(values.values())
            self._leave_out(
                row.header[place] for place in sorted(lost) if row.cells[place].strip() not in texts
            )
        return self._own(values) if plan.is_own else self._foreign(values)

    def _own(self, values: Values) -> Values:
        if self._unescape:
            for name, value in values.items():
                values[name] = without_guards(value)
        return self._in_our_words(values)

    def _foreign(self, values: Values) -> Values:
        first, last = (values.pop(part, "") for part in _PARTS_OF_NAME)
        values["name"] = self._name(values.get("name", ""), first, last)
        if _SEVERAL in values.get("email", ""):
            values["email"] = values["email"].partition(_SEVERAL)[0]
        self._in_our_words(values)
        if "status" in values:
            word = values.pop("status")
            # An unknown status is left out: a new lead is new, an updated lead keeps its status.
            status = status_of(word)
            if status in self._statuses:
                values["status"] = status
            else:
                self._count("status", word)
        if "createdAt" in values and read_date(values["createdAt"]) is None:
            self._count("createdAt", values.pop("createdAt"))
        if not values["name"]:
            del values["name"]
        return values

    def _name(self, whole: str, first: str, last: str) -> str:
        """Return the full name; some files have its parts, or the last name separately."""
        if (first and last) or not whole or (self._is_name_told and (first or last)):
            return f"{first} {last}".strip()
        # With the columns "Name" and "Surname", the first one may be the first name only.
        return whole if not last or last in whole else f"{whole} {last}"

    def _in_our_words(self, values: Values) -> Values:
        for name, words in self._overrides.words.items():
            if name in values:
                values[name] = words.get(normalized(values[name]), values[name])
        return values

    def _count(self, name: str, word: str) -> None:
        known = self.unknown[name]
        # A column may have a million different words: too many to keep in memory and to show.
        known[word[:_LONGEST_WORD] if len(known) < _MOST_WORDS or word in known else _OTHERS] += 1

    def _plan(self, header: Header) -> _Plan:
        plan = self._plans.get(header)
        if plan is None:
            plan = self._make_plan(header)
            # In JSON Lines, each row may have another header.
            if len(self._plans) < _MOST_COLUMNS:
                self._plans[header] = plan
        return plan

    def _make_plan(self, header: Header) -> _Plan:
        # A spreadsheet may have added columns without a name.
        columns = [name for name in header if name and name not in NOTES_ON_ROWS]
        untold = [name for name in columns if not self._told(name)]
        is_own = self.own.has(untold)
        places = self._places(header, self._own_field if is_own else self._foreign_field)
        if is_own:
            self.own.note((*untold, *places))
            # Without the column that they belong to, these say nothing.
            for name, other in self._kind.depends.items():
                if other not in places:
                    places.pop(name, None)
        self._note(header, places)
        self._require_columns(header, places)
        missing = frozenset(self._kind.header) - places.keys()
        return _Plan(places, _repeated(header), is_own, missing)

    def _require_columns(self, header: Header, places: dict[str, list[int]]) -> None:
        # In JSON Lines, only this row is wrong: each row has its own header.
        if not self._unescape:
            return
        shown = f"The columns are: {', '.join(header[:50])}."
        known = {normalized(name) for name in header}
        for name, _ in self._overrides.columns:
            if normalized(name) not in known:
                raise FileRefusedError(f"There is no column {name!r}. {shown}")
        if "email" in self._kind.inputs and "email" not in places:
            raise FileRefusedError(
                f"No column has e-mail addresses; rename one to `email`. {shown}",
                advice="Or name one with --map 'COLUMN=email'.",
            )

    def _places(
        self, header: Header, field_of_column: Callable[[str], str | None]
    ) -> dict[str, list[int]]:
        """Return the columns of each field: as the user says, or as `field_of_column` does."""
        places: dict[str, list[int]] = {}
        mapped = {target for _, target in self._overrides.columns}
        for place, name in enumerate(header):
            targets: list[str | None] = [*self._told(name)]
            # A field that the user maps comes from its mapped columns only.
            if not targets and (known := field_of_column(name)) not in mapped:
                targets.append(known)
            for target in filter(None, targets):
                places.setdefault(target, []).append(place)
        return places

    def _told(self, name: str) -> list[str]:
        """Return the fields that the user maps this column to; "" leaves it out."""
        words = normalized(name) if self._overrides.columns else ""
        return [target for each, target in self._overrides.columns if normalized(each) == words]

    def _own_field(self, name: str) -> str | None:
        return name if name in self._kind.header else None

    def _foreign_field(self, name: str) -> str | None:
        known = self._kind.own_name(normalized(name)) or field_of(name)
        return known if known in (*_PARTS_OF_NAME, *self._kind.mappable) else None

    def _note(self, header: Header, places: dict[str, list[int]]) -> None:
        for target, found in places.items():
            known = dict.fromkeys([*self.mapped.get(target, ()), *(header[each] for each in found)])
            self.mapped[target] = list(known)[:_MOST_COLUMNS]
        used = {place for found in places.values() for place in found}
        self._leave_out(name for place, name in enumerate(header) if place not in used)

    def _leave_out(self, headers: Iterable[str]) -> None:
        for name in headers:
            if name not in NOTES_ON_ROWS and len(self.left_out) < _MOST_COLUMNS:
                self.left_out[name] = None


def _repeated(header: Header) -> frozenset[int]:
    """Return the places of the columns whose header is that of an earlier column."""
    first = {name: place for place, name in reversed([*enumerate(header)])}
    return frozenset(range(len(header))).difference(first.values())
