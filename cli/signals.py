"""How commands stop: the signals that end them, and the last message of an import."""

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


def tell_stopped(stopped: ImportStoppedError) -> int:
    """Print how many rows are stored and why the import stopped; return the exit code."""
    cause = stopped.cause
    is_signalled = isinstance(cause, SignalledError)
    told = "Interrupted; nothing was imported." if is_signalled else "Nothing was imported."
    if stopped.rows:
        told = (
            f"{'Interrupted' if is_signalled else 'Stopped'}; {stopped.rows:,} rows are stored. "
            f"The last one begins on line {stopped.line}. To continue after it, run the command "
            f"again with --from-line {stopped.line + 1}."
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
