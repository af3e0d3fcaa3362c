"""A row on its way to a record: the texts of its fields, and its entries of `custom`."""

from collections.abc import Callable

from leadbook.storage.custom_values import Value, of_cell
from leadbook.storage.text import is_visible
from leadbook.transfer.columns.entries import Entries, entries_in, entry_text, take_leftovers
from leadbook.transfer.columns.plans import Places, Plan
from leadbook.transfer.columns.usage import Usage
from leadbook.transfer.files.row import Row
from leadbook.transfer.values.adjustments import Adjustments
from leadbook.transfer.values.cells import filled_as_is

# Returns the text of a cell, or "" if the cell says nothing.
Filled = Callable[[str], str]


class Mapped:
    """The text of each filled field, and the entries of `custom`.

    `times` has those of `createdAt` and of what sets a status, in milliseconds since 1970.
    `problems` says which other values a record cannot do without. `addresses` may each name the
    person that the record belongs to.
    """

    __slots__ = (
        "_adjustments",
        "addresses",
        "cells",
        "entries",
        "line",
        "plan",
        "problems",
        "times",
        "usage",
        "values",
    )

    def __init__(self, plan: Plan, row: Row, usage: Usage, adjustments: Adjustments) -> None:
        self.plan = plan
        self.cells = row.cells
        self.line = row.line
        self.usage = usage
        self._adjustments = adjustments
        self.values: dict[str, str] = {}
        self.entries: Entries = {}
        self.times: dict[str, int] = {}
        self.problems: dict[str, str] = {}
        self.addresses: tuple[str, ...] = ()

    def text(self, place: int, filled: Filled) -> str:
        """Return the text of a cell; "" if it says nothing, which is counted."""
        cell = self.cells[place]
        text = filled(cell)
        if cell and not text and is_visible(cell):
            self._adjustments.empty(self.plan.header[place])
        return text

    def keep(self, place: int, text: str) -> None:
        """Keep a text of a column that its field does not take, as an entry of that name."""
        if self.plan.is_shared(place):
            return
        if self.plan.keeps_columns:
            self.keep_value(self.plan.names[place], text)
        else:
            self.usage.leave_out([self.plan.header[place]], "no custom")

    def keep_field(self, field: str, text: str) -> None:
        """Keep the text of a field that cannot be stored as it is."""
        place = self.place_of(field, text)
        if place is not None:
            self.keep(place, text)

    def place_of(self, field: str, text: str) -> int | None:
        """Return the column that a text of a field comes from."""
        places = self.plan.places_of(field)
        place = next((each for each in places if text in self.cells[each]), None)
        if place is None:
            place = next((each for each in places if filled_as_is(self.cells[each])), None)
        return place

    def keep_value(self, name: str, value: Value) -> None:
        """Add an entry."""
        kept = entry_text(value, self._adjustments) if isinstance(value, str) else value
        if kept != "":
            self.entries[name] = kept

    def first(self, places: Places, filled: Filled) -> str:
        """Return the text of the first filled cell; others are kept if they say something else."""
        first = ""
        for place in places:
            text = self.text(place, filled)
            if text and not first:
                first = text
            elif text and text != first:
                self.keep(place, text)
        return first

    def take_plain(self, filled: Filled) -> None:
        """Take the fields that need no more than their first filled cell."""
        for name, place in self.plan.plain:
            if self.cells[place] and (text := self.text(place, filled)):
                self.values[name] = text
        for name, places in self.plan.several:
            if text := self.first(places, filled):
                self.values[name] = text

    def take_entries(self, filled: Filled) -> None:
        """Take the columns that are entries."""
        plan = self.plan
        take_leftovers(plan, self.cells, self.entries, self._adjustments)
        for name, place in plan.typed:
            if text := self.text(place, filled):
                self.keep_value(self._free(name, place), of_cell(text))
        for name, place in plan.texts:
            if text := self.text(place, filled):
                self.keep_value(self._free(name, place), text)
        for place in plan.objects:
            self._take_object(place, filled)

    def _take_object(self, place: int, filled: Filled) -> None:
        if not (text := self.text(place, filled)):
            return
        found = entries_in(text)
        if found is None:
            self.keep(place, text)
        for name, value in (found or {}).items():
            self.keep_value(name, value)

    def _free(self, name: str, place: int) -> str:
        """Return the name of an entry, or another one if an earlier column has taken it."""
        return self.plan.names[place] if name in self.entries else name
