"""The parameters of query strings: names, limits, defaults. Those of a list follow its model."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar

import marshmallow as ma
from marshmallow import fields, validate

from leadbook.fields.schema import CamelCaseSchema, camel_case
from leadbook.fields.values import Text
from leadbook.storage.columns import JsonEntries
from leadbook.storage.cursors import Cursor, read_token
from leadbook.storage.filters import ALL
from leadbook.storage.listing import BY_CHANGE, FOREIGN
from leadbook.storage.record import Record
from leadbook.storage.text_rules import ANY_TEXT
from leadbook.web.filters import parameter_of
from leadbook.web.parameters import QueryInteger, Switch, choice

LARGEST_PAGE = 2**31 - 1
# Each word is a condition that SQLite evaluates for every row.
LONGEST_SEARCH = 200
# A search for nothing that is seen finds nothing, while an empty one finds everything.
_SEARCH = replace(ANY_TEXT, keeps_unseen=True)
# Enough for filters and a name of maximum length, with four bytes a character.
LONGEST_TOKEN = 20_000


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
            names = ("search", *self.model.filters)
            filters = {name: kept[name] for name in names if kept.get(name) is not None}
            # The list itself knows within which record it is.
            of = (cursor.kind.partition(" ")[0], cursor.filters)
            is_ours = of == (self.model._meta.table_name, filters)
            is_ours = is_ours and (cursor.sort, cursor.order) == (kept["sort"], kept["order"])
        except (ValueError, TypeError, LookupError, RecursionError, ma.ValidationError):
            is_ours = False
        if not is_ours:
            raise ma.ValidationError(FOREIGN, "cursor")
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
def list_query(model: type[Record], nested_in: str | None = None) -> type[ListQuery]:
    """Return the query of the list of a model, without the filter `nested_in` of the path."""
    sort = (
        "The field to sort by. Equal values are ordered by id, in the same direction. It cannot be "
        "combined with `updatedSince`."
    )
    orders = dict.fromkeys((model.order, "desc", "asc"))
    parameters = _filters(model, model.listed) | {
        "sort": choice(*model.sorts, description=sort),
        "order": choice(*orders, description="Descending or ascending."),
    }
    parameters = {name: each for name, each in parameters.items() if name != nested_in}
    return type(f"{model.__name__}Query", (ListQuery,), {"model": model, **parameters})


def _filters(model: type[Record], default: str | None) -> dict[str, fields.Field[Any]]:
    """Return the filters of a list or an export, by name.

    `default` is that of the filter whose totals are stored, or None.
    """
    defaults = {model.counted_by: default}
    found = {name: parameter_of(model, name, defaults.get(name)) for name in model.filters}
    if not model.searched:
        return found
    names = [*map(camel_case, model.searched), *model.searched_also]
    found["search"] = Text(
        _SEARCH,
        longest=LONGEST_SEARCH,
        description=f"Words, or parts of words, that must all occur in {_one_of(names)}. "
        "Case, accents and width are ignored.",
    )
    return found


def _one_of(words: Sequence[str]) -> str:
    """Return the words as they stand in a sentence: "name, email or company"."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


class ExportQuery(CamelCaseSchema):
    """The parameters of all exports, besides the filters of the list."""

    format = choice("csv", "jsonl", description="CSV or JSON Lines.")
    bom = Switch(
        "Begin a CSV file with a byte order mark, which Excel needs to read UTF-8. It cannot be "
        "combined with `format=jsonl`.",
        load_default=False,
    )

    @ma.validates_schema
    def _require_csv(self, data: dict[str, Any], **_: Any) -> None:
        if data["bom"] and data["format"] != "csv":
            raise ma.ValidationError("Cannot be combined with format=jsonl.", "bom")


@cache
def export_query(model: type[Record]) -> type[ExportQuery]:
    """Return the query of the export of a model. By default it selects all records."""
    parameters = {"model": model, **dict(export_filters(model))}
    return type(f"{model.__name__}ExportQuery", (ExportQuery,), parameters)


def export_filters(model: type[Record]) -> list[tuple[str, fields.Field[Any]]]:
    """Return the names of the filters of an export, and their parameters."""
    return list(_filters(model, model.listed and ALL).items())


@cache
def calendar_query(model: type[Record], *statuses: str) -> type[CamelCaseSchema]:
    """Return the query of a calendar: the filters of the list, but not by times of changes."""
    parameters = {
        name: each for name, each in _filters(model, None).items() if name not in Record.filters
    }
    description = "Only records with this `status`. By default, all that a calendar has."
    parameters["status"] = fields.String(
        validate=validate.OneOf(statuses), metadata={"description": description}
    )
    return type(f"{model.__name__}CalendarQuery", (CamelCaseSchema,), parameters)


# A spreadsheet allows 31 characters.
_LONGEST_SHEET = 255


class ImportQuery(CamelCaseSchema):
    """The parameters of all imports."""

    dry_run = Switch("Report what an import would do, and change nothing.", load_default=False)
    strict = Switch("Import all rows or none.", load_default=False)
    from_line = QueryInteger(
        load_default=1,
        validate=validate.Range(1, LARGEST_PAGE),
        metadata={"description": "Skip the rows that begin before this line."},
    )
    sheet = fields.String(
        load_default="",
        validate=validate.Length(max=_LONGEST_SHEET),
        metadata={
            "description": "The sheet of a workbook, by its name or its number from 1. By default, "
            "the first sheet with a column of e-mail addresses, else the first one with rows.",
        },
    )
    encoding = fields.String(
        load_default="",
        validate=validate.Length(max=40),
        metadata={
            "description": "The encoding of the file by Python's name, such as `cp1250`. It comes "
            "before the charset of the Content-Type. The default is found in the file.",
        },
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
    description = f"If {model.rival}, also in an earlier row: {becomes}. {model.why_no_create}"
    on_duplicate = choice(
        *model.on_duplicate, description=description.rstrip(), hint=model.why_no_create
    )
    parameters = {"on_duplicate": on_duplicate, **_reading(model), "model": model}
    return type(f"{model.__name__}ImportQuery", (ImportQuery,), parameters)


def _reading(model: type[Record]) -> dict[str, fields.Field[Any]]:
    """Return the parameters for cells without a field or a clear value."""
    found: dict[str, fields.Field[Any]] = {}
    kept = "By default, it is left out; if the field is required, the row is rejected."
    for name, column in model._meta.fields.items():
        if isinstance(column, JsonEntries):
            keep = f"Keep the columns that no field takes in `{name}`, under their headers."
            found[name] = Switch(keep, load_default=True)
            kept = f"By default, `{name}` keeps it."
    order = "Read a date such as 2/3/2024 day first or month first, if no cell of its column proves"
    found["date_order"] = fields.String(
        validate=validate.OneOf(("dmy", "mdy")),
        metadata={"description": f"{order} the order. {kept}"},
    )
    return found
