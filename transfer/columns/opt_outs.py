"""Find the columns beside the status that say that a person must not be contacted."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from leadbook.transfer.columns.kinds import STAGES
from leadbook.transfer.values.dates import is_ambiguous, is_empty_date, read_date
from leadbook.transfer.values.statuses import is_opt_out
from leadbook.transfer.words.opt_out_index import Says, is_no, is_refusal, is_yes, readings_of
from leadbook.transfer.words.synonyms import field_of, fields_of, normalized

_LONGEST, _LONGEST_CELL = 100, 300
# "Opted out of email: Marketing" of HubSpot, `contact.email_opt_out`, "Person - Marketing status"
_PARTS = re.compile(r"\s[-\u2010-\u2015]\s|[:./\[\]()]+")
# These count messages: one that came back is no reason yet.
_COUNTS = re.compile(r"(?i)\b(e-?mails|messages) (hard |soft )?bounced\b|\bbounced e-?mails\b")
_BY_YES, _BY_NO, _BY_ANYTHING = (True, False, False), (False, True, False), (False, False, True)
_CONSENT = Says.CONSENT | Says.AROUND
_OPT_OUT = Says.OPT_OUT | Says.AROUND | Says.AROUND_OPT_OUT
_MOMENT = _OPT_OUT | Says.WHEN
_ABOUT = Says.CHANNEL | Says.CONSENT | Says.OPT_OUT
_STATE = _OPT_OUT | _ABOUT | Says.STATE
_COUNT = re.compile(r"[1-9]\d?")


class OptOuts(NamedTuple):
    """A column that may say so, and how: by a yes, a no, a time or reason, or by words."""

    place: int
    by_yes: bool
    by_no: bool
    by_anything: bool


def opt_out_columns(
    header: Sequence[str], fields: Mapping[str, Collection[int]]
) -> tuple[OptOuts, ...]:
    """Return which columns may say so; `fields` has the columns that are fields."""
    # The user may map them to notes or entries.
    used = {place for name, found in fields.items() if name != "notes" for place in found}
    free = [place for place, name in enumerate(header) if name and place not in used]
    return tuple(_found(header, free))


def _found(header: Sequence[str], places: Sequence[int]) -> Iterator[OptOuts]:
    # Clients have no such status, and the user may have mapped another column to it.
    states = {place for place in places if field_of(header[place]) in STAGES}
    known = fields_of(header) if states else ()
    for place in places:
        how = _how(header[place][:_LONGEST])
        if how is not None:
            yield OptOuts(place, *how)
        elif place in states and known[place] in STAGES:
            yield OptOuts(place, by_yes=False, by_no=False, by_anything=False)


@lru_cache(maxsize=4_096)
def _how(header: str) -> tuple[bool, bool, bool] | None:
    """Return by what a header may say so, or None."""
    words = normalized(header).split()
    if _COUNTS.search(header):
        return None
    # Campaign Monitor; no state of an address is called "Unsubscribed".
    if words == ["state"]:
        return False, False, False
    parts = _PARTS.split(header)
    if len(parts) == 2 and _how_words(normalized(parts[0]).split()) == _BY_YES:
        return _BY_YES
    # "Acme Email Status": for a status, what stands in front does not matter.
    ends = (words[start:] for start in range(1, len(words)))
    is_state = any(_is_state(reading) for end in ends for reading in readings_of(end))
    return (
        _how_words(words)
        or _how_words(normalized(parts[-1]).split())
        or ((False, False, False) if is_state else None)
    )


def _how_words(words: Sequence[str]) -> tuple[bool, bool, bool] | None:
    readings = readings_of(words)
    if any(Says.OPT_OUT | Says.WHEN in each and each in _MOMENT for each in readings):
        return _BY_ANYTHING
    if any(Says.OPT_OUT in each and each in _OPT_OUT for each in readings):
        return _BY_YES
    if any(Says.CONSENT in each and each in _CONSENT for each in readings):
        return _BY_NO
    states = [each for each in readings if _is_state(each)]
    return (False, any(Says.CONSENT in each for each in states), False) if states else None


def _is_state(reading: Says) -> bool:
    return Says.STATE in reading and reading in _STATE and bool(reading & _ABOUT)


def says_opt_out(column: OptOuts, cell: str) -> bool:
    """Return whether a filled cell of such a column says so."""
    return _says(column, cell[:_LONGEST_CELL])


@lru_cache(maxsize=1_000)
def _says(column: OptOuts, cell: str) -> bool:
    if column.by_anything:
        return not (is_no(cell) or is_empty_date(cell))
    if is_opt_out(cell):
        return True
    if column.by_no:
        return is_no(cell) or is_refusal(cell)
    return column.by_yes and (is_yes(cell) or _COUNT.fullmatch(cell) is not None or _is_date(cell))


def _is_date(cell: str) -> bool:
    return not is_empty_date(cell) and (read_date(cell) is not None or is_ambiguous(cell))
