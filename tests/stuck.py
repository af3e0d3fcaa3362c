"""A command that is stopped at one place of its code, and what it has there on the disk."""

import os
import subprocess
import sys

_SCRIPT = """
import importlib, signal, sys, time

# The background of a shell ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)
module, name = sys.argv[1].rsplit(".", 1)

def stuck(*_, **__):
    print("stuck", flush=True)
    # Until a signal comes; one long sleep would miss what comes just before it.
    for _ in range(6000):
        time.sleep(0.01)

setattr(importlib.import_module(module), name, stuck)
from leadbook.cli.main import main
main(sys.argv[2:])
"""


def stuck_at(place, *arguments):
    """Return the process of a command that has come to the function `place`, under umask 0."""
    process = subprocess.Popen(
        [sys.executable, "-c", _SCRIPT, place, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, umask=0,
    )  # fmt: skip
    lines = iter(process.stdout.readline, "")
    assert "stuck\n" in lines, process.communicate()
    return process


def open_to_others(folder):
    """Return the files that anybody but their owner can reach from `folder`, and read or write."""
    found = set()
    with os.scandir(folder) as entries:
        for entry in entries:
            mode = entry.stat(follow_symlinks=False).st_mode
            if entry.is_dir(follow_symlinks=False):
                # A folder that others may not enter hides what is in it.
                found |= open_to_others(entry.path) if mode & 0o011 else set()
            elif mode & 0o066 and not entry.is_symlink():
                found.add(entry.path)
    return found
