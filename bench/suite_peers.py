"""The tools that a test suite may use, and one test with each."""

import http.client
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from leadbook.bench.peers.json_server import command
from leadbook.bench.running import Running, running
from leadbook.bench.servers import Api, Server
from leadbook.testing import running_server

_LEAD = {"name": "Ada Byron", "email": "ada@engines.example"}
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Peer:
    """A tool to test against: `fill` before a test (not measured), then `empty` and `ask`."""

    fill: Callable[[], None]
    empty: Callable[[], None]
    ask: Callable[[], None]


def _requests(port: int, leads: str = "/leads", change: str = "PUT") -> Callable[[], None]:
    def send() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)

        def ask(method: str, path: str, body: object = None) -> bytes:
            connection.request(method, path, json.dumps(body) if body else None, _JSON)
            with connection.getresponse() as answer:
                return answer.read()

        record = json.loads(ask("POST", leads, _LEAD))
        place = f"{leads}/{record['id']}"
        ask("GET", place)
        ask(change, place, {"score": 80})
        ask("DELETE", place)
        ask("GET", leads)
        connection.close()

    return send


def _nothing() -> None:
    """Do nothing: the tool is empty or has the data of the last test."""


@contextmanager
def leadbook() -> Iterator[Peer]:
    """Run Leadbook with a thousand leads before each test."""
    with running_server() as handle:
        handle.seed(leads=1000, clients=0)
        handle.snapshot()
        port = int(handle.url.rpartition(":")[2])
        yield Peer(handle.restore, handle.reset, _requests(port))


@contextmanager
def _moto() -> Iterator[Peer]:
    import boto3  # noqa: PLC0415  # of this peer alone, and slow to import
    from moto.server import ThreadedMotoServer  # noqa: PLC0415  # the same

    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    url = f"http://{host}:{port}"
    queues = boto3.client("sqs", endpoint_url=url, region_name="us-east-1", **keys)

    def empty() -> None:
        connection = http.client.HTTPConnection(host, port)
        connection.request("POST", "/moto-api/reset")
        connection.getresponse().read()
        connection.close()

    def ask() -> None:
        place = queues.create_queue(QueueName="leads")["QueueUrl"]
        queues.send_message(QueueUrl=place, MessageBody=json.dumps(_LEAD))
        [message] = queues.receive_message(QueueUrl=place)["Messages"]
        queues.delete_message(QueueUrl=place, ReceiptHandle=message["ReceiptHandle"])
        queues.list_queues()

    yield Peer(_nothing, empty, ask)
    server.stop()


@contextmanager
def _json_server() -> Iterator[Peer]:
    # It has no reset, so it is restarted for each test.
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        running_now: list[Running] = []

        def empty() -> None:
            stack.close()
            folder = Path(name) / str(time.monotonic_ns())
            running_now[:] = [stack.enter_context(running(_EMPTY_JSON_SERVER, 0, folder))]

        def ask() -> None:
            _requests(running_now[0].port, change="PATCH")()

        yield Peer(_nothing, empty, ask)


def _no_rows(folder: Path, _: int) -> None:
    (folder / "db.json").write_text('{"leads": []}')


_EMPTY_JSON_SERVER = Server(
    "json-server", command, _no_rows, Api("/leads?_page={page}&_limit={limit}", None)
)
# Each with its number of tests; a restart takes long.
PEERS = {
    "Leadbook, 1,000 leads to reset": (leadbook, 200),
    "moto, server mode, /moto-api/reset": (_moto, 100),
    "json-server, restarted": (_json_server, 10),
}


def tests(peer: Peer, count: int) -> tuple[list[float], list[float]]:
    """Return the milliseconds of the resets and of the requests in `count` tests."""
    emptied, asked = [], []
    for _ in range(count):
        peer.fill()
        start = time.perf_counter()
        peer.empty()
        middle = time.perf_counter()
        peer.ask()
        asked.append((time.perf_counter() - middle) * 1000)
        emptied.append((middle - start) * 1000)
    return emptied, asked
