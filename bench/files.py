"""Compare the speed of import and export with other tools: `make bench-files`."""

import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice, repeat
from pathlib import Path

from leadbook.bench import fill, load, report, rows
from leadbook.bench.running import running
from leadbook.bench.servers import SERVERS
from leadbook.bench.verdict import Bound, judged
from leadbook.storage.clock import Clock
from leadbook.storage.sqlite.driver import sqlite3
from leadbook.storage.sqlite.opening import open_database

_HEADER = ("Name", "Email", "Phone", "Company", "Source", "Notes", "Status", "Score")
_BATCH = 10_000
_OF_POCKETBASE = 20_000
_IDLE_SECONDS = 8.0
_SHELL = {
    "the columns as they are": "SELECT * FROM leads",
    "ids and times as text, like ours": "SELECT lower(hex(id)), name, email, phone, company,"
    " source, notes, version,"
    " strftime('%Y-%m-%dT%H:%M:%fZ', created_at / 1000.0, 'unixepoch'),"
    " strftime('%Y-%m-%dT%H:%M:%fZ', updated_at / 1000.0, 'unixepoch'),"
    " status, score, hex(client_id), converted_at FROM leads",
}


@dataclass(frozen=True)
class Done:
    """How long a program took, and its peak memory."""

    seconds: float
    peak_mb: float


def csv_file(count: int, *, further: Sequence[str] = ()) -> Path:
    """Return a CSV file of the rows, as another tool would export them.

    `further` are the headers of columns for which Leadbook has no field.
    """

    def write(path: Path) -> None:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow((*_HEADER, *further))
            for number, row in enumerate(rows.rows(count)):
                cells = [row.fields[name.lower()] for name in _HEADER]
                writer.writerow(cells + rows.further(number) if further else cells)

    return fill.cached(f"rows-{count}{'-further' if further else ''}.csv", write)


def program(*arguments: object, output: Path | None = None) -> Done:
    """Run a program until it ends."""
    start = time.perf_counter()
    with (output or Path(os.devnull)).open("wb") as file:
        process = subprocess.Popen(
            list(map(str, arguments)), stdout=file, stderr=subprocess.DEVNULL
        )
        # The memory of this child only.
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{arguments[0]} failed: {arguments}")
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    return Done(time.perf_counter() - start, usage.ru_maxrss / scale)


def executemany(imported: Path, folder: Path) -> float:
    """Return the seconds of plain inserts of the same rows and their search texts."""
    path = folder / "bare.db"
    open_database(path, Clock()).close()
    taken = 0.0
    with closing(sqlite3.connect(imported)) as source, closing(sqlite3.connect(path)) as target:
        target.isolation_level = None
        target.execute("PRAGMA synchronous = full")
        leads = source.execute("SELECT * FROM leads ORDER BY number")
        texts = source.execute("SELECT number, text FROM lead_texts ORDER BY number")
        columns = ", ".join("?" * len(leads.description))
        while some := leads.fetchmany(_BATCH):
            their_texts = texts.fetchmany(_BATCH)
            start = time.perf_counter()
            target.execute("BEGIN IMMEDIATE")
            target.executemany(f"INSERT INTO leads VALUES ({columns})", some)
            target.executemany("INSERT INTO lead_texts (number, text) VALUES (?, ?)", their_texts)
            target.execute("COMMIT")
            taken += time.perf_counter() - start
    return taken


def pocketbase_batches(folder: Path) -> float:
    """Return how many rows a second PocketBase's batch API stores, 500 at a time."""
    with running(SERVERS["pocketbase"], 0, folder) as server:
        url = f"http://127.0.0.1:{server.port}/api/batch"
        path = "/api/collections/leads/records"
        made = rows.rows(_OF_POCKETBASE)
        start = time.perf_counter()
        while some := list(islice(made, 500)):
            requests = [{"method": "POST", "url": path, "body": row.fields} for row in some]
            body = json.dumps({"requests": requests}).encode()
            call = urllib.request.Request(url, body, {"Content-Type": "application/json"})
            with urllib.request.urlopen(call, timeout=120) as answer:
                answer.read()
        return _OF_POCKETBASE / (time.perf_counter() - start)


def readers_during_an_import(source: Path, folder: Path) -> tuple[float, float]:
    """Return the p99 of GET /leads in ms: on an idle server, and during an import."""
    with running(SERVERS["leadbook"], 10_000, folder) as server:
        requests = repeat(load.get("/leads"))
        idle = load.run(server.port, requests, _IDLE_SECONDS, connections=1).p99
        command = [_leadbook(), "import", "leads", source, "--database", folder / "leadbook.db"]
        importing = threading.Thread(target=program, args=command)
        importing.start()
        busy = []
        while importing.is_alive():
            busy.append(load.run(server.port, requests, 2.0, connections=1, warm_up=0).p99)
        importing.join()
        # The last measurement is partly idle.
        return idle, statistics.median(busy[:-1])


def _leadbook() -> str:
    return str(Path(sys.executable).with_name("leadbook"))


def beside_bare(count: int, source: Path, folder: Path, most: int) -> Iterator[list[str]]:
    """Import a file, and insert the rows that are then stored; `most` is the peak in MB."""
    imported = folder / "imported.db"
    imported.unlink(missing_ok=True)
    ours = program(_leadbook(), "import", "leads", source, "--database", imported)
    bare = executemany(imported, folder)
    (folder / "bare.db").unlink()
    rate, floor = count / ours.seconds, count / bare
    yield ["`leadbook import`, rows/s", f"{rate:,.0f}", "", ""]
    yield ["bare `executemany` of the same rows, rows/s", f"{floor:,.0f}", "", ""]
    yield ["ratio of these", f"{rate / floor:.2f}", *judged(Bound("≥", 0.6), rate / floor)]
    memory = Bound("≤", most, " MB")
    yield ["peak memory of the import", f"{ours.peak_mb:.0f} MB", *judged(memory, ours.peak_mb)]


def with_further_columns(count: int, folder: Path) -> Iterator[list[str]]:
    """Import and export rows that have columns without a field."""
    source = csv_file(count, further=rows.FURTHER)
    yield from beside_bare(count, source, folder, 200)
    out = folder / "further.csv"
    database = folder / "imported.db"
    ours = program(_leadbook(), "export", "leads", out, "--database", database)
    yield ["`leadbook export`, rows/s", f"{count / ours.seconds:,.0f}", "", ""]
    memory = Bound("≤", 100, " MB")
    yield ["peak memory of the export", f"{ours.peak_mb:.0f} MB", *judged(memory, ours.peak_mb)]
    out.unlink()


def imports(count: int, folder: Path) -> Iterator[list[str]]:
    """Import the rows with Leadbook and with other tools."""
    source = csv_file(count)
    yield from beside_bare(count, source, folder, 150)
    utils = str(Path(sys.executable).with_name("sqlite-utils"))
    theirs = program(utils, "insert", folder / "utils.db", "leads", source, "--csv")
    title = "`sqlite-utils insert --csv`: no validation, no index; rows/s"
    yield [title, f"{count / theirs.seconds:,.0f}", "", ""]
    their_rate = pocketbase_batches(folder / "pocketbase")
    yield [f"PocketBase's batch API, {_OF_POCKETBASE:,} rows; rows/s", f"{their_rate:,.0f}", "", ""]
    idle, busy = readers_during_an_import(source, folder / "server")
    title = "p99 of GET /leads during an import / of an idle server"
    told = f"{busy / idle:.1f} ({busy:.1f} / {idle:.1f} ms)"
    yield [title, told, *judged(Bound("≤", 10), busy / idle)]


def exports(count: int, folder: Path) -> Iterator[list[str]]:
    """Export the rows with Leadbook and with the SQLite shell."""
    imported = folder / "imported.db"
    out = folder / "out.csv"
    ours = program(_leadbook(), "export", "leads", out, "--force", "--database", imported)
    rate = count / ours.seconds
    yield ["`leadbook export`, rows/s", f"{rate:,.0f}", "", ""]
    memory = Bound("≤", 100, " MB")
    yield ["peak memory of the export", f"{ours.peak_mb:.0f} MB", *judged(memory, ours.peak_mb)]
    if not shutil.which("sqlite3"):
        yield ["`sqlite3 -csv`", "not there", "", ""]
        return
    for title, sql in _SHELL.items():
        shell = program("sqlite3", "-csv", imported, sql, output=folder / "shell.csv")
        theirs = count / shell.seconds
        told = f"{rate / theirs:.2f} ({theirs:,.0f} rows/s)"
        verdict = judged(Bound("≥", 0.3), rate / theirs)
        yield [f"ours / `sqlite3 -csv`, {title}", told, *verdict]


def main() -> None:
    """Measure, print the report, and save it with --results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--results", type=Path)
    options = parser.parse_args()
    fill.CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=fill.CACHE) as name:
        folder = Path(name)
        head = [f"{options.count:,} rows", "measured", "target", ""]
        wide = [f"{options.count:,} rows with {len(rows.FURTHER)} further columns", *head[1:]]
        parts = [report.environment()]
        parts.append(report.table(wide, with_further_columns(options.count, folder)))
        parts.append(report.table(head, imports(options.count, folder)))
        parts.append(report.table(head, exports(options.count, folder)))
    report.publish("files", parts, None, options.results)


if __name__ == "__main__":
    main()
