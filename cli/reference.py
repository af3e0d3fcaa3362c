"""The page docs/reference.md, generated from the settings and the commands."""

from collections.abc import Iterator
from textwrap import fill

import click

from leadbook.cli.main import commands
from leadbook.settings import ENVIRONMENT_PREFIX, SETTINGS

_WIDTH = 100
_HEAD = f"""# Reference

This page is generated from the code by `make reference`.

## Settings

Command-line options and `create_app({{...}})` override environment variables, which override the
defaults. The environment variable of a setting is its name with the prefix `{ENVIRONMENT_PREFIX}`,
such as `{ENVIRONMENT_PREFIX}PORT`. Lists are comma-separated.
"""
_SERVE = """
`leadbook serve` has an option for each setting, such as `--port 9000`. On SIGTERM or Ctrl-C it
finishes the running requests, for at most ten seconds. A second signal stops it at once. A
supervisor should start it directly: `make` reports a signal as an error of its own.
"""


def page() -> str:
    """Return the page as Markdown, with no line over 120 columns."""
    return "\n".join([_HEAD, *_settings(), "\n## Commands", _SERVE, *_commands()])


def _settings() -> Iterator[str]:
    for each in SETTINGS:
        text = f"`{each.name}` (default `{each.shown_default}`): {each.meaning}"
        yield fill(text, _WIDTH, initial_indent="- ", subsequent_indent="  ")


def _commands() -> Iterator[str]:
    settings = {**commands.context_settings, "terminal_width": _WIDTH}
    for context in _leaves(click.Context(commands, info_name="leadbook", **settings)):
        yield f"### {context.command_path}\n\n```text\n{context.get_help()}\n```\n"


def _leaves(context: click.Context) -> Iterator[click.Context]:
    """Yield the context of each command that is not a group, as if it was called."""
    if not isinstance(context.command, click.Group):
        yield context
        return
    for name, command in sorted(context.command.commands.items()):
        yield from _leaves(click.Context(command, info_name=name, parent=context))


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201  # the output is the page
