"""Removing the words of an erased person from records that stay."""

from typing import Any

from leadbook.fields.values import Tags
from leadbook.storage import event_log, rows
from leadbook.storage.database import current
from leadbook.storage.idempotency import forget_answers
from leadbook.storage.masking import Mask
from leadbook.storage.sqlite import searched_text
from leadbook.storage.summaries import owned_by
from leadbook.storage.text import fold


def replace_words(record: Any, mask: Mask) -> None:
    """Replace the words of `mask` in a record, and in what belongs to it.

    Earlier versions of its texts may have had them, too: its events and stored answers say nothing
    any more.
    """
    model = record._meta.model
    for kind, link in owned_by(model):
        for each in rows.select(kind, **{link: record.id}):
            replace_words(each, mask)
    fields = record.new().fields
    values = {name: _masked(getattr(record, name), fields[name], mask) for name in record.says}
    addresses = (name for name in record.addresses if mask.has_address(getattr(record, name)))
    record.update_columns({**values, **dict.fromkeys(addresses)})
    forget_answers(record.id)
    event_log.forget_words(record)
    searched_text.purge(model)
    current.erase_from_log()


def _masked(value: Any, field: Any, mask: Mask) -> Any:
    if isinstance(field, Tags):
        tags = [_masked(each, field.inner, mask) for each in value]
        return list({fold(each): each for each in reversed(tags)}.values())[::-1]
    return value and mask.applied(value, field.longest)
