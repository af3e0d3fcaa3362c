"""Understand the statuses of other tools."""

from collections.abc import Mapping
from typing import NamedTuple

from leadbook.transfer.synonyms import STATUSES, normalized

_STAGES = {"lead": "new", "subscriber": "new", "opportunity": "qualified"}
_OPTED_OUT = {"do not contact", "unsubscribed", "bounced", "opted out", "cleaned"}


class Chosen(NamedTuple):
    """A status, the words that say nothing, and whether one forbids to contact the person."""

    status: str | None
    not_understood: tuple[tuple[str, str], ...]
    opted_out: bool


def chosen_status(words: Mapping[str, str]) -> Chosen:
    """Return what a status, its reason and a lifecycle stage say together."""
    statuses, not_understood, opted_out = [], [], False
    for which in ("status reason", "status", "lifecycle"):
        text = normalized(words.get(which, ""))
        status = STATUSES.get(text) or (_STAGES.get(text) if which == "lifecycle" else None)
        if status:
            statuses.append(status)
        elif text in _OPTED_OUT:
            opted_out = True
        elif text:
            not_understood.append((which, words[which]))
    return Chosen(next(iter(statuses), None), tuple(not_understood), opted_out)
