"""Removing the words of an erased person from records that stay."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from leadbook.fields.values import Tags
from leadbook.storage import event_log, rows
from leadbook.storage.database import current
from leadbook.storage.events import former_ids, said_about
from leadbook.storage.idempotency import answered_about, forget_answers
from leadbook.storage.masking import Mask
from leadbook.storage.record import Fields
from leadbook.storage.sqlite import searched_text
from leadbook.storage.summaries import once, owned_by
from leadbook.storage.text import fold


class Departure:
    """A person who is erased, and what each record that stays must not say any more."""

    def __init__(self, person: Any) -> None:
        self._person = person
        # The same for all records of the same people.
        self._masks: dict[Any, Mask] = {}

    def mask_for(self, record: Any, link: str | None = None) -> Mask:
        """Return the words to replace in a record, whose `link` names the person.

        Without a link, it belonged to the person once, or has the address. What another person of
        the record shows as well may stay.
        """
        others = {name: getattr(record, name) for name in record.links if name != link}
        key = (link, *others.items())
        if key not in self._masks:
            self._masks[key] = self._mask(record.links, others, is_own=link is not None)
        return self._masks[key]

    def _mask(self, links: Any, others: Fields, *, is_own: bool) -> Mask:
        mask: Mask = self._person.known_words
        for name, known in others.items():
            if known and (other := rows.read(links[name], known)):
                mask -= other.words
        for half in self._person.halves if is_own and not any(others.values()) else ():
            mask |= half.known_words
        return mask


def replace_words(record: Any, mask: Mask, values: Fields | None = None) -> None:
    """Replace the words of `mask` in a record and in what belongs to it, and store `values`.

    If the record or its history has such a word, its events and stored answers say nothing any
    more, since they may have it in other forms.
    """
    model = record._meta.model
    without = _without(record, mask)
    has_words = any(getattr(record, name) != each for name, each in without.items())
    has_words = has_words or any(map(mask.is_in, _told(record)))
    if has_words:
        mask |= former_words(record)
    with once():
        for each in _belonging(record):
            replace_words(each, mask)
        # Last: the comments of a ticket are in its search text.
        record.update_columns({**(values or {}), **_without(record, mask)})
    if has_words:
        searched_text.purge(model)
        _forget_own(record)


def former_words(record: Any) -> Mask:
    """Return the words of people to whom a record belonged before.

    They must go before its events do: nothing else tells where to look for them later.
    """
    mask = Mask.of([], [])
    for link, kind in record.links.items():
        # Not a ticket, to which a comment belongs.
        is_person = hasattr(kind, "known_words")
        for known in former_ids(record, link) - {getattr(record, link)} if is_person else ():
            if person := rows.read(kind, known):
                for half in (person, *person.halves):
                    mask |= half.known_words
    return mask


def forget(record: Any) -> None:
    """Let the events and stored answers of a record and of what belongs to it say nothing more."""
    for each in _belonging(record):
        forget(each)
    _forget_own(record)


def _forget_own(record: Any) -> None:
    forget_answers(record.id)
    event_log.forget_words(record)
    current.erase_from_log()


def _belonging(record: Any) -> Iterator[Any]:
    for kind, link in owned_by(record._meta.model):
        yield from rows.linked(kind, link, record.id)


def _without(record: Any, mask: Mask) -> dict[str, Any]:
    """Return the columns with texts and addresses, without the words of `mask`."""
    fields = _fields(record._meta.model)
    texts = {name: _masked(getattr(record, name), fields[name], mask) for name in record.says}
    addresses = (name for name in record.addresses if mask.has_address(getattr(record, name)))
    return texts | dict.fromkeys(addresses)


def _told(record: Any) -> Iterator[str]:
    """Yield the texts that are stored about a record besides its own."""
    yield from said_about(record)
    yield from answered_about(record.id)


@cache
def _fields(model: Any) -> Any:
    return model.new().fields


def _masked(value: Any, field: Any, mask: Mask) -> Any:
    if isinstance(field, Tags):
        tags = [_masked(each, field.inner, mask) for each in value]
        return list({fold(each): each for each in reversed(tags)}.values())[::-1]
    return value and mask.applied(value, field.longest)
