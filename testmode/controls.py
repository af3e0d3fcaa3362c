"""All that test mode can do to one app, for its calls and for Python alike."""

from leadbook import demo
from leadbook.database import Database
from leadbook.models import Client, Lead
from leadbook.rate_limit import RateLimiter
from leadbook.testmode.clock import AdjustableClock
from leadbook.testmode.faults import Faults
from leadbook.testmode.journal import Journal
from leadbook.testmode.snapshots import Snapshots


class Controls:
    """The clock, the faults, the journal and the snapshots of one app."""

    def __init__(
        self, database: Database, clock: AdjustableClock, limiter: RateLimiter | None
    ) -> None:
        self.clock = clock
        self.faults = Faults()
        self.journal = Journal()
        self.snapshots = Snapshots(database, clock)
        self._database = database
        self._limiter = limiter

    def reset(self) -> None:
        """Leave nothing of what has happened, but for keys and snapshots."""
        self.snapshots.empty()
        self.faults.clear()
        self.journal.clear()
        if self._limiter:
            self._limiter.forget()

    def seed(self, leads: int, clients: int, seed: int) -> dict[str, int]:
        """Add believable records; return how many there are then."""
        demo.seed(self._database.path, leads, clients, seed)
        with self._database.use():
            return {"leads": Lead.select().count(), "clients": Client.select().count()}
