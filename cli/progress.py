"""Progress of a long job: a bar on a terminal, a line every few seconds elsewhere."""

import time
from typing import Any, Self, TextIO

import click

_SECONDS_BETWEEN_LINES = 5


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
