"""Which API keys count after a restore. A revoked key comes back only if the user says so."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.file_checks import DatabaseFileError, is_lock

# Name, hash, scope, and the times of creation, expiry and revocation.
Key = tuple[str, str, str, str, str | None, str | None]
# The user's choice if the keys of the replaced database cannot be read.
Choice = Literal["backup", "open"] | None

_ALL = "SELECT name, hash, scope, created_at, expires_at, revoked_at FROM api_keys ORDER BY name"
_EVERYBODY = "everybody who can reach the service could then read and write all records"


@dataclass(frozen=True)
class Keys:
    """The keys of a restored database; `are_kept` if they are those of the replaced one."""

    rows: list[Key]
    are_kept: bool


def describe(keys: Keys, now: str) -> str:
    """Return one line that says who can use the service of a restored database."""
    if not keys.rows:
        return (
            "It has no keys: everybody who can reach the service can read and write all records. "
            "`leadbook key create NAME` closes it."
        )
    origin = "It keeps the keys that it had"
    if not keys.are_kept:
        origin = "It has the keys of the backup; a key that was revoked since then works again"
    working = [row[0] for row in keys.rows if not row[5] and (row[4] is None or row[4] > now)]
    if not working:
        return f"{origin}. None of them is valid: create one with `leadbook key create NAME`."
    return f"{origin}. Every call needs a valid one: {', '.join(working)}."


def keys_after(replaced: Path, source: Path, saved: list[Key], choice: Choice) -> Keys:
    """Return the keys that count after the backup `source` has replaced the database `replaced`.

    A database that has keys keeps them; keys that only the backup has (`saved`) do not count. A key
    that either of them has revoked stays revoked. Raises DatabaseFileError if the keys cannot be
    read and `choice` does not fit.
    """
    try:
        kept = read_keys(replaced)
    except sqlite3.Error as error:
        if is_lock(error):
            message = f"{replaced} is in use ({error}); stop the server first."
            raise DatabaseFileError(message) from None
        _require_choice(replaced, source, saved, choice, error)
        return Keys(saved, are_kept=False)
    if not kept:
        # Without keys, it counts like a missing database.
        return Keys(saved, are_kept=False)
    # Compared by hash, since another key may have the same name.
    revoked = {row[1]: row[5] for row in saved}
    return Keys([(*row[:5], row[5] or revoked.get(row[1])) for row in kept], are_kept=True)


def _require_choice(
    replaced: Path, source: Path, saved: list[Key], choice: Choice, error: sqlite3.Error
) -> None:
    """Raise DatabaseFileError unless `choice` accepts the keys of the backup."""
    wanted: Choice = "backup" if saved else "open"
    if choice == wanted:
        return
    problem = f"Leadbook cannot read the keys of {replaced}, nor which are revoked ({error})"
    if saved:
        raise DatabaseFileError(
            f"{problem}. --keys-from-backup uses those of {source}: "
            "a key that was revoked after that backup would work again."
        )
    raise DatabaseFileError(
        f"{problem}, and {source} has no keys. --open restores without keys: {_EVERYBODY}."
    )


def store(keys: Keys, path: Path) -> None:
    """Store `keys` as the only keys of the database at `path`."""
    with closing(sqlite3.connect(path)) as connection, connection:
        # The other keys must leave no trace.
        connection.execute("PRAGMA secure_delete = 1")
        connection.execute("DELETE FROM api_keys")
        connection.executemany("INSERT INTO api_keys VALUES (?, ?, ?, ?, ?, ?)", keys.rows)


def read_keys(path: Path) -> list[Key]:
    """Return the keys. Raises sqlite3.Error if any of them cannot be read."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        [(version,)] = connection.execute("PRAGMA user_version")
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if version == 1 and "leads" in names and "api_keys" not in names:
            # Version 1 had no keys yet.
            return []
        # The check compares the keys with their index, so it finds a missing key.
        [(found,), *_] = connection.execute("PRAGMA integrity_check(api_keys)")
        if found != "ok":
            raise sqlite3.DatabaseError(found)
        return connection.execute(_ALL).fetchall()
