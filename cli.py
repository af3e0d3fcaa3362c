"""The `leadbook` command."""

# The first of all, since it looks who has started us: they may be gone a moment later.
import leadbook.started_by  # noqa: F401, I001

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from leadbook.cli_keys import key_commands
from leadbook.cli_options import a_database, database_option, one_line_errors, say
from leadbook.cli_serve import serve
from leadbook.cli_transfer import export_command, import_command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="leadbook", message="leadbook %(version)s")
def commands() -> None:
    """Keep leads and clients in one file, and serve them as a JSON API."""


commands.add_command(serve)
commands.add_command(import_command)
commands.add_command(export_command)
commands.add_command(key_commands)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that `arguments`, or the shell, name."""
    commands(arguments, prog_name="leadbook")


@commands.command()
@click.argument("file", type=click.Path(path_type=Path))
@database_option
@click.option("--force", is_flag=True, help="Overwrite FILE if it is there.")
@one_line_errors
def backup(file: Path, database: str | None, force: bool) -> None:
    """Copy the database to FILE, whoever uses it meanwhile, and check the copy."""
    from leadbook.maintenance import back_up

    path = a_database(database)
    back_up(path, file, overwrite=force)
    say(f"{path} is copied to {file}, and the copy is intact.")


@commands.command()
@click.argument("file", type=click.Path(path_type=Path))
@database_option
@one_line_errors
def restore(file: Path, database: str | None) -> None:
    """Put FILE, a backup, in the place of the database, and keep what it replaces."""
    from leadbook.clock import Clock
    from leadbook.maintenance import restore as put_back

    path = a_database(database)
    kept = put_back(file, path, Clock())
    say(f"{path} is now what {file} is.")
    if kept:
        say(f"What it was is kept in {kept}.")


@commands.command()
@database_option
@click.option("--repair", is_flag=True, help="Rebuild what can be derived, cut links to nowhere.")
@one_line_errors
def check(database: str | None, repair: bool) -> None:
    """Look for damage; exit with 1 where there is any."""
    from leadbook.checking import check as look_at
    from leadbook.clock import Clock

    def tell(done: int, of: int) -> None:
        # A small index is made before anybody wonders.
        if done < of:
            click.echo(f"{done:,} of {of:,} texts are indexed anew", err=True)

    def look(repair: bool) -> int:
        faults = 0
        looks = look_at(a_database(database), Clock(), repair=repair, progress=tell)
        for what, count in looks:
            say(f"{what}: {f'{count} wrong' if count else 'ok'}")
            faults += count
        return faults

    if look(repair) and (not repair or look(repair=False)):
        sys.exit(1)


if __name__ == "__main__":
    main()
