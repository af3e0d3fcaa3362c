"""Filled databases: made once for each kind of rows, kept in a cache, copied for each run."""

import hashlib
import json
import os
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from leadbook.bench import rows
from leadbook.models import Lead
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import open_database

CACHE = Path(__file__).parent / ".cache"
_ROWS_A_COMMIT = 10_000
_FIRST_ID_MS = 1_736_150_400_000


def leadbook_file(count: int, *, imported: bool = False) -> Path:
    """Return a Leadbook database with the rows."""
    return cached(
        f"leadbook-{count}{'-imported' if imported else ''}-{_schema()}.db",
        lambda path: _fill_leadbook(path, count, imported),
    )


def plain_file(count: int) -> Path:
    """Return a SQLite file with one plain table of the rows, for tools with their own SQL."""
    return cached(f"plain-{count}.db", lambda path: _fill_plain(path, count))


def json_file(count: int) -> Path:
    """Return the rows as a file for json-server."""

    def write(path: Path) -> None:
        with path.open("w", encoding="utf-8") as file:
            json.dump({"leads": list(rows.records(count))}, file)

    return cached(f"rows-{count}.json", write)


def cached(name: str, make: Callable[[Path], None]) -> Path:
    """Return the file that `make` writes; it is made again if rows.py has changed."""
    CACHE.mkdir(exist_ok=True)
    source = hashlib.sha256(Path(rows.__file__).read_bytes()).hexdigest()[:8]
    path = CACHE / f"{source}-{name}"
    if not path.exists():
        # An interrupted file must not look like a complete one.
        unfinished = path.with_name(f"unfinished-{path.name}")
        unfinished.unlink(missing_ok=True)
        make(unfinished)
        os.replace(unfinished, path)
    return path


def insert(connection: sqlite3.Connection, records: Iterable[dict[str, Any]]) -> None:
    """Insert records into the table `leads`, whose columns have the names of the API."""
    marks = ", ".join(f":{name}" for name in rows.FIELDS)
    with connection:
        connection.executemany(
            f"INSERT INTO leads ({', '.join(rows.FIELDS)}) VALUES ({marks})", records
        )


def _schema() -> str:
    """Return a short hash of the schema of an empty Leadbook database."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        open_database(path, Clock()).close()
        with closing(sqlite3.connect(path)) as connection:
            tables = connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
            version = connection.execute("PRAGMA user_version").fetchone()
            # This table says how the index erases; the SQL of the tables does not.
            index = connection.execute("SELECT * FROM lead_search_config ORDER BY k").fetchall()
    return hashlib.sha256(repr((tables, version, index)).encode()).hexdigest()[:8]


class RowClock(Clock):
    """Gives each row its own time; a normal clock gives all rows of a write the same time."""

    stamp = ""

    def now(self) -> str:
        """Return the time of the current row."""
        return self.stamp


def _fill_leadbook(path: Path, count: int, imported: bool) -> None:
    source = random.Random(count)
    ticks = iter(range(_FIRST_ID_MS, _FIRST_ID_MS + 3 * count + 1_000))
    clock = RowClock(lambda: next(ticks), source)
    database = open_database(path, clock)
    with database.use(), closing(database):
        for batch in _batches(rows.rows(count, imported=imported)):
            with database.write(clock):
                for clock.stamp, fields in batch:
                    Lead.create_from(fields)


def _batches(items: Iterator[rows.Row]) -> Iterator[list[rows.Row]]:
    while batch := list(islice(items, _ROWS_A_COMMIT)):
        yield batch


def _fill_plain(path: Path, count: int) -> None:
    columns = ", ".join(f"{name} INTEGER" if name in _NUMBERS else f"{name} TEXT" for name in _REST)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"CREATE TABLE leads (id TEXT PRIMARY KEY, {columns})")
        connection.execute("CREATE INDEX leads_created ON leads (createdAt, id)")
        insert(connection, rows.records(count))


_NUMBERS = ("score", "version")
_REST = rows.FIELDS[1:]
