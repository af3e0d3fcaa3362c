"""Measure speed and size from a thousand leads to a million: `make bench-scale`."""

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from leadbook.app import create_app
from leadbook.bench import beside_pocketbase, fill, in_process, report, rows, startup
from leadbook.bench.in_process import FIRST_PAGE, Timing
from leadbook.bench.picture import Bar, Panel, bar_chart
from leadbook.bench.verdict import Bound, judged, ratios, with_spread

COUNTS = [1_000, 10_000, 100_000, 1_000_000]
_MS = " ms"
# Targets for the p50 at the largest size, for rows in the order of their times and imported rows.
TARGETS = {
    "last page": Bound("≤", 25, _MS),
    **{
        f"search: {words}{order}": Bound("≤", 60, _MS)
        for words in ("a common word", "two words", "8 characters")
        for order in in_process.ORDERS
    },
    "search: a common word, middle page by createdAt": Bound("≤", 60, _MS),
    "search: a common word, middle page by score": Bound("≤", 60, _MS),
    "search: a common word, last page": Bound("≤", 60, _MS),
    "search: a rare word": Bound("≤", 10, _MS),
    **{
        f"search: {words}{order}": Bound("≤", 200, _MS)
        for words in ("2 characters", "1 character")
        for order in in_process.ORDERS
    },
}
GROWTH_TARGET = Bound("≤", 2)
CURSOR_TARGET = Bound("≤", 1.5)
SIZE_TARGET = Bound("≤", 4)
START_TARGET = Bound("≤", 1.5)

# By kind and by size of the database.
Timings = dict[str, dict[str, Timing]]


def time_all(counts: list[int]) -> Timings:
    """Time every kind of call at every size, and at the largest also with imported times."""
    sizes = {f"{count:,}": (count, False) for count in counts}
    sizes[f"{counts[-1]:,} imported"] = (counts[-1], True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        calls = {}
        for number, (size, (count, imported)) in enumerate(sizes.items()):
            path = Path(folder) / f"{number}.db"
            shutil.copyfile(fill.leadbook_file(count, imported=imported), path)
            # No time limit: a slow query must show in the result.
            app = create_app({"DATABASE": path, "QUERY_TIMEOUT": 0})
            stack.callback(app.extensions["leadbook"].close)
            calls[size] = in_process.calls(app.test_client(), count)
            print(f"{size} leads are there", file=sys.stderr)
        timings = {}
        for kind in next(iter(calls.values())):
            timings[kind] = in_process.time_calls({size: calls[size][kind] for size in calls})
            print(f"{kind}: {shown(list(timings[kind].values())[-1])}", file=sys.stderr)
    return timings


def shown(timing: Timing) -> str:
    """Return both figures as text."""
    return f"{timing.p50:.2f} / {timing.p99:.2f}"


def timing_table(timings: Timings) -> str:
    """Return a table with a line for each kind; for first pages, the median and the worst."""
    sizes = list(next(iter(timings.values())))
    first_pages = [timings[kind] for kind in timings if kind.startswith(FIRST_PAGE)]
    kinds: Timings = {}
    for title, place in (("median", len(first_pages) // 2), ("worst", -1)):
        kinds[f"{FIRST_PAGE}, {title} of {len(first_pages)} kinds"] = {
            size: sorted(each[size] for each in first_pages)[place] for size in sizes
        }
    kinds |= {kind: timings[kind] for kind in timings if not kind.startswith(FIRST_PAGE)}
    lines = []
    for kind, by_size in kinds.items():
        worst = max(by_size[size].p50 for size in sizes[-2:])
        lines.append([kind, *map(shown, by_size.values()), *judged(TARGETS.get(kind), worst)])
    return report.table(["p50 / p99 in ms, of leads:", *sizes, "target", ""], lines)


def growth(timings: Timings) -> Iterator[list[str]]:
    """Compare the largest size with the smallest, and cursors with first pages."""
    smallest, *_, largest, imported = next(iter(timings.values()))
    grown, worst = max(
        (by_size[size].p50 / by_size[smallest].p50, f"{kind}, {size}")
        for kind, by_size in timings.items()
        if kind.startswith(FIRST_PAGE)
        for size in (largest, imported)
    )
    title = f"time of {largest} / of {smallest}, the worst {worst}"
    yield [title, f"{grown:.2f}", *judged(GROWTH_TARGET, grown)]
    cursors = [by_size for kind, by_size in timings.items() if kind.startswith("cursor")]
    for size in (largest, imported) if cursors else ():
        first = timings[f"{FIRST_PAGE} createdAt desc"][size].p50
        ratio = max(by_size[size].p50 for by_size in cursors) / first
        title = f"cursor, the worst / {FIRST_PAGE}, {size}"
        yield [title, f"{ratio:.2f}", *judged(CURSOR_TARGET, ratio)]


def file_and_start(count: int) -> Iterator[list[str]]:
    """Measure the size of the file and the time to start a server on it."""
    path = fill.leadbook_file(count)
    size, as_csv = path.stat().st_size, rows.csv_bytes(count)
    ratio = size / as_csv
    written = f"{ratio:.2f} ({size / 1e6:.0f} MB / {as_csv / 1e6:.0f} MB)"
    yield ["file / the rows as CSV", written, *judged(SIZE_TARGET, ratio)]
    found = ratios(*startup.measure(path, 5))
    title = "first answer of `leadbook serve` / importing its libraries"
    yield [title, with_spread(found), *judged(START_TARGET, statistics.median(found))]


def picture(timings: Timings) -> list[Panel]:
    """Return panels that show how some kinds grow."""
    return [
        Panel(f"{kind}, p50 ms", [Bar(size, timings[kind][size].p50, True) for size in sizes])
        for kind in (f"{FIRST_PAGE} createdAt desc", "last page", "search: a common word")
        for sizes in [timings[kind]]
    ]


def main() -> None:
    """Measure, print the report, and save it with --results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--counts", type=int, nargs="+", default=COUNTS)
    parser.add_argument("--results", type=Path, help="the folder for the report")
    given = parser.parse_args()
    largest = given.counts[-1]

    parts = [report.environment()]
    timings = time_all(given.counts)
    pairs = beside_pocketbase.measure(largest)
    others = [*growth(timings), *pairs.lines, *file_and_start(largest)]
    parts += [
        report.table([f"of {largest:,} leads", "measured", "target", ""], others),
        timing_table(timings),
    ]
    panels = [*pairs.panels, *picture(timings)]
    report.publish("scale", parts, bar_chart(panels), given.results)


if __name__ == "__main__":
    main()
