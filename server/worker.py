"""One of several processes that serve a socket."""

import os
import signal
import socket
from dataclasses import dataclass

from flask import Flask

from leadbook.server.front import Front
from leadbook.server.seat import Seat
from leadbook.server.signals import ENDING
from leadbook.server.turns import Turn

READY = ord("R")


@dataclass(frozen=True)
class Worker:
    """What a worker is given: its seat, and a socket that leads to the first process.

    `life` is a descriptor that can be read when the first process has ended.
    """

    seat: Seat
    first: socket.socket
    life: int


def serve_as_worker(app: Flask, listener: socket.socket, worker: Worker) -> None:
    """Serve `app` until SIGTERM, or until the first process ends; for `Workers`."""
    database = app.extensions["leadbook"]
    database.queue_at(Turn(worker.first))
    front = Front(app, listener, app.config["THREADS"], worker.seat)
    # What a terminal sends to all, the first process passes on.
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: front.stop())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def ready() -> None:
        # What is in flight is nobody's any more.
        front.loop.add_reader(worker.life, os._exit, 0)
        worker.first.send(bytes((READY, 0)))

    def look() -> None:
        # The next request, at which the log would be tidied, may be another worker's.
        if database.has_work:
            front.service.do_in_a_thread(database.tidy_when_quiet)

    front.run(ready, look)
