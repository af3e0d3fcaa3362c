"""The result of an import, as text and as JSON."""

from collections.abc import Iterator
from typing import Any

from leadbook.transfer import column_report, column_summary
from leadbook.transfer.errors import printable
from leadbook.transfer.files.formats import SHORT_NAMES
from leadbook.transfer.files.source import Source
from leadbook.transfer.reasons import Reasons
from leadbook.transfer.reports import MOST_REJECTS, MOST_SHOWN, Report
from leadbook.transfer.storing import CREATED, SKIPPED, UPDATED

_MOST_REASONS = 20
# Files of Windows in Central and Western Europe.
_ENCODINGS = ("cp1250", "cp1252")


def columns_of(report: Report) -> Iterator[str]:
    """Yield lines that show where each column went, and what was done to the values."""
    source = report.source
    part = f" ({printable(source.part)})" if source.part else ""
    yield from _encoding(source)
    yield f"The format is {SHORT_NAMES[source.format]}{part}."
    yield from map(printable, source.notices)
    yield from column_summary.columns_of(report.columns)


def _encoding(source: Source) -> Iterator[str]:
    if source.is_guess:
        example = f", in which a word is {printable(source.example)!r}" if source.example else ""
        yield f"The encoding is probably {source.encoding}{example}. This is a guess."
        other = next(each for each in _ENCODINGS if each != source.encoding)
        yield f"If letters are wrong, import the file with another --encoding, such as {other}."
    elif source.encoding:
        yield f"The encoding is {source.encoding}."


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
    yield f"{_rows(report.rows)}: {told}{' (a dry run: nothing was changed)' if dry_run else ''}."
    if count := report.repeated.count:
        has = "new record has" if count == 1 else "new records have"
        of = "" if report.repeated.is_complete else ", of the first addresses of the file"
        yield f"{count:,} {has} the same address as an earlier row{of}."


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def reasons_of(report: Report) -> Iterator[str]:
    """Yield lines that say why rows were rejected: each reason, how often, and a line with it."""
    if report.rejected:
        yield "Why rows were rejected:"
    for each in report.reasons.shown(_MOST_REASONS):
        where = "line" if each.count == 1 else "such as line"
        value = f' ("{each.value}")' if each.value else ""
        yield f"  {_rows(each.count)}, {where} {each.line}{value}: {each.text}"


def remarks_of(report: Report) -> Iterator[str]:
    """Yield a line about the rows that are titles, footers or totals, if there are any."""
    if report.first_remark:
        line, text = report.first_remark
        are = "is a remark and no record" if report.remarks == 1 else "are remarks and no records"
        yield f"{_rows(report.remarks)} {are}, such as line {line}: {text!r}."


def as_json(report: Report, *, dry_run: bool) -> dict[str, Any]:
    """Return the report for the API."""
    return {
        "dryRun": dry_run,
        "rows": report.rows,
        "created": report.outcomes[CREATED],
        "updated": report.outcomes[UPDATED],
        "skipped": report.outcomes[SKIPPED],
        "rejected": report.rejected,
        "repeatedAddresses": report.repeated.count,
        "format": {
            "name": SHORT_NAMES[report.source.format],
            "part": printable(report.source.part) or None,
        },
        "encoding": report.source.encoding,
        "encodingGuessed": report.source.is_guess,
        **column_report.columns_as_json(report.columns),
        "shown": report.shown,
        "rejects": [{"line": line, "reason": reason} for line, reason in report.rejects],
        **_unstored(report),
        "notices": list(map(printable, report.source.notices)),
    }


def _unstored(report: Report) -> dict[str, Any]:
    first = report.first_remark
    return {
        "reasons": report.reasons.as_json(),
        "remarks": report.remarks,
        "firstRemark": dict(zip(("line", "text"), first, strict=True)) if first else None,
    }


def merged(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Return one report for two parts of a file; both are results of `as_json`."""
    if not earlier:
        return later
    counts = {
        name: earlier[name] + later[name]
        for name in ("rows", "created", "updated", "skipped", "rejected")
    }
    return (
        later
        | counts
        | {
            "shown": (earlier["shown"] + later["shown"])[:MOST_SHOWN],
            "rejects": (earlier["rejects"] + later["rejects"])[:MOST_REJECTS],
            # An earlier version may have stored the first part.
            "repeatedAddresses": earlier.get("repeatedAddresses", 0) + later["repeatedAddresses"],
            "notices": later["notices"] or earlier.get("notices", []),
        }
        | column_report.merged_columns(earlier, later)
        | _both_unstored(earlier, later)
    )


def _both_unstored(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    # An earlier version may have stored the first part.
    known = earlier.get("reasons", [])
    return {
        "reasons": Reasons([*known, *later["reasons"]]).as_json(),
        "remarks": earlier.get("remarks", 0) + later["remarks"],
        "firstRemark": earlier.get("firstRemark") or later["firstRemark"],
    }
