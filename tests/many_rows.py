"""An import that takes a while, and how far it is."""

from contextlib import closing

from waiting import wait_until

from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.opening import open_database


def many_rows(path, count):
    with path.open("w") as opened:
        opened.write("name,email\n")
        opened.writelines(f"Name {number},n{number}@a.test\n" for number in range(count))
    return path


def wait_for_rows(database, process, least=1):
    """Wait until so many rows have been kept by a process that goes on."""

    def are_there():
        assert process.poll() is None
        return database.exists() and count_of(database) >= least

    wait_until(are_there)


def count_of(database):
    with closing(open_database(database, Clock())) as opened, opened.use():
        return opened.execute_sql("SELECT count(*) FROM leads").fetchone()[0]
