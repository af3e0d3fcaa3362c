"""The threads that run the app, and the calls that they run."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from leadbook.storage.system import monotonic


class Call:
    """A function to run: whether it `writes`, and whether its client `has_more` requests.

    While it `is_paused`, it waits for others or for the disk, and may end at any moment.
    """

    def __init__(
        self, function: Callable[[], Any], *, writes: bool = False, has_more: bool = False
    ) -> None:
        self._function = function
        self.writes = writes
        self.has_more = has_more
        self._returned: Any = None
        self._error: BaseException | None = None
        # Released when the call pauses or is done.
        self._running = Lock()
        self._running.acquire()
        self.began = 0.0
        # How long it took, when it is done.
        self.seconds = 0.0
        self.is_done = self.is_paused = False
        # Whether its lane has seen that it is done, so that another call may begin.
        self.is_over = False
        self.when_done: Callable[[], None] | None = None
        self.when_paused: Callable[[], None] = _nothing

    def run(self, when_free: Callable[[], None]) -> None:
        """Run the function; call `when_free` before the call is marked as done."""
        try:
            self._returned = self._function()
        except BaseException as error:
            self._error = error
        # Its environ refers to this call.
        self._function = _nothing
        when_free()
        self.seconds = monotonic() - self.began
        self.is_done = True
        self._stop_waiting()
        if self.when_done:
            self.when_done()

    def pause(self) -> None:
        """Let other calls begin; the function calls it before it waits."""
        if not self.is_paused:
            self.is_paused = True
            self._stop_waiting()
            self.when_paused()

    def _stop_waiting(self) -> None:
        if self._running.locked():
            self._running.release()

    def is_done_within(self, seconds: float) -> bool:
        """Wait up to `seconds` until it is done or paused; return whether it is done."""
        self._running.acquire(timeout=seconds)
        return self.is_done

    def result(self) -> Any:
        """Return what the function returned, or raise what it raised."""
        if self._error:
            raise self._error
        return self._returned


class _Worker(Thread):
    """A thread that runs the calls that it gets; after each, it adds itself to `free`."""

    def __init__(self, name: str, free: "list[_Worker]") -> None:
        # A daemon, so that a call that hangs does not keep the process alive.
        super().__init__(name=name, daemon=True)
        self._free = free
        self._given: SimpleQueue[Call | None] = SimpleQueue()
        self.give = self._given.put

    def run(self) -> None:
        while call := self._given.get():
            call.run(self._be_free)

    def _be_free(self) -> None:
        self._free.append(self)


class Threads:
    """A group of threads; the thread that became free last gets the next call.

    The caches of its database connection and its processor have what the next call needs.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._free: list[_Worker] = []
        self._all: list[_Worker] = []

    def run(self, call: Call) -> None:
        """Run the call in a free thread, or in a new one."""
        thread = self._free.pop() if self._free else self._another()
        call.began = monotonic()
        thread.give(call)

    def _another(self) -> _Worker:
        thread = _Worker(f"leadbook-{self._name}-{len(self._all)}", self._free)
        self._all.append(thread)
        thread.start()
        return thread

    def end(self, seconds: float) -> None:
        """End the threads; wait up to `seconds` for all of them together."""
        deadline = monotonic() + seconds
        for thread in self._all:
            thread.give(None)
        for thread in self._all:
            thread.join(max(0, deadline - monotonic()))


def _nothing() -> None:
    return
