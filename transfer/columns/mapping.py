"""Map the columns of a file to fields and entries, and its rows to what a record has."""

from dataclasses import replace

from leadbook.storage.custom_values import MOST_ENTRIES
from leadbook.transfer.columns.entries import Entries
from leadbook.transfer.columns.foreign import Foreign
from leadbook.transfer.columns.kinds import CREATED_AT, Kind
from leadbook.transfer.columns.mapped import Mapped
from leadbook.transfer.columns.own_files import OwnExport
from leadbook.transfer.columns.plans import Overrides, Plan, Planner, Reason
from leadbook.transfer.columns.survey import EMPTY, Proof, Survey
from leadbook.transfer.columns.usage import Usage
from leadbook.transfer.files.row import Header, Row
from leadbook.transfer.values.adjustments import FROM_COMPANY, LEFT_OUT, Adjustments
from leadbook.transfer.values.cells import filled_as_is
from leadbook.transfer.values.formulas import without_guards
from leadbook.transfer.words.synonyms import normalized

# In JSON Lines, each row may have another header, with a thousand columns.
_MOST_COLUMNS = 20_000


class Columns:
    """How the columns of a file are used, as far as it has been read.

    `usage` says where each column went, and `adjustments` what was done to their values.
    `unescape` says that an own export has guards against formulas, and `is_table` that all rows
    have one header.
    """

    def __init__(
        self, kind: Kind, overrides: Overrides, survey: Survey, *, unescape: bool, is_table: bool
    ) -> None:
        self.kind = kind
        self.keeps_columns = overrides.keeps_columns and bool(kind.entries)
        self.own = OwnExport(kind)
        self.usage = Usage(self.own)
        told = ("status", CREATED_AT, "score")
        self.adjustments = Adjustments(
            *(each for each in told if kind.is_of_people or each in kind.mappable)
        )
        self._survey = survey
        self._unescape = unescape
        self._is_table = is_table
        self._words = overrides.words
        self._planner = Planner(kind, overrides, self.own, survey.first_rows, is_table=is_table)
        self._foreign = Foreign(kind, overrides, self._proof_of, self.adjustments)
        self._layouts, self._plans = _Plans(), _Plans()
        self._last: Plan | None = None

    def read(self, row: Row) -> Mapped:
        """Return the fields and entries of the row.

        Raises FileRefusedError if no column has addresses.
        """
        self.adjustments.begin_row()
        mapped = Mapped(self.plan_of(row.header), row, self.usage, self.adjustments)
        if mapped.plan.is_own:
            self._read_own(mapped)
        else:
            self._foreign.read(mapped)
        self.usage.note_filled(mapped.entries)
        if "name" not in mapped.values and "company" in mapped.values:
            mapped.values["name"] = mapped.values["company"]
            self.adjustments.mend("name", FROM_COMPANY)
        return mapped

    def entries_of(self, mapped: Mapped) -> Entries:
        """Return the entries of a record, in the order of their names and at most 50."""
        plan, entries = mapped.plan, mapped.entries
        if len(entries) > MOST_ENTRIES:
            # The leftovers go first, from the last one.
            first = {column.place for column in plan.opt_outs}
            last = {
                name: rank
                for rank, (name, place) in enumerate(plan.leftovers)
                if place not in first
            }
            kept = sorted(entries, key=lambda name: last.get(name, -1))[:MOST_ENTRIES]
            self.adjustments.mend(self.kind.entries, *[LEFT_OUT] * (len(entries) - len(kept)))
            entries = {name: entries[name] for name in kept}
        self.usage.note_entries(entries)
        # The leftovers have their order already.
        is_sorted = not (plan.typed or plan.texts or plan.objects) and (
            entries.keys() <= plan.leftover_names
        )
        return entries if is_sorted else dict(sorted(entries.items()))

    def _read_own(self, mapped: Mapped) -> None:
        if self._unescape:
            mapped.cells = [
                without_guards(cell.strip()) if "'" in cell else cell for cell in mapped.cells
            ]
        mapped.take_entries(filled_as_is)
        mapped.take_plain(filled_as_is)
        values = mapped.values
        for name, words in self._words.items():
            if name in values:
                values[name] = words.get(normalized(values[name]), values[name])

    def _proof_of(self, column: str) -> Proof | None:
        return self._survey.proof_of(column, self._layout)

    def plan_of(self, header: Header) -> Plan:
        """Return what the columns of a header become. Raises FileRefusedError."""
        if self._last is not None and header is self._last.header:
            return self._last
        plan = self._plans.get(header)
        if plan is None:
            plan = self._chosen(self._layout(header))
            self.usage.note(plan)
            self._plans.remember(plan)
        self._last = plan
        return plan

    def _layout(self, header: Header) -> Plan:
        """Return the plan for a header, before the most filled columns are chosen."""
        layout = self._layouts.get(header)
        if layout is None:
            layout = self._planner.plan(header)
            self._layouts.remember(layout)
        return layout

    def _chosen(self, layout: Plan) -> Plan:
        """Return the plan with only the most filled leftovers, in the order of their names."""
        room = max(MOST_ENTRIES - len(layout.typed) - len(layout.texts), 0)
        is_short = self._is_table and len(layout.leftovers) <= room
        if layout.is_own or is_short or not layout.leftovers:
            return replace(layout, leftovers=tuple(sorted(layout.leftovers)))
        ranks = self._survey.ranks(self._layout)
        # Nobody may be written to because others have filled more columns.
        first = {column.place for column in layout.opt_outs}
        ranked = sorted(
            (each[1] not in first, ranks.get(each[0], room), each) for each in layout.leftovers
        )
        kept = [
            each for other, rank, each in ranked if rank != EMPTY and (rank < room or not other)
        ]
        chosen = {*kept[:room]}
        left_out: list[tuple[str, Reason]] = [*layout.left_out]
        left_out += [
            (each[0], "empty" if ranks.get(each[0]) == EMPTY else "too many")
            for each in layout.leftovers
            if each not in chosen
        ]
        return replace(layout, leftovers=tuple(sorted(chosen)), left_out=tuple(left_out))


class _Plans(dict[Header, Plan]):
    """Plans by their headers, of so many columns that they fit in memory."""

    _room = _MOST_COLUMNS

    def remember(self, plan: Plan) -> None:
        """Add a plan, if there is room."""
        if not self or len(plan.header) <= self._room:
            self[plan.header] = plan
            self._room -= len(plan.header)
