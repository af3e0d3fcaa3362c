"""Checking and repairing what ties records together: links, and summaries of other rows."""

from collections.abc import Iterator
from typing import Any

from leadbook.storage import summaries
from leadbook.storage.columns import UuidText
from leadbook.storage.database import Database
from leadbook.storage.naming import name_of, sql_name_of
from leadbook.storage.record import Record
from leadbook.storage.sqlite.stored_entries import mend_each

_MOST_TOLD = 20
_OF_NOBODY = (
    "The {kind} {id} belongs to nobody, and nothing says to whom. Send its {keys}, or delete it."
)


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


class SamePerson:
    """The links of one table that must name the same person: a lead, and the client that it became.

    The lead is right: it is what was converted, and a follow-up or ticket only repeats its link.
    """

    def __init__(self, model: type[Record]) -> None:
        self._model = model
        self._table = table = model._meta.table_name
        # The links of the records that `model` belongs to, which its rules say it has as well.
        self._pairs = [
            (link, column, owner._meta.table_name)
            for link, owner in model.links.items()
            for column in model.link_reads.get(link, ())
            if column in model.links
        ]
        self.exists = bool(self._pairs)
        self._wrong = {
            column: f"{table}.{column} IS NOT (SELECT {others}.{column} FROM {others}"
            f" WHERE {others}.id = {table}.{link}) AND {link} IN (SELECT id FROM {others})"
            for link, column, others in self._pairs
        }

    def wrong(self, database: Database) -> list[int]:
        """Return the numbers of the rows that name another person, too, or only half of one."""
        tests = " OR ".join(f"({each})" for each in self._wrong.values())
        sql = f"SELECT number FROM {self._table} WHERE {tests}"
        return [number for (number,) in database.execute_sql(sql).fetchall()]

    def mend(self, database: Database, numbers: list[int], _: object) -> None:
        """Take the link of the lead. The event of this change tells the old one."""

        def mend(number: int, record: Any) -> None:
            for link, column, others in self._pairs if record is not None else ():
                sql = f"SELECT {others}.{column} FROM {self._table} JOIN {others}"
                sql += f" ON {others}.id = {link} WHERE {self._table}.number = ?"
                for (stored,) in database.execute_sql(sql, (number,)).fetchall():
                    record.update_columns({column: UuidText().python_value(stored)})

        mend_each(self._model, database, numbers, mend)


class OfNobody:
    """The rows of one table that must belong to a record and have no link.

    A link to a missing record is another fault: such a row goes with the one that is gone.
    """

    def __init__(self, model: type[Record]) -> None:
        self._model = model
        fields = model._meta.fields
        self.exists = not model.is_independent and all(fields[each].null for each in model.links)
        conditions = " AND ".join(f"{link} IS NULL" for link in model.links)
        self._rows = f"FROM {model._meta.table_name} WHERE {conditions} ORDER BY number"

    def wrong(self, database: Database) -> list[int]:
        """Return the numbers of the rows."""
        found = database.execute_sql(f"SELECT number {self._rows}").fetchall()
        return [number for (number,) in found]

    def mend(self, _: Database, __: list[int], ___: object) -> None:
        """Leave them: what they say is still there, and a person may know whose it is."""

    def lines(self, database: Database) -> Iterator[str]:
        """Yield a line for each row."""
        if not self.exists:
            return
        shown = self._model.schema().fields
        keys = " or ".join(shown[link].data_key for link in self._model.links)
        ids = database.execute_sql(f"SELECT id {self._rows}").fetchall()
        for (stored,) in ids[:_MOST_TOLD]:
            said = {"kind": name_of(self._model), "id": UuidText.unpack(stored)}
            yield _OF_NOBODY.format(**said, keys=keys)
        if len(ids) > _MOST_TOLD:
            yield f"{len(ids) - _MOST_TOLD} more of them belong to nobody."
