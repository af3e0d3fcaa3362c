"""Make the search index anew, which erasures had broken, and keep the time of the last write."""

from typing import Any

_SHADOW_TABLES = ("data", "idx", "docsize", "config", "content")


def up(_migrator: Any, database: Any) -> None:
    """Drop each index in whatever state it is, and make it as a new file of version 5 has it."""
    for one in ("lead", "client"):
        for each in ("new", "changed", "gone"):
            database.execute_sql(f"DROP TRIGGER IF EXISTS {one}_texts_{each}")
        # DROP TABLE opens the index first, and fails where it cannot be opened.
        database.execute_sql("PRAGMA writable_schema = ON")
        database.execute_sql("DELETE FROM sqlite_master WHERE name = ?", (f"{one}_search",))
        database.execute_sql("PRAGMA writable_schema = RESET")
        for each in _SHADOW_TABLES:
            database.execute_sql(f"DROP TABLE IF EXISTS {one}_search_{each}")
        for statement in STATEMENTS:
            database.execute_sql(statement.format(one=one))
    [(number,)] = database.execute_sql("SELECT number FROM changes")
    # Not those that are still to come: an import keeps the times of its file.
    [(time,)] = database.execute_sql(
        "SELECT ifnull(max(updated_at), 0) FROM"
        " (SELECT updated_at FROM leads UNION ALL SELECT updated_at FROM clients)"
        " WHERE updated_at <= strftime('%s', 'now') * 1000"
    )
    database.execute_sql("DROP TABLE changes")
    database.execute_sql(
        "CREATE TABLE changes (number INTEGER NOT NULL, time INTEGER NOT NULL) STRICT"
    )
    database.execute_sql("INSERT INTO changes VALUES (?, ?)", (number, time))


STATEMENTS = (
    "CREATE VIRTUAL TABLE {one}_search USING fts5 (text, content = '{one}_texts', content_rowid = 'number', tokenize = 'trigram case_sensitive 1', columnsize = 0)",
    "INSERT INTO {one}_search ({one}_search) VALUES ('rebuild')",
    """CREATE TRIGGER {one}_texts_new AFTER INSERT ON {one}_texts BEGIN
 INSERT INTO {one}_search (rowid, text) VALUES (new.number, new.text);
END""",
    """CREATE TRIGGER {one}_texts_changed AFTER UPDATE OF text ON {one}_texts BEGIN
 INSERT INTO {one}_search ({one}_search, rowid, text) VALUES ('delete', old.number, old.text);
 INSERT INTO {one}_search (rowid, text) VALUES (new.number, new.text);
END""",
    """CREATE TRIGGER {one}_texts_gone AFTER DELETE ON {one}_texts BEGIN
 INSERT INTO {one}_search ({one}_search, rowid, text) VALUES ('delete', old.number, old.text);
END""",
)
