"""The servers: how to start each on the same rows, and the paths of its API."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from leadbook.bench import fill
from leadbook.bench.peers import json_server, pocketbase


@dataclass(frozen=True)
class Api:
    """The paths of an API, and the field with the records of a page."""

    page: str = "/leads?page={page}&limit={limit}"
    records: str | None = "data"
    leads: str = "/leads"


@dataclass(frozen=True)
class Server:
    """How to start a server: `prepare` puts data into a folder, and `command` serves it there.

    With `synchronous` "full", a write is on the disk when it is acknowledged. `only_writes` is a
    server that reads like another one.
    """

    label: str
    command: Callable[[Path, int], list[str]]
    prepare: Callable[[Path, int], None]
    api: Api = Api()
    environment: Mapping[str, str] = field(default_factory=dict)
    synchronous: str = "full"
    only_writes: bool = False


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


def _peer(name: str, *further: str) -> Callable[[Path, int], list[str]]:
    module = f"leadbook.bench.peers.{name}"
    return lambda _, port: [sys.executable, "-m", module, "plain.db", str(port), *further]


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

# Our app on other servers.
FRONTS = {
    name: Server(f"Leadbook on {name}", command, _OURS, environment=_DATABASE)
    for name, command in (("granian", _on_granian("--factory", _APP)), ("waitress", _waitress))
}
# PocketBase commits like this, and what is compared with it must, too.
_NORMAL = {"LEADBOOK_SYNCHRONOUS": "normal"}
SERVERS = {
    "leadbook": Server("Leadbook", _leadbook, _OURS),
    "floor": Server("the floor", _peer("floor", "full"), _PLAIN),
    "granian": FRONTS["granian"],
    "workers": Server(
        "Leadbook, 2 workers", _workers, _OURS, environment=_NORMAL, synchronous="normal"
    ),
    "pocketbase": Server(
        "PocketBase",
        pocketbase.command,
        _copied(pocketbase.data_file, "data.db"),
        _POCKETBASE_API,
        synchronous="normal",
    ),
    "normal": Server(
        "Leadbook",
        _leadbook,
        _OURS,
        environment=_NORMAL,
        synchronous="normal",
        only_writes=True,
    ),
    "floor-normal": Server(
        "the floor", _peer("floor", "normal"), _PLAIN, synchronous="normal", only_writes=True
    ),
    "fastapi": Server("FastAPI + SQLModel", _peer("fastapi_sqlmodel"), _PLAIN),
    # granian is the fastest server for a WSGI application.
    "drf": Server(
        "Django REST framework",
        _on_granian("leadbook.bench.peers.django_rest:application"),
        _PLAIN,
        Api(records="results"),
    ),
    "json-server": Server(
        "json-server",
        json_server.command,
        _copied(fill.json_file, "db.json"),
        _JSON_SERVER_API,
        synchronous="no fsync",
    ),
}
