"""What happened to the rows of a file, counted and with examples."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from leadbook.storage.text import address_key
from leadbook.transfer.cleaning import Cleaned
from leadbook.transfer.columns.mapping import Columns
from leadbook.transfer.files.row import Row
from leadbook.transfer.files.source import Source
from leadbook.transfer.reasons import Reasons, refused_value, text_of_remark
from leadbook.transfer.storing import CREATED, OUTCOMES

MOST_SHOWN = 5
MOST_REJECTS = 1_000
_MOST_ADDRESSES = 200_000
# The outcome of a row that is no record, besides those of storing.py.
REMARK = "a remark"
NOT_REJECTED = {*OUTCOMES, REMARK}

# A row, its record if the row is valid, and its outcome or the reason for the rejection.
Fate = tuple[Row, Cleaned | None, str]


class Repeated:
    """Counts the records whose address an earlier one has, as leads may.

    Only the hashes of the first 200,000 addresses are kept, in about 16 MB.
    """

    def __init__(self) -> None:
        self.count = 0
        self._known: set[int] = set()

    @property
    def is_complete(self) -> bool:
        """Whether all addresses of the file so far were compared."""
        return len(self._known) < _MOST_ADDRESSES

    def look_at(self, record: Cleaned) -> None:
        """Count a record if its address is known, or remember the address."""
        if address := record.get("email"):
            key = hash(address_key(address))
            if key in self._known:
                self.count += 1
            elif self.is_complete:
                self._known.add(key)


@dataclass
class Report:
    """What happened to the rows, and how their columns were read.

    `shown` has the first records as they are stored. `rejects` has the line and the reason of the
    first rejected rows, and `reasons` counts all reasons. `remarks` counts titles, footers and
    totals, which are neither records nor rejected; `first_remark` has a line and its text.
    `repeated` counts the new records whose address an earlier row has.
    """

    columns: Columns
    source: Source
    outcomes: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    # Valid rows that were not stored because others were rejected.
    withheld: int = 0
    shown: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[tuple[int, str]] = field(default_factory=list)
    reasons: Reasons = field(default_factory=Reasons)
    remarks: int = 0
    first_remark: tuple[int, str] | None = None
    repeated: Repeated = field(default_factory=Repeated)

    @property
    def rows(self) -> int:
        """How many rows of the file have been read so far, without remarks."""
        return self.outcomes.total() + self.rejected + self.withheld

    def withhold(self) -> None:
        """Count a valid row that is not stored, since others are rejected."""
        self.withheld += 1
        self.columns.adjustments.settle("")

    def count(self, fates: list[Fate]) -> None:
        """Count what became of some rows."""
        for row, record, outcome in fates:
            if record is not None:
                self.columns.adjustments.settle(outcome)
            if outcome in OUTCOMES:
                self.outcomes[outcome] += 1
                if record and outcome == CREATED:
                    self.repeated.look_at(record)
                if record and outcome == CREATED and len(self.shown) < MOST_SHOWN:
                    self.shown.append(self.columns.kind.shown(record))
            elif outcome == REMARK:
                self.remarks += 1
                self.first_remark = self.first_remark or (row.line, text_of_remark(row))
            else:
                self.rejected += 1
                kind = self.reasons.add(outcome, row.line)
                if kind.count == 1 and not row.problem:
                    kind.value = refused_value(row, self.columns.plan_of(row.header), outcome)
                if len(self.rejects) < MOST_REJECTS:
                    self.rejects.append((row.line, outcome))
