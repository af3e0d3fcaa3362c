"""The command that brings data in."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from leadbook.cli.options import (
    a_database,
    database_option,
    file_mode,
    kind_argument,
    one_line_errors,
    say,
)
from leadbook.cli.stopping import held_signals, tell_stopped
from leadbook.transfer.errors import ImportStoppedError, printable

if TYPE_CHECKING:
    from leadbook.storage.database import Database
    from leadbook.transfer.importing import Job, Report, Steps
    from leadbook.transfer.kinds import Kind
    from leadbook.transfer.mapping import Overrides
    from leadbook.transfer.rejects import RejectedFile

_SOME_REJECTED = 3


@click.command("import")
@kind_argument
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@database_option
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@click.option(
    "--on-duplicate",
    metavar="WORD",
    help="What to do where the address is there already. [leads: create, clients: reject]",
)
@click.option("--strict", is_flag=True, help="Import all rows, or none.")
@click.option(
    "--from-line",
    type=click.IntRange(1),
    default=1,
    metavar="LINE",
    help="Pass over the rows that begin before it.",
)
@click.option("--map", "columns", multiple=True, metavar="COLUMN=FIELD", help="Which is which.")
@click.option("--value", "words", multiple=True, metavar="FIELD:WORD=OURS", help="What it means.")
@click.option(
    "--rejected",
    type=click.Path(path_type=Path),
    help="The file for the rows that are rejected. [FILE.rejected.csv]",
)
@one_line_errors
def import_command(
    kind: str,
    file: Path,
    database: str | None,
    dry_run: bool,
    strict: bool,
    rejected: Path | None,
    **options: Any,
) -> None:
    """Import leads or clients from FILE, CSV or JSON Lines; - is the standard input."""
    from leadbook.storage.clock import Clock
    from leadbook.storage.private_files import Permissions, temporary_folder
    from leadbook.storage.sqlite.file import open_database
    from leadbook.storage.sqlite.file_checks import is_missing, real_path
    from leadbook.transfer.importing import Steps
    from leadbook.transfer.rehearsal import rehearsal
    from leadbook.transfer.rejects import RejectedFile

    # What a terminal cannot show is no failure of the import.
    getattr(sys.stdout, "reconfigure", lambda **_: None)(errors="backslashreplace")
    with ExitStack() as stack:
        job = _job(stack.enter_context(_readable(file)), file, kind, strict, options)
        path = rejected or _usual_place(file, job)
        place = real_path(a_database(database)).absolute()
        if database is None and is_missing(place):
            # It may be the wrong folder: a database that is meant to be new gets named.
            click.echo(f"There is no database {place} yet.", err=True)
            if dry_run:
                place = stack.enter_context(temporary_folder()) / "empty.db"
        opened = open_database(place, Clock(), file_mode=file_mode())
        stack.enter_context(closing(opened))
        steps = Steps(look=stack.enter_context(held_signals()))
        if dry_run:
            # The very same run; what it rejects is told, and not written.
            opened, prepare = stack.enter_context(rehearsal(opened, job))
            steps = replace(steps, prepare=prepare, is_rehearsal=True)
            path = stack.enter_context(temporary_folder()) / "rejected"
        rejects = RejectedFile(path, job.source.format, Permissions.made_from(file, file_mode()))
        finished = _run(job, opened, rejects, steps)
        sys.exit(_end(finished, dry_run, strict, path))


def _run(
    job: "Job", database: "Database", rejects: "RejectedFile", steps: "Steps"
) -> "Report | ImportStoppedError":
    """Return what became of the import, whatever becomes of the file of its rejected rows."""
    from leadbook.cli.progress import Progress
    from leadbook.transfer.importing import run

    finished: Report | ImportStoppedError | None = None
    try:
        with rejects, Progress(job.source.size, sys.stderr) as progress:
            try:
                finished = run(job, database, rejects.add, progress.tell, steps)
            except ImportStoppedError as error:
                finished = error
    except OSError as error:
        if finished is None:
            raise
        click.echo(f"leadbook: {rejects.path} is not complete: {error.strerror}.", err=True)
    return finished


def _end(finished: "Report | ImportStoppedError", dry_run: bool, strict: bool, path: Path) -> int:
    """Tell what became of the import; return the exit code."""
    if isinstance(finished, ImportStoppedError):
        return tell_stopped(finished)
    try:
        _tell(finished, dry_run, strict, path)
        sys.stdout.flush()
    except OSError:
        # Whoever reads has enough, or there is no room: the exit code tells it all the same.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    some_rejected = _SOME_REJECTED if finished.outcomes.total() else 1
    return some_rejected if finished.rejected else 0


def _job(opened: BinaryIO, file: Path, kind: str, strict: bool, options: dict[str, Any]) -> Any:
    from leadbook.transfer.importing import Job
    from leadbook.transfer.kinds import kinds
    from leadbook.transfer.source import Source

    name = "The standard input" if str(file) == "-" else str(file)
    known = kinds()[kind]
    choices = known.model.on_duplicate
    on_duplicate = options["on_duplicate"] or choices[0]
    if on_duplicate not in choices:
        raise click.ClickException(f"--on-duplicate for {kind} is one of: {', '.join(choices)}.")
    overrides = _overrides(known, options["columns"], options["words"])
    first = options["from_line"]
    return Job(known, Source(opened, name), on_duplicate, strict, first, overrides)


def _overrides(kind: "Kind", columns: Iterable[str], words: Iterable[str]) -> "Overrides":
    """Return what was said as `Column=field` and `field:Word=ours`. Raises ClickException."""
    from marshmallow.validate import OneOf

    from leadbook.transfer.mapping import Overrides
    from leadbook.transfer.words import normalized

    parsed: dict[str, dict[str, str]] = {}
    for text in words:
        name, _, rest = text.partition(":")
        word, separator, ours = rest.rpartition("=")
        if not separator or name not in kind.inputs or not word:
            raise click.ClickException(
                f"--value must be such as 'status:On Hold=contacted', not {text!r}."
            )
        for known in kind.inputs[name].validators:
            if isinstance(known, OneOf) and ours not in known.choices:
                raise click.ClickException(
                    f"A {name} is one of {known.choices_text}, not {ours!r}."
                )
        parsed.setdefault(name, {})[normalized(word)] = ours
    return Overrides(tuple(_column(kind, text) for text in columns), parsed)


def _column(kind: "Kind", text: str) -> tuple[str, str]:
    column, separator, name = text.rpartition("=")
    if not separator or not column:
        raise click.ClickException(f"--map must be such as 'Column=field', not {text!r}.")
    if name and name not in kind.mappable:
        known = ", ".join(kind.mappable)
        raise click.ClickException(f"There is no field {name!r}; there are {known}.")
    return column, name


@contextmanager
def _readable(file: Path) -> Iterator[BinaryIO]:
    """Open the file; what comes through a pipe is put into one that can be read twice."""
    from leadbook.transfer.source import open_file

    with ExitStack() as stack:
        is_input = str(file) == "-"
        opened = sys.stdin.buffer if is_input else stack.enter_context(open_file(file))
        if not is_input and opened.seekable():
            yield opened
            return
        spooled = stack.enter_context(tempfile.TemporaryFile())
        shutil.copyfileobj(opened, spooled)
        yield spooled


def _usual_place(file: Path, job: "Job") -> Path:
    # An import that goes on leaves the rows that were rejected before.
    part = f".from-{job.from_line}" if job.from_line > 1 else ""
    ending = f"{part}.{job.source.format}"
    # Where a pipe comes from, nothing is to be written.
    if str(file) == "-" or not file.is_file():
        return Path(f"rejected{ending}")
    return file.with_name(f"{file.name}.rejected{ending}")


def _tell(report: "Report", dry_run: bool, strict: bool, rejected: Path) -> None:
    from leadbook.transfer.summary import columns_of, counts_of, shown_records

    for line in columns_of(report):
        say(line)
    if dry_run:
        for line in shown_records(report):
            say(line)
    for line in counts_of(report, dry_run=dry_run):
        say(line)
    if report.rejected and strict:
        say("Nothing was imported, since all or nothing was asked for.")
    if report.rejected and not dry_run:
        shown = printable(str(rejected))
        say(f"The rejected rows, each with its line and the reason, are in {shown}.")
