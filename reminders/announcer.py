"""Reminders: the event of each record whose time has come, on the clock of the app."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import peewee

from leadbook.models import RECORDS
from leadbook.storage.announcements import MOST, announce, next_time
from leadbook.storage.database import Database
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
        while count := _announce_some(database):
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
        if _announce_some(self._database):
            return _REST_SECONDS
        soonest = _soonest()
        if soonest is None:
            return _LOOK_SECONDS
        # At least a millisecond, since times are rounded down.
        wait = max(soonest - self._database.clock.milliseconds(), 1) / 1000
        return min(wait, _LOOK_SECONDS)


def _announce_some(database: Database) -> int:
    """Announce up to MOST records of each kind; return how many. Without any, it only reads."""
    now = database.clock.milliseconds()
    due = [each for each in _ANNOUNCED if (time := next_time(each)) is not None and time <= now]
    return sum(announce(each) for each in due)


def _soonest() -> int | None:
    """Return when the next record of any kind is due, in milliseconds, or None."""
    return min((time for each in _ANNOUNCED if (time := next_time(each)) is not None), default=None)
