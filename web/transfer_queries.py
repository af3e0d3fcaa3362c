"""What may stand in the query string of an import or an export."""

from marshmallow import validate

from leadbook.schemas import CLIENT_STATUSES, CamelCaseSchema
from leadbook.transfer.duplicates import ON_DUPLICATE
from leadbook.web.queries import LARGEST_PAGE, LeadQuery, ListQuery, QueryInteger, Switch, choice


class ExportQuery(CamelCaseSchema):
    """What both exports understand: a format, and the filters of the list."""

    format = choice("csv", "jsonl", description="CSV, or JSON Lines.")
    search = ListQuery().fields["search"]
    email = ListQuery().fields["email"]
    created_since = ListQuery().fields["created_since"]
    updated_since = ListQuery().fields["updated_since"]


class LeadExportQuery(ExportQuery):
    """The query of the export of leads."""

    status = LeadQuery().fields["status"]


class ClientExportQuery(ExportQuery):
    """The query of the export of clients: all of them, unless it says otherwise."""

    status = choice("all", *CLIENT_STATUSES, description="Which clients.")


EXPORT_QUERIES: dict[str, type[ExportQuery]] = {
    "leads": LeadExportQuery,
    "clients": ClientExportQuery,
}


class ImportQuery(CamelCaseSchema):
    """What both imports understand."""

    dry_run = Switch("Tell what would be done, and do nothing.")
    strict = Switch("Import all rows, or none.")
    from_line = QueryInteger(
        load_default=1,
        validate=validate.Range(1, LARGEST_PAGE),
        metadata={"description": "Pass over the rows that begin before this line."},
    )


class LeadImportQuery(ImportQuery):
    """The query of an import of leads."""

    on_duplicate = choice(
        *ON_DUPLICATE["leads"],
        description="Where a lead has the address, earlier rows included: create another, leave "
        "it, change the newest by the cells that are filled, or reject the row.",
    )


class ClientImportQuery(ImportQuery):
    """The query of an import of clients."""

    on_duplicate = choice(
        *ON_DUPLICATE["clients"],
        description="Where an active client has the address, earlier rows included: reject the "
        "row, leave the client, or change it by the cells that are filled.",
    )
