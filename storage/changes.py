"""The rows of a list in the order of their last events, to follow what has changed."""

from typing import Any

from leadbook.storage.cursors import Cursor
from leadbook.storage.database import current
from leadbook.storage.filters import Condition
from leadbook.storage.record import Record
from leadbook.storage.selection import Row, Selection
from leadbook.storage.sqlite.search import Candidates
from leadbook.storage.times import milliseconds_of

# The number of the last event of a record, whose id is put in; 0 if none is kept.
_LAST = "(SELECT ifnull(max(events.number), 0) FROM events WHERE record_id = {})"


class Changes(Selection):
    """The rows that match every filter, ordered by the last event of each, and by the id.

    Few rows are fetched and sorted. For many, a walk through the log soon finds enough. The walk
    leaves out a row whose time is later than that of its event, as a file may have brought it:
    whoever follows the changes has seen it by then.
    """

    def __init__(self, model: type[Record], order: str, **filters: Any) -> None:
        # No column is in this order.
        super().__init__(model, "", order, **filters)
        self._since: str = filters["updated_since"]
        # The events to walk through: after the first number, up to the last.
        self._bounds: tuple[int, int] | None = None

    @property
    def newest(self) -> str:
        """What ends a walk: the number of the last event, in hexadecimal digits."""
        number, _ = current.last_event()
        return int(number).to_bytes(8).hex()

    def _after(self, cursor: Cursor) -> list[Condition]:
        """Return the conditions that a row comes after the place, and has not changed since."""
        # Seven bytes, which SQLite can compare; a token may be made by hand.
        newest = int.from_bytes(bytes.fromhex(cursor.newest)[-7:])
        value = cursor.value if isinstance(cursor.value, int) else 0
        place = (value, bytes.fromhex(cursor.id))
        if 0 < place[0] < _oldest():
            # Its event was removed, as too old, and so may be those of rows after it. To show rows
            # again is better than to leave one out.
            place = (-1, b"")
        elif place[0]:
            self._bounds = (place[0], newest)
        by_event, by_id = self._keys
        return [
            Condition("", f"({by_event}, {by_id}) > (?, ?)", place),
            Condition("", f"{by_event} <= ?", (newest,)),
        ]

    def _choose(self, after: list[Condition], order: str, limit: int, offset: int) -> list[Row]:
        """Return rows in order, in the way that reads fewer of them."""
        if self._source.count is None and (found := self._walk(order, limit, offset)):
            return found
        return self._select(self._in_order(self._all, [after], order), order, limit, offset)

    def _walk(self, order: str, limit: int, offset: int) -> list[Row]:
        """Return rows in order from a walk through the log; none if it does not soon find enough.

        The walk looks at twice the events that it should need if changes are spread evenly.
        """
        newest = current.last_event()[0]
        first, last = self._bounds or (self._start, newest)
        last = min(last, newest)
        steps = 200 + 2 * (offset + limit) * (last - first) // self.total
        if first < 0 or steps > self.total:
            return []
        events = (
            "SELECT number, record_id FROM events WHERE number > ? AND number <= ?"
            f" ORDER BY number {order} LIMIT +?"
        )
        walked = Candidates(
            f"(SELECT {self._table}.number AS hit FROM ({events}) AS event CROSS JOIN {self._table}"
            f" ON id = record_id WHERE event.number = {_LAST.format('event.record_id')})",
            (first, last, steps),
        )
        tested = self._search.among(walked)
        rows = self._select(self._in_order(tested, [self._conditions], order), order, limit, offset)
        return rows if len(rows) == limit or last - first <= steps else []

    @property
    def _start(self) -> int:
        """The number of the last event before the time to start from; -1 if it is not kept.

        Numbers have no gaps, and times rise with them.
        """
        oldest, (after, _) = _oldest(), current.last_event()
        before, since = oldest - 1, milliseconds_of(self._since)
        while before < after:
            middle = (before + after + 1) // 2
            sql = "SELECT time FROM events WHERE number <= ? ORDER BY number DESC LIMIT 1"
            [(time,)] = current.execute_sql(sql, (middle,))
            before, after = (middle, after) if time < since else (before, middle - 1)
        return -1 if before < oldest > 1 else before

    @property
    def _keys(self) -> tuple[str, ...]:
        by_id = f"{self._table}.id"
        return _LAST.format(by_id), by_id

    @property
    def _exported(self) -> str:
        return ", ".join(self._keys)


def _oldest() -> int:
    [(number,)] = current.execute_sql("SELECT ifnull(min(number), 1) FROM events")
    return int(number)
