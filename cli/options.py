"""What the commands share: the database option, and one line for each error."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import click

from leadbook.cli.signals import raised_signals
from leadbook.settings import SettingError, resolve
from leadbook.transfer.errors import printable


class LazyChoice(click.ParamType[str]):
    """One of the names that `find` returns. Finding them imports the models, so it comes late."""

    name = "choice"

    def __init__(self, find: Callable[[], Iterable[str]], brackets: str) -> None:
        self._find = find
        self._brackets = brackets

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:  # noqa: ARG002 - click's
        """Return the choices as shown in the usage line."""
        return f"{self._brackets[0]}{'|'.join(self._find())}{self._brackets[1]}"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name. Raises click.BadParameter if it is not a choice."""
        if value not in (names := list(self._find())):
            self.fail(f"{value!r} is not one of {', '.join(map(repr, names))}.", param, ctx)
        return value


def _kinds() -> Iterable[str]:
    from leadbook.transfer.columns.kinds import kinds

    return kinds()


kind_argument = click.argument("kind", type=LazyChoice(_kinds, "{}"))
database_option = click.option(
    "--database", metavar="FILE", help="The database file. [data/leadbook.db]"
)


def a_database(given: str | None) -> Path:
    """Return the path of the database, from the option or from the settings."""
    path: Any = resolve({} if given is None else {"DATABASE": given})["DATABASE"]
    return Path(path)


def require_database(given: str | None, hint: str = "") -> None:
    """Raise ClickException without a database: only some commands create one."""
    from leadbook.storage.sqlite.file_checks import check_header, is_missing

    path = a_database(given).absolute()
    if is_missing(path):
        raise click.ClickException(f"There is no database {path}{hint}.")
    check_header(path)


def file_mode() -> int:
    """Return the mode of new files with records in them, from the settings."""
    mode: Any = resolve({})["FILE_MODE"]
    return int(mode)


def warn_of_readers(path: Path, mode: int) -> None:
    """Warn in one line if other users may open the database; the owner may want that."""
    if more := path.stat().st_mode & 0o077 & ~mode:
        whom = "everybody" if more & 0o007 else "its group"
        warn(f"{path} is open to {whom} on this machine; `chmod {mode:o}` closes it.")


def warn(message: str) -> None:
    """Print a line on stderr."""
    click.echo(message, err=True)


@contextmanager
def printing() -> Iterator[None]:
    """Let an error of the block name the standard output."""
    try:
        yield
    except OSError as error:
        error.filename = "The standard output"
        raise


def say(message: str) -> None:
    """Print a line on stdout."""
    with printing():
        click.echo(message)


def one_line_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Return `command` with its expected errors printed as one line on stderr, and exit code 1.

    A signal removes unfinished files and exits with 128 and its number, as shells do.
    """

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        import peewee

        from leadbook.access.keys import KeyNameError
        from leadbook.server.listener import CannotServeError
        from leadbook.storage.private_files import TargetError
        from leadbook.storage.sqlite.driver import sqlite3
        from leadbook.storage.sqlite.file_checks import DatabaseFileError
        from leadbook.transfer.errors import FileRefusedError

        try:
            with raised_signals():
                command(*args, **kwargs)
        except (
            SettingError,
            DatabaseFileError,
            KeyNameError,
            CannotServeError,
            TargetError,
        ) as error:
            _fail(str(error))
        except FileRefusedError as error:
            _fail(f"{error} {error.advice}".rstrip())
        except BrokenPipeError:
            # The reader, such as `head`, has closed the pipe: the flush at exit must not fail.
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            raise SystemExit(1) from None
        except click.ClickException as error:
            _fail(error.message)
        except click.Abort:
            _fail("No answer; nothing was done.")
        except OSError as error:
            # Of two names, the second is the one that could not be written.
            name = error.filename2 or error.filename
            _fail(f"{name}: {error.strerror}." if name else f"{error.strerror or error}.")
        except (sqlite3.Error, peewee.PeeweeException) as error:
            _fail(f"The database cannot be used: {error}.")

    return run


def _fail(message: str) -> None:
    # A name may have a line break in it.
    click.echo(f"leadbook: {printable(message)}", err=True)
    raise SystemExit(1)
