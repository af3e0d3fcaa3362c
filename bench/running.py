"""Run a server, ask it for records, and see how much memory it takes."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leadbook.bench.servers import Server

_LONGEST_START_SECONDS = 60


@dataclass(frozen=True)
class Running:
    """A running server."""

    server: Server
    port: int
    process: subprocess.Popen[bytes]

    def get(self, path: str) -> Any:
        """Return the JSON at `path`."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60) as answer:
            return json.load(answer)

    def page(self, limit: int, page: int = 1) -> str:
        """Return the path of a page."""
        return self.server.api.page.format(limit=limit, page=page)

    def records(self, limit: int) -> list[dict[str, Any]]:
        """Return the records of the first page."""
        answer = self.get(self.page(limit))
        return list(answer[self.server.api.records] if self.server.api.records else answer)

    def peak_memory(self) -> float:
        """Return the peak memory of its first process, in MiB."""
        return _memory(self.process.pid, "VmHWM")

    def memory(self) -> float:
        """Return the memory of its process group, in MiB."""
        group = self.process.pid
        found = (int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit())
        total = 0.0
        for pid in found:
            # Other processes start and end meanwhile.
            with contextlib.suppress(OSError, StopIteration):
                total += _memory(pid, "VmRSS") if os.getpgid(pid) == group else 0
        return total


def _memory(pid: int, kind: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if kind in line)
    return int(kilobytes) / 1024


@contextmanager
def running(server: Server, count: int, folder: Path) -> Iterator[Running]:
    """Run `server` during the block, on a copy of `count` rows in `folder`.

    Raises SkippedError if it cannot run on this machine.
    """
    folder.mkdir()
    server.prepare(folder, count)
    port = _free_port()
    process = subprocess.Popen(
        server.command(folder, port),
        cwd=folder,
        env=os.environ | dict(server.environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    started = Running(server, port, process)
    try:
        _wait_for(started)
        yield started
    finally:
        # The whole process group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(server: Running) -> None:
    deadline = time.monotonic() + _LONGEST_START_SECONDS
    while True:
        try:
            server.records(1)
            return
        except urllib.error.HTTPError:
            raise
        except OSError:
            if server.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{server.server.label} does not start") from None
            # Other servers do not announce that they listen: ask again until the deadline.
            time.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
