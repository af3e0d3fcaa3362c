"""All connections: how many there may be, and which are closed to make room."""

import asyncio
import resource
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from leadbook.server.seats import Seat

_MOST_CONNECTIONS = 2_000
# Reserved for the database, for files, and for Python itself.
_SPARE_DESCRIPTORS = 128
# While fewer are free, each new connection closes an idle one.
_LAST_DESCRIPTORS = 32
# Bytes of answers in memory.
_MOST_UNSENT = 24 * 1024 * 1024
# Large answers in files.
_MOST_FILES = 32
_LOOK_SECONDS = 1


class Member(Protocol):
    """The part of a connection that this module uses."""

    peer: str
    transport: asyncio.Transport
    waits_since: float
    # Whether a part of an answer is in a file.
    has_file: bool

    @property
    def has_begun(self) -> bool:
        """Whether at least a part of a request was received."""

    @property
    def has_more(self) -> bool:
        """Whether more was received than the current request."""

    @property
    def keeps_us_waiting(self) -> bool:
        """Whether we wait for the client."""

    def unsent(self) -> int:
        """Return how many bytes of answers the client has not read yet."""

    def is_overdue(self, now: float) -> bool:
        """Return whether the client has kept us waiting for too long."""

    def give_up(self) -> None:
        """End the connection because of a time limit."""

    def finish(self) -> None:
        """Close, unless a request has begun."""


class Crowd:
    """The connections of one server, with their limits of number and time.

    Unless the server is `behind_proxies`, an address may have at most half of them.
    """

    def __init__(self, seat: Seat, *, behind_proxies: bool) -> None:
        self._seat = seat
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._descriptors = sys.maxsize if soft == resource.RLIM_INFINITY else soft
        self.most = max(1, min(_MOST_CONNECTIONS, self._descriptors - _SPARE_DESCRIPTORS))
        self._most_of_a_peer = self.most if behind_proxies else max(1, self.most // 2)
        self._connections: set[Member] = set()
        self._peers: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None
        self._lost = asyncio.Event()

    def add(self, connection: Member) -> None:
        """Watch a connection from now on."""
        self._connections.add(connection)
        self._peers[connection.peer] += 1
        # Another one may have ended since this one was accepted and counted.
        self._seat.set_connections(len(self._connections))
        if self._timer is None:
            # No timer runs while there are no connections.
            self._look_again()

    def discard(self, connection: Member) -> None:
        """Forget a connection that has ended."""
        if connection in self._connections:
            self._connections.discard(connection)
            self._peers[connection.peer] -= 1
            if not self._peers[connection.peer]:
                del self._peers[connection.peer]
        self._seat.set_connections(len(self._connections))
        self._lost.set()

    def is_next(self, accepted: int) -> bool:
        """Return whether no other process has fewer; `accepted` counts those not added yet."""
        self._seat.set_connections(len(self._connections) + accepted)
        return self._seat.is_next()

    def has_room(self) -> bool:
        """Return whether one more is possible; close another one for it if needed."""
        return len(self._connections) < self.most or self.give_up_any()

    def has_room_for(self, peer: str) -> bool:
        """Return whether `peer` may have one more; close another one of its own if needed."""
        if self._peers[peer] < self._most_of_a_peer:
            return True
        return self._give_up_one(each for each in self._connections if each.peer == peer)

    def is_last(self, descriptor: int) -> bool:
        """Return whether few descriptors are free; `descriptor` was the lowest free one."""
        return descriptor >= self._descriptors - _LAST_DESCRIPTORS

    def give_up_idle(self) -> bool:
        """Close the connection that has been idle longest; return whether there was one."""
        return self._give_up_one(each for each in self._connections if not each.has_begun)

    def give_up_any(self) -> bool:
        """Close a connection; return whether that was possible."""
        return self._give_up_one(self._connections)

    def limit_unsent(self) -> None:
        """Close the slowest readers while all together leave too much unread."""
        self._limit(_MOST_UNSENT, lambda each: each.unsent())
        # A client that reads as fast as we send does not count.
        self._limit(_MOST_FILES, lambda each: each.has_file and each.unsent() > 0)

    def _limit(self, most: int, size: Callable[[Member], int]) -> None:
        reading = [each for each in self._connections if size(each)]
        while sum(map(size, reading)) > most:
            slowest = min(reading, key=lambda each: each.waits_since)
            reading.remove(slowest)
            self._give_up(slowest)

    async def finish(self, seconds: float) -> None:
        """Close idle connections; wait up to `seconds` for the others, and then abort them."""
        for each in list(self._connections):
            each.finish()
        try:
            async with asyncio.timeout(seconds):
                while self._connections:
                    self._lost.clear()
                    await self._lost.wait()
        except TimeoutError:
            for each in list(self._connections):
                each.transport.abort()
        if self._timer:
            self._timer.cancel()

    def _give_up_one(self, connections: Iterable[Member]) -> bool:
        """Close the one that has kept us waiting for the longest time; return whether any has.

        If there is none, close one with requests that wait behind its current one.
        """
        connections = list(connections)
        waiting = [each for each in connections if each.keeps_us_waiting]
        greedy = (each for each in connections if each.has_more)
        longest = min(waiting or greedy, key=lambda each: each.waits_since, default=None)
        if longest is None:
            return False
        self._give_up(longest)
        return True

    def _give_up(self, connection: Member) -> None:
        self.discard(connection)
        connection.transport.abort()

    def _look_again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._close_overdue)

    def _close_overdue(self) -> None:
        self._timer = None
        now = asyncio.get_running_loop().time()
        for each in [each for each in self._connections if each.is_overdue(now)]:
            each.give_up()
        if self._connections:
            self._look_again()
