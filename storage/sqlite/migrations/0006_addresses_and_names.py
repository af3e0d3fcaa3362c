"""Compare addresses by the ASCII form of their domains, search without accents, sort leads by name.

The keys are those of the running code: if the code changes them, a later script derives them again.
"""

from typing import Any

from leadbook.storage.sqlite.search_index import SearchIndex
from leadbook.storage.text import address_key, fold_for_search


def up(_migrator: Any, database: Any) -> None:
    """Derive what depends on text again; rows in ASCII are only written if they get a new column."""
    database.register_function(address_key, "address_key", 1, deterministic=True)
    database.register_function(fold_for_search, "folded", 1, deterministic=True)
    for statement in STATEMENTS:
        database.execute_sql(statement)
    for one in ("lead", "client"):
        _fold_texts(database, one)


def _fold_texts(database: Any, one: str) -> None:
    """Fold the search texts again, and remove the search index if any text changes.

    A new index, which upgrade.py adds, takes less time than changing one text in thirty. A damaged
    one would also fail here.
    """
    changed = f"{_is_beyond_ascii('text')} AND text <> folded(text)"
    any_text = f"SELECT 1 FROM {one}_texts WHERE {changed} LIMIT 1"
    if database.execute_sql(any_text).fetchone():
        SearchIndex(database, f"{one}_search").remove()
        database.execute_sql(f"UPDATE {one}_texts SET text = folded(text) WHERE {changed}")


def _is_beyond_ascii(column: str) -> str:
    # octet_length() is newer than the oldest SQLite that we support.
    return f"length(CAST({column} AS BLOB)) <> length({column})"


_KEY = "nullif(address_key(email), email)"
_BY_ADDRESS = "coalesce(email_key, email)"

STATEMENTS = (
    # Sorted once, instead of being changed row by row.
    "DROP INDEX lead_email",
    "ALTER TABLE leads ADD COLUMN name_key TEXT NOT NULL DEFAULT ''",
    f"UPDATE leads SET name_key = folded(name), email_key = {_KEY}",
    f"CREATE INDEX lead_email ON leads ({_BY_ADDRESS})",
    "CREATE INDEX lead_name_key_id ON leads (name_key, id)",
    "CREATE INDEX lead_status_name_key_id ON leads (status, name_key, id)",
    # Clients have both keys already.
    f"UPDATE clients SET name_key = folded(name) WHERE {_is_beyond_ascii('name')}",
    "ALTER TABLE clients ADD COLUMN shares_address INTEGER NOT NULL DEFAULT 0",
    "DROP INDEX client_active_email",
    f"""CREATE TEMP TABLE moved AS SELECT number, address_key(email) AS key FROM clients
 WHERE {_is_beyond_ascii("email")} AND {_BY_ADDRESS} <> address_key(email)""",
    f"UPDATE clients SET email_key = {_KEY} WHERE number IN (SELECT number FROM moved)",
    # Of the active clients that have one address now, one keeps it: the one that had its key
    # before, or else the oldest. The others share it.
    f"""UPDATE clients SET shares_address = 1 WHERE number IN (
 SELECT number FROM (
  SELECT number, row_number() OVER (
   PARTITION BY {_BY_ADDRESS} ORDER BY number IN (SELECT number FROM moved), created_at, id
  ) AS place
  FROM clients WHERE status = 'active' AND {_BY_ADDRESS} IN (SELECT key FROM moved)
 ) WHERE place > 1
)""",
    "DROP TABLE moved",
    # A client that only shares its address is in nobody's way, until a person decides.
    f"CREATE UNIQUE INDEX client_active_email ON clients ({_BY_ADDRESS}) WHERE status = 'active' AND NOT shares_address",
    "CREATE INDEX client_shares_address ON clients (shares_address) WHERE shares_address",
)
