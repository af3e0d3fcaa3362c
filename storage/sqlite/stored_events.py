"""Checking and repairing the log of events."""

from collections.abc import Iterable
from typing import Any

from leadbook.storage.database import Database
from leadbook.storage.record import Record
from leadbook.storage.times import LATEST


class StoredEvents:
    """What the log of events says: JSON about records that exist, and nothing about others."""

    def __init__(self, records: Iterable[type[Record]]) -> None:
        tables = (each._meta.table_name for each in records)
        gone = " AND ".join(f"record_id NOT IN (SELECT id FROM {table})" for table in tables)
        said = "coalesce(actor, request_id, changes) IS NOT NULL"
        unreadable = "CASE WHEN json_valid(changes) THEN json_type(changes) END IS NOT 'object'"
        self._wrong = f"{said} AND {gone} OR changes IS NOT NULL AND {unreadable}"
        # No write is earlier than the last event, so all that follow would be as wrong.
        self._untimely = f"time NOT BETWEEN 0 AND {LATEST}"

    def wrong(self, database: Database) -> list[Any]:
        """Return the numbers of the events that say something wrong."""
        wrong = f"{self._wrong} OR {self._untimely}"
        return list(database.execute_sql(f"SELECT number FROM events WHERE {wrong}"))

    def mend(self, database: Database, _: object, __: object) -> None:
        """Remove what they say, and put them at the time of the event before."""
        silent = "actor = NULL, request_id = NULL, changes = NULL"
        before = "SELECT time FROM events AS other WHERE other.number < events.number"
        before += f" AND NOT {self._untimely} ORDER BY number DESC LIMIT 1"
        with database.repair():
            database.execute_sql(f"UPDATE events SET {silent} WHERE {self._wrong}")
            timely = f"UPDATE events SET time = coalesce(({before}), 0) WHERE {self._untimely}"
            database.execute_sql(timely)
            database.erase_from_log()
