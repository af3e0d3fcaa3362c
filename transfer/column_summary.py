"""Where the columns of a file went, and what was done to their values, as text."""

from collections import Counter
from collections.abc import Iterable, Iterator

from leadbook.storage.custom_values import LONGEST_TEXT, MOST_ENTRIES
from leadbook.transfer.columns.kinds import CREATED_AT, PARTS_OF_NAME, Kind
from leadbook.transfer.columns.mapping import Columns
from leadbook.transfer.columns.own_files import OwnExport
from leadbook.transfer.columns.usage import Usage
from leadbook.transfer.errors import printable
from leadbook.transfer.storing import CREATED, UPDATED
from leadbook.transfer.values.adjustments import (
    AMBIGUOUS,
    FROM_COMPANY,
    LEFT_OUT,
    NOT_FIRST,
    SEVERAL,
    Adjustments,
)
from leadbook.transfer.values.mending import BENT, CHARACTERS, CUT, LINE_BREAKS, LOST_BYTES, ROUNDED

_MOST_WORDS = 20
_NAMES = ("name", *PARTS_OF_NAME, "company")
# By what a summary calls them, the columns of an export that other files do not have.
_KEPT = {
    "versions": {"version"},
    "times": {"createdAt", "updatedAt"},
    "links": {"clientId", "leadId"},
}
_LEFT_OUT = {
    "told": "Left out, as you say: ",
    "no custom": "Left out: ",
    "too many": f"Left out, since a record has at most {MOST_ENTRIES} entries in {{entries}}, and "
    "these columns have fewer cells with something in them: ",
}
# What became of a row without an understood status, by its outcome; "" is nothing.
_WITHOUT_STATUS = {
    CREATED: ", so imported as {default}",
    UPDATED: ", so the old status stays",
    "": "",
}
_DONE = {
    BENT: "{count} bent into the range",
    ROUNDED: "{count} rounded",
    CUT: "{count} cut at the limit of {limit} characters",
    CHARACTERS: "{count} without characters that cannot be stored",
    LINE_BREAKS: "{count} with spaces for line breaks and tabs",
    LOST_BYTES: "{count} with \ufffd for bytes that are not valid in the encoding",
    FROM_COMPANY: "{count} taken from the company, since there is no name",
    LEFT_OUT: f"{{count}} left out, since a record has at most {MOST_ENTRIES} entries",
    SEVERAL: "{count} with several addresses split",
    NOT_FIRST: "{count} taken from what follows the first address, which cannot be used",
}


def columns_of(columns: Columns) -> Iterator[str]:
    """Yield lines that show where each column went, and what was done to the values."""
    usage, entries = columns.usage, columns.kind.entries
    mapped = dict(usage.mapped)
    if custom := usage.custom:
        mapped[entries] = custom
    width = max(map(len, mapped), default=0)
    for name, headers in mapped.items():
        yield f"  {name:{width}} <- {_listed(headers)}"
    yield from _own_export(usage.own, columns.kind)
    if empty := usage.empty:
        yield f"Empty: {_listed(empty)}."
    # An object of JSON may have too many entries. Those are counted below.
    has_room = LEFT_OUT not in columns.adjustments.mended.get(entries, {})
    if has_room and (only := usage.only_rejected):
        yield f"Filled in rejected rows only: {_listed(only)}."
    is_other = columns.kind.is_of_people and usage.mapped and not usage.own.found
    if is_other and usage.mapped.keys().isdisjoint(_NAMES):
        yield "No column has names or companies. Name one with --map 'COLUMN=name'."
    for reason, begin in _LEFT_OUT.items():
        if found := [name for name, why in usage.left_out.items() if why == reason]:
            yield f"{begin.format(entries=entries)}{_listed(found)}."
    yield from _orders(usage)
    yield from _adjustments(columns)


def _orders(usage: Usage) -> Iterator[str]:
    for column, proof in list(usage.orders.items())[:_MOST_WORDS]:
        order = "day first" if proof.order == "dmy" else "month first"
        why = f"since line {proof.line} has {printable(proof.text)}" if proof.line else "as you say"
        yield f"Dates in {_listed([column])}: {order}, {why}."


def _listed(names: Iterable[str]) -> str:
    return ", ".join(printable(name) if name else "(no header)" for name in names)


def _own_export(own: OwnExport, kind: Kind) -> Iterator[str]:
    if not own.found:
        return
    yield f"This is an export of Leadbook: {_kept(own, kind)} are kept."
    if own.missing:
        names = ", ".join(own.missing)
        yield f"It lacks {names}. New records get the defaults, others keep theirs."
    if own.extra:
        names = ", ".join(map(printable, own.extra))
        yield f"This version does not know {names}; a later version may have made the file."


def _kept(own: OwnExport, kind: Kind) -> str:
    """Return what Leadbook keeps of its own export, unless the columns are missing."""
    there = {*kind.fields} - own.missing.keys()
    kept = ["ids", *(what for what, names in _KEPT.items() if there & names)]
    *first, last = kept
    return f"{', '.join(first)} and {last}" if first else last


def _adjustments(columns: Columns) -> Iterator[str]:
    adjustments, kind = columns.adjustments, columns.kind
    for field, changes in adjustments.mended.items():
        limit = f"{_limit(kind, field):,}"
        told = (
            _DONE[change].format(count=f"{count:,}", limit=limit)
            for change, count in changes.items()
            # Those are told with the words that were not understood.
            if change != AMBIGUOUS
        )
        if text := ", ".join(told):
            yield f"Changed in {field}: {text}."
    if adjustments.emptied:
        shown = _numbered(adjustments.emptied)
        yield f"Cells with only a word for nothing, such as N/A, are empty: {shown}."
    kept = f" {kind.entries} keeps the words." if columns.keeps_columns else ""
    yield from _statuses(columns, kept)
    for name, words in adjustments.not_understood.items():
        if words and name != "status":
            became = "the time of the import" if name == CREATED_AT else kind.default_of(name)
            unclear = _unclear(adjustments.mended.get(name, Counter())[AMBIGUOUS])
            shown = f"{_counted(words)}.{kept}{unclear}"
            yield f"Not understood as {name}, so imported as {became}: {shown}"
    if count := adjustments.opted_out:
        rows = "1 row says" if count == 1 else f"{count:,} rows say"
        lost = columns.usage.left_out.keys() & adjustments.opted_out_in.keys()
        where = _opted_out_in(adjustments)
        yield f"{rows} that the person must not be contacted: {where}.{'' if lost else kept}"


def _statuses(columns: Columns, kept: str) -> Iterator[str]:
    """Yield what became of the rows whose words for a status Leadbook does not understand."""
    statuses = columns.adjustments.statuses
    whole: dict[str, Counter[str]] = {
        outcome: Counter({word: count for (word, status), count in words.items() if not status})
        for outcome, words in statuses.items()
    }
    for outcome, became in _WITHOUT_STATUS.items():
        if words := whole.get(outcome):
            said = became.format(default=columns.kind.default_of("status"))
            yield f"Not understood as status{said}: {_counted(words)}.{kept}"
    imported = statuses.get(CREATED, Counter()) + statuses.get(UPDATED, Counter())
    parts = [
        f"{printable(repr(word))}, imported as {status} ({count})"
        for (word, status), count in imported.most_common()
        if status
    ]
    if parts:
        more = f"; and {len(parts) - _MOST_WORDS} others" if len(parts) > _MOST_WORDS else ""
        yield f"Not fully understood as status: {'; '.join(parts[:_MOST_WORDS])}{more}.{kept}"


def _opted_out_in(adjustments: Adjustments) -> str:
    found = adjustments.opted_out_in.items()
    told = [
        f"{printable(column)} ({count:,}, such as line {line})"
        if count > 1
        else f"{printable(column)} (1, line {line})"
        for column, (count, line) in found
    ]
    more = len(told) - _MOST_WORDS
    return ", ".join(told[:_MOST_WORDS]) + (f" and {more} others" if more > 0 else "")


def _unclear(count: int) -> str:
    """Return what is said of dates in columns that prove no order."""
    what = "with two meanings, such as 2/3/2024: say --date-order dmy or mdy"
    return f" {count:,} {what}." if count else ""


def _limit(kind: Kind, field: str) -> int:
    if field == kind.entries:
        return LONGEST_TEXT
    return int(getattr(kind.inputs.get(field), "longest", 0))


def _counted(words: Counter[str]) -> str:
    shown = [f"{word!r} ({count})" for word, count in words.most_common(_MOST_WORDS)]
    return _and_others(shown, len(words))


def _numbered(columns: Counter[str]) -> str:
    """Return columns, each with a count."""
    shown = [f"{_listed([name])} ({count:,})" for name, count in columns.most_common(_MOST_WORDS)]
    return _and_others(shown, len(columns))


def _and_others(shown: list[str], count: int) -> str:
    more = count - len(shown)
    return ", ".join(shown) + (f" and {more} others" if more else "")
