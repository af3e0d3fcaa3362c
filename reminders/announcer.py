"""Reminders: the event of each record whose time has come, on the clock of the app."""

import logging
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import peewee

from leadbook.models import RECORDS
from leadbook.storage.announcements import MOST, announce, next_time
from leadbook.storage.database import Database
from leadbook.storage.record import Record
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.stamps import Caller

# How soon it learns of a time that somebody has set, and how long it lets others write.
_LOOK_SECONDS, _REST_SECONDS = 1.0, 0.1
# It may wait for the database; the end of the server does not wait longer.
_LONGEST_END_SECONDS = 0.5
_UNAVAILABLE = (peewee.PeeweeException, sqlite3.Error, OSError)
_ANNOUNCED = [model for model in RECORDS if model.announcement]

_log = logging.getLogger("leadbook.reminders")


def announce_due(database: Database) -> int:
    """Announce all records whose time has come on the clock of `database`; return how many."""
    total = 0
    # Nobody has asked for it, even if this is in a request.
    with database.use(Caller):
        while count := _announce_some(database, _coming()):
            total += count
            if count >= MOST:
                database.let_others_write()
    return total


@contextmanager
def announcing(database: Database) -> Iterator[None]:
    """Announce records during the block when their time comes, in a thread."""
    announcer = Announcer(database)
    thread = threading.Thread(target=announcer.run, name="reminders", daemon=True)
    thread.start()
    try:
        yield
    finally:
        announcer.stop()
        thread.join(_LONGEST_END_SECONDS)


class Announcer:
    """Announces the records of `database` until `stop` is called.

    Every process that serves the file has one. The first to see that a time has come announces the
    record.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._over = threading.Event()
        self._fault = ""

    def stop(self) -> None:
        """Let `run` return soon. Any thread may call this."""
        self._over.set()

    def run(self) -> None:
        """Announce until `stop` is called."""
        while not self._over.wait(self._look()):
            pass
        self._database.close()

    def _look(self) -> float:
        """Announce some of what is due; return when to look again, in seconds."""
        if not self._database.clock.is_running:
            # Only a test moves it, and announces then.
            return _LOOK_SECONDS
        try:
            # The file may have been replaced meanwhile.
            with self._database.use(Caller):
                seconds = self._announce()
        except _UNAVAILABLE as error:
            # Told once: it may stay so for hours.
            if str(error) != self._fault:
                _log.warning("Reminders wait for the database: %s", error)
            self._fault = str(error)
            return _LOOK_SECONDS
        except Exception:
            _log.exception("Reminders could not be announced; the next look is in a second.")
            return _LOOK_SECONDS
        self._fault = ""
        return seconds

    def _announce(self) -> float:
        coming = _coming()
        if _announce_some(self._database, coming):
            return _REST_SECONDS
        now = self._database.clock.milliseconds()
        # At least a millisecond, since times are rounded down.
        waits = [max(time - now, 1) / 1000 for time in coming.values()]
        return min([_LOOK_SECONDS, *waits])


def _coming() -> dict[type[Record], int]:
    """Return the next time of each kind of record that has one, in milliseconds."""
    times = {model: next_time(model) for model in _ANNOUNCED}
    return {model: time for model, time in times.items() if time is not None}


def _announce_some(database: Database, coming: Mapping[type[Record], int]) -> int:
    """Announce up to MOST records of each kind; return how many. Without any, it writes nothing."""
    now = database.clock.milliseconds()
    return sum(announce(model) for model, time in coming.items() if time <= now)
