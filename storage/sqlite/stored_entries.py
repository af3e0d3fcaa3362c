"""Checking and repairing columns of JSON entries."""

import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Self

from leadbook.storage.columns import JsonEntries, UuidText
from leadbook.storage.custom_values import (
    MOST_ENTRIES,
    cleaned,
    cleaned_name,
    cleaned_value,
    merged,
)
from leadbook.storage.database import Database
from leadbook.storage.json_text import as_text, decode
from leadbook.storage.naming import name_of
from leadbook.storage.record import Record

# Records that one write repairs.
_AT_ONCE = 500
_MOST_TOLD = 20
_DAMAGED = (
    "The {column} of the {kind} {id} is damaged. Leadbook shows what it can read. Send the right "
    'values, or `"{column}": null` to empty it.'
)

_is_name = lru_cache(maxsize=1024)(lambda name: cleaned_name(name) == name)


class StoredEntries:
    """The texts in one column of entries that Leadbook itself would not have stored."""

    def __init__(self, model: type[Record], column: JsonEntries) -> None:
        self._model = model
        self._table = model._meta.table_name
        self.column = column.name
        # The rows that nothing can be done about, after the search and the repair.
        self._left: list[int] = []

    @classmethod
    def of(cls, model: type[Record]) -> list[Self]:
        """Return those of a model, one for each such column."""
        fields = model._meta.sorted_fields
        return [cls(model, each) for each in fields if isinstance(each, JsonEntries)]

    def wrong(self, database: Database) -> list[int]:
        """Return the numbers of the rows with such a text."""
        rows = database.execute_sql(f"SELECT number, {self.column} FROM {self._table}")
        self._left = [number for number, text in rows if text != "{}" and not _is_stored(text)]
        return list(self._left)

    def mend(self, database: Database, numbers: list[int], _: object) -> None:
        """Write the same entries as Leadbook would. A text that means something else is kept."""
        self._left = []

        def mend(number: int, record: Record | None) -> None:
            if record is None:
                return
            sql = f"SELECT {self.column} FROM {self._table} WHERE number = ?"
            [(text,)] = database.execute_sql(sql, (number,)).fetchall()
            right = _rewritten(text)
            if right is None:
                self._left.append(number)
            elif right != text:
                sql = f"UPDATE {self._table} SET {self.column} = ? WHERE number = ?"
                database.execute_sql(sql, (right, number))

        mend_each(self._model, database, numbers, mend)

    def lines(self, database: Database) -> Iterator[str]:
        """Yield a line for each row that a person has to decide about."""
        kind = name_of(self._model)
        for number in self._left[:_MOST_TOLD]:
            sql = f"SELECT id FROM {self._table} WHERE number = ?"
            for (stored,) in database.execute_sql(sql, (number,)).fetchall():
                yield _DAMAGED.format(column=self.column, kind=kind, id=UuidText.unpack(stored))
        if len(self._left) > _MOST_TOLD:
            yield f"{len(self._left) - _MOST_TOLD} more {self._table} have such a {self.column}."


def mend_each(
    model: type[Record], database: Database, numbers: list[int], mend: Callable[[int, Any], None]
) -> None:
    """Call `mend` with the current record of each number, or with None if it is gone."""
    for start in range(0, len(numbers), _AT_ONCE):
        with database.repair():
            for number in numbers[start : start + _AT_ONCE]:
                mend(number, model.get_or_none(model.number == number))
        database.let_others_write()


def _is_stored(text: str) -> bool:
    """Return whether Leadbook would have stored the text."""
    try:
        entries = decode(text)
        if not isinstance(entries, dict) or len(entries) > MOST_ENTRIES:
            return False
        is_right = all(map(_is_name, entries)) and all(map(_is_value, entries.values()))
        return is_right and list(entries) == sorted(entries) and as_text(entries) == text
    except (ValueError, RecursionError):
        return False


def _is_value(value: Any) -> bool:
    right = cleaned_value(value)
    return right is not None and type(right) is type(value) and right == value


def _rewritten(text: str) -> str | None:
    """Return the text of the same entries as Leadbook would store them, or None."""
    try:
        pairs = json.loads(text, object_pairs_hook=tuple)
        if not isinstance(pairs, tuple):
            return None
        entries = dict(pairs)
        right = cleaned(entries)
        is_same = len(entries) == len(pairs) and right == entries
        return as_text(merged({}, right)) if is_same else None
    except (ValueError, RecursionError):
        return None
