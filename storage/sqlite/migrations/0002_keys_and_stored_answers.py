"""Add API keys and stored answers; fold what is searched the same in every script."""

import unicodedata
from typing import Any


def up(_migrator: Any, database: Any) -> None:
    """Make both tables, as they were made for a new file of version 2."""
    for statement in STATEMENTS:
        database.execute_sql(statement)
    for table, column in (
        ("leads", "search_text"),
        ("clients", "search_text"),
        ("clients", "name_key"),
    ):
        rows = database.execute_sql(f"SELECT id, {column} FROM {table}").fetchall()
        for id, text in rows:
            if not unicodedata.is_normalized("NFC", text):
                folded = unicodedata.normalize("NFC", text)
                database.execute_sql(f"UPDATE {table} SET {column} = ? WHERE id = ?", (folded, id))


STATEMENTS = (
    'CREATE TABLE "api_keys" ("name" TEXT NOT NULL PRIMARY KEY, "hash" TEXT NOT NULL, "scope" TEXT NOT NULL, "created_at" TEXT NOT NULL, "expires_at" TEXT, "revoked_at" TEXT) STRICT',
    'CREATE UNIQUE INDEX "apikey_hash" ON "api_keys" ("hash")',
    'CREATE TABLE "stored_answers" ("id" INTEGER NOT NULL PRIMARY KEY, "key" TEXT NOT NULL, "request" TEXT NOT NULL, "status" INTEGER NOT NULL, "body" BLOB NOT NULL, "content_type" TEXT NOT NULL, "etag" TEXT, "location" TEXT, "record_id" TEXT, "created_at" TEXT NOT NULL) STRICT',
    'CREATE UNIQUE INDEX "storedanswer_key" ON "stored_answers" ("key")',
    'CREATE INDEX "storedanswer_record_id" ON "stored_answers" ("record_id")',
    'CREATE INDEX "storedanswer_created_at" ON "stored_answers" ("created_at")',
)
