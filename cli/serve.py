"""The `leadbook serve` command."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadbook.cli.options import one_line_errors, say, warn, warn_of_readers
from leadbook.cli.ready_file import own, write
from leadbook.cli.signals import handle_signals
from leadbook.cli.started_by import STARTED_BY
from leadbook.settings import ENVIRONMENT_PREFIX, SETTINGS, resolve

if TYPE_CHECKING:
    import socket

    from flask import Flask

    from leadbook.server.front import Beside


def _options_for_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` an option for each setting; settings.py checks the values."""
    for setting in reversed(SETTINGS):
        name = setting.name.lower().replace("_", "-")
        meaning = f"{setting.meaning} [{setting.shown_default}]"
        command = click.option(f"--{name}", metavar="VALUE", help=meaning)(command)
    return command


_SEED = "The seed of the ids in test mode; the same seed gives the same ids. [1]"
_EXPOSED = (
    "Warning: test mode is exposed on {}. Everybody who can reach it can read, change and empty it."
)
_EXPOSE = "Let other machines and containers use test mode, and empty it; listens on all addresses."


@click.command()
@_options_for_settings
@click.option("--demo", is_flag=True, help="Serve made-up records, and delete them at the end.")
@click.option(
    "--open", "is_open", is_flag=True, help="Serve other machines even if no key was ever created."
)
@click.option("--test-mode", is_flag=True, help="Serve test mode, with reset, clock and faults.")
@click.option("--expose", is_flag=True, help=_EXPOSE)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help=_SEED)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path),
    help="Write the URL to this file as JSON once the server answers; removed at the end.",
)
@click.option(
    "--exit-with-parent", is_flag=True, help="Stop when the process that started the server ends."
)
@one_line_errors
def serve(
    demo: bool,
    is_open: bool,
    test_mode: bool,
    expose: bool,
    seed: int | None,
    ready_file: Path | None,
    exit_with_parent: bool,
    **options: str | None,
) -> None:
    """Serve the API until Ctrl-C or SIGTERM."""
    from leadbook.storage.private_files import temporary_folder

    look = _parent_watch() if exit_with_parent else None
    # Until the server runs there is nothing to finish: a signal exits and removes temporary files.
    handle_signals(lambda *_: sys.exit(0))
    config: dict[str, Any] = {
        name.upper(): value for name, value in options.items() if value is not None
    }
    _require_sense(config, demo, test_mode, expose, seed)
    with ExitStack() as stack:
        if demo or (test_mode and "DATABASE" not in config):
            config["DATABASE"] = stack.enter_context(temporary_folder()) / "leadbook.db"
        listener = _listen(config, test_mode, expose)
        if ready_file:
            stack.enter_context(own(ready_file))
        beside: Beside
        if test_mode:
            app = _create_test_app(config, seed, expose)
            # A test itself delivers webhooks.
            beside = partial(_announcing, app)
        else:
            app = _create_app(config, listener, demo, is_open)
            beside = partial(_announcing_and_delivering, app)
        announce = _announcement(app, listener, test_mode, ready_file)
        _serve(app, listener, announce, look, beside)
        if not test_mode:
            say("Leadbook has stopped.")


def _require_sense(
    config: dict[str, Any], demo: bool, test_mode: bool, expose: bool, seed: int | None
) -> None:
    """Raise ClickException for options that cannot be combined."""
    if expose and not test_mode:
        raise click.ClickException("--expose needs --test-mode; without it, use --host.")
    if seed is not None and not test_mode:
        raise click.ClickException("--seed needs --test-mode.")
    if demo and test_mode:
        raise click.ClickException(
            "--demo and --test-mode cannot be combined; POST /_test/seed adds records in test mode."
        )
    if test_mode and resolve(config)["WORKERS"] != 1:
        raise click.ClickException("--test-mode works with one worker only.")
    if demo and "DATABASE" in config:
        raise click.ClickException("--demo uses a temporary database; leave out --database.")


def _listen(config: dict[str, Any], test_mode: bool, expose: bool) -> socket.socket:
    """Return the listening socket; on loopback, allow only the usual `Host` names."""
    from leadbook.server import listener as sockets

    if expose and "HOST" not in config and f"{ENVIRONMENT_PREFIX}HOST" not in os.environ:
        config["HOST"] = sockets.EVERYWHERE
    settings: dict[str, Any] = resolve(config)
    listen = sockets.listen_on_loopback if test_mode and not expose else sockets.listen
    # Before the database is opened: if the port is in use, no new file is left behind.
    listener = listen(settings["HOST"], settings["PORT"])
    if not sockets.is_loopback(listener):
        if expose:
            warn(_EXPOSED.format(sockets.url_of(listener)))
    elif not settings["TRUSTED_HOSTS"]:
        config["TRUSTED_HOSTS"] = sockets.loopback_names(settings["HOST"])
    return listener


def _create_app(
    config: dict[str, Any], listener: socket.socket, demo: bool, is_open: bool
) -> Flask:
    from leadbook.access.gate import OPEN_TO_ALL
    from leadbook.app import create_app
    from leadbook.server.listener import is_loopback, require_key
    from leadbook.testing.demo import make

    if demo:
        make(config["DATABASE"])
    app = create_app(config)
    warn_of_readers(app.extensions["leadbook"].path, app.config["FILE_MODE"])
    app.extensions[OPEN_TO_ALL] = is_open
    if not is_loopback(listener) and not is_open:
        require_key(app, listener.getsockname()[0])
    return app


def _announcing(app: Flask) -> AbstractContextManager[None]:
    from leadbook.reminders.announcer import announcing

    return announcing(app.extensions["leadbook"])


@contextmanager
def _announcing_and_delivering(app: Flask) -> Iterator[None]:
    from leadbook.webhooks.courier import delivering

    with _announcing(app), delivering(app.extensions["leadbook"], app.config["WEBHOOK_TARGETS"]):
        yield


def _create_test_app(config: dict[str, Any], seed: int | None, expose: bool) -> Flask:
    from leadbook.testing.app import DEFAULT_SEED, create_test_app

    return create_test_app(config, seed=DEFAULT_SEED if seed is None else seed, exposed=expose)


def _serve(
    app: Flask,
    listener: socket.socket,
    ready: Callable[[], None],
    look: Callable[[], None] | None,
    beside: Beside,
) -> None:
    from leadbook.server.front import Front
    from leadbook.server.workers import Workers
    from leadbook.web.logs import write_logs

    write_logs(app.config["LOG_FORMAT"])
    workers = app.config["WORKERS"] or processors()
    server = (
        Front(app, listener, app.config["THREADS"], beside=beside)
        if workers == 1
        else Workers(app, listener, workers, beside=beside)
    )

    def stop(*_: object) -> None:
        handle_signals(lambda number, _: server.end_at_once(128 + number))
        server.stop()

    handle_signals(stop)
    server.run(ready, look)


def processors() -> int:
    """Return how many processors this process may use."""
    # macOS has no sched_getaffinity.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _announcement(
    app: Flask, listener: socket.socket, test_mode: bool, ready_file: Path | None
) -> Callable[[], None]:
    """Return a function that announces the address once the service answers."""
    from leadbook.server.listener import url_of

    url, database = url_of(listener), str(app.extensions["leadbook"].path)
    line = json.dumps({"url": url, "pid": os.getpid(), "database": database})
    for_people = (
        f"Leadbook listens on {url} and keeps its data in {database}\n"
        f"Read and try the API at {url}/docs. Stop with Ctrl-C."
    )

    def announce() -> None:
        if ready_file:
            write(ready_file, line)
        say(line if test_mode else for_people)

    return announce


def _parent_watch() -> Callable[[], None]:
    """Return a function that exits at once if the parent process has ended."""

    def look() -> None:
        if os.getppid() != STARTED_BY:
            # Nobody waits for the running requests any more.
            sys.exit(0)

    return look
