"""The `leadbook backup` and `leadbook restore` commands."""

import sys
from pathlib import Path
from typing import Any

import click

from leadbook.cli.options import a_database, database_option, file_mode, one_line_errors, say

_KEEP = "Add a backup named by date to FOLDER, then remove all but the newest N."
_OPEN = "Restore without keys if FILE has none and those of the database cannot be read."


@click.command("backup")
@click.argument("target", metavar="FILE|FOLDER", type=click.Path(path_type=Path))
@database_option
@click.option("--force", is_flag=True, help="Overwrite FILE if it exists.")
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help=_KEEP)
@one_line_errors
def backup_command(target: Path, database: str | None, force: bool, keep: int | None) -> None:
    """Copy the database to FILE and check the copy; the server may run meanwhile."""
    path = a_database(database)
    if keep is None:
        _back_up(path, target, force)
        return
    if force:
        raise click.ClickException("--keep overwrites nothing; leave out --force.")
    _back_up_dated(path, target, keep)


def _back_up(path: Path, target: Path, force: bool) -> None:
    from leadbook.models import RECORDS
    from leadbook.storage.sqlite.backup import back_up

    if target.is_dir():
        raise click.ClickException(
            f"{target} is a folder; add a name to it, or --keep N for a backup named by date."
        )
    wrong = back_up(path, target, RECORDS, overwrite=force, file_mode=file_mode())
    _tell(path, target, wrong)


def _back_up_dated(path: Path, folder: Path, keep: int) -> None:
    from leadbook.models import RECORDS
    from leadbook.storage.clock import Clock
    from leadbook.storage.sqlite.dated_backups import back_up_dated, remove_older

    target, wrong = back_up_dated(path, folder, RECORDS, Clock(), file_mode=file_mode())
    # It ends here if the copy has faults: older copies may have none.
    _tell(path, target, wrong)
    for each in remove_older(path, folder, keep):
        say(f"{each} was removed.")


def _tell(path: Path, target: Path, wrong: list[str]) -> None:
    """Say what the copy is worth; exit with 3 if it has faults."""
    if wrong:
        click.echo(f"{path} was copied to {target}, but has faults: {', '.join(wrong)}.", err=True)
        sys.exit(3)
    say(f"{path} was copied to {target}, and the copy is intact.")


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path))
@database_option
@click.option(
    "--keys-from-backup",
    is_flag=True,
    help="Use the keys of FILE if those of the database cannot be read.",
)
@click.option("--open", "is_open", is_flag=True, help=_OPEN)
@one_line_errors
def restore_command(
    file: Path, database: str | None, keys_from_backup: bool, is_open: bool
) -> None:
    """Replace the database with the backup FILE, and keep the old database."""
    from leadbook.storage.clock import Clock
    from leadbook.storage.sqlite.backup import restore
    from leadbook.storage.sqlite.restored_keys import describe

    if keys_from_backup and is_open:
        raise click.ClickException("--keys-from-backup and --open cannot be combined.")
    path, clock = a_database(database), Clock()
    choice: Any = "backup" if keys_from_backup else "open" if is_open else None
    done = restore(file, path, clock, keys=choice, file_mode=file_mode())
    say(f"{path} was restored from {file}.")
    say(describe(done.keys, clock.now()))
    if done.kept:
        say(f"The old database is kept in {done.kept}.")
