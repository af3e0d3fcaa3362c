"""The report: tables in Markdown, and the machine and versions of the measurement."""

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from leadbook.bench.peers import json_server, pocketbase
from leadbook.storage.sqlite.driver import sqlite3

_PACKAGES = (
    "flask flask-smorest marshmallow peewee httptools orjson waitress granian fastapi sqlmodel "
    "uvicorn django djangorestframework"
).split()


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table with right-aligned figures."""
    rule = ["---", *["--:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *lines))


def publish(name: str, parts: Iterable[str], picture: str | None, folder: Path | None) -> None:
    """Print the report; save it and its picture in `folder` if they are given."""
    text = "\n\n".join(parts) + "\n"
    print(text)
    if folder:
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
        if picture:
            (folder / f"{name}.svg").write_text(picture, encoding="utf-8")


def environment() -> str:
    """Return the machine and the versions, those of the other tools included."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    peers = f"PocketBase {pocketbase.version()}, json-server {json_server.VERSION}, Node {_node()}"
    return "\n".join([machine(), f"- {packages}", f"- {peers}"])


def machine() -> str:
    """Return the machine, Python and SQLite, for a measurement without other tools."""
    cpu = platform.processor()
    if (told := Path("/proc/cpuinfo")).exists():
        found = re.search(r"model name\s*: (.*)", told.read_text())
        cpu = found[1] if found else cpu
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, load average {load} before it began",
        f"{cpu}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _node() -> str:
    if not shutil.which("node"):
        return "not there"
    shown = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return shown.stdout.strip()
