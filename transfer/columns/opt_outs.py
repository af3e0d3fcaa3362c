"""Find the columns beside the status that say that a person must not be contacted."""

import re
from collections.abc import Sequence
from functools import lru_cache

from leadbook.transfer.values.statuses import is_opt_out
from leadbook.transfer.words.synonyms import normalized

_LONGEST = 100
# A switch of HubSpot, Salesforce, Zoho, Dynamics, Brevo, SuiteCRM or EspoCRM, such as
# "Email Opt Out", "Unsubscribed from all email", "BLOCKLISTED" or "Do Not Call".
_SWITCH = re.compile(
    r"((has )?opt(ed)? ?out( (of|from))?( all)?( email)?|(has )?email opt(ed)? ?out"
    r"|(has )?unsubscribed?( (of|from))?( all)?( email)?|(block|black) ?listed|dnc|(hard )?bounced"
    r"|do ?not ?(contact|call|email|mail|phone)|do not allow (bulk )?(email|phone calls|mails))"
)
_YES = frozenset("1, true, yes, y, x, checked, do not allow, ja, oui, si, sim, tak".split(", "))
# A state has words, such as "Unsubscribed": "Marketing status" of Pipedrive.
_STATE = re.compile(r"(.{1,50} )?(email|marketing|subscription|subscriber|consent) status")


def opt_out_columns(header: Sequence[str], unused: Sequence[int]) -> tuple[int, ...]:
    """Return which of the `unused` columns may say so."""
    return tuple(place for place in unused if _is_switch(header[place]) or _is_state(header[place]))


@lru_cache(maxsize=1_000)
def _is_switch(header: str) -> bool:
    return _SWITCH.fullmatch(normalized(header[:_LONGEST])) is not None


@lru_cache(maxsize=1_000)
def _is_state(header: str) -> bool:
    return _STATE.fullmatch(normalized(header[:_LONGEST])) is not None


def says_opt_out(header: str, cell: str) -> bool:
    """Return whether a cell of such a column says so."""
    return bool(cell) and (is_opt_out(cell) or (_is_switch(header) and _is_yes(cell)))


def _is_yes(cell: str) -> bool:
    return normalized(cell[:_LONGEST]) in _YES
