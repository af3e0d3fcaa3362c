"""Begin the log of events with one for each record, which takes the place of its change number."""

from typing import Any


def up(_migrator: Any, database: Any) -> None:
    """Add an event for each record, in the order of the changes."""
    for statement in STATEMENTS:
        database.execute_sql(statement)


# Times rise with the numbers, which an imported time may not. None is still to come, since no later
# event may have an earlier one.
_TIME = "max(min(updated_at, strftime('%s', 'now') * 1000)) OVER (ORDER BY change_number, id)"
_RECORDS = " UNION ALL ".join(
    f"SELECT '{one}.created' AS type, id, version, updated_at, change_number FROM {one}s"
    for one in ("lead", "client")
)

STATEMENTS = (
    """CREATE TABLE events (
    number INTEGER NOT NULL PRIMARY KEY,
    time INTEGER NOT NULL,
    type TEXT NOT NULL,
    record_id BLOB NOT NULL,
    version INTEGER,
    actor TEXT,
    request_id TEXT,
    changes TEXT
) STRICT""",
    f"""INSERT INTO events (time, type, record_id, version)
 SELECT {_TIME}, type, id, version FROM ({_RECORDS}) ORDER BY change_number, id""",
    "CREATE INDEX event_record_id ON events (record_id)",
    "DROP INDEX lead_change_number_id_updated_at",
    "DROP INDEX client_change_number_id_updated_at",
    "ALTER TABLE leads DROP COLUMN change_number",
    "ALTER TABLE clients DROP COLUMN change_number",
    "DROP TABLE changes",
)
