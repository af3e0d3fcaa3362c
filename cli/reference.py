"""The page docs/reference.md: every setting and every command, as the code has them."""

from collections.abc import Iterator
from textwrap import fill

import click

from leadbook.cli.main import commands
from leadbook.settings import ENVIRONMENT_PREFIX, SETTINGS

_WIDTH = 100
_HEAD = f"""# Reference

`make reference` writes this page from the code.

## Settings

Command-line options and `create_app({{...}})` take precedence over environment variables, and these
over the defaults. Lists are comma-separated. The environment variable of a setting is its name
after `{ENVIRONMENT_PREFIX}`, such as `{ENVIRONMENT_PREFIX}PORT`.
"""
_SERVE = """
`leadbook serve` has an option for each setting, such as `--port 9000`. SIGTERM and Ctrl-C finish
what is in flight, for ten seconds at most. A second signal ends it at once. A supervisor should
start it directly and not through `make`, which reports a signal as its own.
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
    """Yield the context of each command that is no group, as if it had been called."""
    if not isinstance(context.command, click.Group):
        yield context
        return
    for name, command in sorted(context.command.commands.items()):
        yield from _leaves(click.Context(command, info_name=name, parent=context))


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201  # it is what it is for
