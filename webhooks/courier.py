"""Delivery: each webhook gets its events in order, and none waits for the receiver of another."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue

import peewee

from leadbook.storage.database import Database
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.webhooks.deliveries import Delivery
from leadbook.webhooks.lease import Lease
from leadbook.webhooks.messages import Message
from leadbook.webhooks.models import Webhook
from leadbook.webhooks.outcomes import Outcome
from leadbook.webhooks.targets import Policy
from leadbook.webhooks.tries import Agenda, Try, store

# How soon it learns of an event, and of the first webhook.
_LOOK_SECONDS, _IDLE_SECONDS = 0.1, 1.0
# It may wait for the database; the end of the server does not wait longer.
_LONGEST_END_SECONDS = 0.5
_UNAVAILABLE = (peewee.PeeweeException, sqlite3.Error, OSError)

_log = logging.getLogger("leadbook.webhooks")


def deliver_due(database: Database, policy: Policy) -> list[Delivery]:
    """Send all that is due on the clock of `database`; return the tries, in their order."""
    agenda, done = Agenda(), []
    with database.use():
        while due := agenda.due(Webhook.active_ones(), database.clock.milliseconds()):
            for webhook in due:
                if message := agenda.next_message(webhook):
                    done += store([attempt(message, policy, database.clock.milliseconds())])
    return done


def attempt(message: Message, policy: Policy, now: int) -> Try:
    """Send a message, and return what became of it, whatever happens."""
    try:
        outcome = message.send(policy, now)
    except Exception:
        _log.exception("A message to the webhook %s could not be sent.", message.webhook.id)
        outcome = Outcome(None, "internal error", 0)
    return Try(message, now, outcome)


@contextmanager
def delivering(database: Database, policy: Policy) -> Iterator[None]:
    """Deliver webhooks during the block, in a thread."""
    courier = Courier(database, policy)
    thread = threading.Thread(target=courier.run, name="webhooks", daemon=True)
    thread.start()
    try:
        yield
    finally:
        courier.stop()
        thread.join(_LONGEST_END_SECONDS)


class Courier:
    """Delivers the webhooks of `database` until `stop` is called.

    One thread reads and stores, with its own connection. Each try has a thread without one. All are
    daemons: no receiver delays the end of the process. What was sent, but not stored, is sent again
    by the next process.
    """

    def __init__(self, database: Database, policy: Policy) -> None:
        self._database = database
        self._policy = policy
        self._lease = Lease(database)
        self._agenda = Agenda()
        # The webhooks that are being sent to, and what has become of it.
        self._busy: set[str] = set()
        self._done: SimpleQueue[Try] = SimpleQueue()
        self._unstored: list[Try] = []
        self._woken = threading.Event()
        self._is_over = False
        self._fault = ""

    def stop(self) -> None:
        """Let `run` return soon. Any thread may call this."""
        self._is_over = True
        self._woken.set()

    def run(self) -> None:
        """Deliver until `stop` is called."""
        with self._database.use():
            while not self._is_over:
                self._woken.wait(self._look())
                self._woken.clear()
            self._finish()
        self._database.close()

    def _look(self) -> float:
        """Store what is done, and begin what is due; return when to look again, in seconds."""
        try:
            # The file may have been replaced meanwhile.
            with self._database.use():
                self._store_done()
                is_used = self._begin_due()
        except _UNAVAILABLE as error:
            # Told once: it may stay so for hours.
            if str(error) != self._fault:
                _log.warning("Webhooks wait for the database: %s", error)
            self._fault = str(error)
            return _IDLE_SECONDS
        except Exception:
            # The other webhooks must not wait for a restart.
            _log.exception("Webhooks could not be delivered; the next look is in a second.")
            return _IDLE_SECONDS
        self._fault = ""
        return _LOOK_SECONDS if is_used else _IDLE_SECONDS

    def _store_done(self) -> None:
        while not self._done.empty():
            self._unstored.append(self._done.get())
        if self._unstored:
            store(self._unstored)
            self._busy -= {each.message.webhook.id for each in self._unstored}
            self._unstored = []

    def _begin_due(self) -> bool:
        """Begin a try for each webhook that is due; return whether any webhook is active."""
        if self._busy:
            # Otherwise another process would begin the same tries.
            self._lease.take()
        active = Webhook.active_ones()
        due = self._agenda.due(active, self._database.clock.milliseconds())
        waiting = [webhook for webhook in due if webhook.id not in self._busy]
        if waiting and self._lease.take():
            for webhook in waiting:
                self._begin(webhook)
        return bool(active)

    def _begin(self, webhook: Webhook) -> None:
        message = self._agenda.next_message(webhook)
        if message is None:
            # There may be one among the events after these.
            self._woken.set()
            return
        self._busy.add(webhook.id)
        try:
            threading.Thread(target=self._send, args=(message,), daemon=True).start()
        except RuntimeError:
            # There are no more threads; the next look tries again.
            self._busy.discard(webhook.id)

    def _send(self, message: Message) -> None:
        self._done.put(attempt(message, self._policy, self._database.clock.milliseconds()))
        self._woken.set()

    def _finish(self) -> None:
        """Store what is done already, and let another process deliver at once."""
        with suppress(*_UNAVAILABLE), self._database.use():
            self._store_done()
            self._lease.release()
