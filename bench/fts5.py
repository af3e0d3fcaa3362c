"""Read the structure of a full-text index, as FTS5 stores it."""

from leadbook.storage.sqlite.driver import sqlite3

# SQLite allows no more levels: FTS5_MAX_LEVEL in ext/fts5/fts5_index.c.
MOST_LEVELS = 65
_STRUCTURE_ROW = 10
_COOKIE_BYTES = 4
# Marks the newer of two layouts, which only adds fields after those that are read here.
_VERSION_2 = b"\xff\x00\x00\x01"


def levels(connection: sqlite3.Connection, index: str) -> int:
    """Return how many levels of segments the full-text index has.

    Its structure record begins with a cookie and, as varints, the number of levels, the number
    of segments and a counter of writes: fts5StructureDecode in ext/fts5/fts5_index.c.
    """
    sql = f"SELECT block FROM {index}_data WHERE id = {_STRUCTURE_ROW}"
    [(block,)] = connection.execute(sql).fetchall()
    return _varint(block[_COOKIE_BYTES:].removeprefix(_VERSION_2))


def _varint(record: bytes) -> int:
    """Return the number at the beginning of `record`.

    https://www.sqlite.org/fileformat.html#varint
    """
    number = 0
    for place, byte in enumerate(record[:9], 1):
        if place == 9:
            return number << 8 | byte
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            break
    return number
