"""The files that docs/deployment.md shows, and the programs that read them."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from places import ROOT

PAGE = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")


def shown_file(name):
    """Return the block of the page that begins with a comment of this name."""
    (block,) = re.findall(rf"```\w+\n(# {re.escape(name)}\n.*?)```", PAGE, re.DOTALL)
    return block


def replaced(text, **changes):
    """Return the text with each word replaced; each has to be there."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, str(new))
    return text


def program(name):
    """Return the path of a program, from the environment of the tests or from PATH."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    return found or pytest.skip(f"{name} is not installed")


def run(*command, **options):
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True, text=True, timeout=120, check=False, **options,
    )  # fmt: skip
