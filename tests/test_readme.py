"""The README tells all of it, and what it shows works."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from leadbook.cli import commands
from leadbook.cli_keys import key_commands
from leadbook.settings import ENVIRONMENT_PREFIX, SETTINGS

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BASH = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_every_route_stands_in_it(app):
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            assert f"| `{method} {path}` |" in README


def test_every_setting_stands_in_it():
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| `(.*)` \| (.*) \|$", README, re.MULTILINE)
    assert rows == [
        (each.name, ENVIRONMENT_PREFIX + each.name, each.shown_default, each.meaning)
        for each in SETTINGS
    ]


def test_every_command_and_option_stands_in_it():
    named = {
        **commands.commands,
        **{f"key {name}": each for name, each in key_commands.commands.items()},
    }
    del named["key"]
    for name, command in named.items():
        assert re.search(rf"\| `leadbook {name}[ `]", README), name
        for parameter in command.params:
            assert (
                f"`{parameter.opts[0]}" in README
                or f"LEADBOOK_{parameter.name.upper()}" in README
                or parameter.name.upper() in README
            )
    assert "`leadbook --version`" in README


def test_tour_with_curl_runs(start_server, tmp_path):
    server = start_server("--database", str(tmp_path / "leadbook.db"))
    script = "set -eu\n" + "".join(BASH).replace("http://127.0.0.1:8000", server.url)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(BASH) == 4
    assert re.findall(r'"code":"(\w+)"', done.stdout) == ["VERSION_MISMATCH"]
    assert done.stdout.count('"status":"won"') == 1
    assert done.stdout.count('"status":"archived"') == 2
    for path in ("/leads", "/clients?status=all"):
        assert server.request("GET", path)[1]["pagination"]["total"] == 0


@pytest.mark.parametrize("number", range(len(PYTHON)))
def test_snippet_of_python_runs(start_server, tmp_path, number):
    server = start_server("--database", str(tmp_path / "leadbook.db"))
    script = PYTHON[number].replace("http://127.0.0.1:8000", server.url)
    script = script.replace("/path/of/a/temporary/folder", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
