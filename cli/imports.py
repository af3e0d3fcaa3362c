"""The `leadbook import` command."""

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
    LazyChoice,
    a_database,
    database_option,
    file_mode,
    kind_argument,
    one_line_errors,
    say,
)
from leadbook.cli.progress import Progress, tell_stopped
from leadbook.cli.signals import held_signals
from leadbook.transfer.errors import ImportStoppedError, printable

if TYPE_CHECKING:
    from leadbook.storage.database import Database
    from leadbook.transfer.importing import Job, Report, Steps
    from leadbook.transfer.kinds import Kind
    from leadbook.transfer.mapping import Overrides
    from leadbook.transfer.rejects import RejectedFile

_SOME_REJECTED = 3
_ENCODING = "The encoding of FILE, such as cp1250 or shift_jis. [found in the file]"
_MAP = "Import COLUMN as FIELD, such as 'Mobile=phone'; an empty FIELD leaves it out. Repeatable."
_VALUE = "Replace a word, such as 'status:On Hold=contacted'. Repeatable."


def _choices() -> Iterable[str]:
    """Return what any kind of records does with duplicates."""
    from leadbook.transfer.kinds import kinds

    return dict.fromkeys(each for kind in kinds().values() for each in kind.model.on_duplicate)


@click.command("import")
@kind_argument
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@database_option
@click.option("--dry-run", is_flag=True, help="Show what would happen, and change nothing.")
@click.option(
    "--on-duplicate",
    type=LazyChoice(_choices, "[]"),
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
@click.option("--encoding", default="", metavar="NAME", help=_ENCODING)
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
    from leadbook.storage.sqlite.file_checks import is_missing, real_path
    from leadbook.storage.sqlite.opening import open_database, open_to_read
    from leadbook.transfer.importing import Steps
    from leadbook.transfer.rehearsal import rehearsal
    from leadbook.transfer.rejects import RejectedFile

    with ExitStack() as stack:
        job = _job(stack.enter_context(_readable(file)), file, kind, strict, options)
        path = rejected or _usual_place(file, job)
        place = real_path(a_database(database)).absolute()
        if database is None and is_missing(place):
            # It may be the wrong folder, so the path of the new database is shown.
            click.echo(f"There is no database {place} yet.", err=True)
            if dry_run:
                place = stack.enter_context(temporary_folder()) / "empty.db"
        at = place, Clock()
        opened = stack.enter_context(
            open_to_read(*at) if dry_run else closing(open_database(*at, file_mode=file_mode()))
        )
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
    from leadbook.transfer.kinds import kinds
    from leadbook.transfer.source import Source

    name = "The standard input" if str(file) == "-" else str(file)
    known = kinds()[kind]
    choices = known.model.on_duplicate
    on_duplicate = options["on_duplicate"]
    if on_duplicate is None:
        on_duplicate = choices[0]
    if on_duplicate not in choices:
        raise click.ClickException(
            f"--on-duplicate for {kind} must be one of: {', '.join(choices)}."
        )
    overrides = _overrides(known, options["columns"], options["words"])
    first = options["from_line"]
    source = Source(opened, name, charset=options["encoding"])
    return Job(known, source, on_duplicate, strict, first, overrides)


def _overrides(kind: "Kind", columns: Iterable[str], words: Iterable[str]) -> "Overrides":
    """Return the overrides; `columns` are `Column=field`, `words` are `field:Word=value`.

    Raises ClickException.
    """
    from leadbook.schemas import choices_of
    from leadbook.transfer.mapping import Overrides
    from leadbook.transfer.synonyms import normalized

    parsed: dict[str, dict[str, str]] = {}
    for text in words:
        name, _, rest = text.partition(":")
        word, separator, ours = rest.rpartition("=")
        if not separator or name not in kind.inputs or not word:
            raise click.ClickException(
                f"--value must look like 'status:On Hold=contacted', not {text!r}."
            )
        if (choices := choices_of(kind.inputs[name])) and ours not in choices:
            one_of = ", ".join(choices)
            raise click.ClickException(f"A {name} must be one of {one_of}, not {ours!r}.")
        parsed.setdefault(name, {})[normalized(word)] = ours
    return Overrides(tuple(_column(kind, text) for text in columns), parsed)


def _column(kind: "Kind", text: str) -> tuple[str, str]:
    column, separator, name = text.rpartition("=")
    if not separator or not column:
        raise click.ClickException(f"--map must look like 'Column=field', not {text!r}.")
    if name and name not in kind.mappable:
        known = ", ".join(kind.mappable)
        raise click.ClickException(f"There is no field {name!r}. The fields are: {known}.")
    return column, name


@contextmanager
def _readable(file: Path) -> Iterator[BinaryIO]:
    """Open the file; copy a pipe to a temporary file first, since it is read twice."""
    from leadbook.storage.locked_folders import naming
    from leadbook.transfer.source import open_file

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
