"""The `leadbook` command."""

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from leadbook.settings import SETTINGS, SettingError, resolve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="leadbook", message="leadbook %(version)s")
def commands() -> None:
    """Keep leads and clients in one file, and serve them as a JSON API."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command that `arguments`, or the shell, name."""
    commands(arguments, prog_name="leadbook")


def _options_for_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` an option for each setting; settings.py says what a value may be."""
    for setting in reversed(SETTINGS):
        meaning = f"{setting.meaning} [{setting.default}]"
        command = click.option(f"--{setting.name.lower()}", metavar="VALUE", help=meaning)(command)
    return command


@commands.command()
@_options_for_settings
@click.option("--demo", is_flag=True, help="Serve made-up records that are thrown away afterwards.")
def serve(demo: bool, **options: str | None) -> None:
    """Serve the API until Ctrl-C or SIGTERM."""
    from leadbook.serve import handle_signals

    # Until there is something to finish, a signal just ends it, and what was made goes away.
    handle_signals(lambda *_: sys.exit(0))
    given = {name.upper(): value for name, value in options.items() if value is not None}
    if demo and "DATABASE" in given:
        fail("--demo serves a throw-away database; it cannot be given one.")
    try:
        if demo:
            with _demo_database() as path:
                _serve(given | {"DATABASE": path})
        else:
            _serve(given)
    except SettingError as error:
        fail(str(error))


def _serve(config: dict[str, Any]) -> None:
    from leadbook.app import create_app
    from leadbook.database_file import DatabaseFileError
    from leadbook.serve import listen, serve, url_of

    settings = resolve(config)
    host, port = str(settings["HOST"]), int(str(settings["PORT"]))
    try:
        # Before the database is touched: a port that is taken leaves no file behind.
        listener = listen(host, port)
    except (OSError, UnicodeError) as error:
        fail(f"Cannot listen on {host} port {port}: {getattr(error, 'strerror', None) or error}.")
    try:
        app = create_app(config)
    except DatabaseFileError as error:
        fail(str(error))
    url, path = url_of(listener), Path(app.config["DATABASE"]).resolve()

    def announce() -> None:
        click.echo(f"Leadbook listens on {url} and keeps its data in {path}")
        click.echo(f"Read and try the API on {url}/docs; stop with Ctrl-C.")

    serve(app, listener, app.config["THREADS"], announce)
    click.echo("Leadbook has stopped.")


@contextmanager
def _demo_database() -> Iterator[Path]:
    """Fill a database that goes away with the block."""
    from leadbook.demo import fill

    with tempfile.TemporaryDirectory(prefix="leadbook-demo-") as folder:
        path = Path(folder) / "demo.db"
        fill(path)
        yield path


def fail(message: str) -> NoReturn:
    """Say in one line what is wrong, and exit with 1."""
    click.echo(f"leadbook: {message}", err=True)
    sys.exit(1)


if __name__ == "__main__":
    main()
