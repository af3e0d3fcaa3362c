"""The files of an import: the one that it reads, and the database that it fills or looks at."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from leadbook.cli.options import file_mode, warn
from leadbook.transfer.errors import printable

if TYPE_CHECKING:
    from leadbook.storage.database import Database


@contextmanager
def readable(file: Path) -> Iterator[BinaryIO]:
    """Open the file; copy a pipe to a temporary file first, since it is read twice."""
    from leadbook.storage.locked_folders import naming
    from leadbook.transfer.files.source import open_file

    with ExitStack() as stack:
        is_input = str(file) == "-"
        opened = sys.stdin.buffer if is_input else stack.enter_context(open_file(file))
        if not is_input and opened.seekable():
            yield opened
            return
        with naming(Path(tempfile.gettempdir())):
            spooled = stack.enter_context(tempfile.TemporaryFile())
            shutil.copyfileobj(opened, spooled)
        yield spooled


@contextmanager
def looked_at(place: Path) -> Iterator["Database"]:
    """Open the database for a dry run, which changes nothing and creates nothing."""
    from leadbook.storage.clock import Clock
    from leadbook.storage.sqlite.file_checks import check_header, is_missing, real_path
    from leadbook.storage.sqlite.opening import open_unchanged
    from leadbook.storage.sqlite.upgrade import USER_VERSION

    place = real_path(place)
    if is_missing(place):
        _tell_missing(place)
    elif check_header(place) < USER_VERSION:
        shown = printable(str(place))
        warn(f"{shown} is of an earlier version. The dry run leaves it so; an import upgrades it.")
    with open_unchanged(place, Clock()) as opened:
        yield opened


@contextmanager
def to_fill(place: Path, *, is_named: bool) -> Iterator["Database"]:
    """Open the database for an import; create it if it is missing, and say so."""
    from leadbook.storage.clock import Clock
    from leadbook.storage.sqlite.file_checks import is_missing, real_path
    from leadbook.storage.sqlite.opening import open_database

    place = real_path(place)
    if not is_named and is_missing(place):
        # It may be the wrong folder, so the path of the new database is shown.
        _tell_missing(place)
    with closing(open_database(place, Clock(), file_mode=file_mode())) as opened:
        yield opened


def _tell_missing(place: Path) -> None:
    warn(f"There is no database {printable(str(place))} yet.")
