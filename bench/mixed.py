"""What an import and an export cost those who use Leadbook meanwhile."""

import statistics
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from leadbook.bench import files, load, rates, report, traffic
from leadbook.bench.running import Running, running
from leadbook.bench.servers import SERVERS
from leadbook.bench.throughput import ROWS
from leadbook.bench.verdict import ratios, with_spread

ALONE = "nothing else"
_A_SECOND = 100
IMPORTED = 10_000
# A turn must have room for an import.
_TIMES_AS_LONG = 2
_LONGEST_SECONDS = 120
_TITLE = f"{_A_SECOND} a second: 70 % list of 20, 20 % one, 10 % POST; beside them"
_FIGURES = ("p50 ms", "p99 ms", "p99 / alone")
# A writer that waits too long for the database gets this; its latency counts, too.
_REFUSALS = (503,)
_CSV = {"Content-Type": "text/csv"}

Job = Callable[[], object]


@contextmanager
def going_on(jobs: list[Job]) -> Iterator[None]:
    """Repeat each job in a thread of its own during the block; raise what they raise."""
    ends = threading.Event()

    def repeat(job: Job) -> None:
        while True:
            job()
            if ends.is_set():
                return

    with ThreadPoolExecutor(max(1, len(jobs))) as threads:
        running = [threads.submit(repeat, job) for job in jobs]
        try:
            yield
        finally:
            # The last of them end before the next turn begins.
            ends.set()
        for each in running:
            each.result()


def measure(folder: Path, rounds: int, seconds: float) -> dict[str, list[rates.Paced]]:
    """Send mixed requests to a server in `folder`, in turn with and without company."""
    with running(SERVERS["leadbook"], ROWS, folder) as server:
        requests = traffic.mixed(server)

        def turn(jobs: list[Job], seconds: float) -> rates.Paced:
            with going_on(jobs):
                length = seconds * _TIMES_AS_LONG
                return rates.run(server.port, requests, _A_SECOND, length, allowed=_REFUSALS)

        turns = {each: partial(turn, jobs) for each, jobs in company(server, folder).items()}
        return load.in_turn("mixed", turns, rounds, seconds)


def company(server: Running, folder: Path) -> dict[str, list[Job]]:
    """Return what may go on beside the requests, for a server in `folder`."""
    source = files.csv_file(IMPORTED)
    leads = f"http://127.0.0.1:{server.port}/leads"
    upload = urllib.request.Request(f"{leads}/import", source.read_bytes(), _CSV)
    program = partial(files.program, Path(sys.executable).with_name("leadbook"))
    database = f"--database={folder / 'leadbook.db'}"
    return {
        ALONE: [],
        "an import and an export over HTTP": [
            partial(_call, upload),
            partial(_call, urllib.request.Request(f"{leads}/export?format=csv")),
        ],
        "`leadbook import` and `leadbook export`": [
            partial(program, "import", "leads", source, database),
            partial(program, "export", "leads", folder / "out.csv", "--force", database),
        ],
    }


def table(done: dict[str, list[rates.Paced]]) -> str:
    """Return the latencies with and without company, and how many times as long they are."""
    lines = []
    for title, turns in done.items():
        cells = [title]
        for method in (b"GET", b"POST"):
            p99, p99_alone = (_p99(each, method) for each in (turns, done[ALONE]))
            slower = statistics.median(ratios(p99, p99_alone))
            p50 = statistics.median(each.load(method).p50 for each in turns)
            cells += [f"{p50:.1f}", with_spread(p99, 1), f"{slower:.1f}"]
        refused = sum(one.status in _REFUSALS for each in turns for one in each.answers)
        lines.append([*cells, f"{refused}"])
    figures = [f"{method} {each}" for method in ("GET", "POST") for each in _FIGURES]
    return report.table([_TITLE, *figures, "503s"], lines)


def _p99(turns: list[rates.Paced], method: bytes) -> list[float]:
    return [each.load(method).p99 for each in turns]


def _call(request: urllib.request.Request) -> None:
    with urllib.request.urlopen(request, timeout=_LONGEST_SECONDS) as answer:
        while answer.read(1 << 20):
            pass
