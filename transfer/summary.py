"""The result of an import, as text and as JSON."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from leadbook.transfer.errors import printable
from leadbook.transfer.importing import MOST_REJECTS, MOST_SHOWN, Report
from leadbook.transfer.storing import CREATED, SKIPPED, UPDATED

_MOST_WORDS = 20


def columns_of(report: Report) -> Iterator[str]:
    """Yield lines that show the columns of each field, and the columns left out."""
    width = max(map(len, report.columns.mapped), default=0)
    for name, headers in report.columns.mapped.items():
        yield f"  {name:{width}} <- {', '.join(map(printable, headers))}"
    if left_out := report.columns.left_out:
        yield f"Left out: {', '.join(map(printable, left_out))}."
    for name, words in report.columns.unknown.items():
        if words:
            became = "new" if name == "status" else "the time of the import"
            yield f"Not understood as {name}, so imported as {became}: {_counted(words)}."


def _counted(words: Counter[str]) -> str:
    shown = [f"{word!r} ({count})" for word, count in words.most_common(_MOST_WORDS)]
    more = len(words) - len(shown)
    return ", ".join(shown) + (f" and {more} others" if more else "")


def shown_records(report: Report) -> Iterator[str]:
    """Yield lines that show the first records as they are stored."""
    if report.shown:
        yield "As they would be stored:"
    for record in report.shown:
        filled = record.items()
        yield "  " + ", ".join(f"{name}: {value!r}" for name, value in filled if value is not None)


def counts_of(report: Report, *, dry_run: bool) -> Iterator[str]:
    """Yield a line with the number of rows and their outcomes."""
    counts = [(report.outcomes[outcome], outcome) for outcome in (CREATED, UPDATED, SKIPPED)]
    counts.append((report.rejected, "rejected"))
    if report.withheld:
        counts.append((report.withheld, "valid, but not imported"))
    told = ", ".join(f"{count:,} {what}" for count, what in counts)
    yield f"{report.rows:,} rows: {told}{' (a dry run: nothing was changed)' if dry_run else ''}."


def as_json(report: Report, *, dry_run: bool) -> dict[str, Any]:
    """Return the report for the API."""
    columns = report.columns
    return {
        "dryRun": dry_run,
        "rows": report.rows,
        "created": report.outcomes[CREATED],
        "updated": report.outcomes[UPDATED],
        "skipped": report.outcomes[SKIPPED],
        "rejected": report.rejected,
        "columns": {name: list(map(printable, of)) for name, of in columns.mapped.items()},
        "leftOut": list(map(printable, columns.left_out)),
        "notUnderstood": {name: _printable(words) for name, words in columns.unknown.items()},
        "shown": report.shown,
        "rejects": [{"line": line, "reason": reason} for line, reason in report.rejects],
    }


def _printable(words: Counter[str]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for word, count in words.items():
        counts[printable(word)] += count
    return dict(counts)


def merged(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Return one report for two parts of a file; both are results of `as_json`."""
    if not earlier:
        return later
    words = {
        name: dict(Counter(counts) + Counter(later["notUnderstood"][name]))
        for name, counts in earlier["notUnderstood"].items()
    }
    columns = {
        name: _union(earlier["columns"].get(name, []), later["columns"].get(name, []))
        for name in (earlier["columns"] | later["columns"])
    }
    counts = {
        name: earlier[name] + later[name]
        for name in ("rows", "created", "updated", "skipped", "rejected")
    }
    return (
        later
        | counts
        | {
            "columns": columns,
            "leftOut": _union(earlier["leftOut"], later["leftOut"]),
            "notUnderstood": words,
            "shown": (earlier["shown"] + later["shown"])[:MOST_SHOWN],
            "rejects": (earlier["rejects"] + later["rejects"])[:MOST_REJECTS],
        }
    )


def _union(some: list[str], others: list[str]) -> list[str]:
    return list(dict.fromkeys(some + others))
