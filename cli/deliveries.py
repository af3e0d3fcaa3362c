"""The `leadbook deliver` command."""

import sys
import threading

import click

from leadbook.cli.options import a_database, database_option, one_line_errors, require_database, say
from leadbook.cli.signals import handle_signals


@click.command("deliver")
@database_option
@one_line_errors
def deliver_command(database: str | None) -> None:
    """Deliver webhooks and reminders until Ctrl-C or SIGTERM.

    Run it beside a server other than `leadbook serve`.
    """
    from leadbook.app import create_app
    from leadbook.reminders.announcer import announcing
    from leadbook.web.logs import write_logs
    from leadbook.webhooks.courier import delivering

    require_database(database)
    handle_signals(lambda *_: sys.exit(0))
    app = create_app({"DATABASE": a_database(database)})
    write_logs(app.config["LOG_FORMAT"])
    opened = app.extensions["leadbook"]
    with announcing(opened), delivering(opened, app.config["WEBHOOK_TARGETS"]):
        say(f"Leadbook delivers the webhooks of {app.config['DATABASE']}. Stop with Ctrl-C.")
        threading.Event().wait()
