"""What may stand in a query string: names, bounds, defaults."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.schemas import ANY_TEXT, CLIENT_STATUSES, LEAD_STATUSES, CamelCaseSchema, Text
from leadbook.storage.cursors import Cursor, read_token
from leadbook.storage.times import read_time, text_of
from leadbook.transfer.duplicates import ON_DUPLICATE

LARGEST_PAGE = 2**31 - 1
# Each word is a condition to evaluate for every row.
LONGEST_SEARCH = 200
# With a search, an address and a name of the most characters, each of four bytes.
LONGEST_TOKEN = 8000
FILTERS = ("status", "search", "email", "created_since", "updated_since")


class QueryInteger(fields.Integer):
    """An integer in ASCII digits; int() alone would take "1_000" and digits of every script."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not (value.isascii() and value.isdigit() and len(value) <= 20):
            raise self.make_error("invalid", input=value)
        return int(value)


def choice(default: str, *others: str, description: str) -> fields.String:
    """Return an enum parameter; the first value is the default."""
    return fields.String(
        load_default=default,
        validate=validate.OneOf((default, *others)),
        metadata={"description": description},
    )


class Moment(fields.String):
    """A time with its offset, as RFC 3339 has it; in Python it is in UTC, to the millisecond."""

    def __init__(self, description: str) -> None:
        super().__init__(metadata={"description": description, "format": "date-time"})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            # There is nothing from before 1970.
            return text_of(max(0, read_time(text)))
        except ValueError as error:
            raise ma.ValidationError(f"Must be {error}.") from None


class NoQuery(CamelCaseSchema):
    """A call that takes no query parameters."""


class ListQuery(CamelCaseSchema):
    """What both lists understand."""

    kind: str

    page = QueryInteger(
        load_default=1,
        validate=validate.Range(1, LARGEST_PAGE),
        metadata={"description": "Which page; one past the end is empty."},
    )
    limit = QueryInteger(
        load_default=20,
        validate=validate.Range(1, 100),
        metadata={"description": "How many records a page holds."},
    )
    search = Text(
        ANY_TEXT,
        longest=LONGEST_SEARCH,
        description="Words that must all occur in name, email or company, as substrings and "
        "whatever their case.",
    )
    email = Text(ANY_TEXT, longest=254, description="The whole e-mail address, whatever its case.")
    created_since = Moment("Only records created at this time or later.")
    updated_since = Moment(
        "Only records changed at this time or later, in the order of the changes; another `sort` "
        "cannot stand beside it."
    )
    order = choice("desc", "asc", description="Descending or ascending.")
    cursor = fields.String(
        validate=validate.Length(max=LONGEST_TOKEN),
        metadata={
            "description": "`pagination.next` of the page before. It stands for the order and the "
            "filters as well; `page` cannot stand beside it."
        },
    )

    @ma.post_load(pass_original=True)
    def _go_on(self, query: dict[str, Any], original: Any, **_: object) -> dict[str, Any]:
        """Take from the cursor what it stands for, which may be repeated but not changed."""
        token = query.pop("cursor", None)
        if token is None:
            return self._by_change(query, original) if "updated_since" in query else query
        try:
            cursor = read_token(token)
            kept: dict[str, Any] = self.load(self._of_cursor(cursor))
            filters = {name: kept[name] for name in FILTERS if kept.get(name) is not None}
            is_ours = cursor.kind == self.kind and cursor.filters == filters
            is_ours = is_ours and (cursor.sort, cursor.order) == (kept["sort"], kept["order"])
        except (ValueError, TypeError, LookupError, RecursionError, ma.ValidationError):
            is_ours = False
        if not is_ours:
            raise ma.ValidationError("Must be `pagination.next` of a page of this list.", "cursor")
        kept |= {"limit": query["limit"], "cursor": cursor}
        del kept["page"]
        for name in query.keys() - {"limit"}:
            shown = str(self.fields[name].data_key)
            if shown in original and query[name] != kept.get(name):
                raise ma.ValidationError("Must be left out, or be as the cursor has it.", shown)
        return kept

    def _by_change(self, query: dict[str, Any], original: Any) -> dict[str, Any]:
        if "sort" in original or original.get("order") == "desc":
            name = "sort" if "sort" in original else "order"
            raise ma.ValidationError("Must be left out beside updatedSince.", name)
        return query | {"sort": "change", "order": "asc"}

    def _of_cursor(self, cursor: Cursor) -> dict[str, str]:
        """Return the query that a walk began with."""
        query = {
            str(self.fields[name].data_key): each for name, each in dict(cursor.filters).items()
        }
        if "updated_since" in cursor.filters:
            return query
        return query | {"sort": cursor.sort, "order": cursor.order}


_SORT = "What to sort by; equal values are ordered by id, in the same direction."


class LeadQuery(ListQuery):
    """The query of the list of leads."""

    kind = "leads"

    status = fields.String(
        validate=validate.OneOf(LEAD_STATUSES),
        metadata={"description": "Only leads of this status."},
    )
    sort = choice("createdAt", "updatedAt", "score", description=_SORT)


class ClientQuery(ListQuery):
    """The query of the list of clients."""

    kind = "clients"

    status = choice(*CLIENT_STATUSES, "all", description="Which clients.")
    sort = choice("createdAt", "updatedAt", "name", description=_SORT)


class Switch(fields.Boolean):
    """`true` or `false`; `false` is the default."""

    def __init__(self, description: str) -> None:
        super().__init__(
            load_default=False,
            truthy={"true"},
            falsy={"false"},
            metadata={"description": description},
        )


class ConvertQuery(CamelCaseSchema):
    """The query of a conversion."""

    on_duplicate = choice(
        "reject",
        "link",
        description="Where an active client has the address: refuse, or link the lead to it.",
    )


class CaptureQuery(CamelCaseSchema):
    """The query of a new lead."""

    on_duplicate = choice(
        *ON_DUPLICATE["leads"],
        description="Where an open lead has the address: create another, return the newest as it "
        "is, change that by what the body names, or refuse.",
    )


class RemovalQuery(CamelCaseSchema):
    """The query of the removal of a client."""

    permanent = Switch("Erase for good instead of archiving.")
