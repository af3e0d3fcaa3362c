"""Requests that wait for a change of the database, without a thread or a connection to it."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any, Protocol

import peewee

from leadbook.access.fronting import Later
from leadbook.server.lanes import Lane, LaneFullError
from leadbook.server.threads import Call
from leadbook.storage.sqlite.driver import sqlite3

_MOST = 256
# How soon they learn of what another process has written.
_LOOK_SECONDS = 0.1

_log = logging.getLogger("leadbook.server")


class Database(Protocol):
    """The part of the database that this module uses."""

    time_limit: Any

    def use(self) -> AbstractContextManager[Any]:
        """Make models use this database."""

    def state(self) -> str:
        """Return a text that differs after each change of a record."""


class Place:
    """The place of one request of `peer` that waits; its task enters `limit` to wait."""

    def __init__(self, peer: str, later: Later, ask: Callable[[], None]) -> None:
        self.peer = peer
        self.look = later.look
        self.limit = asyncio.timeout(later.seconds)
        # The state of the database in which it has found nothing; empty if it must look.
        self.seen = ""
        self._ask = ask
        self._found: bytes | None = None
        self._woken: asyncio.Future[None] | None = None

    @property
    def wants(self) -> bool:
        """Whether its task waits, and nothing was found yet."""
        return self._woken is not None and self._found is None

    async def wait(self, seconds: float | None = None) -> None:
        """Wait up to `seconds` until `look` has returned something for `take`."""
        if self._found is not None:
            return
        self._woken = asyncio.get_running_loop().create_future()
        self._ask()
        try:
            await asyncio.wait((self._woken,), timeout=seconds)
        finally:
            self._woken = None

    def take(self) -> bytes | None:
        """Return what was found, once; or None."""
        found, self._found = self._found, None
        return found

    def give(self, part: bytes) -> None:
        """Let its task take a part, now or when it waits again."""
        # There may be more than this part.
        self._found, self.seen = part, ""
        if self._woken and not self._woken.done():
            self._woken.set_result(None)

    def end(self) -> None:
        """End its wait now, while its task is within `limit`."""
        if not self.limit.expired():
            self.limit.reschedule(0)


class Waiting:
    """At most `most` places, for requests that wait until `database` has what they look for.

    Unless the server is `behind_proxies`, an address may have at most half of them.
    """

    _loop: asyncio.AbstractEventLoop
    _lane: Lane

    def __init__(self, database: Database, most: int, *, behind_proxies: bool) -> None:
        self._database = database
        self._most = min(_MOST, most)
        self._most_of_a_peer = self._most if behind_proxies else max(1, self._most // 2)
        self._places: set[Place] = set()
        self._peers: Counter[str] = Counter()
        self._watching: asyncio.Task[None] | None = None
        self._called = asyncio.Event()
        self._is_open = False

    def open(self, loop: asyncio.AbstractEventLoop, lane: Lane) -> None:
        """Give places to requests of `loop`, which look in threads of `lane`."""
        self._loop, self._lane = loop, lane
        self._is_open = True

    def __len__(self) -> int:
        return len(self._places)

    def place_for(self, peer: str, later: Later) -> Place | None:
        """Return a place, which must be given to `leave`; or None if there is no room."""
        has_room = len(self) < self._most and self._peers[peer] < self._most_of_a_peer
        if not (self._is_open and has_room):
            return None
        place = Place(peer, later, self._watch)
        self._places.add(place)
        self._peers[peer] += 1
        return place

    def leave(self, place: Place) -> None:
        """Make the place free for others."""
        self._places.discard(place)
        self._peers -= Counter((place.peer,))

    def look_soon(self) -> None:
        """Look for a change now: a request has written."""
        self._called.set()

    def finish(self) -> None:
        """End all waiting, and give no more places."""
        self._is_open = False
        for place in self._places:
            place.end()
        if self._watching:
            self._watching.cancel()

    def _watch(self) -> None:
        """Look now, for a place that has not looked since it was taken or since its last part.

        Without this, it would miss what was written after the app had answered.
        """
        self._called.set()
        if self._watching is None:
            self._watching = self._loop.create_task(self._look_again())

    async def _look_again(self) -> None:
        """Look for changes while anyone waits for them."""
        try:
            while any(place.wants for place in self._places):
                self._called.clear()
                began = self._loop.time()
                await self._look_once()
                # While others write all the time, half of the time is for other calls.
                await asyncio.sleep(min(self._loop.time() - began, _LOOK_SECONDS))
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_SECONDS):
                        await self._called.wait()
        finally:
            self._watching = None

    async def _look_once(self) -> None:
        """Let each place look that has not done so in the current state of the database."""
        try:
            with self._database.use(), self._database.time_limit.begin():
                # Before they look, so that what is written meanwhile is another state.
                state = self._database.state()
        except (peewee.PeeweeException, sqlite3.Error):
            # It may be busy, or this took too long for the loop. The next look is soon.
            return
        for place in list(self._places):
            if place.wants and place.seen != state:
                place.seen = state
                # One after the other: other calls do not wait for all of them.
                await self._look_for(place)
                await asyncio.sleep(0)

    async def _look_for(self, place: Place) -> None:
        try:
            part: bytes | None = await self._lane.run(Call(place.look))
        except LaneFullError:
            place.seen = ""
        except ConnectionError:
            self._end(place)
        except Exception:
            _log.exception("A waiting request could not look for its answer.")
            self._end(place)
        else:
            if part is not None:
                place.give(part)

    def _end(self, place: Place) -> None:
        # Its time may have been over while it looked.
        if place in self._places:
            place.end()
