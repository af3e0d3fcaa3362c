"""The `leadbook key` commands."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import click

from leadbook.access.scopes import CALENDAR, SCOPES, WRITE
from leadbook.cli.options import (
    a_database,
    database_option,
    file_mode,
    one_line_errors,
    require_database,
    say,
)


@click.group("key")
def key_commands() -> None:
    """Create, list and revoke API keys. Once one exists, every call to the API needs a key."""


@contextmanager
def _readable_database(given: str | None) -> Iterator[None]:
    from leadbook.storage.clock import Clock
    from leadbook.storage.sqlite.opening import open_to_read

    opened = open_to_read(a_database(given), Clock(), file_mode=file_mode())
    with opened as database, database.use():
        yield


@contextmanager
def _writable_database(given: str | None) -> Iterator[None]:
    from leadbook.storage.clock import Clock
    from leadbook.storage.sqlite.opening import open_database

    database = open_database(a_database(given), Clock(), file_mode=file_mode())
    with closing(database), database.use(), database.write():
        yield


def _calendar_url(token: str) -> str:
    """Return the URL of the calendar, with a key in it."""
    from leadbook.access.query_key import PARAMETER
    from leadbook.settings import resolve

    config = resolve({})
    # Without it, nobody here knows at which URL others reach the service.
    base = config["PUBLIC_URL"] or f"http://127.0.0.1:{config['PORT'] or 8000}"
    return f"{base}/follow-ups/calendar.ics?{PARAMETER}={token}"


def _require_name(name: str) -> None:
    if not name.isprintable() or not name.strip() or len(name) > 100:
        raise click.ClickException("The name must be 1 to 100 printable characters.")


@key_commands.command()
@click.argument("name")
@click.option(
    "--scope",
    type=click.Choice(SCOPES),
    default=WRITE,
    help="What the key may do: only read the calendar, read all, also write, or also manage "
    "webhooks (admin). [write]",
)
@click.option("--expires", metavar="TIME", help="How long it works: 90d, 12h, 30m, 4w. [for ever]")
@click.option("--create", "is_new", is_flag=True, help="Create the database if there is none.")
@database_option
@one_line_errors
def create(name: str, scope: str, expires: str | None, is_new: bool, database: str | None) -> None:
    """Create a key and print it; Leadbook cannot show it again."""
    from leadbook.access.keys import create_key
    from leadbook.storage.times import parse_duration

    try:
        lifetime = parse_duration(expires) if expires else None
    except ValueError as error:
        raise click.ClickException(f"--expires must be {error}, not {expires!r}.") from None
    _require_name(name)
    if not is_new:
        require_database(database, "; --create creates one")
    with _writable_database(database):
        token = create_key(name, scope, lifetime)
    say(token)
    if scope == CALENDAR:
        # Not on stderr, which may be a log.
        say(_calendar_url(token))
    click.echo(
        "Save the key now: Leadbook keeps only its hash. From now on, every call needs a key. "
        f"The database is {a_database(database).absolute()}.",
        err=True,
    )


@key_commands.command("list")
@database_option
@one_line_errors
def list_all(database: str | None) -> None:
    """List all keys, revoked and expired ones included."""
    from leadbook.access.keys import list_keys

    require_database(database)
    with _readable_database(database):
        for key in list_keys():
            until = f"until {key.expires_at}" if key.expires_at else "for ever"
            say(f"{key.name}  {key.scope}  {key.state}  created {key.created_at}  {until}")


@key_commands.command()
@click.argument("name")
@database_option
@one_line_errors
def revoke(name: str, database: str | None) -> None:
    """Revoke a key; it stops working with the next request."""
    from leadbook.access.keys import revoke_key

    _require_name(name)
    require_database(database)
    with _writable_database(database):
        revoke_key(name)
    say(f"The key {name} is revoked.")
