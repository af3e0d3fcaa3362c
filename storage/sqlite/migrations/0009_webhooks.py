"""Add webhooks, what became of their deliveries, and which process delivers."""

from typing import Any


def up(_migrator: Any, database: Any) -> None:
    """Add the tables, which are empty."""
    for statement in STATEMENTS:
        database.execute_sql(statement)


STATEMENTS = (
    # `after` is the number of the last event that a webhook is done with.
    """CREATE TABLE webhooks (
    id BLOB NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    events TEXT NOT NULL,
    description TEXT,
    active INTEGER NOT NULL,
    reason TEXT,
    secret TEXT NOT NULL,
    old_secrets TEXT NOT NULL,
    after INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    next_try INTEGER,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID""",
    """CREATE TABLE deliveries (
    number INTEGER NOT NULL PRIMARY KEY,
    webhook_id BLOB NOT NULL,
    message_id TEXT NOT NULL,
    event INTEGER,
    type TEXT NOT NULL,
    record_id BLOB,
    time INTEGER NOT NULL,
    status INTEGER,
    error TEXT,
    milliseconds INTEGER NOT NULL,
    answer TEXT NOT NULL,
    next_try INTEGER
) STRICT""",
    "CREATE INDEX delivery_webhook_id ON deliveries (webhook_id, number)",
    "CREATE INDEX delivery_record_id ON deliveries (record_id)",
    "CREATE TABLE lease (holder TEXT NOT NULL, until INTEGER NOT NULL) STRICT",
)
