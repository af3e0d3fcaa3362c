"""The command that serves: its options, and what it tells to whom."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from leadbook.cli.options import one_line_errors, say, warn_of_readers
from leadbook.cli.started_by import STARTED_BY
from leadbook.cli.stopping import handle_signals
from leadbook.settings import SETTINGS, resolve

if TYPE_CHECKING:
    import socket

    from flask import Flask


# How a ready file begins, and its mode: nobody's records are in it.
_READY, _READABLE = '{"url": ', 0o644


def _options_for_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give `command` an option for each setting; settings.py says what a value may be."""
    for setting in reversed(SETTINGS):
        name = setting.name.lower().replace("_", "-")
        meaning = f"{setting.meaning} [{setting.shown_default}]"
        command = click.option(f"--{name}", metavar="VALUE", help=meaning)(command)
    return command


@click.command()
@_options_for_settings
@click.option("--demo", is_flag=True, help="Serve made-up records that are thrown away afterwards.")
@click.option("--open", "is_open", is_flag=True, help="Answer everybody without any key.")
@click.option("--test-mode", is_flag=True, help="Serve a test suite, with reset and faults.")
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), help="Of the ids of test mode. [1]")
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path),
    help="Write the URL there, as JSON, when it answers; removed at the end.",
)
@click.option("--exit-with-parent", is_flag=True, help="End when the process that started it dies.")
@one_line_errors
def serve(
    demo: bool,
    is_open: bool,
    test_mode: bool,
    seed: int | None,
    ready_file: Path | None,
    exit_with_parent: bool,
    **options: str | None,
) -> None:
    """Serve the API until Ctrl-C or SIGTERM."""
    from leadbook.storage.private_files import temporary_folder

    look = _parent_watch() if exit_with_parent else None
    # Until there is something to finish, a signal just ends it, and what was made goes away.
    handle_signals(lambda *_: sys.exit(0))
    config: dict[str, Any] = {
        name.upper(): value for name, value in options.items() if value is not None
    }
    _require_sense(config, demo, test_mode, seed)
    with ExitStack() as stack:
        if demo or (test_mode and "DATABASE" not in config):
            config["DATABASE"] = stack.enter_context(temporary_folder()) / "leadbook.db"
        listener = _listen(config, test_mode)
        if ready_file:
            stack.enter_context(_own(ready_file))
        if test_mode:
            app = _create_test_app(config, seed)
        else:
            app = _create_app(config, listener, demo, is_open)
        announce = _announcement(app, listener, test_mode, ready_file)
        _serve(app, listener, announce, look)
        if not test_mode:
            say("Leadbook has stopped.")


def _require_sense(config: dict[str, Any], demo: bool, test_mode: bool, seed: int | None) -> None:
    """Raise ClickException for options that cannot stand beside each other."""
    if seed is not None and not test_mode:
        raise click.ClickException("--seed goes with --test-mode.")
    if demo and test_mode:
        raise click.ClickException("--demo and --test-mode exclude each other; seed that instead.")
    if test_mode and resolve(config)["WORKERS"] != 1:
        raise click.ClickException("--test-mode has one worker, which knows all of its state.")
    if demo and "DATABASE" in config:
        raise click.ClickException("--demo serves a throw-away database; it cannot be given one.")


@contextmanager
def _own(ready_file: Path) -> Iterator[None]:
    """Have no file of that name before the block, nor after it, but never remove another's."""
    if ready_file.exists():
        # That of an earlier server, which had no time to remove it, would mislead.
        if not _is_ready_file(ready_file, _READY):
            raise click.ClickException(f"{ready_file} is there, and no ready file of ours.")
        ready_file.unlink()
    try:
        yield
    finally:
        # Another server may have written its own by now.
        if _is_ready_file(ready_file, f'"pid": {os.getpid()},'):
            ready_file.unlink()


def _is_ready_file(path: Path, part: str) -> bool:
    if not path.is_file():
        return False
    line = path.read_text(encoding="utf-8", errors="replace")
    return line.startswith(_READY) and part in line


def _listen(config: dict[str, Any], test_mode: bool) -> socket.socket:
    """Return the socket of the settings; on loopback the usual names alone are then answered."""
    from leadbook.server.listener import is_loopback, listen, listen_on_loopback, loopback_names

    settings: dict[str, Any] = resolve(config)
    # Before the database is touched: a port that is taken leaves no file behind.
    listener = (listen_on_loopback if test_mode else listen)(settings["HOST"], settings["PORT"])
    if is_loopback(listener) and not settings["TRUSTED_HOSTS"]:
        config["TRUSTED_HOSTS"] = loopback_names(settings["HOST"])
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


def _create_test_app(config: dict[str, Any], seed: int | None) -> Flask:
    from leadbook.testing.app import DEFAULT_SEED, create_test_app

    return create_test_app(config, seed=DEFAULT_SEED if seed is None else seed)


def _serve(
    app: Flask,
    listener: socket.socket,
    ready: Callable[[], None],
    look: Callable[[], None] | None,
) -> None:
    from leadbook.server.front import Front
    from leadbook.server.workers import Workers
    from leadbook.web.logs import write_logs

    write_logs(app.config["LOG_FORMAT"])
    workers = app.config["WORKERS"] or processors()
    server = (
        Front(app, listener, app.config["THREADS"])
        if workers == 1
        else Workers(app, listener, workers)
    )

    def stop(*_: object) -> None:
        handle_signals(lambda number, _: server.end_at_once(128 + number))
        server.stop()

    handle_signals(stop)
    server.run(ready, look)


def processors() -> int:
    """Return how many processors this process may use."""
    # Not on macOS.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _announcement(
    app: Flask, listener: socket.socket, test_mode: bool, ready_file: Path | None
) -> Callable[[], None]:
    """Return what tells where the service is, once it answers."""
    from leadbook.server.listener import url_of
    from leadbook.storage.private_files import Permissions, publish, unfinished

    url, database = url_of(listener), str(app.extensions["leadbook"].path)
    line = json.dumps({"url": url, "pid": os.getpid(), "database": database})
    for_people = (
        f"Leadbook listens on {url} and keeps its data in {database}\n"
        f"Read and try the API on {url}/docs; stop with Ctrl-C."
    )

    def announce() -> None:
        if ready_file:
            # Whoever waits for the file must not find half of it.
            with unfinished(ready_file.parent) as fresh:
                fresh.write_text(f"{line}\n", encoding="utf-8")
                publish(fresh, ready_file, Permissions(_READABLE), overwrite=True)
        say(line if test_mode else for_people)

    return announce


def _parent_watch() -> Callable[[], None]:
    """Return what ends this process at once when the one that started it has gone."""

    def look() -> None:
        if os.getppid() != STARTED_BY:
            # What is in flight is nobody's any more.
            sys.exit(0)

    return look
