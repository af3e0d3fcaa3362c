"""json-server, a common fake of such an API; it needs npm."""

import shutil
import subprocess
from pathlib import Path

from leadbook.bench.fill import CACHE

VERSION = "0.17.4"  # the last one that is not a beta
_FOLDER = CACHE / f"json-server-{VERSION}"
_MODULE = _FOLDER / "node_modules" / "json-server"


class SkippedError(Exception):
    """The tool cannot be measured on this machine; the message says why."""


def command(folder: Path, port: int) -> list[str]:
    """Return the command that serves `db.json`. Raises SkippedError if it cannot be installed."""
    _install()
    script = str(_MODULE / "lib" / "cli" / "bin.js")
    return [
        "node",
        script,
        "--quiet",
        "--host=127.0.0.1",
        f"--port={port}",
        str(folder / "db.json"),
    ]


def _install() -> None:
    if not shutil.which("npm"):
        raise SkippedError("there is no npm here")
    if _MODULE.exists():
        return
    package = f"json-server@{VERSION}"
    options = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(
        ["npm", "install", *options, f"--prefix={_FOLDER}", package], check=False, timeout=300
    )
    if done.returncode:
        raise SkippedError("npm could not install it")
