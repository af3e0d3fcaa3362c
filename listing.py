"""One page of records: filters, search, order, total."""

from dataclasses import dataclass
from typing import Any

import peewee

from leadbook.database import current
from leadbook.folding import fold, fold_for_search
from leadbook.models import Contact

SORT_COLUMNS = {
    "createdAt": "created_at",
    "updatedAt": "updated_at",
    "score": "score",
    "name": "name_key",
}


@dataclass(frozen=True)
class Pagination:
    """Which page it is, and how many records there are on all of them."""

    total: int
    page: int
    limit: int


@dataclass(frozen=True)
class Page:
    """The records of one page."""

    data: list[Any]
    pagination: Pagination


def list_page(
    model: type[Contact],
    *,
    page: int,
    limit: int,
    sort: str,
    order: str,
    status: str | None = None,
    search: str | None = None,
    email: str | None = None,
) -> Page:
    """Return page number `page` of `limit` records that match every filter given.

    `sort` is a key of SORT_COLUMNS; equal values are ordered by id, in the same direction.
    `status` None or "all" means any. Every word of `search` must occur in name, email or company.
    """
    matching = model.select()
    if conditions := _conditions(model, status, search, email):
        # Peewee's own AND nests a parenthesis per word; SQLite's parser gives up at a hundred.
        matching = matching.where(peewee.NodeList(conditions, " AND "))
    keys = [getattr(model, SORT_COLUMNS[sort]), model.id]
    ordered = matching.order_by(*(key.desc() if order == "desc" else key for key in keys))
    # One snapshot, so that the total is that of the very rows it comes with.
    with current.read():
        # Query.count() would wrap the whole select and visit every row of it.
        total = matching.columns(peewee.fn.COUNT(peewee.SQL("*"))).scalar()
        records = list(ordered.paginate(page, limit))
    return Page(records, Pagination(total, page, limit))


def _conditions(
    model: type[Contact], status: str | None, search: str | None, email: str | None
) -> list[peewee.Expression]:
    conditions = []
    if status not in (None, "all"):
        conditions.append(model.status == status)
    if email is not None:
        conditions.append(model.email_key == fold(email))
    # INSTR has no wildcards: the % and _ of a search are plain characters.
    words = fold_for_search(search or "").split()
    conditions += [peewee.fn.INSTR(model.search_text, word) > 0 for word in words]
    return conditions
