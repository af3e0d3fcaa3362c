"""An import that takes a while, and how far it is."""

import time
from contextlib import closing

from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.opening import open_database


def many_rows(path, count):
    with path.open("w") as opened:
        opened.write("name,email\n")
        opened.writelines(f"Name {number},n{number}@a.test\n" for number in range(count))
    return path


def wait_for_rows(database, process):
    """Wait until a batch has been kept: another process writes it, so that there is only asking."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None
        if database.exists() and count_of(database):
            return
        time.sleep(0.01)
    raise AssertionError("nothing is imported")


def count_of(database):
    with closing(open_database(database, Clock())) as opened, opened.use():
        return opened.execute_sql("SELECT count(*) FROM leads").fetchone()[0]
