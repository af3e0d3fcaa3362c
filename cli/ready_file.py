"""The file of `--ready-file`: it exists while a server answers, and says where."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

# How a ready file begins, and its mode: it contains no records, so everybody may read it.
_BEGINNING, _READABLE = '{"url": ', 0o644


@contextmanager
def own(ready_file: Path) -> Iterator[None]:
    """Remove a ready file before and after the block, but never a file of somebody else."""
    if ready_file.exists():
        # A ready file of an earlier server, which was killed, would mislead whoever waits for it.
        if not _is_ready_file(ready_file, _BEGINNING):
            raise click.ClickException(f"{ready_file} exists and is not a ready file.")
        ready_file.unlink()
    try:
        yield
    finally:
        # Another server may have replaced it by its own.
        if _is_ready_file(ready_file, f'"pid": {os.getpid()},'):
            ready_file.unlink()


def write(ready_file: Path, line: str) -> None:
    """Write the line, and then give the file its name."""
    from leadbook.storage.private_files import Permissions, publish, unfinished

    # A process that waits for the file must not read half of it.
    with unfinished(ready_file.parent) as fresh:
        fresh.write_text(f"{line}\n", encoding="utf-8")
        publish(fresh, ready_file, Permissions(_READABLE), overwrite=True)


def _is_ready_file(path: Path, part: str) -> bool:
    if not path.is_file():
        return False
    line = path.read_text(encoding="utf-8", errors="replace")
    return line.startswith(_BEGINNING) and part in line
