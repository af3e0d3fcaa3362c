"""The `leadbook export` command."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadbook.cli.options import (
    a_database,
    database_option,
    file_mode,
    kind_argument,
    one_line_errors,
    printing,
)

if TYPE_CHECKING:
    from leadbook.transfer.kinds import Kind

_FORMAT = "The format of FILE. [jsonl if FILE ends in .jsonl, otherwise csv]"


@click.command("export")
@kind_argument
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default=Path("-"))
@database_option
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl"]), help=_FORMAT)
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
@click.option("--status", help="Only records with this status. [all, archived clients included]")
@click.option("--search", help="Only records with all these words in name, email or company.")
@click.option("--email", help="Only records with this address.")
@click.option(
    "--created-since",
    metavar="TIME",
    help="Only records created at or after TIME, such as 2026-01-31T09:00:00Z.",
)
@click.option("--updated-since", metavar="TIME", help="Only records changed at or after TIME.")
@one_line_errors
def export_command(
    kind: str,
    file: Path,
    database: str | None,
    format_: str | None,
    force: bool,
    **filters: str | None,
) -> None:
    """Export leads or clients to FILE as CSV or JSON Lines; - means standard output."""
    from leadbook.storage.clock import Clock
    from leadbook.storage.sqlite.file_checks import check_header
    from leadbook.storage.sqlite.opening import open_to_read
    from leadbook.transfer.exporting import export
    from leadbook.transfer.kinds import kinds

    path, mode = a_database(database), file_mode()
    # open_database would create a missing database, and a read must not.
    check_header(path)
    known = kinds()[kind]
    chosen: Any = format_ or ("jsonl" if file.suffix == ".jsonl" else "csv")
    with (
        open_to_read(path, Clock(), file_mode=mode) as opened,
        _writable(file, path, force, mode) as write,
    ):
        for part in export(opened, known, chosen, **_checked(known, filters)):
            write(part)


def _checked(kind: "Kind", filters: dict[str, str | None]) -> dict[str, str | None]:
    from marshmallow import ValidationError

    from leadbook.web.queries import export_query

    query = export_query(kind.model)()
    named = {str(query.fields[name].data_key): value for name, value in filters.items() if value}
    try:
        checked: dict[str, str | None] = query.load(named)
    except ValidationError as error:
        [(name, [message]), *_] = error.normalized_messages().items()
        raise click.ClickException(f"{name}: {message}") from None
    del checked["format"]
    return checked


@contextmanager
def _writable(file: Path, database: Path, force: bool, mode: int) -> Iterator[Callable[..., Any]]:
    """Yield a function that writes to FILE; FILE appears only when it is complete."""
    from leadbook.storage.private_files import Permissions, new_file
    from leadbook.storage.sqlite.file_checks import require_another_file

    if str(file) == "-":
        with printing():
            yield sys.stdout.buffer.write
            sys.stdout.buffer.flush()
        return
    require_another_file(file, database)
    permissions = Permissions.made_from(database, mode)
    with new_file(file, permissions, overwrite=force) as fresh, fresh.open("wb") as opened:
        yield opened.write
