"""Number the writes, so that a list of changes can be followed."""

from typing import Any


def up(_migrator: Any, database: Any) -> None:
    """Give each row a number in the order of the changes, as new rows of version 4 have one."""
    for table in ("leads", "clients"):
        database.execute_sql(
            f'ALTER TABLE {table} ADD COLUMN "change_number" INTEGER NOT NULL DEFAULT 0'
        )
        ranked = (
            f"SELECT number AS n, row_number() OVER (ORDER BY updated_at, id) AS r FROM {table}"
        )
        database.execute_sql(
            f"UPDATE {table} SET change_number = r FROM ({ranked}) WHERE n = {table}.number"
        )
    for statement in STATEMENTS:
        database.execute_sql(statement)


STATEMENTS = (
    'CREATE INDEX "lead_change_number_id_updated_at" ON "leads" ("change_number", "id", "updated_at")',
    'CREATE INDEX "client_change_number_id_updated_at" ON "clients" ("change_number", "id", "updated_at")',
    "CREATE TABLE changes (number INTEGER NOT NULL) STRICT",
    "INSERT INTO changes SELECT max(0, (SELECT ifnull(max(change_number), 0) FROM leads), (SELECT ifnull(max(change_number), 0) FROM clients))",
)
