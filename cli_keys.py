"""The `leadbook key` commands."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from leadbook.cli_options import a_database, database_option, one_line_errors, say


@click.group("key")
def key_commands() -> None:
    """Create, list and revoke API keys; with the first one the API is closed to everybody else."""


@contextmanager
def _database(given: str | None) -> Iterator[None]:
    from leadbook.clock import Clock
    from leadbook.database_file import open_database

    database = open_database(a_database(given), Clock())
    with closing(database), database.use():
        yield


@contextmanager
def _writable_database(given: str | None) -> Iterator[None]:
    from leadbook.current_database import current

    with _database(given), current.write():
        yield


@key_commands.command()
@click.argument("name")
@click.option("--scope", type=click.Choice(["read", "write"]), default="write", show_default=True)
@click.option("--expires", metavar="TIME", help="How long: 90d, 12h, 30m, 4w [for ever].")
@database_option
@one_line_errors
def create(name: str, scope: str, expires: str | None, database: str | None) -> None:
    """Create a key and print it, once."""
    from leadbook.durations import parse_duration
    from leadbook.keys import create_key

    try:
        lifetime = parse_duration(expires) if expires else None
    except ValueError as error:
        raise click.ClickException(f"--expires must be {error}, not {expires!r}.") from None
    if not name.isprintable() or not name.strip() or len(name) > 100:
        raise click.ClickException("The name must be 1 to 100 printable characters.")
    with _writable_database(database):
        token = create_key(name, scope, lifetime)
    say(token)
    click.echo("Only its hash is kept: note it now. From now on, every call needs a key.", err=True)


@key_commands.command("list")
@database_option
@one_line_errors
def list_all(database: str | None) -> None:
    """List every key there ever was."""
    from leadbook.database_file import check_header
    from leadbook.keys import list_keys

    # Looking makes no database.
    check_header(a_database(database))
    with _database(database):
        for key in list_keys():
            until = f"until {key.expires_at}" if key.expires_at else "for ever"
            say(f"{key.name}  {key.scope}  {key.state}  created {key.created_at}  {until}")


@key_commands.command()
@click.argument("name")
@database_option
@one_line_errors
def revoke(name: str, database: str | None) -> None:
    """Let a key open nothing from the next request on."""
    from leadbook.database_file import check_header
    from leadbook.keys import revoke_key

    check_header(a_database(database))
    with _writable_database(database):
        revoke_key(name)
    say(f"The key {name} is revoked.")
