"""The databases that this process has open: which files they are, and what a fork does to them."""

import os
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadbook.database import Database

all_databases: "weakref.WeakSet[Database]" = weakref.WeakSet()


def is_open_here(path: Path) -> bool:
    """Return whether a database of this process, checked when it was opened, is this file."""
    status = path.stat()
    return any(each.is_file(status) for each in list(all_databases))


def _forget_connections_after_fork() -> None:
    for database in all_databases:
        database.forget_connections()


os.register_at_fork(after_in_child=_forget_connections_after_fork)
