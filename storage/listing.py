"""One page of records: its rows, the total, and where the next page begins."""

from dataclasses import dataclass

from leadbook.storage.current_database import current
from leadbook.storage.cursors import Cursor
from leadbook.storage.record import Contact
from leadbook.storage.rendering import Record
from leadbook.storage.selection import CHANGES, Selection

SORT_COLUMNS = {
    "createdAt": "created_at",
    "updatedAt": "updated_at",
    "score": "score",
    "name": "name_key",
    # That of updatedSince alone.
    "change": CHANGES,
}


@dataclass(frozen=True)
class Page:
    """The records of one page, as those of JSON, and how many there are on all pages.

    `number` is None for the page of a cursor; `next` is the token of the page that follows.
    """

    data: list[Record]
    total: int
    number: int | None
    limit: int
    next: str | None


def list_page(
    model: type[Contact],
    *,
    limit: int,
    sort: str,
    order: str,
    page: int = 1,
    cursor: Cursor | None = None,
    **filters: str | None,
) -> Page:
    """Return page number `page` of `limit` records that match every filter, or that of `cursor`.

    `sort` is a key of SORT_COLUMNS; equal values are ordered by id, in the same direction.
    `filters` are those of Selection.
    """
    selection = Selection(model, SORT_COLUMNS[sort], order, **filters)
    # One snapshot, so that the total is that of the very rows it comes with.
    with current.read():
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
        token = Cursor(model._meta.table_name, sort, order, kept, *place, newest).token()
    return Page([record for record, _ in shown], total, None if cursor else page, limit, token)
