"""Lists in the order of a time that some records do not have: these come after all others.

Such a list has two halves, one after the other. Merged, both would be read for each page, and a
half may have few rows, far from each other.
"""

from typing import Any

from leadbook.storage.cursors import Cursor
from leadbook.storage.filters import Condition
from leadbook.storage.optional_times import NEVER, is_missing, is_there
from leadbook.storage.record import Record
from leadbook.storage.selection import Row, Selection
from leadbook.storage.sqlite import search
from leadbook.storage.sqlite.search import Known


class NullsLast(Selection):
    """The rows that match every filter, ordered by `column`, a TimeOrNever, and the id."""

    def __init__(self, model: type[Record], column: str, order: str, **filters: Any) -> None:
        super().__init__(model, column, order, **filters)
        self._filters = filters
        self._cursor: Cursor | None = None

    def _after(self, cursor: Cursor) -> list[Condition]:
        self._cursor = cursor
        return super()._after(cursor)

    def _choose(self, after: list[Condition], order: str, limit: int, offset: int) -> list[Row]:
        """Return rows in order, in the way that reads fewer of them."""
        if isinstance(self._source, Known) and self.total <= search.FEW:
            return super()._choose(after, order, limit, offset)
        found: list[Row] = []
        for half, start in self._halves(after, order):
            rows = half.begin(start, order, limit - len(found), offset)
            found += rows
            if len(found) == limit:
                break
            if offset:
                offset = 0 if rows else max(0, offset - half.total)
        return found

    def _halves(self, after: list[Condition], order: str) -> list[tuple["_Half", list[Condition]]]:
        """Return the halves that have rows of the page, and the conditions where it begins."""
        column, cursor = self._column, self._cursor
        here = [each for each in self._narrowing if each.column == column]
        is_newest, start = after[1:], after[1:]
        is_after_times = cursor is not None and cursor.value == NEVER
        if cursor and is_after_times:
            sign = "<" if order == "desc" else ">"
            start = [Condition("id", f"id {sign} ?", (bytes.fromhex(cursor.id),)), *is_newest]
            after = is_newest
        halves: list[tuple[_Half, list[Condition]]] = []
        if all(not each.others for each in here) and not (is_after_times and order == "asc"):
            halves.append((_Half(self, column, Condition(column, is_there(column), ())), after))
        is_before_nulls = cursor is not None and not is_after_times
        if all(each.others for each in here) and not (is_before_nulls and order == "desc"):
            is_null = Condition(column, is_missing(column), (), others=is_there(column))
            halves.append((_Nulls(self, "id", is_null), start))
        return halves if order == "asc" else halves[::-1]


class _Half(Selection):
    """The rows of a list that meet one more condition, in the order of `column`."""

    def __init__(self, whole: NullsLast, column: str, condition: Condition) -> None:
        super().__init__(whole._model, column, whole._order, **whole._filters)
        if condition not in self._narrowing:
            self._narrowing.append(condition)
            self._conditions.append(condition)
        self._whole = whole

    def begin(self, after: list[Condition], order: str, limit: int, offset: int) -> list[Row]:
        """Return rows in order, as `_choose` does.

        A short walk mostly finds them, without the total of the half.
        """
        if not (self._search.words or self._aside):
            return self._choose(after, order, limit, offset)
        if steps := self._whole._steps(offset + limit):
            rows, is_whole = self._first(steps, after, order, limit, offset)
            if is_whole:
                return rows
        if isinstance(self._whole._source, Known):
            self._source = self._fetched(self._whole._source)
        return self._choose(after, order, limit, offset) if self.total else []


class _Nulls(_Half):
    """The rows without a time: all have the same one, and so are in the order of their ids."""

    def _parts(self, after: list[Condition]) -> list[list[Condition]]:
        # The index of the ids has no other column.
        return [after]

    @property
    def _aside(self) -> list[Condition]:
        return self._conditions

    def begin(self, after: list[Condition], order: str, limit: int, offset: int) -> list[Row]:
        """Return rows in order, as the list shows their places."""
        rows = super().begin(after, order, limit, offset)
        return [(record, (NEVER, place[1])) for record, place in rows]
