"""Compare Leadbook in test suites with other tools: `make bench-testing`."""

import argparse
import logging
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from leadbook.bench import report
from leadbook.bench.peers.json_server import SkippedError
from leadbook.bench.suite_peers import PEERS, leadbook, tests
from leadbook.bench.verdict import Bound, judged, ratios, with_spread

_IMPORT = "import time; start = time.perf_counter()\nimport {}\nprint(time.perf_counter() - start)"
_LIBRARIES = "asyncio, flask, flask_smorest, httptools, marshmallow, peewee"
_ONE_TEST = """
def test_first(leadbook):
    assert leadbook.leads() == []
"""
_CONFTEST = """
import time

def pytest_collection(session):
    session.began = time.perf_counter()

def pytest_runtest_teardown(item):
    print("seconds:", time.perf_counter() - item.session.began)
"""
_START = """
import time
from leadbook.testing import running_server
start = time.perf_counter()
with running_server():
    print(time.perf_counter() - start)
"""
_THOUSAND_TESTS = """
import http.client, json
import pytest

LEAD = json.dumps({"name": "Ada Byron", "email": "ada@engines.example"})

@pytest.mark.parametrize("number", range(1000))
def test_five_requests(leadbook, number):
    connection = http.client.HTTPConnection(leadbook.url.removeprefix("http://"))
    def ask(method, path, body=None):
        connection.request(method, path, body, {"Content-Type": "application/json"})
        with connection.getresponse() as answer:
            return answer.read()
    lead = json.loads(ask("POST", "/leads", LEAD))
    for method, body in (("GET", None), ("PUT", '{"score": 80}'), ("DELETE", None)):
        ask(method, "/leads/" + lead["id"], body)
    assert b'"total":0' in ask("GET", "/leads")
    connection.close()
"""


# Without the settings of this run, so that compiled files are kept as usual.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def python(script: str) -> float:
    """Return the seconds that a script prints in a new process."""
    return float(_run([sys.executable, "-c", script]).stdout)


def _run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=_ENVIRONMENT, capture_output=True, text=True, check=True, **options
    )


def pytest_run(folder: Path, source: str, *arguments: str) -> tuple[float, str]:
    """Return the seconds of a run of pytest, and its output."""
    (folder / "test_it.py").write_text(source)
    (folder / "conftest.py").write_text(_CONFTEST)
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", *arguments]
    start = time.perf_counter()
    done = _run(command, cwd=folder)
    return time.perf_counter() - start, done.stdout


def first_assertion(folder: Path) -> float:
    """Return the seconds from collection to the end of the first test."""
    _, said = pytest_run(folder, _ONE_TEST)
    [seconds] = re.findall(r"seconds: (\S+)", said)
    return float(seconds)


def cost_of_the_plugin(folder: Path) -> float:
    """Return how many seconds the plugin adds to a suite that does not use it.

    Single runs differ by more than that, so there are several of each.
    """
    source = "def test_nothing():\n    pass\n"
    runs = [
        (pytest_run(folder, source)[0], pytest_run(folder, source, "-p", "no:leadbook")[0])
        for _ in range(5)
    ]
    return min(with_it for with_it, _ in runs) - min(without for _, without in runs)


def _line(title: str, values: list[float], bound: Bound | None, digits: int = 2) -> tuple[str, ...]:
    return (title, with_spread(values, digits), *judged(bound, statistics.median(values)))


def starts(rounds: int) -> Iterator[tuple[str, ...]]:
    """Measure how fast a suite starts, with the import of the libraries in each round."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # The first round is not counted: it reads the files from the disk.
        imports, first, plugin, server = [], [], [], []
        for _ in range(rounds + 1):
            imports.append(python(_IMPORT.format(_LIBRARIES)) * 1000)
            first.append(first_assertion(folder) * 1000)
            server.append(python(_START) * 1000)
            plugin.append(cost_of_the_plugin(folder) * 1000)
        thousand = [pytest_run(folder, _THOUSAND_TESTS)[0] for _ in range(3)]
    yield _line("importing the libraries, ms", imports[1:], None, 0)
    yield _line("from collecting to the first passed assertion, ms", first[1:], None, 0)
    yield _line("ratio of these", ratios(first[1:], imports[1:]), Bound("≤", 1.5))
    yield _line("`running_server` until it answers, ms", server[1:], Bound("≤", 100), 0)
    yield _line("what the plugin adds where it is not used, ms", plugin[1:], Bound("≤", 5), 1)
    yield _line("1,000 tests with 5 requests each, s", thousand, Bound("≤", 20), 1)


def peers() -> Iterator[tuple[str, ...]]:
    """Measure one test with each tool: a reset and five requests."""
    for title, (start, count) in PEERS.items():
        try:
            with start() as peer:
                emptied, asked = tests(peer, count)
        except (SkippedError, ImportError) as error:
            print(f"{title} is left out: {error}", file=sys.stderr)
            continue
        whole = [one + other for one, other in zip(emptied, asked, strict=True)]
        bound = Bound("≤", 3) if start is leadbook else None
        verdict = judged(bound, statistics.median(emptied))
        yield (title, with_spread(emptied), with_spread(whole), *verdict)


def main() -> None:
    """Measure, print the report, and save it with --results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    of_one_test = ["one test", "to empty it, ms", "with 5 requests, ms", "target", ""]
    # moto logs a line for each request.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    parts = [
        report.environment(),
        report.table(["start", "median (least to most)", "target", ""], starts(options.rounds)),
        report.table(of_one_test, peers()),
    ]
    report.publish("suites", parts, None, options.results)


if __name__ == "__main__":
    main()
