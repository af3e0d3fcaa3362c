"""What must be known of a whole file before its first row is stored.

The file is read once more, and only if a question needs it. So an import that continues at a later
line gets the same answers.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import NamedTuple

from leadbook.transfer.columns.plans import Plan
from leadbook.transfer.files.reading import read_rows
from leadbook.transfer.files.row import Header, Row
from leadbook.transfer.files.source import Source
from leadbook.transfer.values.cells import filled
from leadbook.transfer.values.dates import Order, proven_order

# In JSON, each row may have other names: too many to count them all.
_MOST_NAMES = 20_000
EMPTY = -1
_FIRST_ROWS = 200


class Proof(NamedTuple):
    """The order of day and month in a column, and the cell that proves it.

    The line is 0 if no cell does, since the user says the order.
    """

    order: Order
    line: int = 0
    text: str = ""


Rows = Callable[[], Iterator[Row]]
PlanOf = Callable[[Header], Plan]


def rows_again(source: Source, look: Callable[[], None]) -> Iterator[Row]:
    """Yield all rows of a file, in the middle of another reading of it; `look` may stop it."""
    with source.kept_place():
        for row in read_rows(source):
            look()
            yield row


class Survey:
    """How often each leftover column is filled, and which order the dates of a column prove."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._counts: Counter[str] = Counter()
        self._proofs: dict[str, dict[Order, Proof]] = {}
        self._is_done = False
        self._last: Plan | None = None
        self._ranks: dict[str, int] | None = None

    def first_rows(self) -> list[Row]:
        """Return the first rows of the file."""
        return list(islice(self._rows(), _FIRST_ROWS))

    def ranks(self, plan_of: PlanOf) -> Mapping[str, int]:
        """Return the rank of each leftover column: 0 is filled most often, EMPTY never.

        Of equally filled ones, the first one comes first. Of many thousand names in JSON, some are
        missing.
        """
        if self._ranks is None:
            self._read(plan_of)
            counted = enumerate(self._counts.most_common())
            self._ranks = {name: rank if count else EMPTY for rank, (name, count) in counted}
        return self._ranks

    def proof_of(self, column: str, plan_of: PlanOf) -> Proof | None:
        """Return the order of day and month that cells of this column prove, if all agree."""
        self._read(plan_of)
        proofs = self._proofs.get(column, {})
        return next(iter(proofs.values())) if len(proofs) == 1 else None

    def _read(self, plan_of: PlanOf) -> None:
        if self._is_done:
            return
        self._is_done = True
        for row in self._rows():
            if not row.problem:
                self._look_at(row, plan_of(row.header))

    def _look_at(self, row: Row, plan: Plan) -> None:
        if plan.is_own:
            return
        cells, counts = row.cells, self._counts
        if plan is not self._last:
            self._last = plan
            for name, _ in plan.leftovers:
                if len(counts) < _MOST_NAMES:
                    counts.setdefault(name, 0)
        for name, place in plan.leftovers:
            if cells[place] and name in counts and filled(cells[place]):
                counts[name] += 1
        for place in chain.from_iterable(plan.dates.values()):
            if order := proven_order(text := cells[place].strip()):
                proofs = self._proofs.setdefault(row.header[place], {})
                if order not in proofs:
                    proofs[order] = Proof(order, row.line, text)
