"""What SIGINT, SIGTERM and SIGHUP do to a command; server/front.py ends a server."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

# What a shell adds to the number of a signal.
SIGNALLED = 128


class SignalledError(Exception):
    """The signal `number` asks the import to stop."""

    def __init__(self, number: int) -> None:
        super().__init__("Interrupted")
        self.number = number


def handle_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    """Call `handler` on SIGINT, SIGTERM and SIGHUP; under nohup SIGHUP stays ignored."""
    # A shell lets background processes ignore SIGINT, but whoever sends it explicitly means it.
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    for number in numbers:
        signal.signal(number, handler)


@contextmanager
def held_signals() -> Iterator[Callable[[], None]]:
    """Yield a function that raises SignalledError if a signal has arrived.

    An exception straight from the handler could come between a commit and its count. The message
    would then report too few rows.
    """
    came: list[int] = []
    former = {
        each: signal.signal(each, lambda number, _: came.append(number))
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        # Ignored under nohup, or in the background of a shell.
        if signal.getsignal(each) is not signal.SIG_IGN
    }

    def look() -> None:
        if came:
            raise SignalledError(came[0])

    try:
        yield look
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


@contextmanager
def raised_signals() -> Iterator[None]:
    """Raise an exception in the block on a signal, so that unfinished files are removed."""
    received: list[int] = []

    def stop(number: int, _frame: object) -> None:
        received.append(number)
        raise KeyboardInterrupt

    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    # An ignored signal stays ignored, as under nohup. Only the main thread may set handlers.
    is_main = threading.current_thread() is threading.main_thread()
    known = {each: signal.getsignal(each) for each in signals if is_main}
    known = {each: handler for each, handler in known.items() if handler != signal.SIG_IGN}
    for each in known:
        signal.signal(each, stop)
    try:
        yield
    except BaseException as error:
        # SQLite replaces an exception raised in its callbacks by an error of its own.
        if received:
            if not isinstance(error, SystemExit):
                name = signal.Signals(received[0]).name
                click.echo(f"leadbook: Stopped by {name}; unfinished files were removed.", err=True)
            raise SystemExit(SIGNALLED + received[0]) from None
        raise
    finally:
        for each, handler in known.items():
            signal.signal(each, handler)
