"""Which database the running code means. A ContextVar, since one process may hold several apps."""

from contextvars import ContextVar
from typing import Any

import peewee

# Database.use sets it.
in_use: ContextVar[peewee.Database | None] = ContextVar("leadbook_database", default=None)


class _CurrentDatabase(peewee.DatabaseProxy):
    """The database in use."""

    def initialize(self, obj: object) -> None:
        """Do nothing: `Database.use` says which one."""

    @property
    def obj(self) -> peewee.Database | None:
        return in_use.get()


current: Any = _CurrentDatabase()
