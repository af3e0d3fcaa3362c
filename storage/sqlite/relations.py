"""Checking and repairing what ties records together: links, and summaries of other rows."""

from typing import Any

from leadbook.storage import summaries
from leadbook.storage.database import Database
from leadbook.storage.naming import sql_name_of
from leadbook.storage.record import Record
from leadbook.storage.sqlite.stored_entries import mend_each


class Summaries:
    """A column with what others say about the rows of one table."""

    def __init__(self, model: type[Record], column: summaries.Summary) -> None:
        self._model = model
        self._column = column.name
        self._table = model._meta.table_name
        self._right = column.sql(model)
        self._wrong = f"SELECT number FROM {self._table} WHERE {column.name} IS NOT ({self._right})"

    def wrong(self, database: Database) -> list[int]:
        """Return the numbers of the rows that say something else than the others."""
        return [number for (number,) in database.execute_sql(self._wrong)]

    def mend(self, database: Database, numbers: list[int], _: object) -> None:
        """Read the others again. What callers see of it is a change of the record."""

        def mend(number: int, record: Record | None) -> None:
            if record is not None:
                summaries.refresh(record)
                # Another damaged value may be read as the right one, such as 7 for true.
                sql = f"UPDATE {self._table} SET {self._column} = ({self._right}) WHERE number = ?"
                database.execute_sql(sql, (number,))

        mend_each(self._model, database, numbers, mend)


class Links:
    """The links from the rows of one table to those of another."""

    def __init__(self, model: type[Record], other: type[Record]) -> None:
        self._model = model
        self._column = column = f"{sql_name_of(other)}_id"
        table, others = model._meta.table_name, other._meta.table_name
        self.exists = column in model._meta.fields
        is_dangling = f"{column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {others})"
        self._dangling = f"SELECT number FROM {table} WHERE {is_dangling}"

    def wrong(self, database: Database) -> list[int]:
        """Return the numbers of the rows that link to a row that is missing."""
        return [number for (number,) in database.execute_sql(self._dangling)]

    def mend(self, database: Database, numbers: list[int], _: object) -> None:
        """Remove the links; what cannot be without any is erased."""

        def mend(number: int, record: Any) -> None:
            sql = f"{self._dangling} AND number = ?"
            if record is not None and database.execute_sql(sql, (number,)).fetchone():
                record.unlink(self._column)

        mend_each(self._model, database, numbers, mend)
