"""The parameters of query strings: names, limits, defaults. Those of a list follow its model."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.schemas import ANY_TEXT, CamelCaseSchema, Text, choices_of
from leadbook.storage.cursors import Cursor, read_token
from leadbook.storage.listing import BY_CHANGE
from leadbook.storage.record import Record
from leadbook.storage.times import read_time, text_of

LARGEST_PAGE = 2**31 - 1
# Each word is a condition that SQLite evaluates for every row.
LONGEST_SEARCH = 200
# Enough for a search, an address and a name of maximum length, with four bytes a character.
LONGEST_TOKEN = 8000


# A negative or a huge number gets the message with the range. Python reads up to 4,300 digits.
_WHOLE_NUMBER = re.compile("-?[0-9]{1,4000}")


class QueryInteger(fields.Integer):
    """An integer in ASCII digits; int() alone accepts "1_000" and the digits of every script."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        # A cursor has the number itself, not its text.
        value = str(value)
        if not _WHOLE_NUMBER.fullmatch(value):
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
    """An RFC 3339 time with an offset; in Python it is in UTC, to the millisecond."""

    def __init__(self, description: str) -> None:
        super().__init__(metadata={"description": description, "format": "date-time"})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            # No record is older than 1970.
            return text_of(max(0, read_time(text)))
        except ValueError as error:
            raise ma.ValidationError(f"Must be {error}.") from None


_CREATED_SINCE = "Only records created at this time or later."
_UPDATED_SINCE = (
    "Only records changed at this time or later, oldest change first. It cannot be combined with "
    "`sort`."
)


class NoQuery(CamelCaseSchema):
    """A call that takes no query parameters."""


class ListQuery(CamelCaseSchema):
    """The parameters of all lists."""

    model: ClassVar[type[Record]]

    page = QueryInteger(
        load_default=1,
        validate=validate.Range(1, LARGEST_PAGE),
        metadata={"description": "The page to return. A page past the end is empty."},
    )
    limit = QueryInteger(
        load_default=20,
        validate=validate.Range(1, 100),
        metadata={"description": "How many records a page has."},
    )
    created_since = Moment(_CREATED_SINCE)
    updated_since = Moment(_UPDATED_SINCE)
    order = choice("desc", "asc", description="Descending or ascending.")
    cursor = fields.String(
        validate=validate.Length(max=LONGEST_TOKEN),
        metadata={
            "description": "`pagination.next` of the page before. It includes the order and the "
            "filters. It cannot be combined with `page`."
        },
    )

    @ma.post_load(pass_original=True)
    def _go_on(self, query: dict[str, Any], original: Any, **_: object) -> dict[str, Any]:
        """Replace the cursor by the parameters in it. The query may repeat but not change them."""
        token = query.pop("cursor", None)
        if token is None:
            return self._by_change(query, original) if "updated_since" in query else query
        try:
            cursor = read_token(token)
            kept: dict[str, Any] = self.load(self._of_cursor(cursor))
            names = ("search", "created_since", "updated_since", *self.model.filters)
            filters = {name: kept[name] for name in names if kept.get(name) is not None}
            is_ours = (cursor.kind, cursor.filters) == (self.model._meta.table_name, filters)
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
                raise ma.ValidationError("Must be omitted, or be the same as in the cursor.", shown)
        return kept

    def _by_change(self, query: dict[str, Any], original: Any) -> dict[str, Any]:
        if "sort" in original or original.get("order") == "desc":
            name = "sort" if "sort" in original else "order"
            raise ma.ValidationError("Cannot be combined with updatedSince.", name)
        return query | {"sort": BY_CHANGE, "order": "asc"}

    def _of_cursor(self, cursor: Cursor) -> dict[str, str]:
        """Return the query of the first page."""
        query = {
            str(self.fields[name].data_key): each for name, each in dict(cursor.filters).items()
        }
        if "updated_since" in cursor.filters:
            return query
        return query | {"sort": cursor.sort, "order": cursor.order}


@cache
def list_query(model: type[Record]) -> type[ListQuery]:
    """Return the query of the list of a model: its filters, its search and its sort keys."""
    sort = "The field to sort by. Equal values are ordered by id, in the same direction."
    parameters = _filters(model, model.listed) | {"sort": choice(*model.sorts, description=sort)}
    return type(f"{model.__name__}Query", (ListQuery,), {"model": model, **parameters})


def _filters(model: type[Record], counted: str | None) -> dict[str, fields.Field[Any]]:
    """Return the filters of a list or an export, by name.

    `counted` is the default of the filter whose totals are stored, or None.
    """
    shown, written = model.schema().fields, model.new().fields
    found = {name: _filter(shown[name], written.get(name)) for name in model.filters}
    if counted:
        words = dict.fromkeys((counted, *choices_of(shown[model.counted_by]), "all"))
        found[model.counted_by] = choice(*words, **found[model.counted_by].metadata)
    found["search"] = Text(
        ANY_TEXT,
        longest=LONGEST_SEARCH,
        description=f"Words, or parts of words, that must all occur in {_one_of(model.searched)}. "
        "Case is ignored.",
    )
    return found


def _filter(shown: fields.Field[Any], written: fields.Field[Any] | None) -> fields.Field[Any]:
    """Return the parameter that filters by a field; `shown` is in the output, `written` input."""
    description = str(shown.metadata.get("filter", "Only records with this value."))
    metadata = {"description": description}
    if isinstance(shown, fields.Boolean):
        return Switch(description)
    if isinstance(shown, fields.Integer):
        return QueryInteger(metadata=metadata)
    if isinstance(written, Text):
        return Text(ANY_TEXT, longest=written.longest, description=description)
    words = choices_of(shown)
    return fields.String(validate=validate.OneOf(words) if words else None, metadata=metadata)


def _one_of(words: Sequence[str]) -> str:
    """Return the words as they stand in a sentence: "name, email or company"."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


class Switch(fields.Boolean):
    """`true` or `false`."""

    def __init__(self, description: str, **options: Any) -> None:
        metadata = {"description": description}
        # A cursor has the boolean itself, not its text.
        truthy, falsy = {"true", True}, {"false", False}
        super().__init__(truthy=truthy, falsy=falsy, metadata=metadata, **options)


class RemovalQuery(CamelCaseSchema):
    """The query of the removal of a client."""

    permanent = Switch("Erase instead of archiving.", load_default=False)


class ExportQuery(CamelCaseSchema):
    """The parameters of all exports, besides the filters of the list."""

    format = choice("csv", "jsonl", description="CSV or JSON Lines.")
    created_since = Moment(_CREATED_SINCE)
    updated_since = Moment(_UPDATED_SINCE)


@cache
def export_query(model: type[Record]) -> type[ExportQuery]:
    """Return the query of the export of a model. By default it selects all records."""
    parameters = _filters(model, model.listed and "all")
    return type(f"{model.__name__}ExportQuery", (ExportQuery,), dict(parameters))


class ImportQuery(CamelCaseSchema):
    """The parameters of all imports."""

    dry_run = Switch("Report what an import would do, and change nothing.", load_default=False)
    strict = Switch("Import all rows or none.", load_default=False)
    from_line = QueryInteger(
        load_default=1,
        validate=validate.Range(1, LARGEST_PAGE),
        metadata={"description": "Skip the rows that begin before this line."},
    )


_BECOMES = {
    "create": "create another record",
    "skip": "leave that record unchanged",
    "update": "update that record from the cells that are not empty",
    "reject": "reject the row",
}


@cache
def import_query(model: type[Record]) -> type[ImportQuery]:
    """Return the query of the import of a model."""
    becomes = _one_of([_BECOMES[each] for each in model.on_duplicate])
    on_duplicate = choice(
        *model.on_duplicate, description=f"If {model.rival}, also in an earlier row: {becomes}."
    )
    parameters = {"on_duplicate": on_duplicate}
    return type(f"{model.__name__}ImportQuery", (ImportQuery,), parameters)
