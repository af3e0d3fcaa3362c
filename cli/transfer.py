"""The `leadbook import` command."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from leadbook.cli.options import a_database, database_option, file_mode, one_line_errors, say
from leadbook.cli.stopping import held_signals, tell_stopped
from leadbook.transfer.refused import ImportStoppedError, printable

if TYPE_CHECKING:
    from leadbook.storage.database import Database
    from leadbook.transfer.importing import Job, Report, Steps
    from leadbook.transfer.rejects import RejectedFile

_SOME_REJECTED = 3
_MAP = "Import COLUMN as FIELD, or leave COLUMN out if FIELD is empty. Repeatable."
_VALUE = "Replace a word, such as 'status:On Hold=contacted'. Repeatable."


@click.command("import")
@click.argument("kind", type=click.Choice(["leads", "clients"]))
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@database_option
@click.option("--dry-run", is_flag=True, help="Show what would happen, and change nothing.")
@click.option(
    "--on-duplicate",
    type=click.Choice(["create", "skip", "update", "reject"]),
    help="What to do if the address already exists. [leads: create, clients: reject]",
)
@click.option("--strict", is_flag=True, help="Import all rows, or none.")
@click.option(
    "--from-line",
    type=click.IntRange(1),
    default=1,
    metavar="LINE",
    help="Skip the rows that begin before this line.",
)
@click.option("--map", "columns", multiple=True, metavar="COLUMN=FIELD", help=_MAP)
@click.option("--value", "words", multiple=True, metavar="FIELD:WORD=VALUE", help=_VALUE)
@click.option(
    "--rejected",
    type=click.Path(path_type=Path),
    help="The file for rejected rows. [FILE.rejected.csv]",
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
    """Import leads or clients from FILE, CSV or JSON Lines; - means standard input."""
    from leadbook.storage.clock import Clock
    from leadbook.storage.private_files import Permissions, temporary_folder
    from leadbook.storage.sqlite.file import open_database
    from leadbook.storage.sqlite.file_checks import is_missing, real_path
    from leadbook.transfer.importing import Steps
    from leadbook.transfer.rehearsal import rehearsal
    from leadbook.transfer.rejects import RejectedFile

    # A character that the terminal cannot show must not stop the import.
    getattr(sys.stdout, "reconfigure", lambda **_: None)(errors="backslashreplace")
    with ExitStack() as stack:
        job = _job(stack.enter_context(_readable(file)), file, kind, strict, options)
        path = rejected or _usual_place(file, job)
        place = real_path(a_database(database)).absolute()
        if database is None and is_missing(place):
            # It may be the wrong folder, so the path of the new database is shown.
            click.echo(f"There is no database {place} yet.", err=True)
            if dry_run:
                place = stack.enter_context(temporary_folder()) / "empty.db"
        opened = open_database(place, Clock(), file_mode=file_mode())
        stack.enter_context(closing(opened))
        steps = Steps(look=stack.enter_context(held_signals()))
        if dry_run:
            # The same run. It counts rejected rows and does not keep them.
            opened, prepare = stack.enter_context(rehearsal(opened, job))
            steps = replace(steps, prepare=prepare, is_rehearsal=True)
            path = stack.enter_context(temporary_folder()) / "rejected"
        rejects = RejectedFile(path, job.source.format, Permissions.made_from(file, file_mode()))
        finished = _run(job, opened, rejects, steps)
        sys.exit(_end(finished, dry_run, strict, path))


def _run(
    job: "Job", database: "Database", rejects: "RejectedFile", steps: "Steps"
) -> "Report | ImportStoppedError":
    """Return the result of the import, even if the file of rejected rows cannot be written."""
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
    """Print the result of the import; return the exit code."""
    if isinstance(finished, ImportStoppedError):
        return tell_stopped(finished)
    try:
        _tell(finished, dry_run, strict, path)
        sys.stdout.flush()
    except OSError:
        # The reader has closed the pipe, or the disk is full. The exit code still tells the result.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    some_rejected = _SOME_REJECTED if finished.outcomes.total() else 1
    return some_rejected if finished.rejected else 0


def _job(opened: BinaryIO, file: Path, kind: str, strict: bool, options: dict[str, Any]) -> Any:
    from leadbook.transfer.importing import Job
    from leadbook.transfer.kinds import KINDS
    from leadbook.transfer.options import OptionError, choices, parse_overrides
    from leadbook.transfer.source import Source

    name = "The standard input" if str(file) == "-" else str(file)
    known = KINDS[kind]
    on_duplicate: Any = options["on_duplicate"] or choices(known)[0]
    if on_duplicate not in choices(known):
        raise click.ClickException(
            "Two active clients cannot share an address: skip, update, reject."
        )
    try:
        overrides = parse_overrides(known, options["columns"], options["words"])
    except OptionError as error:
        raise click.ClickException(str(error)) from None
    first = options["from_line"]
    return Job(known, Source(opened, name), on_duplicate, strict, first, overrides)


@contextmanager
def _readable(file: Path) -> Iterator[BinaryIO]:
    """Open the file; copy a pipe to a temporary file first, since it is read twice."""
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
    # An import that continues must not overwrite the rejected rows of the first part.
    part = f".from-{job.from_line}" if job.from_line > 1 else ""
    ending = f"{part}.{job.source.format}"
    # A pipe has no folder of its own to write to.
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
        say("Nothing was imported, because of --strict.")
    if report.rejected and not dry_run:
        shown = printable(str(rejected))
        say(f"The rejected rows are in {shown}, each with its line and the reason.")
