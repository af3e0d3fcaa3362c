"""What may stand in a query string: names, bounds, defaults. That of a list follows its model."""

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.schemas import ANY_TEXT, CamelCaseSchema, Text
from leadbook.storage.cursors import Cursor, read_token
from leadbook.storage.listing import BY_CHANGE
from leadbook.storage.record import Record
from leadbook.storage.times import read_time, text_of

LARGEST_PAGE = 2**31 - 1
# Each word is a condition to evaluate for every row.
LONGEST_SEARCH = 200
# With a search, an address and a name of the most characters, each of four bytes.
LONGEST_TOKEN = 8000


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
    """What all lists understand."""

    model: ClassVar[type[Record]]

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
                raise ma.ValidationError("Must be left out, or be as the cursor has it.", shown)
        return kept

    def _by_change(self, query: dict[str, Any], original: Any) -> dict[str, Any]:
        if "sort" in original or original.get("order") == "desc":
            name = "sort" if "sort" in original else "order"
            raise ma.ValidationError("Must be left out beside updatedSince.", name)
        return query | {"sort": BY_CHANGE, "order": "asc"}

    def _of_cursor(self, cursor: Cursor) -> dict[str, str]:
        """Return the query that a walk began with."""
        query = {
            str(self.fields[name].data_key): each for name, each in dict(cursor.filters).items()
        }
        if "updated_since" in cursor.filters:
            return query
        return query | {"sort": cursor.sort, "order": cursor.order}


@cache
def list_query(model: type[Record]) -> type[ListQuery]:
    """Return the query of the list of a model: its filters, its search, what it is sorted by."""
    sort = "What to sort by; equal values are ordered by id, in the same direction."
    parameters = _filters(model, model.listed) | {"sort": choice(*model.sorts, description=sort)}
    return type(f"{model.__name__}Query", (ListQuery,), {"model": model, **parameters})


def _filters(model: type[Record], counted: str | None) -> dict[str, fields.Field[Any]]:
    """Return what narrows a list or a file.

    `counted` is the default of the parameter whose totals are kept, where it has one.
    """
    shown, written = model.schema().fields, model.new().fields
    found = {name: _filter(shown[name], written.get(name)) for name in model.filters}
    if counted:
        words = dict.fromkeys((counted, *_words(shown[model.counted_by]), "all"))
        found[model.counted_by] = choice(*words, **found[model.counted_by].metadata)
    found["search"] = Text(
        ANY_TEXT,
        longest=LONGEST_SEARCH,
        description=f"Words that must all occur in {_one_of(model.searched)}, as substrings and "
        "whatever their case.",
    )
    return found


def _filter(shown: fields.Field[Any], written: fields.Field[Any] | None) -> fields.Field[Any]:
    """Return the parameter that compares with a field, as it is `shown` and as it is `written`."""
    description = str(shown.metadata["filter"])
    if isinstance(shown, fields.Boolean):
        return Switch(description)
    if isinstance(written, Text):
        return Text(ANY_TEXT, longest=written.longest, description=description)
    one_of = validate.OneOf(_words(shown))
    return fields.String(validate=one_of, metadata={"description": description})


def _one_of(words: Sequence[str]) -> str:
    """Return the words as a sentence has them: "name, email or company"."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _words(field: fields.Field[Any]) -> tuple[str, ...]:
    [one_of] = (each for each in field.validators if isinstance(each, validate.OneOf))
    return tuple(one_of.choices)


class Switch(fields.Boolean):
    """`true` or `false`."""

    def __init__(self, description: str, **options: Any) -> None:
        metadata = {"description": description}
        # A cursor hands back what it was: no text.
        truthy, falsy = {"true", True}, {"false", False}
        super().__init__(truthy=truthy, falsy=falsy, metadata=metadata, **options)


class RemovalQuery(CamelCaseSchema):
    """The query of the removal of a client."""

    permanent = Switch("Erase for good instead of archiving.", load_default=False)


class ExportQuery(CamelCaseSchema):
    """What all exports understand, beside the filters of the list."""

    format = choice("csv", "jsonl", description="CSV, or JSON Lines.")
    created_since = ListQuery._declared_fields["created_since"]
    updated_since = ListQuery._declared_fields["updated_since"]


@cache
def export_query(model: type[Record]) -> type[ExportQuery]:
    """Return the query of the export of a model: all records, unless it says otherwise."""
    parameters = _filters(model, model.listed and "all")
    return type(f"{model.__name__}ExportQuery", (ExportQuery,), dict(parameters))


class ImportQuery(CamelCaseSchema):
    """What all imports understand."""

    dry_run = Switch("Tell what would be done, and do nothing.", load_default=False)
    strict = Switch("Import all rows, or none.", load_default=False)
    from_line = QueryInteger(
        load_default=1,
        validate=validate.Range(1, LARGEST_PAGE),
        metadata={"description": "Pass over the rows that begin before this line."},
    )


_BECOMES = {
    "create": "create another",
    "skip": "leave it",
    "update": "change it by the cells that are filled",
    "reject": "reject the row",
}


@cache
def import_query(model: type[Record]) -> type[ImportQuery]:
    """Return the query of the import of a model."""
    becomes = _one_of([_BECOMES[each] for each in model.on_duplicate])
    on_duplicate = choice(
        *model.on_duplicate, description=f"Where {model.rival}, earlier rows included: {becomes}."
    )
    parameters = {"on_duplicate": on_duplicate}
    return type(f"{model.__name__}ImportQuery", (ImportQuery,), parameters)
