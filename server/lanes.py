"""Which call runs next: a few at a time, and nobody holds up the others for long."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from leadbook.server.threads import Call, Threads

# A call that takes longer than this waits for something, or lets the interpreter go.
PATIENCE_SECONDS = 0.005
# The loop waits for calls no longer than this, before it turns to its connections again.
_LONGEST_WAIT_SECONDS = 0.02
# Of so many turns, one is for those who have sent more requests than they were answered.
_TURNS = 8

# When it came, its number, the call, and what is told when it begins.
_Waiting = tuple[float, int, Call, asyncio.Future[None]]


class LaneFullError(Exception):
    """So many calls are waiting already, or for so long, that it would not be of use to wait."""


class Lane:
    """So many `threads`; a call begins when each that runs has taken its time, `patience` seconds.

    Threads that work at once hand the interpreter to each other a dozen times a request, whenever
    one of them asks the system for something. One after the other they answer 1.6 times as many.

    Who has waited to write for `longest_wait` seconds, where that is given, is refused.

    Calls take turns in the order in which they came. But those who write leave a thread to others,
    since they may all wait for one lock; and who has sent one request goes before who has sent
    many: a thousand connections with work for minutes hold up nobody else.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        name: str,
        threads: int,
        waiting: int,
        patience: float,
        longest_wait: float | None = None,
    ) -> None:
        self._loop = loop
        self._patience = patience
        self._longest_wait = longest_wait
        self._most_waiting = waiting
        self._most_writing = max(1, threads - 1)
        self._waiting: dict[tuple[bool, bool], deque[_Waiting]] = {
            (has_more, writes): deque() for has_more in (False, True) for writes in (False, True)
        }
        self._count = 0
        self._numbers = count()
        self._turns = count(1)
        # When the loop may wait no longer, until it has been at its connections; 0 if it has been.
        self._loop_waits_until = 0.0
        self._running: set[Call] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._threads = Threads(name, threads)
        self.close = self._threads.end

    def may_be_passed(self) -> bool:
        """Return whether the loop may do a short call itself: nobody has to wait for it."""
        is_free = not self._count and self._may_begin(writes=False)
        return is_free and self._may_wait(time.monotonic())

    def begin(self, call: Call) -> bool:
        """Begin to run `call`, and return whether that was possible, or else it has to wait.

        The loop waits a moment for it: to be woken takes longer. It may be over then.
        """
        if self._count or not self._may_begin(writes=call.writes):
            return False
        self._begin(call)
        if self._may_wait(call.began) and call.is_done_within(self._patience):
            self._end(call)
        return True

    async def result_of(self, call: Call) -> Any:
        """Return what the function of a call returns that was begun."""
        if not call.is_over:
            await self._finish(call)
        return call.result()

    async def run(self, call: Call) -> Any:
        """Return what the function of `call` returns in one of the threads.

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
        queue.append((time.monotonic(), next(self._numbers), call, begun))
        self._count += 1
        self._begin_waiting()
        try:
            await begun
        except asyncio.CancelledError:
            if call in self._running:
                self._leave(call)
            raise

    def _may_begin(self, *, writes: bool) -> bool:
        running = self._running
        if len(running) == len(self._threads):
            return False
        if writes and sum(call.writes for call in running) == self._most_writing:
            return False
        overdue = time.monotonic() - self._patience
        return all(call.began <= overdue for call in running)

    def _may_wait(self, now: float) -> bool:
        """Return whether the loop may wait for a call."""
        if not self._loop_waits_until:
            self._loop_waits_until = now + _LONGEST_WAIT_SECONDS
            self._loop.call_soon(self._end_wait)
        return now < self._loop_waits_until

    def _end_wait(self) -> None:
        self._loop_waits_until = 0.0

    def _begin(self, call: Call) -> None:
        self._threads.run(call)
        self._running.add(call)

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
            # Whoever waits may be cancelled; the thread cannot.
            await done
        finally:
            self._leave(call)

    def _leave(self, call: Call) -> None:
        """Give its place to another when the call is done."""
        # It may be done at any moment: we are told of it twice rather than never.
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
            self._count -= 1
            if not begun.cancelled():
                self._begin(call)
                begun.set_result(None)
        self._look_again()

    def _next_queue(self) -> deque[_Waiting] | None:
        """Return whose first call may begin now and has its turn, if there is any."""
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
        """Refuse who has waited to write for too long."""
        if self._longest_wait is None:
            return
        came_last = time.monotonic() - self._longest_wait
        for (_, writes), queue in self._waiting.items():
            while writes and queue and queue[0][0] < came_last:
                begun = queue.popleft()[3]
                self._count -= 1
                if not begun.done():
                    begun.set_exception(LaneFullError())

    def _look_again(self) -> None:
        """Look again when those that run have taken their time, or somebody has waited too long."""
        if self._timer:
            self._timer.cancel()
            self._timer = None
        now, due = time.monotonic(), []
        if self._count and len(self._running) < len(self._threads):
            ends = (call.began + self._patience for call in self._running)
            due += [end for end in ends if end > now]
            # Somebody may have become free since we looked.
            if any(
                queue and self._may_begin(writes=writes)
                for (_, writes), queue in self._waiting.items()
            ):
                due.append(now)
        if self._longest_wait is not None:
            queues = (queue for (_, writes), queue in self._waiting.items() if writes and queue)
            due += [queue[0][0] + self._longest_wait for queue in queues]
        if due:
            self._timer = self._loop.call_later(max(0, min(due) - now), self._look)

    def _look(self) -> None:
        self._timer = None
        self._begin_waiting()


def _wake(loop: asyncio.AbstractEventLoop, tell: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(tell)
    except RuntimeError:
        # The loop has ended, and nobody waits any more.
        return
