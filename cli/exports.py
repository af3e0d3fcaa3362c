"""The `leadbook export` command."""

import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
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
    from leadbook.transfer.columns.kinds import Kind

_BOM = "Begin a CSV file with a byte order mark, which Excel needs to read UTF-8."
_SEARCH = (
    "Words, or parts of words, that must all occur in the texts of a record. Case, accents and "
    "width are ignored."
)
_FORMAT = "The format of FILE. [jsonl if FILE ends in .jsonl, otherwise csv]"


class _Exporting(click.Command):
    """Has the filters of all kinds as options, found late: that imports the models."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return its own parameters, the filters, and the help option."""
        *own, last = super().get_params(ctx)
        return [*own, *_filter_options(), last]


@cache
def _filter_options() -> list[click.Option]:
    """Return an option for each filter that an export of any kind has."""
    from marshmallow.fields import List

    from leadbook.transfer.columns.kinds import kinds
    from leadbook.web.parameters import ByName
    from leadbook.web.queries import export_filters

    found: dict[str, Any] = {}
    help_: dict[str, str] = {}
    for kind in kinds().values():
        for name, field in export_filters(kind.model):
            told = field.metadata["description"].replace("`", "")
            found[name] = field
            # Only what a search reads differs from kind to kind.
            help_[name] = told if help_.get(name, told) == told else _SEARCH
    return [
        click.Option(
            [f"--{name.replace('_', '-')}"],
            metavar=_metavar(field),
            multiple=isinstance(field, List | ByName),
            help=help_[name],
        )
        for name, field in found.items()
    ]


def _metavar(field: Any) -> str:
    from leadbook.web.parameters import ByName, FilterInteger, Identifier, Moment, Switch

    named = {Moment: "TIME", FilterInteger: "NUMBER", Identifier: "ID", ByName: "NAME=VALUE"}
    return (named | {Switch: "true|false"}).get(type(field), "TEXT")


@click.command("export", cls=_Exporting)
@kind_argument
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default=Path("-"))
@database_option
@click.option("--format", "format_", type=click.Choice(["csv", "jsonl"]), help=_FORMAT)
@click.option("--bom", is_flag=True, help=_BOM)
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
@one_line_errors
def export_command(
    kind: str,
    file: Path,
    database: str | None,
    format_: str | None,
    bom: bool,
    force: bool,
    **filters: Any,
) -> None:
    """Export records to FILE as CSV or JSON Lines; - means standard output.

    A TIME is like 2026-01-31T09:00:00Z.
    """
    from leadbook.storage.clock import Clock
    from leadbook.storage.sqlite.file_checks import check_header
    from leadbook.storage.sqlite.opening import open_to_read
    from leadbook.transfer.columns.kinds import kinds
    from leadbook.transfer.exporting import export

    path, mode = a_database(database), file_mode()
    # open_database would create a missing database, and a read must not.
    check_header(path)
    known = kinds()[kind]
    chosen: Any = format_ or ("jsonl" if file.suffix == ".jsonl" else "csv")
    if bom and chosen != "csv":
        raise click.ClickException("--bom is for CSV only; JSON Lines have no byte order mark.")
    with (
        open_to_read(path, Clock(), file_mode=mode) as opened,
        _writable(file, path, force, mode) as write,
    ):
        if bom:
            write(BOM_UTF8)
        for part in export(opened, known, chosen, **_checked(known, filters)):
            write(part)


def _checked(kind: "Kind", given: dict[str, Any]) -> dict[str, Any]:
    from marshmallow import ValidationError

    from leadbook.web.details import details_of
    from leadbook.web.parameters import ByName
    from leadbook.web.queries import export_query

    query = export_query(kind.model)()
    filters = {name: value for name, value in given.items() if value not in (None, ())}
    if unknown := sorted(filters.keys() - query.fields.keys()):
        raise click.ClickException(f"{kind.name} have no --{unknown[0].replace('_', '-')}.")
    named = {}
    try:
        for name, value in filters.items():
            field = query.fields[name]
            named[str(field.data_key)] = field.split(value) if isinstance(field, ByName) else value
        checked: dict[str, Any] = query.load(named)
    except ValidationError as error:
        wrong = next(details_of(error))
        raise click.ClickException(f"{wrong['field']}: {wrong['message']}") from None
    # These two are options of their own.
    del checked["format"], checked["bom"]
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
