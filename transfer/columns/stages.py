"""Understand what the columns of a status, its reason and a lifecycle stage say together."""

from collections.abc import Mapping
from typing import NamedTuple

from leadbook.fields.schema import choices_of
from leadbook.transfer.columns.kinds import STAGES, Kind
from leadbook.transfer.values.statuses import chosen_status
from leadbook.transfer.words.synonyms import normalized

Texts = tuple[str, ...]
# A column of statuses has few words. The limit is for one that has a million.
_MOST_REMEMBERED = 1_000


class Stage(NamedTuple):
    """The status that some words stand for, if any.

    `not_understood` and `kept` are places in STAGES: words that say nothing to Leadbook, and those
    whose meaning the status does not have. `opted_out` are those that forbid contact.
    """

    status: str | None
    not_understood: tuple[int, ...]
    kept: tuple[int, ...]
    opted_out: tuple[int, ...]


class Stages:
    """Finds the status for the words of a row. `words` are those that the user explains."""

    def __init__(self, kind: Kind, words: Mapping[str, str]) -> None:
        self._statuses = choices_of(kind.inputs["status"]) if "status" in kind.inputs else ()
        self._words = words
        self._known: dict[Texts, Stage] = {}

    def stage(self, texts: Texts) -> Stage:
        """Return the status for the texts of STAGES; "" is an empty cell."""
        found = self._known.get(texts)
        if found is None:
            found = self._stage(texts)
            if len(self._known) < _MOST_REMEMBERED:
                self._known[texts] = found
        return found

    def _stage(self, texts: Texts) -> Stage:
        words = {
            which: self._words.get(normalized(text), text)
            for which, text in zip(STAGES, texts, strict=True)
            if text
        }
        chosen = chosen_status(words)
        status = chosen.status if chosen.status in self._statuses else None
        unknown = {which for which, _ in chosen.not_understood}
        decided = self._decided(words, status)
        kept = [
            each
            for each, which in enumerate(STAGES)
            if which in words and (chosen.opted_out or which != decided or which in unknown)
        ]
        not_understood = [each for each, which in enumerate(STAGES) if which in unknown]
        opted_out = [
            each
            for each, which in enumerate(STAGES)
            if which in words and chosen_status({which: words[which]}).opted_out
        ]
        return Stage(status, tuple(not_understood), tuple(kept), tuple(opted_out))

    def _decided(self, words: Mapping[str, str], status: str | None) -> str | None:
        """Return which word has the meaning of the status; the others are kept besides."""
        if status is None:
            return None
        alone = ((which, chosen_status({which: word})) for which, word in words.items())
        return next((which for which, chosen in alone if chosen.status == status), None)
