"""Several processes that serve one socket. A dead one is replaced; none outlives the first.

The first process forks the others. It serves no requests: it watches them, and gives write turns.
"""

import logging
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from flask import Flask

from leadbook.server.front import Beside, Front
from leadbook.server.listener import CannotServeError
from leadbook.server.seats import Seat, Seats
from leadbook.server.turns import WANTED, Turn, Turns

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# The message of a worker that is ready; all others are for Turns.
_READY = ord("R")
_LOOK_SECONDS = 1
# A worker that dies sooner would probably die again, so its replacement waits.
_SHORTEST_LIFE_SECONDS = 1
# A worker ends before that, after its own time limit.
_LONGEST_FAREWELL_SECONDS = 12

_log = logging.getLogger("leadbook.workers")


def serve_as_worker(
    app: Flask,
    listener: socket.socket,
    seat: Seat,
    first: socket.socket,
    life: int,
    beside: Beside = nullcontext,
) -> None:
    """Serve `app` until SIGTERM, or until the first process ends.

    `first` is the socket to that process; `life` becomes readable when it has ended.
    """
    database = app.extensions["leadbook"]
    database.writer = Turn(first)
    front = Front(app, listener, app.config["THREADS"], seat, beside=beside)
    # A terminal sends signals to all processes; only the first one handles them.
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: front.stop())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)

    def ready() -> None:
        # When the first process ends, end at once: no one waits for the running requests.
        front.loop.add_reader(life, os._exit, 0)
        first.send(bytes((_READY, 0)))

    def look() -> None:
        # A request would tidy the log, but the next one may go to another worker.
        if database.has_work:
            front.service.do_in_a_thread(database.tidy_when_quiet)

    front.run(ready, look)


@dataclass
class _Started:
    """What the first process knows about a worker."""

    number: int
    pid: int
    socket: socket.socket
    since: float
    is_ready: bool = False


class Workers:
    """A group of `count` processes that serve `app`; this one closes `listener` at the end.

    `beside` returns what runs beside the server in each of them, as a context.
    """

    def __init__(
        self, app: Flask, listener: socket.socket, count: int, *, beside: Beside = nullcontext
    ) -> None:
        self._app = app
        self._listener = listener
        self._beside = beside
        self._seats = Seats(count)
        self._life, self._own_life = os.pipe()
        self._turns = Turns()
        self._started: dict[int, _Started] = {}
        # When to start the worker of each empty seat.
        self._due = dict.fromkeys(range(count), 0.0)
        self._ends_by: float | None = None
        self._has_begun = False

    def run(self, ready: Callable[[], None], look: Callable[[], None] | None) -> None:
        """Serve until `stop` is called. Raises CannotServeError.

        `ready` is called when the server answers requests; `look` is called every second.
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
        """Let the workers finish their requests, and `run` return; for a signal handler."""
        self._ends_by = time.monotonic() + _LONGEST_FAREWELL_SECONDS
        # The workers have their own copies. While any is open, new clients would connect and wait.
        self._listener.close()
        self._signal_all(signal.SIGTERM)

    def end_at_once(self, code: int) -> None:
        """End at once, even during requests; for a signal handler."""
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
            # A signal in between would not reach the new worker.
            signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
            if self._ends_by is None and due <= now:
                del self._due[number]
                self._start(number)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)

    def _start(self, number: int) -> None:
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if not pid:
            ours.close()
            self._become_worker(Seat(self._seats, number), theirs)
        theirs.close()
        started = self._started[number] = _Started(number, pid, ours, time.monotonic())
        self._selector.register(ours, selectors.EVENT_READ, started)

    def _become_worker(self, seat: Seat, first: socket.socket) -> None:
        """Serve as a worker; then exit without running the rest of the first process's code."""
        code = 1
        try:
            # While a worker has these open, the first process would seem to be alive.
            os.close(self._own_life)
            for each in self._started.values():
                each.socket.close()
            serve_as_worker(self._app, self._listener, seat, first, self._life, self._beside)
            code = 0
        except Exception:
            _log.exception("A worker has failed.")
        finally:
            os._exit(code)

    def _hear(self, worker: _Started) -> None:
        try:
            said = worker.socket.recv(4096)
        except ConnectionError:
            # The worker ended before it read our message.
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
        """Forget a worker that has ended, and plan the start of another one."""
        self._turns.end(worker.socket)
        self._selector.unregister(worker.socket)
        worker.socket.close()
        del self._started[worker.number]
        self._seats.empty(worker.number)
        _, status = os.waitpid(worker.pid, 0)
        if self._ends_by is not None:
            return
        code = os.waitstatus_to_exitcode(status)
        how = f"by signal {-code}" if code < 0 else f"with exit code {code}"
        if not self._has_begun:
            self._signal_all(signal.SIGKILL)
            raise CannotServeError(f"A worker process ended {how} before it could answer.")
        _log.warning("Worker process %d has ended %s; another one replaces it.", worker.pid, how)
        lived = time.monotonic() - worker.since
        self._due[worker.number] = time.monotonic() + max(0, _SHORTEST_LIFE_SECONDS - lived)
