"""How commands stop: the signals that end them, and what an import says that has to end."""

import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import click

from leadbook.cli.options import one_line_errors
from leadbook.transfer.errors import ImportStoppedError

_STOPPED, _SIGNALLED = 4, 128


class SignalledError(Exception):
    """A signal asks to stop; `number` says which."""

    def __init__(self, number: int) -> None:
        super().__init__("Interrupted")
        self.number = number


def handle_signals(handler: Callable[[int, FrameType | None], None]) -> None:
    """Have `handler` called for SIGINT, SIGTERM and SIGHUP; under nohup SIGHUP stays ignored."""
    # A shell has what runs in its background ignore SIGINT, and whoever sends one means it.
    numbers = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        numbers.append(signal.SIGHUP)
    for number in numbers:
        signal.signal(number, handler)


@contextmanager
def held_signals() -> Iterator[Callable[[], None]]:
    """Yield what raises SignalledError once a signal has come.

    One that raised by itself, between a commit and its being counted, would make a liar of us.
    """
    came: list[int] = []
    former = {
        each: signal.signal(each, lambda number, _: came.append(number))
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        # Such as of nohup, or in the background of a shell.
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


def tell_stopped(stopped: ImportStoppedError) -> int:
    """Tell how far the import came, and why no further; return the exit code."""
    cause = stopped.cause
    is_signalled = isinstance(cause, SignalledError)
    told = "Interrupted; nothing was done." if is_signalled else "Nothing was done."
    if stopped.rows:
        told = (
            f"{'Interrupted' if is_signalled else 'Stopped'}; {stopped.rows:,} rows are done and "
            f"stay. The last one begins on line {stopped.line}: run it again with "
            f"--from-line {stopped.line + 1} to go on behind it."
        )
    click.echo(told, err=True)
    if isinstance(cause, SignalledError):
        return _SIGNALLED + cause.number
    try:
        one_line_errors(_raise)(cause)
    except SystemExit:
        pass
    except Exception:
        traceback.print_exc()
    return _STOPPED if stopped.rows else 1


def _raise(error: BaseException) -> None:
    raise error
