"""The result of an import, as text and as JSON."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from leadbook.transfer.errors import printable
from leadbook.transfer.importing import MOST_REJECTS, MOST_SHOWN, Report
from leadbook.transfer.own_files import OwnExport
from leadbook.transfer.storing import CREATED, SKIPPED, UPDATED

_MOST_WORDS = 20
# How the columns of Leadbook's own export differ from those of today.
Differences = dict[str, list[str]] | None


def columns_of(report: Report) -> Iterator[str]:
    """Yield lines that show the columns of each field, and the columns left out."""
    yield from _encoding(report)
    width = max(map(len, report.columns.mapped), default=0)
    for name, headers in report.columns.mapped.items():
        yield f"  {name:{width}} <- {', '.join(map(printable, headers))}"
    yield from _own_export(report.columns.own)
    if left_out := report.columns.left_out:
        yield f"Left out: {', '.join(map(printable, left_out))}."
    for name, words in report.columns.unknown.items():
        if words:
            became = "new" if name == "status" else "the time of the import"
            yield f"Not understood as {name}, so imported as {became}: {_counted(words)}."


def _encoding(report: Report) -> Iterator[str]:
    if report.is_encoding_guessed:
        example = f", in which a word is {printable(report.example)!r}" if report.example else ""
        yield f"The encoding is probably {report.encoding}{example}. This is a guess."
        yield "If letters are wrong, import the file with another --encoding, such as cp1250."
    elif report.encoding:
        yield f"The encoding is {report.encoding}."


def _own_export(own: OwnExport) -> Iterator[str]:
    if not own.found:
        return
    yield "This is an export of Leadbook: ids, versions, times and links are kept."
    if own.missing:
        names = ", ".join(own.missing)
        yield f"It lacks {names}. New records get the defaults, others keep theirs."
    if own.extra:
        names = ", ".join(map(printable, own.extra))
        yield f"This version does not know {names}; a later version may have made the file."


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
        "encoding": report.encoding,
        "encodingGuessed": report.is_encoding_guessed,
        "columns": {name: list(map(printable, of)) for name, of in columns.mapped.items()},
        "leftOut": list(map(printable, columns.left_out)),
        "ownExport": _differences(columns.own),
        "notUnderstood": {name: _printable(words) for name, words in columns.unknown.items()},
        "shown": report.shown,
        "rejects": [{"line": line, "reason": reason} for line, reason in report.rejects],
    }


def _differences(own: OwnExport) -> Differences:
    if not own.found:
        return None
    return {"missing": list(own.missing), "extra": list(map(printable, own.extra))}


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
            "ownExport": _both(earlier.get("ownExport"), later["ownExport"]),
            "notUnderstood": words,
            "shown": (earlier["shown"] + later["shown"])[:MOST_SHOWN],
            "rejects": (earlier["rejects"] + later["rejects"])[:MOST_REJECTS],
        }
    )


def _both(one: Differences, other: Differences) -> Differences:
    """Return how the columns of both parts differ; None if neither is an export of Leadbook."""
    if one is None or other is None:
        return one or other
    return {name: _union(one[name], other[name]) for name in one}


def _union(some: list[str], others: list[str]) -> list[str]:
    return list(dict.fromkeys(some + others))
