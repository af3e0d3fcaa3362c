"""What test mode can do to one app, for the calls under `/_test` and for Python."""

from itertools import count
from typing import Any

from flask import Flask

from leadbook.models import RECORDS
from leadbook.reminders.announcer import announce_due
from leadbook.testing import demo
from leadbook.testing.clock import AdjustableClock
from leadbook.testing.faults import Faults
from leadbook.testing.journal import Journal
from leadbook.testing.snapshots import Snapshots
from leadbook.testing.wire import Wire
from leadbook.web.webhooks import shown_delivery
from leadbook.webhooks.courier import deliver_due


class Controls:
    """The clock, the faults, the journal and the snapshots of `app`."""

    def __init__(self, app: Flask, clock: AdjustableClock) -> None:
        self._database = app.extensions["leadbook"]
        self._limiters = app.extensions["leadbook.rate_limiters"]
        self._targets = app.config["WEBHOOK_TARGETS"]
        self.clock = clock
        clock.then = self.announce_due
        self.faults = Faults()
        self.journal = Journal()
        self.snapshots = Snapshots(self._database, clock)
        # Numbers for made-up names and addresses; they restart after each reset.
        self.numbers = count(1)
        self.wire = Wire(app.wsgi_app, self.faults, self.journal)

    def reset(self) -> None:
        """Remove everything except keys and snapshots."""
        self.faults.clear()
        # An earlier request must not take effect after the reset.
        self.wire.in_flight.era += 1
        self._database.time_limit.stop_others()
        self.wire.in_flight.wait()
        self.snapshots.empty()
        self.journal.clear()
        self.numbers = count(1)
        for limiter in self._limiters:
            limiter.forget()

    def seed(self, leads: int, clients: int, seed: int, **more: int) -> dict[str, int]:
        """Add believable records; return the new number of records."""
        demo.seed(self._database, leads, clients, seed, **more)
        self.announce_due()
        with self._database.use():
            return {model._meta.table_name: model.select().count() for model in RECORDS}

    def announce_due(self) -> None:
        """Add the events of records whose time has come on the clock."""
        announce_due(self._database)

    def deliver_webhooks(self) -> list[dict[str, Any]]:
        """Send what is due to webhooks on the clock; return the tries, in their order."""
        return [shown_delivery(each) for each in deliver_due(self._database, self._targets)]

    def close(self) -> None:
        """Stop all delays and free the memory."""
        self.faults.clear()
        self.snapshots.close()
