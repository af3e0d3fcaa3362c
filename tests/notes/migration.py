"""Make the table of notes: storage/sqlite/migrations/0006_notes.py of tests/test_resource.py."""

from typing import Any


def up(_migrator: Any, database: Any) -> None:
    """Make the table and what stands beside it."""
    for statement in STATEMENTS:
        database.execute_sql(statement)


STATEMENTS = (
    """CREATE TABLE notes (
    number INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    subject TEXT NOT NULL,
    subject_key TEXT NOT NULL,
    text TEXT,
    text_key TEXT,
    flag INTEGER NOT NULL,
    rank_by INTEGER NOT NULL,
    mood TEXT NOT NULL
) STRICT""",
    "CREATE UNIQUE INDEX note_id ON notes (id)",
    "CREATE INDEX note_created_at_id ON notes (created_at, id)",
    "CREATE TABLE note_counts (flag INTEGER NOT NULL PRIMARY KEY, count INTEGER NOT NULL) STRICT",
    "CREATE TABLE note_texts (number INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT",
    """CREATE TRIGGER notes_count_new AFTER INSERT ON notes BEGIN
 INSERT INTO note_counts VALUES (new.flag, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END""",
    """CREATE TRIGGER notes_count_changed AFTER UPDATE OF flag ON notes
WHEN old.flag <> new.flag BEGIN
 UPDATE note_counts SET count = count - 1 WHERE flag = old.flag;
 INSERT INTO note_counts VALUES (new.flag, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END""",
    """CREATE TRIGGER notes_forget AFTER DELETE ON notes BEGIN
 UPDATE note_counts SET count = count - 1 WHERE flag = old.flag;
 DELETE FROM note_texts WHERE number = old.number;
END""",
)
