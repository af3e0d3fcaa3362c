"""Add follow-ups, tickets and their comments, and what people show about their follow-ups."""

from typing import Any


def up(_migrator: Any, database: Any) -> None:
    """Add the tables, which are empty, and the columns; SQLite writes no row for their defaults.

    Only an index of the names is written again.
    """
    for statement in STATEMENTS:
        database.execute_sql(statement)


def _beside(table: str, one: str, counted_by: str, type_: str, *, texts: bool) -> tuple[str, ...]:
    """Return the statements of the counts and the search texts of a table, and their triggers."""
    forget = f"DELETE FROM {one}_texts WHERE number = old.number;" if texts else ""
    text = (
        f"CREATE TABLE {one}_texts (number INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT"
    )
    count = f"INSERT INTO {one}_counts VALUES (new.{counted_by}, 1) ON CONFLICT DO UPDATE SET count = count + 1"
    uncount = f"UPDATE {one}_counts SET count = count - 1 WHERE {counted_by} = old.{counted_by}"
    key = f"{counted_by} {type_} NOT NULL PRIMARY KEY"
    return (
        f"CREATE TABLE {one}_counts ({key}, count INTEGER NOT NULL) STRICT, WITHOUT ROWID",
        *([text] if texts else ()),
        f"CREATE TRIGGER {table}_count_new AFTER INSERT ON {table} BEGIN {count}; END",
        f"""CREATE TRIGGER {table}_count_changed AFTER UPDATE OF {counted_by} ON {table}
 WHEN old.{counted_by} <> new.{counted_by} BEGIN {uncount}; {count}; END""",
        f"""CREATE TRIGGER {table}_forget AFTER DELETE ON {table} BEGIN
 {uncount}; {forget} END""",
    )


def _indexes(table: str, one: str, *columns: str) -> tuple[str, ...]:
    """Return the statements of the indexes by which a list is sorted, for each status and all."""
    sorts = [*columns, *(f"status, {each}" for each in columns)]
    named = [(each.replace(", ", "_"), each) for each in sorts]
    return (
        f"CREATE UNIQUE INDEX {one}_id ON {table} (id)",
        *(f"CREATE INDEX {one}_{name}_id ON {table} ({each}, id)" for name, each in named),
    )


_DAY_MS = 86_400_000


def _day_counts(table: str, one: str) -> tuple[str, ...]:
    """Return the statements that count what is to do on each day (of UTC), without empty days."""
    tests = {row: f"{row}.status = 'open' AND {row}.paused = 0" for row in ("old", "new")}
    days = {row: f"{row}.due_at / {_DAY_MS}" for row in tests}
    count = f"""INSERT INTO {one}_days SELECT {days["new"]}, 1 WHERE {tests["new"]}
 ON CONFLICT DO UPDATE SET count = count + 1"""
    uncount = f"""UPDATE {one}_days SET count = count - 1 WHERE day = {days["old"]} AND {tests["old"]};
 DELETE FROM {one}_days WHERE day = {days["old"]} AND count = 0"""
    return (
        f"CREATE TABLE {one}_days (day INTEGER NOT NULL PRIMARY KEY, count INTEGER NOT NULL) STRICT",
        f"CREATE TRIGGER {table}_day_new AFTER INSERT ON {table} BEGIN {count}; END",
        f"""CREATE TRIGGER {table}_day_changed AFTER UPDATE OF status, paused, due_at ON {table} BEGIN
 {uncount}; {count}; END""",
        f"CREATE TRIGGER {table}_day_gone AFTER DELETE ON {table} BEGIN {uncount}; END",
    )


# As storage/columns.py has them.
_NEVER = 2**53
_IS_PLANNED = f"next_follow_up_at < {_NEVER}"
# Two indexes have the names instead of one. So few people without a follow-up are found, although
# no index more has them, which would make a file larger and each new lead slower.
_HALVES = {
    "planned": f"next_follow_up_at <> {_NEVER}",
    "unplanned": f"next_follow_up_at = {_NEVER}",
}
_OF_ALL = """number INTEGER NOT NULL PRIMARY KEY{},
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL"""
_OF_PERSON = """lead_id BLOB,
    client_id BLOB"""
# As storage/events.py has it.
_FORMER = """iif(instr(changes, '"{0}":["'), substr(changes, instr(changes, '"{0}":["') + {1}, 36), NULL)"""

STATEMENTS = (
    f"""CREATE TABLE follow_ups (
    {_OF_ALL.format("")},
    {_OF_PERSON},
    type TEXT NOT NULL,
    subject TEXT NOT NULL,
    notes TEXT,
    due_at INTEGER NOT NULL,
    remind_at INTEGER,
    assignee TEXT,
    status TEXT NOT NULL,
    outcome TEXT,
    done_at INTEGER,
    paused INTEGER NOT NULL,
    reminded INTEGER NOT NULL
) STRICT""",
    *_indexes("follow_ups", "follow_up", "due_at", "created_at", "updated_at"),
    *_beside("follow_ups", "follow_up", "status", "TEXT", texts=True),
    *_day_counts("follow_ups", "follow_up"),
    "CREATE INDEX follow_up_lead ON follow_ups (lead_id, status, due_at) WHERE lead_id IS NOT NULL",
    "CREATE INDEX follow_up_client ON follow_ups (client_id, status, due_at) WHERE client_id IS NOT NULL",
    # With all that the lists of what is due read, so that SQLite chooses it and reads no row. Most
    # follow-ups are done, and so not in it.
    """CREATE INDEX follow_up_due ON follow_ups (paused, status, due_at, id, assignee, type)
 WHERE status = 'open' AND paused = 0""",
    """CREATE INDEX follow_up_reminder ON follow_ups (coalesce(remind_at, due_at))
 WHERE status = 'open' AND paused = 0 AND reminded = 0""",
    # Without AUTOINCREMENT, the number of the last ticket would be used again once that is erased.
    f"""CREATE TABLE tickets (
    {_OF_ALL.format(" AUTOINCREMENT")},
    {_OF_PERSON},
    subject TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL,
    priority INTEGER NOT NULL,
    requester_email TEXT,
    requester_key TEXT,
    assignee TEXT,
    tags TEXT NOT NULL,
    resolved_at INTEGER,
    closed_at INTEGER,
    comment_count INTEGER NOT NULL
) STRICT""",
    *_indexes("tickets", "ticket", "created_at", "updated_at", "priority"),
    *_beside("tickets", "ticket", "status", "TEXT", texts=True),
    "CREATE INDEX ticket_status ON tickets (status)",
    "CREATE INDEX ticket_lead ON tickets (lead_id) WHERE lead_id IS NOT NULL",
    "CREATE INDEX ticket_client ON tickets (client_id) WHERE client_id IS NOT NULL",
    """CREATE INDEX ticket_requester ON tickets (coalesce(requester_key, requester_email))
 WHERE requester_email IS NOT NULL""",
    # Whom a record belonged to: erasing that person must find it. Few events have moved one.
    *(
        f"CREATE INDEX event_{name} ON events ({former}) WHERE {former} IS NOT NULL"
        for name, former in (
            ("former_lead", _FORMER.format("leadId", 11)),
            ("former_client", _FORMER.format("clientId", 13)),
        )
    ),
    f"""CREATE TABLE comments (
    {_OF_ALL.format("")},
    ticket_id BLOB NOT NULL,
    text TEXT NOT NULL,
    author TEXT,
    internal INTEGER NOT NULL
) STRICT""",
    "CREATE UNIQUE INDEX comment_id ON comments (id)",
    "CREATE INDEX comment_created_at_id ON comments (created_at, id)",
    "CREATE INDEX comment_ticket ON comments (ticket_id, created_at, id)",
    # A search for what comments say is one of their tickets.
    *_beside("comments", "comment", "internal", "INTEGER", texts=False),
    *(
        statement
        for table, one in (("leads", "lead"), ("clients", "client"))
        for statement in (
            f"ALTER TABLE {table} ADD COLUMN open_follow_ups INTEGER NOT NULL DEFAULT 0",
            f"ALTER TABLE {table} ADD COLUMN next_follow_up_at INTEGER NOT NULL DEFAULT {_NEVER}",
            # Only of those that have one: most have none, and would make the file 6 % larger.
            f"CREATE INDEX {one}_next_follow_up_at_id ON {table} (next_follow_up_at, id) WHERE {_IS_PLANNED}",
            f"""CREATE INDEX {one}_status_next_follow_up_at_id
 ON {table} (status, next_follow_up_at, id) WHERE {_IS_PLANNED}""",
            f"DROP INDEX {one}_status_name_key_id",
            *(
                f"CREATE INDEX {one}_{half}_name_key_id ON {table} (status, name_key, id) WHERE {test}"
                for half, test in _HALVES.items()
            ),
        )
    ),
)
