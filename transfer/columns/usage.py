"""What a report says about the columns of a file: where each one went."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from leadbook.transfer.columns.own_files import OwnExport
from leadbook.transfer.columns.plans import NOTES_ON_ROWS, Plan, Reason
from leadbook.transfer.columns.survey import Proof

# In JSON Lines, each row may have other columns.
_MOST_COLUMNS = 1_000


class Usage:
    """How the columns of a file are used, as far as it has been read.

    `own` says whether it is Leadbook's own export. `mapped` has the headers of each field, `empty`
    the columns with nothing in them, and `left_out` why the values of others were not imported.
    """

    def __init__(self, own: OwnExport) -> None:
        self.own = own
        self.mapped: dict[str, list[str]] = {}
        # Dicts keep the order, unlike sets.
        self._custom: dict[str, None] = {}
        self.left_out: dict[str, Reason] = {}
        # The columns that would be entries, but no row so far has something in them.
        self.empty: dict[str, None] = {}
        # The columns of dates whose order of day and month had to be found, and what tells it.
        self.orders: dict[str, Proof] = {}
        self._expected: set[str] = set()
        self._places: dict[str, int] = {}

    @property
    def custom(self) -> list[str]:
        """The entries that records got, in the order of the columns."""
        return sorted(self._custom, key=lambda name: self._places.get(name, _MOST_COLUMNS))

    @property
    def only_rejected(self) -> list[str]:
        """The columns that would be entries, but only rejected rows have something in them."""
        found = self._expected - self.empty.keys() - self._custom.keys() - self.left_out.keys()
        return sorted(found, key=lambda name: self._places.get(name, _MOST_COLUMNS))

    def note(self, plan: Plan) -> None:
        """Remember what a plan does with each column."""
        header = plan.header
        for target, found in plan.places.items():
            known = dict.fromkeys([*self.mapped.get(target, ()), *(header[each] for each in found)])
            self.mapped[target] = list(known)[:_MOST_COLUMNS]
        if not self._places:
            self._places = {name: place for place, name in enumerate(plan.names)}
        for name, _ in (*plan.typed, *plan.texts, *plan.leftovers):
            self._expect(name)
        for name, reason in plan.left_out:
            if reason == "empty":
                self._expect(name)
            else:
                self.leave_out([name], reason)

    def _expect(self, name: str) -> None:
        if name not in self._expected and len(self._expected) < _MOST_COLUMNS:
            self._expected.add(name)
            self.empty[name] = None

    def note_filled(self, names: Mapping[str, Any]) -> None:
        """Remember that a row has something in these columns."""
        if self.empty and not self.empty.keys().isdisjoint(names):
            for name in self.empty.keys() & names.keys():
                del self.empty[name]

    def note_entries(self, names: Mapping[str, Any]) -> None:
        """Remember that a record got these entries."""
        if not names.keys() <= self._custom.keys() and len(self._custom) < _MOST_COLUMNS:
            self._custom |= dict.fromkeys(islice(names, _MOST_COLUMNS - len(self._custom)))

    def note_order(self, column: str, proof: Proof) -> None:
        """Remember in which order the day and the month of a column were read."""
        if column not in self.orders and len(self.orders) < _MOST_COLUMNS:
            self.orders[column] = proof

    def leave_out(self, headers: Iterable[str], reason: Reason) -> None:
        """Remember columns whose values were not imported."""
        for name in headers:
            if name not in NOTES_ON_ROWS and len(self.left_out) < _MOST_COLUMNS:
                self.left_out.setdefault(name, reason)
