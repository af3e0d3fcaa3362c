"""Tell remarks, which are no records, from rows that say nothing but the name of somebody."""

from collections.abc import Iterator

from leadbook.transfer.columns.kinds import EMAIL, PARTS_OF_NAME, Kind
from leadbook.transfer.columns.plans import Plan
from leadbook.transfer.files.row import Row
from leadbook.transfer.reports import REMARK, Fate
from leadbook.transfer.words.footer_words import is_footer, is_name

# More of them in a row are no footer. Columns are counted, since a row may have 16,384.
_MOST_HELD, _MOST_CELLS, _MOST_CHARACTERS = 300, 100_000, 1024 * 1024


class LoneRows:
    """Holds rows with one filled cell until it is known whether records follow.

    Below the last record, they are remarks, except those that look like names. Elsewhere, they are
    rows without an address, except totals and footers.
    """

    def __init__(self, kind: Kind) -> None:
        # Somebody or something may be meant by a lone cell in such a column.
        self._telling = (*kind.required, *PARTS_OF_NAME, "company", EMAIL)
        self._held: list[tuple[Row, Plan, str]] = []
        self._cells = self._characters = 0
        self._are_rows = False

    def add(self, row: Row, plan: Plan, reason: str) -> Iterator[Fate]:
        """Hold a row that is rejected for the `reason` if it is no remark.

        Yield what became of all held rows if these are too many.
        """
        self._held.append((row, plan, reason))
        self._cells += len(row.cells)
        self._characters += len(row.lone_text)
        self._are_rows = self._are_rows or (
            len(self._held) > _MOST_HELD
            or self._cells > _MOST_CELLS
            or self._characters > _MOST_CHARACTERS
        )
        if self._are_rows:
            yield from self._released(is_end=False)

    def end_run(self) -> Iterator[Fate]:
        """Yield what became of the held rows, since another row follows them."""
        self._are_rows = False
        if self._held:
            yield from self._released(is_end=False)

    def end_table(self) -> Iterator[Fate]:
        """Yield what became of the held rows, since nothing follows them."""
        yield from self._released(is_end=True)

    def _released(self, *, is_end: bool) -> Iterator[Fate]:
        held, self._held = self._held, []
        self._cells = self._characters = 0
        for row, plan, reason in held:
            is_row = self._may_be_record(row, plan) if is_end else not is_footer(row.lone_text)
            yield row, None, reason if is_row else REMARK

    def _may_be_record(self, row: Row, plan: Plan) -> bool:
        places = (place for field in self._telling for place in plan.places.get(field, ()))
        return any(row.cells[place].strip() for place in places) and is_name(row.lone_text)
