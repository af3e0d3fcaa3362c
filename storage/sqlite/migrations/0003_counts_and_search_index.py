"""Keep ids and times in fewer bytes, counts beside the rows, and what is searched in an index."""

from typing import Any

_COPIED = "name, email, phone, company, source, notes, version, status"
_IDS = {"leads": ("id", "client_id"), "clients": ("id", "lead_id")}
_TIMES = {
    "leads": ("created_at", "updated_at", "converted_at"),
    "clients": ("created_at", "updated_at", "archived_at"),
}
_OWN = {"leads": "score", "clients": "name_key"}


def up(_migrator: Any, database: Any) -> None:
    """Make the tables anew, as they were made for a new file of version 3, and move the rows."""
    database.register_function(_bytes_of, "bytes_of", 1)
    for table in _OWN:
        database.execute_sql(f"ALTER TABLE {table} RENAME TO old_{table}")
        of_table = (
            "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = ? AND sql > ''"
        )
        for (index,) in database.execute_sql(of_table, (f"old_{table}",)).fetchall():
            database.execute_sql(f"DROP INDEX {index}")
    for statement in STATEMENTS:
        database.execute_sql(statement)
    for table, own in _OWN.items():
        _move(database, table, own)


def _move(database: Any, table: str, own: str) -> None:
    same = f"{_COPIED}, {own}"
    ids, times = ", ".join(_IDS[table]), ", ".join(_TIMES[table])
    id_bytes = ", ".join(f"bytes_of({each})" for each in _IDS[table])
    milliseconds = ", ".join(
        f"strftime('%s', {each}) * 1000 + substr({each}, 21, 3)" for each in _TIMES[table]
    )
    database.execute_sql(
        f"INSERT INTO {table} (number, {same}, {ids}, {times}, email_key)"
        f" SELECT rowid, {same}, {id_bytes}, {milliseconds}, nullif(email_key, email)"
        f" FROM old_{table} ORDER BY rowid"
    )
    texts = f"{table[:-1]}_texts"
    database.execute_sql(
        f"INSERT INTO {texts} (number, text) SELECT rowid, search_text FROM old_{table} ORDER BY rowid"
    )
    database.execute_sql(f"DROP TABLE old_{table}")


def _bytes_of(id: str | None) -> bytes | None:
    return None if id is None else bytes.fromhex(id.replace("-", ""))


STATEMENTS = (
    'CREATE TABLE "clients" ("number" INTEGER NOT NULL PRIMARY KEY, "id" BLOB NOT NULL, "name" TEXT NOT NULL, "email" TEXT NOT NULL, "phone" TEXT, "company" TEXT, "source" TEXT, "notes" TEXT, "version" INTEGER NOT NULL, "created_at" INTEGER NOT NULL, "updated_at" INTEGER NOT NULL, "email_key" TEXT, "status" TEXT NOT NULL, "lead_id" BLOB, "archived_at" INTEGER, "name_key" TEXT NOT NULL) STRICT',
    'CREATE UNIQUE INDEX "client_id" ON "clients" ("id")',
    'CREATE INDEX "client_created_at_id" ON "clients" ("created_at", "id")',
    'CREATE INDEX "client_updated_at_id" ON "clients" ("updated_at", "id")',
    'CREATE INDEX "client_name_key_id" ON "clients" ("name_key", "id")',
    'CREATE INDEX "client_status_created_at_id" ON "clients" ("status", "created_at", "id")',
    'CREATE INDEX "client_status_updated_at_id" ON "clients" ("status", "updated_at", "id")',
    'CREATE INDEX "client_status_name_key_id" ON "clients" ("status", "name_key", "id")',
    'CREATE TABLE "leads" ("number" INTEGER NOT NULL PRIMARY KEY, "id" BLOB NOT NULL, "name" TEXT NOT NULL, "email" TEXT NOT NULL, "phone" TEXT, "company" TEXT, "source" TEXT, "notes" TEXT, "version" INTEGER NOT NULL, "created_at" INTEGER NOT NULL, "updated_at" INTEGER NOT NULL, "email_key" TEXT, "status" TEXT NOT NULL, "score" INTEGER NOT NULL, "client_id" BLOB, "converted_at" INTEGER) STRICT',
    'CREATE UNIQUE INDEX "lead_id" ON "leads" ("id")',
    'CREATE INDEX "lead_created_at_id" ON "leads" ("created_at", "id")',
    'CREATE INDEX "lead_updated_at_id" ON "leads" ("updated_at", "id")',
    'CREATE INDEX "lead_score_id" ON "leads" ("score", "id")',
    'CREATE INDEX "lead_status_created_at_id" ON "leads" ("status", "created_at", "id")',
    'CREATE INDEX "lead_status_updated_at_id" ON "leads" ("status", "updated_at", "id")',
    'CREATE INDEX "lead_status_score_id" ON "leads" ("status", "score", "id")',
    "CREATE UNIQUE INDEX client_active_email ON clients (coalesce(email_key, email)) WHERE status = 'active'",
    "CREATE INDEX lead_email ON leads (coalesce(email_key, email))",
    "CREATE INDEX lead_client ON leads (client_id) WHERE client_id IS NOT NULL",
    "CREATE TABLE lead_counts (status TEXT NOT NULL PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TRIGGER leads_count_new AFTER INSERT ON leads BEGIN
 INSERT INTO lead_counts VALUES (new.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END""",
    """CREATE TRIGGER leads_count_changed AFTER UPDATE OF status ON leads WHEN old.status <> new.status BEGIN
 UPDATE lead_counts SET count = count - 1 WHERE status = old.status;
 INSERT INTO lead_counts VALUES (new.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END""",
    """CREATE TRIGGER leads_forget AFTER DELETE ON leads BEGIN
 UPDATE lead_counts SET count = count - 1 WHERE status = old.status;
 DELETE FROM lead_texts WHERE number = old.number;
END""",
    "CREATE TABLE lead_texts (number INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT",
    "CREATE VIRTUAL TABLE lead_search USING fts5 (text, content = 'lead_texts', content_rowid = 'number', tokenize = 'trigram case_sensitive 1', columnsize = 0)",
    """CREATE TRIGGER lead_texts_new AFTER INSERT ON lead_texts BEGIN
 INSERT INTO lead_search (rowid, text) VALUES (new.number, new.text);
END""",
    """CREATE TRIGGER lead_texts_changed AFTER UPDATE OF text ON lead_texts BEGIN
 INSERT INTO lead_search (lead_search, rowid, text) VALUES ('delete', old.number, old.text);
 INSERT INTO lead_search (rowid, text) VALUES (new.number, new.text);
END""",
    """CREATE TRIGGER lead_texts_gone AFTER DELETE ON lead_texts BEGIN
 INSERT INTO lead_search (lead_search, rowid, text) VALUES ('delete', old.number, old.text);
END""",
    "CREATE INDEX client_email ON clients (coalesce(email_key, email))",
    "CREATE INDEX client_lead ON clients (lead_id) WHERE lead_id IS NOT NULL",
    "CREATE TABLE client_counts (status TEXT NOT NULL PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    """CREATE TRIGGER clients_count_new AFTER INSERT ON clients BEGIN
 INSERT INTO client_counts VALUES (new.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END""",
    """CREATE TRIGGER clients_count_changed AFTER UPDATE OF status ON clients WHEN old.status <> new.status BEGIN
 UPDATE client_counts SET count = count - 1 WHERE status = old.status;
 INSERT INTO client_counts VALUES (new.status, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END""",
    """CREATE TRIGGER clients_forget AFTER DELETE ON clients BEGIN
 UPDATE client_counts SET count = count - 1 WHERE status = old.status;
 DELETE FROM client_texts WHERE number = old.number;
END""",
    "CREATE TABLE client_texts (number INTEGER NOT NULL PRIMARY KEY, text TEXT NOT NULL) STRICT",
    "CREATE VIRTUAL TABLE client_search USING fts5 (text, content = 'client_texts', content_rowid = 'number', tokenize = 'trigram case_sensitive 1', columnsize = 0)",
    """CREATE TRIGGER client_texts_new AFTER INSERT ON client_texts BEGIN
 INSERT INTO client_search (rowid, text) VALUES (new.number, new.text);
END""",
    """CREATE TRIGGER client_texts_changed AFTER UPDATE OF text ON client_texts BEGIN
 INSERT INTO client_search (client_search, rowid, text) VALUES ('delete', old.number, old.text);
 INSERT INTO client_search (rowid, text) VALUES (new.number, new.text);
END""",
    """CREATE TRIGGER client_texts_gone AFTER DELETE ON client_texts BEGIN
 INSERT INTO client_search (client_search, rowid, text) VALUES ('delete', old.number, old.text);
END""",
)
