"""Measure the first and the twenty-thousandth erasure, and a large one: `make bench-erasures`."""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from leadbook.bench import fill, fts5, report, rows
from leadbook.bench.verdict import Bound, judged
from leadbook.models import Client, Comment, Lead, Ticket
from leadbook.settings import SETTINGS
from leadbook.storage.clock import Clock
from leadbook.storage.database import Database
from leadbook.storage.sqlite.opening import open_database
from leadbook.storage.summaries import once
from leadbook.web.removal import remove

COUNTS = [20, 3_000, 1_000_000]
ERASURES = 20_000
# Of the client of a large erasure; each has a comment.
TICKETS = 10_000
# This many at the beginning are compared with as many at the end.
_COMPARED = 500
_TOLD_EVERY = 1_000
_TIME_TARGET = Bound("≤", 2)
_LEVELS_TARGET = Bound("≤", fts5.MOST_LEVELS)
_SIZE_TARGET = Bound("≤", 1.2)


class Measured(NamedTuple):
    """Medians in milliseconds, sizes in bytes."""

    leads: int
    first_ms: float
    last_ms: float
    levels: int
    before: int
    after: int


def erase(database: Database, count: int) -> tuple[list[float], int]:
    """Create and erase a lead `count` times, each step in its own transaction.

    Returns the seconds of each erasure, and the most levels that the search index had.
    """
    seconds, levels = [], 0
    for number, row in enumerate(rows.rows(count), 1):
        with database.write():
            lead = Lead.create_from(row.fields)
        start = time.perf_counter()
        with database.write():
            lead.delete_for_good()
        seconds.append(time.perf_counter() - start)
        levels = max(levels, fts5.levels(database.connection(), "lead_search"))
        if number % _TOLD_EVERY == 0:
            last = statistics.median(seconds[-_TOLD_EVERY:]) * 1000
            print(f"{number:,} erasures, {last:.2f} ms each, {levels} levels", file=sys.stderr)
    return seconds, levels


def measure(size: int, erasures: int, synchronous: str, folder: Path) -> Measured:
    """Erase leads in a database of `size` leads; return times, index levels and file sizes."""
    path = folder / "leadbook.db"
    shutil.copyfile(fill.leadbook_file(size), path)
    before = path.stat().st_size
    print(f"{size:,} leads are there", file=sys.stderr)
    database = open_database(path, Clock(), synchronous=synchronous)
    with closing(database), database.use():
        seconds, levels = erase(database, erasures)
    compared = min(_COMPARED, erasures // 2)
    first_ms, last_ms = (
        statistics.median(part) * 1000 for part in (seconds[:compared], seconds[-compared:])
    )
    return Measured(size, first_ms, last_ms, levels, before, path.stat().st_size)


def seconds_with_tickets(count: int, tickets: str, path: Path, **options: Any) -> float:
    """Erase a client with `count` tickets and as many comments; return the seconds.

    `options` are those of open_database.
    """
    database = open_database(path, Clock(), **options)
    with closing(database), database.use():
        with database.write(), once():
            client = Client.create_from({"name": "Ada Byron", "email": "ada@engines.example"})
            for _ in range(count):
                asked = {"client_id": client.id, "subject": "The engine of Ada Byron stops"}
                said = {"ticket_id": Ticket.create_from(asked).id, "text": "Ada Byron has called."}
                Comment.create_from(said)
        start = time.perf_counter()
        with database.write():
            remove(Client.fetch(client.id), tickets=tickets)
        return time.perf_counter() - start


def described(measured: Measured) -> Iterator[list[str]]:
    """Yield the results for one size, with targets and verdicts."""
    size, first, last, levels, before, after = measured
    title = f"{size:,} leads: one of the last erasures / of the first"
    told = f"{last / first:.2f} ({last:.2f} / {first:.2f} ms)"
    yield [title, told, *judged(_TIME_TARGET, last / first)]
    title = f"{size:,} leads: levels of the search index, at most"
    yield [title, str(levels), *judged(_LEVELS_TARGET, levels)]
    title = f"{size:,} leads: the file, after / before"
    told = f"{after / before:.2f} ({after / 1e6:.2f} / {before / 1e6:.2f} MB)"
    yield [title, told, *judged(_SIZE_TARGET, after / before)]


def main() -> None:
    """Measure, print the report, and save it with --results."""
    [synchronous] = [each.default for each in SETTINGS if each.name == "SYNCHRONOUS"]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--erasures", type=int, default=ERASURES)
    parser.add_argument("--tickets", type=int, default=TICKETS)
    parser.add_argument("--synchronous", default=synchronous)
    parser.add_argument("--results", type=Path, help="the folder for the report")
    given = parser.parse_args()

    fill.CACHE.mkdir(exist_ok=True)
    parts, done = [report.machine()], []
    for size in given.counts:
        # On the disk of the cache, because the temporary folder may be in memory.
        with tempfile.TemporaryDirectory(dir=fill.CACHE) as folder:
            done.append(measure(size, given.erasures, given.synchronous, Path(folder)))
    lines = [line for each in done for line in described(each)]
    smallest, largest = done[0], done[-1]
    title = f"one of the last, of {largest.leads:,} leads / of {smallest.leads:,}"
    lines.append([title, f"{largest.last_ms / smallest.last_ms:.2f}", "", ""])
    with tempfile.TemporaryDirectory(dir=fill.CACHE) as folder:
        for tickets in ("erase", "keep"):
            path = Path(folder) / f"{tickets}.db"
            options = {"synchronous": given.synchronous}
            taken = seconds_with_tickets(given.tickets, tickets, path, **options)
            title = f"a client with {given.tickets:,} tickets and as many comments, {tickets}"
            lines.append([title, f"{taken:.1f} s", "", ""])
    title = f"{given.erasures:,} erasures, synchronous={given.synchronous}"
    parts.append(report.table([title, "measured", "target", ""], lines))
    report.publish("erasures", parts, None, given.results)


if __name__ == "__main__":
    main()
