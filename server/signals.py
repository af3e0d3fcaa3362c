"""The signals that end a process which serves."""

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def handle_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    """Have `handler` called for SIGINT, SIGTERM and SIGHUP; under nohup SIGHUP stays ignored."""
    # A shell has what runs in its background ignore SIGINT, and whoever sends one means it.
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    for number in numbers:
        signal.signal(number, handler)


def end_after(seconds: float, code: int) -> None:
    """End the process so much later, unless it has ended by then, whatever holds it up."""
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()
