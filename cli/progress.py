"""Progress of an import, and its last message when it stops early.

A terminal gets a bar, other streams a line every few seconds.
"""

import time
import traceback
from typing import Any, Self, TextIO

import click

from leadbook.cli.options import one_line_errors
from leadbook.cli.signals import SIGNALLED, SignalledError
from leadbook.transfer.errors import ImportStoppedError

_SECONDS_BETWEEN_LINES = 5
_STOPPED = 4


class Progress:
    """Shows on `stream` how much of `size` bytes is done, the rows a second and the time left."""

    def __init__(self, size: int, stream: TextIO) -> None:
        self.rows = 0
        self._size = size
        self._stream = stream
        self._began = self._told = time.monotonic()
        self._bytes = 0
        self._bar: Any = (
            click.progressbar(
                length=size, file=stream, show_eta=True, item_show_func=lambda _: self._rate()
            )
            if stream.isatty()
            else None
        )

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.__exit__(None, None, None)

    def tell(self, position: int, rows: int) -> None:
        """Show that `rows` rows are done, up to byte `position`."""
        done, self._bytes, self.rows = position - self._bytes, position, rows
        if self._bar:
            self._bar.update(done, rows)
            return
        now = time.monotonic()
        if now - self._told >= _SECONDS_BETWEEN_LINES:
            self._told = now
            left = (now - self._began) * (self._size - position) / max(position, 1)
            click.echo(f"{rows:,} rows, {self._rate()}, {left:.0f} s left", file=self._stream)

    def _rate(self) -> str:
        return f"{self.rows / max(time.monotonic() - self._began, 0.001):,.0f} rows/s"


def tell_stopped(stopped: ImportStoppedError) -> int:
    """Print how many rows are stored and why the import stopped; return the exit code."""
    cause = stopped.cause
    is_signalled = isinstance(cause, SignalledError)
    told = "Interrupted; nothing was imported." if is_signalled else "Nothing was imported."
    if stopped.rows:
        told = (
            f"{'Interrupted' if is_signalled else 'Stopped'}; {stopped} "
            f"The last one begins on line {stopped.line}. To continue after it, run the command "
            f"again with --from-line {stopped.line + 1}."
        )
    click.echo(told, err=True)
    if isinstance(cause, SignalledError):
        return SIGNALLED + cause.number
    try:
        one_line_errors(_raise)(cause)
    except SystemExit:
        pass
    except Exception:
        traceback.print_exc()
    return _STOPPED if stopped.rows else 1


def _raise(error: BaseException) -> None:
    raise error
