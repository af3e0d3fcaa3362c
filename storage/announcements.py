"""The event of a record whose time has come, such as `follow-up.due`: once for each time.

The event and the mark in the row are one write. So no process announces what another one has
announced, and a process that is killed leaves both or none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadbook.storage import event_log
from leadbook.storage.database import current
from leadbook.storage.due import literally

# In one write, so that others do not wait long.
MOST = 500


@dataclass(frozen=True)
class Announcement:
    """When a kind of record is announced, with an event named by `verb`.

    The time is the first of the columns `times` that is not null. The record must have the values
    `having` by then. The column `mark` says whether it was announced. The partial `index` has the
    times of those that were not.
    """

    verb: str
    times: tuple[str, ...]
    having: Mapping[str, str | bool]
    mark: str
    index: str

    def is_over(self, values: Mapping[str, Any]) -> bool:
        """Return whether `values` of a new record say that it is never announced."""
        return any(values.get(column, word) != word for column, word in self.having.items())

    def is_past(self, values: Mapping[str, Any], now: Any) -> bool:
        """Return whether the time in `values` is past; `now` must have the same form."""
        return bool(self._first(values) <= now)

    def renewed(self, record: Any, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return `values` of a change, with what follows from it: a new time is announced again.

        If only the last of the times is moved, another one that is past says nothing any more. It
        is removed, so that the new time counts.
        """
        if self.mark in values:
            return values
        # A new record lacks the columns that are null.
        kept = {each: getattr(record, each) for each in (*self.times, *self.having)}
        *earlier, last = self.times
        if [each for each in self.times if values.get(each, kept[each]) != kept[each]] == [last]:
            # Whether it was announced does not matter: the record may have been done by then.
            past = (each for each in earlier if kept[each] and kept[each] <= current.now)
            values = {**values, **dict.fromkeys(past)}
        after = {**kept, **values}
        is_other = any(after[each] != kept[each] for each in self.having)
        if is_other or self._first(after) != self._first(kept):
            return {**values, self.mark: False}
        return values

    def of_file(self, record: Any, values: Mapping[str, Any], now: str) -> Mapping[str, Any]:
        """Return `values` of a change, as `renewed` does; a time that is past is not announced."""
        renewed = self.renewed(record, values)
        if self.mark not in renewed:
            return renewed
        return {**renewed, self.mark: self.is_past({**record.__data__, **renewed}, now)}

    def _first(self, values: Mapping[str, Any]) -> Any:
        """Return the time that counts."""
        given = (values.get(column) for column in self.times)
        return next(each for each in given if each is not None)

    @property
    def time(self) -> str:
        """The SQL of the time, as its index has it."""
        return f"coalesce({', '.join(self.times)})"

    def waiting(self, table: str) -> str:
        """Return the end of a SELECT of the rows that are still to be announced."""
        conditions = " AND ".join(literally({**self.having, self.mark: False}))
        # By itself, SQLite would sort all that are open at each look.
        return f"FROM {table} INDEXED BY {self.index} WHERE {conditions}"


def next_time(model: Any) -> int | None:
    """Return when a record is to be announced next, in milliseconds, or None."""
    rule = model.announcement
    waiting = rule.waiting(model._meta.table_name)
    sql = f"SELECT {rule.time} {waiting} ORDER BY {rule.time} LIMIT 1"
    found = current.execute_sql(sql).fetchone()
    return int(found[0]) if found else None


def announce(model: Any) -> int:
    """Announce records whose time has come, up to MOST of them; return how many."""
    rule, table = model.announcement, model._meta.table_name
    sql = (
        f"SELECT number, id, version {rule.waiting(table)} AND {rule.time} <= ?"
        f" ORDER BY {rule.time}, number LIMIT {MOST}"
    )
    with current.write():
        found = current.execute_sql(sql, (current.clock.milliseconds(),)).fetchall()
        numbers = [(number,) for number, _, _ in found]
        current.execute_many(f"UPDATE {table} SET {rule.mark} = 1 WHERE number = ?", numbers)
        event_log.add_of_same(model, rule.verb, [(each, version) for _, each, version in found])
    return len(found)
