"""The call that tells whether the service is up."""

from typing import Any

import peewee
from flask import current_app

from leadbook import answers
from leadbook.database import current
from leadbook.routes.operations import Operations

blueprint = Operations("health", __name__, description="Is it up?")


@blueprint.read("/health", answers.Health, also={503: answers.Health})
def get_health() -> tuple[dict[str, Any], int]:
    """Tell whether the service is up, which version it is, and whether its database is usable.

    503, with the same body, where the database is not.
    """
    try:
        current.execute_sql("SELECT 1 FROM leads LIMIT 1")
    except peewee.DatabaseError:
        ok, message = False, "The database cannot be read."
    else:
        ok, message = True, "The database can be read."
    health = {
        "status": "ok" if ok else "failing",
        "version": current_app.config["API_VERSION"],
        "database": {"ok": ok, "message": message},
    }
    return health, 200 if ok else 503
