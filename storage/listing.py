"""A page of records, and the cursor of the next page."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadbook.storage.changes import Changes
from leadbook.storage.columns import one_spelling
from leadbook.storage.cursors import Cursor
from leadbook.storage.database import current
from leadbook.storage.nulls_last import NullsLast
from leadbook.storage.optional_times import TimeOrNever
from leadbook.storage.record import Record
from leadbook.storage.refusals import WrongFieldError
from leadbook.storage.rendering import Json
from leadbook.storage.selection import Selection

# The order of a list with updatedSince.
BY_CHANGE = "events"
FOREIGN = "Must be `pagination.next` of a page of this list."
# Rows before the end of a page that is far from the first one.
_FAR = 1000


@dataclass(frozen=True)
class Page:
    """The records of one page as JSON, and the total of all pages.

    `number` is None for the page of a cursor; `next` is the token of the next page, or None.
    """

    data: list[Json]
    total: int
    number: int | None
    limit: int
    next: str | None


def list_page(
    model: type[Record],
    *,
    limit: int,
    sort: str,
    order: str,
    page: int = 1,
    cursor: Cursor | None = None,
    within: Mapping[str, str] | None = None,
    **filters: Any,
) -> Page:
    """Return page `page`, or the page of `cursor`, of the records that match every filter.

    `sort` is a key of the model's `sorts`, or BY_CHANGE. Equal values are ordered by id, in the
    same direction. `filters` are those of Matches. `within` has filters of the path. Raises
    WrongFieldError for the cursor of another list.
    """
    kind = _kind_of(model, within)
    if cursor and cursor.kind != kind:
        raise WrongFieldError(FOREIGN, "cursor")
    selection = selection_of(model, sort, order, **filters, **(within or {}))
    # One snapshot, so that the total and the rows agree.
    with current.read():
        if page * limit > _FAR:
            selection.fetch_hits()
        total = selection.total
        if cursor:
            newest = cursor.newest
            rows = selection.rows_after(cursor, limit + 1)
            has_next = len(rows) > limit
        else:
            newest = selection.newest
            rows = selection.rows_at((page - 1) * limit, limit)
            has_next = page * limit < total
    shown = rows[:limit]
    token = None
    if has_next:
        value, last = shown[-1][1]
        kept = {name: value for name, value in filters.items() if value is not None}
        place = value, last.hex().upper()
        token = Cursor(kind, sort, order, kept, *place, newest).token()
    return Page([record for record, _ in shown], total, None if cursor else page, limit, token)


def _kind_of(model: type[Record], within: Mapping[str, str] | None) -> str:
    """Return what a cursor calls the list of a model, or of those `within` another record."""
    ids = (one_spelling(each) for each in (within or {}).values())
    return " of ".join((model._meta.table_name, *ids))


def selection_of(model: type[Record], sort: str, order: str, **filters: Any) -> Selection:
    """Return the rows that match every filter, in the order of `sort`, as list_page has it."""
    if sort == BY_CHANGE:
        return Changes(model, order, **filters)
    column = model.sorts[sort]
    is_optional = isinstance(model._meta.fields[column], TimeOrNever)
    return (NullsLast if is_optional else Selection)(model, column, order, **filters)
