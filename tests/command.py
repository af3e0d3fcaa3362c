"""The `leadbook` command as a process of its own, and how it refuses."""

import json
import re
import subprocess
import sys
import tempfile

from click.testing import CliRunner
from forked_server import ForkedServer, can_fork

from leadbook.cli.main import commands

LEADBOOK = [sys.executable, "-m", "leadbook.cli"]


def run(*arguments):
    """Run the command as a process of its own, forked from one that has imported the modules."""
    words = [*map(str, arguments)]
    if not can_fork():
        return subprocess.run([*LEADBOOK, *words], capture_output=True, text=True, check=False)
    with tempfile.TemporaryFile("w+") as errors:
        process = ForkedServer(words, errors)
        with process.stdout:
            output = process.stdout.read()
        code = process.wait()
        errors.seek(0)
        return subprocess.CompletedProcess([*LEADBOOK, *words], code, output, errors.read())


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
