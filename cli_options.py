"""What the commands have in common: the database option, and one line for every error."""

import os
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from leadbook.settings import SettingError, resolve

database_option = click.option("--database", metavar="FILE", help="The database file.")


def a_database(given: str | None) -> Path:
    """Return the path of the database: as given, or as the settings have it."""
    path: Any = resolve({} if given is None else {"DATABASE": given})["DATABASE"]
    return Path(path)


def say(message: str) -> None:
    """Print a line for the person who called."""
    click.echo(message)


def one_line_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Say in one line on stderr what stood in the way of `command`, and exit with 1."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        import peewee

        from leadbook.database_file import DatabaseFileError
        from leadbook.keys import KeyNameError
        from leadbook.listener import CannotServeError
        from leadbook.sqlite import sqlite3
        from leadbook.transfer.refused import FileRefusedError

        try:
            command(*args, **kwargs)
        except (
            SettingError,
            DatabaseFileError,
            KeyNameError,
            CannotServeError,
            FileRefusedError,
        ) as error:
            _fail(str(error))
        except BrokenPipeError:
            # Whoever reads our output has enough, such as `head`; nothing is to be flushed there.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            raise SystemExit(1) from None
        except click.ClickException as error:
            _fail(error.message)
        except OSError as error:
            _fail(f"{error.filename or 'The file'}: {error.strerror}.")
        except (sqlite3.Error, peewee.PeeweeException) as error:
            _fail(f"The database cannot be used: {error}.")

    return run


def _fail(message: str) -> None:
    click.echo(f"leadbook: {message}", err=True)
    raise SystemExit(1)
