"""The calls that return the state of the service."""

from typing import Any

import peewee
from flask import current_app

from leadbook.access.fronting import is_last_try
from leadbook.storage.database import current
from leadbook.storage.sqlite.schema import indexes
from leadbook.storage.sqlite.search_index import SearchIndex
from leadbook.storage.system import statvfs
from leadbook.web import health
from leadbook.web.operations import Operations

# The messages of SQLite that contain no path and no statement.
_SAFE = (
    "the file has been removed",
    "the file has been replaced",
    "database is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database file",
    "attempt to write a readonly database",
    "database disk image is malformed",
    "file is not a database",
    "interrupted",
)

# Enough for the log of a large write, and for the time until an operator reacts.
LEAST_FREE_BYTES = 64 * 1024 * 1024

Part = dict[str, Any]

blueprint = Operations("health", __name__, description="The state of the service.")


@blueprint.read("/health", health.Health, also={503: health.Health})
def get_health() -> tuple[Part, int]:
    """Return the version, and whether the database can be used.

    The status is 503, with the same body, if the database or its search index cannot be used.
    """
    return _answer({"database": _worst(_database(), _search_index())})


@blueprint.read("/health/live", health.Live)
def get_live() -> tuple[Part, int]:
    """Show that the process answers.

    This call does not use the database. If it fails, restart the process.
    """
    return _answer({})


@blueprint.read("/health/ready", health.Ready, also={503: health.Ready})
def get_ready() -> tuple[Part, int]:
    """Return whether the database, the search index and the disk are ready for requests.

    The status is 503, with the same body, if one of them fails. Send no requests until it recovers.
    """
    return _answer({"database": _database(), "search_index": _search_index(), "disk": _disk()})


def _answer(parts: dict[str, Part]) -> tuple[Part, int]:
    ok = all(part["ok"] for part in parts.values())
    version = current_app.config["API_VERSION"]
    return {"status": "ok" if ok else "failing", "version": version, **parts}, 200 if ok else 503


def _worst(*parts: Part) -> Part:
    return next((part for part in parts if not part["ok"]), parts[0])


def _database() -> Part:
    try:
        current.execute_sql("SELECT number FROM events LIMIT 1")
        if current.fault:
            current.probe()
    except peewee.DatabaseError as error:
        # Any other message may contain a path or a statement.
        is_safe = str(error) in _SAFE
        if not is_safe and is_last_try():
            current_app.logger.error("The database cannot be used.", exc_info=error)
        told = error if is_safe else "see the log"
        return _part(False, f"The database cannot be used: {told}.")
    return _part(True, "The database can be read and written.")


def _search_index() -> Part:
    try:
        for name in indexes(current.execute_sql):
            SearchIndex(current, name).look_up()
    except peewee.DatabaseError:
        database = _database()
        if not database["ok"]:
            # The fault is not in the index.
            return database
        message = "The search index cannot be used; `leadbook check --repair` rebuilds it."
        return _part(False, message)
    return _part(True, "The search index can be used.")


def _disk() -> Part:
    try:
        free = statvfs(str(current.path.parent))
    except OSError:
        return _part(False, "The folder of the database is gone.")
    megabytes = free.f_bavail * free.f_frsize // 1024**2
    ok = megabytes * 1024**2 >= LEAST_FREE_BYTES
    return _part(ok, f"{megabytes:,} MiB are free on the disk of the database.")


def _part(ok: bool, message: str) -> Part:
    return {"ok": ok, "message": message}
