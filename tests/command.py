"""The `leadbook` command as a process of its own, and how it refuses."""

import json
import re
import subprocess
import sys

from click.testing import CliRunner

from leadbook.cli.main import commands

LEADBOOK = [sys.executable, "-m", "leadbook.cli"]


def run(*arguments):
    # An import of many rows takes minutes on a busy machine.
    return subprocess.run(
        [sys.executable, "-m", "leadbook.cli", *map(str, arguments)],
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def invoke(*arguments, answer=None):
    """Run the command within this process, which takes a tenth of the time."""
    done = CliRunner().invoke(commands, [*map(str, arguments)], input=answer)
    failure = done.exception
    if failure and not isinstance(failure, SystemExit):
        raise failure
    return subprocess.CompletedProcess(arguments, done.exit_code, done.stdout, done.stderr)


def assert_refused(finished, reason):
    assert finished.returncode == 1
    assert re.fullmatch(r"leadbook: .+\n", finished.stderr)
    assert reason in finished.stderr


def exported(database, kind="leads", *arguments):
    done = invoke("export", kind, "--format", "jsonl", "--database", database, *arguments)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
