"""What all connections of a server share: the app, its threads and the limits."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from email.utils import formatdate
from typing import Any

from flask import Flask

from leadbook.access.fronting import ARRIVAL, ENDING, PROCESSES, long_paths
from leadbook.server.bodies import Budget
from leadbook.server.crowd import Crowd
from leadbook.server.lanes import PATIENCE_SECONDS, Lane, LaneFullError
from leadbook.server.quick import QuickCalls
from leadbook.server.seats import Seat
from leadbook.server.threads import Call
from leadbook.server.waiting import Waiting
from leadbook.storage.sqlite.connected_file import LOCK_TIMEOUT_SECONDS

_LONG_CALLS, _LONG_WAITING = 4, 16
_SHORT_WAITING = 2_000


class Service:
    """Serves `app` to connections with `threads` threads, after `open`."""

    loop: asyncio.AbstractEventLoop
    short: Lane
    long: Lane

    def __init__(self, app: Flask, threads: int, seat: Seat) -> None:
        self.app = app
        app.extensions[PROCESSES] = seat.seats.processes
        self._ending = app.extensions[ENDING] = threading.Event()
        self._seat = seat
        database, behind_proxies = app.extensions["leadbook"], bool(app.config["PROXY_HOPS"])
        self.crowd = Crowd(seat, behind_proxies=behind_proxies)
        # The other half of the connections is always free for requests that do not wait.
        self.waiting = Waiting(database, self.crowd.most // 2, behind_proxies=behind_proxies)
        self.budget = Budget()
        self.quick = QuickCalls(app, database)
        self.is_stopping = False
        self._threads = threads
        self._long_paths = long_paths(app)
        self._arrival: Callable[[dict[str, Any]], Awaitable[None]] | None = app.extensions.get(
            ARRIVAL
        )
        self._date = (0, "")
        self._tasks: set[asyncio.Task[None]] = set()
        self._delayed: set[asyncio.Task[Any]] = set()

    def open(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the threads, for connections of `loop`."""
        self.loop = loop
        # A writer waits here no longer than for the lock of the database.
        waits = (_SHORT_WAITING, PATIENCE_SECONDS, LOCK_TIMEOUT_SECONDS)
        tell = self._seat.add_waiting
        self.short = Lane(loop, "short", self._threads, *waits, tell=tell)
        self.long = Lane(loop, "long", _LONG_CALLS, _LONG_WAITING, 0, tell=tell)
        self.waiting.open(loop, self.short)

    def is_long(self, path: str) -> bool:
        """Return whether calls of this path take long."""
        return self._long_paths.fullmatch(path.removeprefix("/v1")) is not None

    @property
    def is_immediate(self) -> bool:
        """Whether tests cannot delay requests."""
        return self._arrival is None

    def keep(self, task: asyncio.Task[None]) -> None:
        """Keep a reference to a task until it is done."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def date(self) -> str:
        """Return the value of the header Date."""
        now = int(time.time())
        if self._date[0] != now:
            self._date = (now, formatdate(now, usegmt=True))
        return self._date[1]

    async def arrive(self, environ: dict[str, Any]) -> None:
        """Wait for the delay that a test has set. Raises ConnectionError."""
        task = asyncio.current_task()
        if self._arrival is None or task is None:
            return
        self._delayed.add(task)
        try:
            await self._arrival(environ)
        except asyncio.CancelledError:
            raise ConnectionAbortedError("The server ends.") from None
        finally:
            self._delayed.discard(task)

    def do_in_a_thread(self, function: Callable[[], None]) -> None:
        """Run `function` in a thread, unless too many calls are waiting."""

        async def run() -> None:
            with suppress(LaneFullError):
                await self.short.run(Call(function))

        self.keep(self.loop.create_task(run()))

    async def finish(self, seconds: float) -> None:
        """End all waiting, and wait up to `seconds` for the running requests."""
        self._ending.set()
        self.waiting.finish()
        for task in list(self._delayed):
            task.cancel()
        await self.crowd.finish(seconds)
        for kept in self._tasks:
            kept.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=0.5)

    def close(self) -> None:
        """End the threads."""
        self.short.close(0.5)
        self.long.close(0.5)
