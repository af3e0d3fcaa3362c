"""The `leadbook` command."""

# Imported first, since it records the parent process, which may be gone a moment later.
import leadbook.cli.started_by  # noqa: F401, I001  # as above

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from leadbook.cli.backups import backup_command, restore_command
from leadbook.cli.deliveries import deliver_command
from leadbook.cli.exports import export_command
from leadbook.cli.keys import key_commands
from leadbook.cli.options import (
    a_database,
    database_option,
    file_mode,
    one_line_errors,
    say,
    warn_of_readers,
)
from leadbook.cli.serve import serve
from leadbook.cli.imports import import_command
from leadbook.cli.today import today_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="leadbook", message="leadbook %(version)s")
def commands() -> None:
    """Keep leads and clients in one file, and serve them as a JSON API."""
    # A name of a file, or a character that the terminal cannot show, must not stop a command.
    getattr(sys.stdout, "reconfigure", lambda **_: None)(errors="backslashreplace")


commands.add_command(serve)
commands.add_command(import_command)
commands.add_command(export_command)
commands.add_command(key_commands)
commands.add_command(backup_command)
commands.add_command(restore_command)
commands.add_command(deliver_command)
commands.add_command(today_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command in `arguments`, or in those of the process."""
    commands(arguments, prog_name="leadbook")


@commands.command()
@database_option
@click.option("--repair", is_flag=True, help="Rebuild index and counts, and remove broken links.")
@click.option("--clean", is_flag=True, help="Remove leftover files if the database is intact.")
@click.option("--yes", is_flag=True, help="Remove leftover files without asking.")
@one_line_errors
def check(database: str | None, repair: bool, clean: bool, yes: bool) -> None:
    """Look for damage and leftover files; exit with 1 if there is damage."""
    path = a_database(database)
    if _faults(path, repair) and (not repair or _faults(path, repair=False)):
        sys.exit(1)
    warn_of_readers(path, file_mode())
    _clean(path, clean, yes)


def _faults(path: Path, repair: bool) -> int:
    from leadbook.models import RECORDS
    from leadbook.storage.clock import Clock
    from leadbook.storage.sqlite.check import check as look_at

    faults = 0
    options: Any = {"repair": repair, "progress": _tell_indexed, "tell": say}
    for what, count in look_at(path, Clock(), RECORDS, **options):
        say(f"{what}: {f'{count} wrong' if count else 'ok'}")
        faults += count
    return faults


def _tell_indexed(done: int, of: int) -> None:
    # A small index is rebuilt at once and needs no progress line.
    if done < of:
        click.echo(f"{done:,} of {of:,} texts indexed", err=True)


def _clean(path: Path, clean: bool, yes: bool) -> None:
    """List the leftover files, and remove them if the options or the user say so."""
    from leadbook.storage.sqlite.leftovers import leftovers_of

    found = leftovers_of(path)
    for each in found:
        say(f"leftover: {each.name}, {each.size / 1e6:,.1f} MB, {each.what}")
    if found and not clean:
        say("`leadbook check --clean` removes these files.")
    if not found or not clean:
        return
    if not yes and not click.confirm(f"Remove these {len(found)} for good?", err=True):
        raise click.ClickException("Nothing was removed.")
    # A process may have started to use one while the question was open.
    unused = [each for each in leftovers_of(path) if each in found]
    for each in unused:
        each.remove()
    say(f"{len(unused)} removed.")


@commands.command()
@database_option
@one_line_errors
def compact(database: str | None) -> None:
    """Make the database file as small as possible; stop the server first."""
    from leadbook.storage.sqlite.compact import compact as make_smaller

    path = a_database(database)
    before, after = make_smaller(path, lambda line: click.echo(line, err=True))
    say(f"{path} had {before / 1e6:,.1f} MB and now has {after / 1e6:,.1f} MB.")


if __name__ == "__main__":
    main()
