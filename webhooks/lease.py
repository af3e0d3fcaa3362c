"""Which process delivers webhooks, of all that serve one file."""

from secrets import token_hex

from leadbook.storage.database import Database

# Somebody else delivers after that time if the holder was killed. The holder extends it in time.
SECONDS = 5
_MILLISECONDS = SECONDS * 1000


class Lease:
    """The right to deliver the webhooks of `database`, for a few seconds at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._holder = token_hex(8)
        self._until = 0

    def take(self) -> bool:
        """Take the lease, or extend it once half of it is over; return whether it is held."""
        now = self._now()
        if now < self._until - _MILLISECONDS // 2 <= now + _MILLISECONDS:
            return True
        if not self._is_free(now):
            return False
        with self._database.write():
            if not self._is_free(now := self._now()):
                return False
            self._store(now + _MILLISECONDS)
        self._until = now + _MILLISECONDS
        return True

    def release(self) -> None:
        """Let another process take it at once."""
        if self._now() >= self._until:
            return
        with self._database.write():
            if self._is_free(self._now()):
                self._store(0)
        self._until = 0

    def _is_free(self, now: int) -> bool:
        rows = self._database.execute_sql("SELECT holder, until FROM lease").fetchall()
        # A time that is far ahead is from before the clock was set back.
        return not any(
            holder != self._holder and now < until <= now + _MILLISECONDS for holder, until in rows
        )

    def _store(self, until: int) -> None:
        self._database.execute_sql("DELETE FROM lease")
        row = (self._holder, until)
        self._database.execute_sql("INSERT INTO lease (holder, until) VALUES (?, ?)", row)

    def _now(self) -> int:
        return self._database.clock.milliseconds()
