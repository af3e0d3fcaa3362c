"""Several processes that serve one socket: who dies is replaced, and none outlives the first.

They are forked from the first one, which serves nobody: it looks on, and gives turns at writing.
"""

import logging
import mmap
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from leadbook.server.crowd import Seat
from leadbook.server.front import Front
from leadbook.server.listener import CannotServeError
from leadbook.server.turns import WANTED, Turn, Turns

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What a worker says when it is; the rest it says to Turns.
_READY = ord("R")
_LOOK_SECONDS = 1
# One that dies sooner would soon die again.
_SHORTEST_LIFE_SECONDS = 1
# After its own farewell.
_LONGEST_FAREWELL_SECONDS = 12
# In the seat of a process that is not there, so that the others leave it nothing.
_ABSENT = 2**31 - 1

_log = logging.getLogger("leadbook.workers")


def serve_as_worker(
    app: Flask, listener: socket.socket, seat: Seat, first: socket.socket, life: int
) -> None:
    """Serve `app` until SIGTERM, or until the first process ends.

    `first` leads to that process; `life` can be read when it has ended.
    """
    database = app.extensions["leadbook"]
    database.queue_at(Turn(first))
    front = Front(app, listener, app.config["THREADS"], seat)
    # What a terminal sends to all, the first process passes on.
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: front.stop())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)

    def ready() -> None:
        # What is in flight is nobody's any more.
        front.loop.add_reader(life, os._exit, 0)
        first.send(bytes((_READY, 0)))

    def look() -> None:
        # The next request, at which the log would be tidied, may be another worker's.
        if database.has_work:
            front.service.do_in_a_thread(database.tidy_when_quiet)

    front.run(ready, look)


@dataclass
class _Started:
    """A worker as the first process sees it."""

    number: int
    pid: int
    socket: socket.socket
    since: float
    is_ready: bool = False


class Workers:
    """So many processes that serve `app`; this one closes `listener` at the end."""

    def __init__(self, app: Flask, listener: socket.socket, count: int) -> None:
        self._app = app
        self._listener = listener
        self._loads = memoryview(mmap.mmap(-1, mmap.PAGESIZE)).cast("i")[:count]
        self._life, self._own_life = os.pipe()
        self._turns = Turns()
        self._started: dict[int, _Started] = {}
        # When to start the worker of each seat that is empty.
        self._due = dict.fromkeys(range(count), 0.0)
        self._ends_by: float | None = None
        self._has_begun = False

    def run(self, ready: Callable[[], None], look: Callable[[], None] | None) -> None:
        """Serve until `stop` is called. Raises CannotServeError.

        `ready` is called when the next request will be answered, and `look`, where it is given,
        once a second.
        """
        with selectors.DefaultSelector() as self._selector:
            while self._started or self._ends_by is None:
                self._start_those_due()
                for key, _ in self._selector.select(_LOOK_SECONDS):
                    self._hear(key.data)
                if not self._has_begun and self._are_all_ready():
                    self._has_begun = True
                    ready()
                if look:
                    look()
                if self._ends_by and time.monotonic() > self._ends_by:
                    self._signal_all(signal.SIGKILL)

    def stop(self) -> None:
        """Have the workers finish what is in flight, and `run` return; for a signal handler."""
        self._ends_by = time.monotonic() + _LONGEST_FAREWELL_SECONDS
        # The workers have their own; while one is open, clients would wait at it.
        self._listener.close()
        self._signal_all(signal.SIGTERM)

    def end_at_once(self, code: int) -> None:
        """End, whatever is in flight; for a signal handler."""
        self._signal_all(signal.SIGKILL)
        sys.exit(code)

    def _are_all_ready(self) -> bool:
        return not self._due and all(each.is_ready for each in self._started.values())

    def _signal_all(self, number: int) -> None:
        for each in self._started.values():
            os.kill(each.pid, number)

    def _start_those_due(self) -> None:
        now = time.monotonic()
        for number, due in list(self._due.items()):
            # A signal in between would miss the new one.
            signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
            if self._ends_by is None and due <= now:
                del self._due[number]
                self._start(number)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)

    def _start(self, number: int) -> None:
        ours, theirs = socket.socketpair()
        self._loads[number] = 0
        pid = os.fork()
        if not pid:
            ours.close()
            self._become_worker(Seat(self._loads, number), theirs)
        theirs.close()
        started = self._started[number] = _Started(number, pid, ours, time.monotonic())
        self._selector.register(ours, selectors.EVENT_READ, started)

    def _become_worker(self, seat: Seat, first: socket.socket) -> None:
        """Work, and end without a step into what the first process would still do."""
        code = 1
        try:
            # Who holds one of these would seem to be the first process.
            os.close(self._own_life)
            for each in self._started.values():
                each.socket.close()
            serve_as_worker(self._app, self._listener, seat, first, self._life)
            code = 0
        except Exception:
            _log.exception("A worker has failed.")
        finally:
            os._exit(code)

    def _hear(self, worker: _Started) -> None:
        try:
            said = worker.socket.recv(4096)
        except ConnectionError:
            # It ended before it heard what it was told.
            said = b""
        if not said:
            self._bury(worker)
        for what, number in zip(said[::2], said[1::2], strict=True):
            if what == _READY:
                worker.is_ready = True
            elif what == WANTED:
                self._turns.want(worker.socket, number)
            else:
                self._turns.end(worker.socket)

    def _bury(self, worker: _Started) -> None:
        """Forget a worker that has ended, and have another take its place."""
        self._turns.end(worker.socket)
        self._selector.unregister(worker.socket)
        worker.socket.close()
        del self._started[worker.number]
        self._loads[worker.number] = _ABSENT
        _, status = os.waitpid(worker.pid, 0)
        if self._ends_by is not None:
            return
        code = os.waitstatus_to_exitcode(status)
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        if not self._has_begun:
            self._signal_all(signal.SIGKILL)
            raise CannotServeError(f"A worker process ended {how} before it could answer.")
        _log.warning("Worker process %d has ended %s; another takes its place.", worker.pid, how)
        lived = time.monotonic() - worker.since
        self._due[worker.number] = time.monotonic() + max(0, _SHORTEST_LIFE_SECONDS - lived)
