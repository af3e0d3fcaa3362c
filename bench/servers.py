"""The servers: how to start each on the same rows, and the paths of its API."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leadbook.bench import fill
from leadbook.bench.peers import json_server, pocketbase

_LONGEST_START_SECONDS = 60


@dataclass(frozen=True)
class Api:
    """The paths of an API, and the field with the records of a page."""

    page: str = "/leads?page={page}&limit={limit}"
    records: str | None = "data"
    leads: str = "/leads"


@dataclass(frozen=True)
class Server:
    """How to start a server: `prepare` puts data into a folder, and `command` serves it there."""

    label: str
    command: Callable[[Path, int], list[str]]
    prepare: Callable[[Path, int], None]
    api: Api = Api()
    environment: Mapping[str, str] = field(default_factory=dict)


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


def _program(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def _copied(make: Callable[[int], Path], name: str) -> Callable[[Path, int], None]:
    def prepare(folder: Path, count: int) -> None:
        shutil.copyfile(make(count), folder / name)

    return prepare


def _leadbook(_: Path, port: int) -> list[str]:
    return [_program("leadbook"), "serve", f"--port={port}", "--database=leadbook.db"]


def _workers(folder: Path, port: int) -> list[str]:
    return [*_leadbook(folder, port), "--workers=2"]


def earlier(program: Path) -> Server:
    """Return another version of Leadbook, whose command is `program`."""

    def command(folder: Path, port: int) -> list[str]:
        return [str(program.absolute()), *_leadbook(folder, port)[1:]]

    def prepare(folder: Path, count: int) -> None:
        # An older version refuses the file of a newer one.
        exported, made = str(folder / "rows.jsonl"), str(folder / "leadbook.db")
        source = str(fill.leadbook_file(count))
        for each in (
            [_program("leadbook"), "export", "leads", exported, "--database", source],
            [str(program.absolute()), "import", "leads", exported, "--database", made],
        ):
            subprocess.run(each, check=True, capture_output=True)

    return Server("Leadbook before", command, prepare)


def _on_granian(*app: str) -> Callable[[Path, int], list[str]]:
    # One thread: more would only wait for the lock of the interpreter.
    options = "--interface wsgi --blocking-threads 1 --http 1 --no-ws --no-access-log"
    return lambda _, port: [_program("granian"), *options.split(), f"--port={port}", *app]


def _waitress(_: Path, port: int) -> list[str]:
    return [_program("waitress-serve"), f"--port={port}", "--call", _APP]


def _peer(name: str) -> Callable[[Path, int], list[str]]:
    module = f"leadbook.bench.peers.{name}"
    return lambda _, port: [sys.executable, "-m", module, "plain.db", str(port)]


_PLAIN = _copied(fill.plain_file, "plain.db")
_OURS = _copied(fill.leadbook_file, "leadbook.db")
_POCKETBASE_API = Api(
    "/api/collections/leads/records?page={page}&perPage={limit}&sort=-createdAt",
    "items",
    "/api/collections/leads/records",
)
_DATABASE = {"LEADBOOK_DATABASE": "leadbook.db"}
_APP = "leadbook.app:create_app"
_JSON_SERVER_API = Api("/leads?_page={page}&_limit={limit}&_sort=createdAt&_order=desc", None)

SERVERS = {
    "leadbook": Server("Leadbook", _leadbook, _OURS),
    "workers": Server(
        "Leadbook, 2 workers",
        _workers,
        _OURS,
        # Compared with PocketBase, which commits like this.
        environment={"LEADBOOK_SYNCHRONOUS": "normal"},
    ),
    "floor": Server("the floor: Flask, SQL by hand", _peer("floor"), _PLAIN),
    "fastapi": Server("FastAPI + SQLModel", _peer("fastapi_sqlmodel"), _PLAIN),
    # granian is the fastest server for a WSGI application.
    "drf": Server(
        "Django REST framework",
        _on_granian("leadbook.bench.peers.django_rest:application"),
        _PLAIN,
        Api(records="results"),
    ),
    "pocketbase": Server(
        "PocketBase",
        pocketbase.command,
        _copied(pocketbase.data_file, "data.db"),
        _POCKETBASE_API,
    ),
    "json-server": Server(
        "json-server", json_server.command, _copied(fill.json_file, "db.json"), _JSON_SERVER_API
    ),
}
# Our app on other servers.
FRONTS = {
    name: Server(f"Leadbook on {name}", command, _OURS, environment=_DATABASE)
    for name, command in (("granian", _on_granian("--factory", _APP)), ("waitress", _waitress))
}
