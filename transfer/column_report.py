"""What became of the columns of a file, as JSON; and the same of two parts of a file."""

from collections import Counter
from typing import Any

from leadbook.transfer.columns.mapping import Columns
from leadbook.transfer.columns.own_files import OwnExport
from leadbook.transfer.columns.survey import Proof
from leadbook.transfer.errors import printable

# How the columns of Leadbook's own export differ from those of today.
Differences = dict[str, list[str]] | None


def columns_as_json(columns: Columns) -> dict[str, Any]:
    """Return the same for the API."""
    usage, adjustments = columns.usage, columns.adjustments
    words = adjustments.not_understood
    return {
        "columns": {name: list(map(printable, of)) for name, of in usage.mapped.items()},
        "custom": list(map(printable, usage.custom)),
        "leftOut": list(map(printable, usage.left_out)),
        "ownExport": _differences(usage.own),
        "adjusted": {name: dict(changes) for name, changes in adjustments.mended.items()},
        "notUnderstood": {name: _printable(counts) for name, counts in words.items()},
        "optedOut": adjustments.opted_out,
        "optedOutIn": [
            {"column": printable(column), "count": count, "line": line}
            for column, (count, line) in adjustments.opted_out_in.items()
        ],
        "emptied": _printable(adjustments.emptied),
        "dateOrders": {printable(name): _proof(each) for name, each in usage.orders.items()},
    }


def _proof(proof: Proof) -> dict[str, Any]:
    known = {"line": proof.line, "value": printable(proof.text)} if proof.line else {}
    return {"order": proof.order, **known}


def _differences(own: OwnExport) -> Differences:
    if not own.found:
        return None
    return {"missing": list(own.missing), "extra": list(map(printable, own.extra))}


def _printable(words: Counter[str]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for word, count in words.items():
        counts[printable(word)] += count
    return dict(counts)


def merged_columns(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Return the same for two parts of a file; both are results of `columns_as_json`."""
    columns = {
        name: _union(earlier["columns"].get(name, []), later["columns"].get(name, []))
        for name in (earlier["columns"] | later["columns"])
    }
    return {
        "columns": columns,
        # An earlier version may have stored the first part.
        "custom": _union(earlier.get("custom", []), later["custom"]),
        "leftOut": _union(earlier["leftOut"], later["leftOut"]),
        "ownExport": _both(earlier.get("ownExport"), later["ownExport"]),
        "adjusted": _sums(earlier.get("adjusted", {}), later["adjusted"]),
        "notUnderstood": _sums(earlier["notUnderstood"], later["notUnderstood"]),
        "optedOut": earlier.get("optedOut", 0) + later["optedOut"],
        "optedOutIn": _both_opted_out(earlier.get("optedOutIn", []), later["optedOutIn"]),
        "emptied": dict(Counter(earlier.get("emptied", {})) + Counter(later["emptied"])),
        "dateOrders": earlier.get("dateOrders", {}) | later["dateOrders"],
    }


def _both_opted_out(
    some: list[dict[str, Any]], others: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for each in some + others:
        known = found.get(each["column"])
        count = known["count"] + each["count"] if known else each["count"]
        found[each["column"]] = (known or each) | {"count": count}
    return list(found.values())


def _sums(
    some: dict[str, dict[str, int]], others: dict[str, dict[str, int]]
) -> dict[str, dict[str, int]]:
    return {
        name: dict(Counter(some.get(name, {})) + Counter(others.get(name, {})))
        for name in (some | others)
    }


def _both(one: Differences, other: Differences) -> Differences:
    """Return how the columns of both parts differ; None if neither is an export of Leadbook."""
    if one is None or other is None:
        return one or other
    return {name: _union(one[name], other[name]) for name in one}


def _union(some: list[str], others: list[str]) -> list[str]:
    return list(dict.fromkeys(some + others))
