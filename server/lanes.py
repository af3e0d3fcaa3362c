"""Which call runs next: a few at a time, so that none delays the others for long."""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any

from leadbook.server.threads import Call, Threads
from leadbook.storage.system import monotonic

# A call that takes longer probably waits, or runs without the interpreter's lock.
PATIENCE_SECONDS = 0.005
# The longest time that the loop waits for calls before it handles its connections.
_LONGEST_WAIT_SECONDS = 0.02
# So many calls may wait for others or for the disk without keeping new ones from beginning.
_MOST_PAUSED = 8
# One of this many turns is for clients that have sent several requests at once.
_TURNS = 8

# The time and number of its arrival, the call, and the future that is set when it begins.
_Waiting = tuple[float, int, Call, asyncio.Future[None]]


class LaneFullError(Exception):
    """Too many calls are waiting, or this one has waited for too long."""


class Lane:
    """Runs up to `threads` calls. One begins when each running one has run for `patience` seconds.

    Threads that run at the same time switch a dozen times per request, at each system call. Running
    one after the other, they answer 1.6 times as many requests.

    A call that has waited to write for `longest_wait` seconds is refused. `tell` is called with 1
    when a call begins to wait, and with -1 when it no longer waits.

    Calls begin in the order of arrival, with two exceptions. Writers leave one thread to readers,
    since all of them may wait for one lock. And clients with one request go before clients with
    many, so that a thousand connections with work for minutes do not delay the others.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        name: str,
        threads: int,
        waiting: int,
        patience: float,
        longest_wait: float | None = None,
        tell: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._loop = loop
        self._patience = patience
        self._longest_wait = longest_wait
        self._most_waiting = waiting
        self._most_running = threads
        self._most_writing = max(1, threads - 1)
        self._waiting: dict[tuple[bool, bool], deque[_Waiting]] = {
            (has_more, writes): deque() for has_more in (False, True) for writes in (False, True)
        }
        self._count = 0
        self._tell = tell
        self._numbers = count()
        self._turns = count(1)
        # The end of the loop's waiting time; 0 after it has handled its connections.
        self._loop_waits_until = 0.0
        self._running: set[Call] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._threads = Threads(name)
        self.close = self._threads.end

    def may_be_passed(self) -> bool:
        """Return whether the loop may run a short call itself, since no call has to wait."""
        is_free = not self._count and self._may_begin(writes=False)
        return is_free and self._may_wait(monotonic())

    def begin(self, call: Call) -> bool:
        """Begin to run `call` if possible; return whether it has begun.

        The loop waits a moment for it, since being woken takes longer. It may be over after that.
        """
        if self._count or not self._may_begin(writes=call.writes):
            return False
        self._begin(call)
        if self._may_wait(call.began) and call.is_done_within(self._patience):
            self._end(call)
        return True

    async def result_of(self, call: Call) -> Any:
        """Return the result of a call that has begun."""
        if not call.is_over:
            await self._finish(call)
        return call.result()

    async def run(self, call: Call) -> Any:
        """Run `call` in one of the threads, and return its result.

        Raises LaneFullError.
        """
        if not self.begin(call):
            await self._wait(call)
        return await self.result_of(call)

    async def _wait(self, call: Call) -> None:
        """Wait until `call` has begun. Raises LaneFullError."""
        if self._count >= self._most_waiting:
            raise LaneFullError
        begun = self._loop.create_future()
        queue = self._waiting[call.has_more, call.writes]
        queue.append((monotonic(), next(self._numbers), call, begun))
        self._change_count(1)
        self._begin_waiting()
        try:
            await begun
        except asyncio.CancelledError:
            if call in self._running:
                self._leave(call)
            raise

    def _change_count(self, change: int) -> None:
        self._count += change
        self._tell(change)

    def _may_begin(self, *, writes: bool) -> bool:
        most = self._most_writing if writes else self._most_running
        # A list, since a call may pause at any moment.
        active = [call for call in self._running if not call.is_paused]
        alike = sum(call.writes or not writes for call in active)
        if alike >= most or len(self._running) >= most + _MOST_PAUSED:
            return False
        overdue = monotonic() - self._patience
        return all(call.began <= overdue for call in active)

    def _may_wait(self, now: float) -> bool:
        """Return whether the loop may wait for a call."""
        if not self._loop_waits_until:
            self._loop_waits_until = now + _LONGEST_WAIT_SECONDS
            self._loop.call_soon(self._end_wait)
        return now < self._loop_waits_until

    def _end_wait(self) -> None:
        self._loop_waits_until = 0.0

    def _begin(self, call: Call) -> None:
        call.when_paused = self._fill_place
        # First: a thread that cannot start must not take a place.
        self._threads.run(call)
        self._running.add(call)

    def _fill_place(self) -> None:
        if self._count:
            _wake(self._loop, self._begin_waiting)

    def _end(self, call: Call) -> None:
        self._running.discard(call)
        call.is_over = True

    async def _finish(self, call: Call) -> None:
        done = self._loop.create_future()

        def tell() -> None:
            if not done.done():
                done.set_result(None)

        call.when_done = lambda: _wake(self._loop, tell)
        if call.is_done:
            tell()
        try:
            # The task that waits may be cancelled; the thread cannot.
            await done
        finally:
            self._leave(call)

    def _leave(self, call: Call) -> None:
        """Give the place of the call to another one when it is done."""
        # The call may end at any moment: it is better to learn of it twice than never.
        call.when_done = lambda: _wake(self._loop, lambda: self._settle(call))
        if call.is_done:
            self._settle(call)

    def _settle(self, call: Call) -> None:
        self._end(call)
        self._begin_waiting()

    def _begin_waiting(self) -> None:
        self._refuse_overdue()
        while queue := self._next_queue():
            _, _, call, begun = queue.popleft()
            self._change_count(-1)
            if not begun.cancelled():
                self._begin(call)
                begun.set_result(None)
        self._look_again()

    def _next_queue(self) -> deque[_Waiting] | None:
        """Return the queue whose first call may begin now and is next, or None."""
        queues = {
            has_more: [
                queue
                for writes in (False, True)
                if (queue := self._waiting[has_more, writes]) and self._may_begin(writes=writes)
            ]
            for has_more in (False, True)
        }
        if not any(queues.values()):
            return None
        is_turn_of_many = next(self._turns) % _TURNS == 0
        wanted = queues[is_turn_of_many] or queues[not is_turn_of_many]
        return min(wanted, key=lambda queue: queue[0][1])

    def _refuse_overdue(self) -> None:
        """Refuse the calls that have waited to write for too long."""
        if self._longest_wait is None:
            return
        came_last = monotonic() - self._longest_wait
        for (_, writes), queue in self._waiting.items():
            while writes and queue and queue[0][0] < came_last:
                begun = queue.popleft()[3]
                self._change_count(-1)
                if not begun.done():
                    begun.set_exception(LaneFullError())

    def _look_again(self) -> None:
        """Set a timer for when the next call may begin, or has waited for too long."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        now, due = monotonic(), []
        if self._count:
            ends = (call.began + self._patience for call in self._running if not call.is_paused)
            due += [end for end in ends if end > now]
            # A thread may have become free since the last check.
            if any(
                queue and self._may_begin(writes=writes)
                for (_, writes), queue in self._waiting.items()
            ):
                due.append(now)
        if self._longest_wait is not None:
            queues = (queue for (_, writes), queue in self._waiting.items() if writes and queue)
            due += [queue[0][0] + self._longest_wait for queue in queues]
        if due:
            self._timer = self._loop.call_later(max(0, min(due) - now), self._begin_waiting)


def _wake(loop: asyncio.AbstractEventLoop, tell: Callable[[], None]) -> None:
    # If the loop has ended, no task waits any more.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(tell)
