"""The call that tells whether the service is up."""

from typing import Any

import peewee
from flask import current_app

from leadbook import answers
from leadbook.current_database import current
from leadbook.routes.operations import Operations

_SAFE = {
    words: words
    for words in (
        "the file has been removed",
        "the file has been replaced",
        "database is locked",
        "database or disk is full",
        "disk I/O error",
        "unable to open database file",
        "attempt to write a readonly database",
        "database disk image is malformed",
        "file is not a database",
    )
}

blueprint = Operations("health", __name__, description="Is it up?")


@blueprint.read("/health", answers.Health, also={503: answers.Health})
def get_health() -> tuple[dict[str, Any], int]:
    """Tell whether the service is up, which version it is, and whether its database is usable.

    503, with the same body, where the database is not.
    """
    try:
        current.execute_sql("SELECT 1 FROM leads LIMIT 1")
        if current.fault:
            current.probe()
        ok, message = True, "The database can be read and written."
    except peewee.DatabaseError as error:
        # Only what SQLite says of itself, for others may hold a path or a statement.
        ok, message = False, f"The database cannot be used: {_SAFE.get(str(error), 'see the log')}."
    health = {
        "status": "ok" if ok else "failing",
        "version": current_app.config["API_VERSION"],
        "database": {"ok": ok, "message": message},
    }
    return health, 200 if ok else 503
