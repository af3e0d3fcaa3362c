"""Remove the search index, which erasures had broken, and keep the time of the last write."""

from typing import Any

from leadbook.storage.sqlite.search_index import SearchIndex


def up(_migrator: Any, database: Any) -> None:
    """Remove each index in whatever state it is; upgrade.py adds it after the last script."""
    for one in ("lead", "client"):
        SearchIndex(database, f"{one}_search").remove()
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
