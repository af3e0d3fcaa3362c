"""Connections that are closed with their owners, such as a thread, but not after a fork."""

import os
import weakref
from pathlib import Path
from typing import Any

from leadbook.storage.sqlite.driver import sqlite3


class ThreadsConnection:
    """Owns the connection of a thread. The thread's local storage owns this object."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        close_with(self, connection)


def close_with(owner: object, connection: sqlite3.Connection) -> None:
    """Close the connection when `owner` is freed, but never after a fork.

    The connection itself cannot be the owner: its statement cache is a reference cycle, which only
    the garbage collector frees. Python 3.13 warns then, before a `__del__` could close it.
    """
    weakref.finalize(owner, _close, connection, os.getpid()).atexit = False


def _close(connection: sqlite3.Connection, process: int) -> None:
    # "Do not even call sqlite3_close() from a child process":
    # https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_across_a_fork
    if process == os.getpid():
        connection.close()
    else:
        _inherited.append(connection)


_inherited: list[sqlite3.Connection] = []


# After a fork, each of these forgets its connections.
all_databases: weakref.WeakSet[Any] = weakref.WeakSet()


def is_open_here(path: Path) -> bool:
    """Return whether this process has the file open as a database, and so has checked it."""
    status = path.stat()
    return any(each.is_file(status) for each in list(all_databases))


def _forget_connections_after_fork() -> None:
    for database in all_databases:
        database.forget_connections()


os.register_at_fork(after_in_child=_forget_connections_after_fork)
