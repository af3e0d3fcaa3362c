"""The only SQLite library of this process: the one that Peewee uses.

That is pysqlite3 if it is installed, otherwise the standard library's. Any code that opens a
database must import it from here. Two SQLite libraries in one process drop each other's locks:
https://www.sqlite.org/howtocorrupt.html#_multiple_copies_of_sqlite_linked_into_the_same_application
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    from peewee import sqlite3

__all__ = ["sqlite3"]
