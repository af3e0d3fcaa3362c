"""Windows has no locks as Leadbook needs them: one line says so, and no traceback."""

import subprocess
import sys

import pytest
from places import ROOT

# What Python lacks on Windows.
WINDOWS = """
import os, signal, sys
import click, flask, peewee  # they look at the platform too, and must not be misled
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
for module, name in ((os, "getppid"), (os, "register_at_fork"), (os, "uname"), (os, "geteuid"), (signal, "SIGHUP")):
    delattr(module, name)
sys.platform = "win32"
"""
TOLD = "Leadbook runs on Linux and macOS, but not on Windows. Use WSL or a container there."


def on_windows(code):
    return subprocess.run(
        [sys.executable, "-c", f"{WINDOWS}\n{code}"], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("arguments", [["serve"], ["export", "leads"], ["--help"]])
def test_command_says_so_in_one_line(arguments):
    done = on_windows(f"sys.argv[1:] = {arguments}\nfrom leadbook.cli.main import main\nmain()")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"leadbook: {TOLD}\n")


@pytest.mark.parametrize(
    "wanted",
    [
        "from leadbook.app import create_app",
        "from leadbook.testing import running_server",
        "from leadbook.settings import resolve",
        "from leadbook.models import Lead",
        "import leadbook.access.rate_limit",
    ],
)
def test_import_says_so_in_its_error(wanted):
    code = f"try:\n    {wanted}\nexcept ImportError as error:\n    print(error)\nelse:\n    print(None)"
    done = on_windows(code)
    assert (done.stdout, done.stderr) == (f"{TOLD}\n", "")


def test_one_file_says_so_before_it_unpacks_itself():
    start = str(ROOT / "cli" / "pyz" / "start.py")
    done = on_windows(f"import runpy\nrunpy.run_path({start!r}, run_name='__main__')")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{TOLD}\n")
