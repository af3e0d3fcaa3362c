"""The `leadbook import` command."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from leadbook.cli.import_files import looked_at, readable, to_fill
from leadbook.cli.options import (
    LazyChoice,
    a_database,
    database_option,
    file_mode,
    kind_argument,
    one_line_errors,
    say,
    warn,
)
from leadbook.cli.overrides import overrides_of
from leadbook.cli.progress import Progress, tell_stopped
from leadbook.cli.signals import held_signals
from leadbook.transfer.errors import ImportStoppedError, printable

if TYPE_CHECKING:
    from leadbook.storage.database import Database
    from leadbook.transfer.importing import Job, Reject, Steps
    from leadbook.transfer.rejects import RejectedFile
    from leadbook.transfer.reports import Report

_SOME_REJECTED = 3
_ENCODING = "The encoding of FILE, such as cp1250 or shift_jis. [found in the file]"
_MAP = "Import COLUMN as FIELD, such as 'Mobile=phone'; an empty FIELD leaves it out. Repeatable."
_SHEET = "The sheet of a workbook, by its name or number. [the first one with addresses]"
_VALUE = "Replace a word, such as 'status:On Hold=contacted'. Repeatable."
_NO_CUSTOM = (
    "Leave out the columns that no field takes. Those of people become custom fields otherwise."
)
_DATE_ORDER = "Read 2/3/2024 day first or month first, if no cell of its column proves the order."


def _choices() -> Iterable[str]:
    """Return what any kind of records does with duplicates."""
    from leadbook.transfer.columns.kinds import kinds

    return dict.fromkeys(each for kind in kinds().values() for each in kind.model.on_duplicate)


@click.command("import")
@kind_argument
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@database_option
@click.option("--dry-run", is_flag=True, help="Show what would happen, and change nothing.")
@click.option(
    "--on-duplicate",
    type=LazyChoice(_choices, "[]"),
    help="If the address, or the id of an export, exists. Only leads have create, their default. "
    "[reject]",
)
@click.option("--strict", is_flag=True, help="Import all rows, or none.")
@click.option(
    "--from-line",
    type=click.IntRange(1),
    default=1,
    metavar="LINE",
    help="Skip the rows that begin before this line.",
)
@click.option("--sheet", default="", metavar="NAME", help=_SHEET)
@click.option("--encoding", default="", metavar="NAME", help=_ENCODING)
@click.option("--map", "columns", multiple=True, metavar="COLUMN=FIELD", help=_MAP)
@click.option("--value", "words", multiple=True, metavar="FIELD:WORD=VALUE", help=_VALUE)
@click.option("--no-custom", is_flag=True, help=_NO_CUSTOM)
@click.option("--date-order", type=click.Choice(("dmy", "mdy")), help=_DATE_ORDER)
@click.option(
    "--rejected",
    type=click.Path(path_type=Path),
    help="A new file for rejected rows; a number is added if it exists. [FILE.rejected.csv]",
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
    """Import records from FILE: CSV, .xlsx, JSON or vCards; - means standard input.

    Import people before what belongs to them, and tickets before comments.
    """
    from leadbook.storage.private_files import Permissions
    from leadbook.storage.sqlite.file_checks import is_missing, real_path, require_another_file
    from leadbook.transfer.importing import Steps, require_rows
    from leadbook.transfer.rehearsal import rehearsal
    from leadbook.transfer.rejects import RejectedFile, require_place, usual_place

    with ExitStack() as stack:
        job = _job(stack.enter_context(readable(file)), file, kind, strict, options)
        path = rejected or usual_place(file, job.source, job.from_line)
        place = a_database(database)
        if not dry_run:
            require_place(path)
            require_another_file(path, place)
        if not dry_run and is_missing(real_path(place)):
            # No empty database must stay behind a file that is refused.
            require_rows(job)
        opened = stack.enter_context(
            looked_at(place) if dry_run else to_fill(place, is_named=database is not None)
        )
        steps = Steps(look=stack.enter_context(held_signals()))
        if dry_run:
            # The same run. It counts rejected rows and does not keep them.
            opened, prepare = stack.enter_context(rehearsal(opened, job))
            steps = replace(steps, prepare=prepare, is_rehearsal=True)
            finished = _run(job, opened, lambda *_: None, steps)
            sys.exit(_end(finished, dry_run, strict, None))
        permissions = Permissions.made_from(file, file_mode())
        rejects = RejectedFile(path, job.source, permissions)
        finished = _run_and_keep(job, opened, rejects, steps)
        sys.exit(_end(finished, dry_run, strict, rejects))


def _run(
    job: "Job", database: "Database", reject: "Reject", steps: "Steps"
) -> "Report | ImportStoppedError":
    from leadbook.transfer.importing import run

    with Progress(job.source.size, sys.stderr) as progress:
        try:
            return run(job, database, reject, progress.tell, steps)
        except ImportStoppedError as error:
            return error


def _run_and_keep(
    job: "Job", database: "Database", rejects: "RejectedFile", steps: "Steps"
) -> "Report | ImportStoppedError":
    """Return the result of the import, even if the file of rejected rows cannot be written."""
    finished: Report | ImportStoppedError | None = None
    try:
        with rejects:
            finished = _run(job, database, rejects.add, steps)
    except OSError as error:
        if finished is None:
            raise
        lost = f"Rejected rows could not be written to {rejects.path}"
        warn(printable(f"leadbook: {lost}: {error.strerror}."))
    return finished


def _end(
    finished: "Report | ImportStoppedError",
    dry_run: bool,
    strict: bool,
    rejects: "RejectedFile | None",
) -> int:
    """Print the result of the import; return the exit code."""
    if isinstance(finished, ImportStoppedError):
        code = tell_stopped(finished)
        for line in _place_of(rejects):
            warn(line)
        return code
    try:
        _tell(finished, dry_run, strict)
        for line in _place_of(rejects):
            say(line)
        sys.stdout.flush()
    except OSError:
        # The reader has closed the pipe, or the disk is full. The exit code still tells the result.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    some_rejected = _SOME_REJECTED if finished.outcomes.total() else 1
    return some_rejected if finished.rejected else 0


def _job(opened: BinaryIO, file: Path, kind: str, strict: bool, options: dict[str, Any]) -> Any:
    from leadbook.transfer.columns.kinds import kinds
    from leadbook.transfer.files.source import Source
    from leadbook.transfer.importing import Job

    name = "The standard input" if str(file) == "-" else str(file)
    known = kinds()[kind]
    choices = known.model.on_duplicate
    on_duplicate = options["on_duplicate"]
    if on_duplicate is None:
        on_duplicate = choices[0]
    if on_duplicate not in choices:
        one_of = f"--on-duplicate for {kind} must be one of: {', '.join(choices)}."
        raise click.ClickException(f"{one_of} {known.model.why_no_create}".rstrip())
    overrides = replace(
        overrides_of(known, options["columns"], options["words"]),
        keeps_columns=not options["no_custom"],
        date_order=options["date_order"],
    )
    first = options["from_line"]
    source = Source(opened, name, charset=options["encoding"], sheet=options["sheet"])
    return Job(known, source, on_duplicate, strict, first, overrides)


def _place_of(rejects: "RejectedFile | None") -> Iterator[str]:
    """Yield a line that says where the rejected rows are, if there is a file of them."""
    if rejects and rejects.place:
        what = "The" if rejects.is_complete else "Only some of the"
        place = printable(str(rejects.place))
        yield f"{what} rejected rows are in {place}, each with its line and the reason."


def _tell(report: "Report", dry_run: bool, strict: bool) -> None:
    from leadbook.transfer.summary import (
        columns_of,
        counts_of,
        reasons_of,
        remarks_of,
        shown_records,
    )

    for line in columns_of(report):
        say(line)
    if dry_run:
        for line in shown_records(report):
            say(line)
    unstored = chain(reasons_of(report), remarks_of(report))
    for line in chain(counts_of(report, dry_run=dry_run), unstored):
        say(line)
    if report.rejected and strict:
        say(f"Nothing {'would be' if dry_run else 'was'} imported, because of --strict.")
