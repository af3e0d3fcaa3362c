"""The `leadbook` command."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from leadbook.cli_keys import key_commands
from leadbook.cli_options import a_database, database_option, one_line_errors, say
from leadbook.settings import SETTINGS, resolve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="leadbook", message="leadbook %(version)s")
def commands() -> None:
    """Keep leads and clients in one file, and serve them as a JSON API."""


commands.add_command(key_commands)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that `arguments`, or the shell, name."""
    commands(arguments, prog_name="leadbook")


def _options_for_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` an option for each setting; settings.py says what a value may be."""
    for setting in reversed(SETTINGS):
        name = setting.name.lower().replace("_", "-")
        meaning = f"{setting.meaning} [{setting.shown_default}]"
        command = click.option(f"--{name}", metavar="VALUE", help=meaning)(command)
    return command


@commands.command()
@_options_for_settings
@click.option("--demo", is_flag=True, help="Serve made-up records that are thrown away afterwards.")
@click.option("--open", "is_open", is_flag=True, help="Listen to other machines without any key.")
@one_line_errors
def serve(demo: bool, is_open: bool, **options: str | None) -> None:
    """Serve the API until Ctrl-C or SIGTERM."""
    from leadbook.serve import handle_signals

    # Until there is something to finish, a signal just ends it, and what was made goes away.
    handle_signals(lambda *_: sys.exit(0))
    given: dict[str, Any] = {
        name.upper(): value for name, value in options.items() if value is not None
    }
    if not demo:
        return _serve(given, is_open)
    if "DATABASE" in given:
        raise click.ClickException("--demo serves a throw-away database; it cannot be given one.")
    with _demo_database() as path:
        return _serve(given | {"DATABASE": path}, is_open)


def _serve(config: dict[str, Any], is_open: bool) -> None:
    from leadbook.app import create_app
    from leadbook.logs import write_logs
    from leadbook.serve import is_loopback, listen, loopback_names, require_key, serve, url_of

    settings: dict[str, Any] = resolve(config)
    # Before the database is touched: a port that is taken leaves no file behind.
    listener = listen(settings["HOST"], settings["PORT"])
    if is_loopback(listener) and not settings["TRUSTED_HOSTS"]:
        config["TRUSTED_HOSTS"] = loopback_names(settings["HOST"])
    app = create_app(config)
    if not is_loopback(listener) and not is_open:
        require_key(app, settings["HOST"])
    write_logs(settings["LOG_FORMAT"])

    def announce() -> None:
        url = url_of(listener)
        say(f"Leadbook listens on {url} and keeps its data in {app.extensions['leadbook'].path}")
        say(f"Read and try the API on {url}/docs; stop with Ctrl-C.")

    serve(app, listener, settings["THREADS"], announce)
    say("Leadbook has stopped.")


@contextmanager
def _demo_database() -> Iterator[Path]:
    """Fill a database that goes away with the block."""
    from leadbook.demo import fill

    with tempfile.TemporaryDirectory(prefix="leadbook-demo-") as folder:
        path = Path(folder) / "demo.db"
        fill(path)
        yield path


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

    def look(repair: bool) -> int:
        faults = 0
        for what, count in look_at(a_database(database), Clock(), repair=repair):
            say(f"{what}: {f'{count} wrong' if count else 'ok'}")
            faults += count
        return faults

    if look(repair) and (not repair or look(repair=False)):
        sys.exit(1)


if __name__ == "__main__":
    main()
