"""Connections that end with their threads, and are left alone after a fork."""

import os

from leadbook.sqlite import sqlite3


class ThreadsConnection:
    """Closes a connection when the thread that opened it ends, and never after a fork.

    The connection itself cannot: its statement cache is a reference cycle, which waits for the
    garbage collector.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.process = os.getpid()

    def __del__(self) -> None:
        # "Do not even call sqlite3_close() from a child process":
        # https://www.sqlite.org/howtocorrupt.html#_carrying_an_open_database_across_a_fork
        if self.process == os.getpid():
            self.connection.close()
        else:
            _inherited.append(self.connection)


_inherited: list[sqlite3.Connection] = []
