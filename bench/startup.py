"""Time the start of `leadbook serve`, compared with the import of its libraries alone."""

import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

_IMPORTS = "import asyncio, flask, flask_smorest, httptools, orjson, peewee"


def measure(database: Path, rounds: int) -> tuple[list[float], list[float]]:
    """Return the seconds until the first answer, and of importing the libraries, by round."""
    ours, imports = [], []
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "leadbook.db"
        shutil.copyfile(database, copy)
        # The first round is not counted: it reads the files from the disk.
        for _ in range(rounds + 1):
            imports.append(_import_libraries())
            ours.append(_answer_first_request(copy))
    return ours[1:], imports[1:]


def _import_libraries() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", _IMPORTS], check=True)
    return time.perf_counter() - start


def _answer_first_request(database: Path) -> float:
    program = str(Path(sys.executable).with_name("leadbook"))
    command = [program, "serve", "--port=0", f"--database={database}"]
    start = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        # The server prints its address when it listens; polling would slow it down.
        found = process.stdout and re.search(r"http://\S+", process.stdout.readline())
        if not found:
            raise RuntimeError("leadbook serve does not start")
        with urllib.request.urlopen(f"{found[0]}/leads", timeout=60) as answer:
            answer.read()
        taken = time.perf_counter() - start
        process.terminate()
    return taken
