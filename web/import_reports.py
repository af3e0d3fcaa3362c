"""The JSON of the report of an import."""

from marshmallow import fields, validate

from leadbook.fields.schema import CamelCaseSchema


class RejectedRow(CamelCaseSchema):
    """A row that could not be imported."""

    line = fields.Integer(required=True, metadata={"description": "First line, counted from 1."})
    reason = fields.String(required=True)


class RejectReason(CamelCaseSchema):
    """Why rows were rejected, and how many for this reason."""

    reason = fields.String(required=True)
    count = fields.Integer(required=True)
    line = fields.Integer(
        required=True, metadata={"description": "The line of the first such row."}
    )
    value = fields.String(
        metadata={"description": "What that row has there, at most 50 characters, if anything."}
    )


class Remark(CamelCaseSchema):
    """A row that is a title, a footer or a total, and no record."""

    line = fields.Integer(required=True, metadata={"description": "First line, counted from 1."})
    text = fields.String(required=True)


def _counts() -> fields.Dict:
    return fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class WordCounts(CamelCaseSchema):
    """Words that Leadbook did not understand, or only in part, and how often each occurred."""

    status = _counts()
    created_at = _counts()
    score = _counts()


class OptOutColumn(CamelCaseSchema):
    """A column that says that people must not be contacted, and how many."""

    column = fields.String(required=True)
    count = fields.Integer(required=True)
    line = fields.Integer(required=True, metadata={"description": "The line of the first row."})


class OwnExport(CamelCaseSchema):
    """How the columns of Leadbook's own export differ from those of this version."""

    missing = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Columns that the file lacks.", "example": ["score"]},
    )
    extra = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Columns that this version does not know.", "example": []},
    )


class ReadFormat(CamelCaseSchema):
    """The format that Leadbook recognised."""

    name = fields.String(required=True)
    part = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What was read of it, such as a sheet or a list."},
    )


class DateOrder(CamelCaseSchema):
    """The order of day and month in a column, and the cell that proves it.

    There is no cell if the request says the order.
    """

    order = fields.String(required=True, validate=validate.OneOf(("dmy", "mdy")))
    line = fields.Integer()
    value = fields.String()


class ImportReport(CamelCaseSchema):
    """The result of an import."""

    example = {
        "dryRun": False,
        "rows": 3,
        "created": 2,
        "updated": 0,
        "skipped": 0,
        "rejected": 1,
        "repeatedAddresses": 0,
        "format": {"name": "CSV", "part": None},
        "encoding": "utf-8",
        "encodingGuessed": False,
        "columns": {"name": ["First Name", "Last Name"], "email": ["Email 1"], "score": ["Score"]},
        "custom": ["Website", "Job Title"],
        "leftOut": [],
        "ownExport": None,
        "adjusted": {"score": {"bent": 2, "rounded": 1}},
        "notUnderstood": {"status": {"On Hold": 1}, "createdAt": {}, "score": {}},
        "optedOut": 1,
        "optedOutIn": [{"column": "Email Opt Out", "count": 1, "line": 3}],
        "emptied": {"Phone": 1},
        "dateOrders": {"Created": {"order": "dmy", "line": 3, "value": "28/08/2022"}},
        "shown": [{"name": "Ada Byron", "email": "ada@analytical.example"}],
        "rejects": [{"line": 4, "reason": "email: Must not be empty."}],
        "reasons": [{"reason": "email: Must not be empty.", "count": 1, "line": 4}],
        "remarks": 1,
        "firstRemark": {"line": 5, "text": "Total: 3"},
        "notices": [],
    }

    dry_run = fields.Boolean(required=True)
    rows = fields.Integer(required=True)
    created = fields.Integer(required=True)
    updated = fields.Integer(required=True)
    skipped = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    repeated_addresses = fields.Integer(
        required=True,
        metadata={
            "description": "New records with the address of an earlier row, as leads may have. "
            "Only the first 200,000 addresses are compared."
        },
    )
    format = fields.Nested(ReadFormat, required=True)
    encoding = fields.String(
        required=True, metadata={"description": "The encoding in which the file was read."}
    )
    encoding_guessed = fields.Boolean(
        required=True,
        metadata={"description": "Whether nothing but its letters says the encoding."},
    )
    columns = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        required=True,
        metadata={"description": "The columns that each field comes from."},
    )
    custom = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "The entries of `custom` that records got from other columns."},
    )
    left_out = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Columns that were not imported: with `custom=false`, or because a "
            "record has at most 50 entries and these columns are filled least often."
        },
    )
    own_export = fields.Nested(
        OwnExport,
        required=True,
        allow_none=True,
        metadata={"description": "Null if another tool made the file."},
    )
    adjusted = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.Integer()),
        required=True,
        metadata={
            "description": "How many values of each field were changed, by what was done: `bent` "
            "into the range, `rounded`, `cut` at the limit of the field, `characters` taken out, "
            "`lineBreaks` replaced by spaces, `lostBytes` replaced by \ufffd, `fromCompany` for a "
            "missing name, `leftOut` of the entries that a record may have, `ambiguous` dates, "
            "cells with `several` addresses, `notFirst` if the first address cannot be used."
        },
    )
    not_understood = fields.Nested(WordCounts, required=True)
    opted_out = fields.Integer(
        required=True,
        metadata={
            "description": "Rows that say that the person must not be contacted, such as "
            "`Unsubscribed`. `custom` keeps their words."
        },
    )
    opted_out_in = fields.List(
        fields.Nested(OptOutColumn),
        required=True,
        metadata={"description": "The columns that say so. A row may say so in several."},
    )
    emptied = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Cells with only a word for nothing, such as N/A, by column."},
    )
    date_orders = fields.Dict(
        keys=fields.String(),
        values=fields.Nested(DateOrder),
        required=True,
        metadata={
            "description": "How columns of dates were read of which some, such as 2/3/2024, have "
            "two meanings."
        },
    )
    shown = fields.List(
        fields.Dict(keys=fields.String()),
        required=True,
        metadata={"description": "The first five new records: the fields that the file has."},
    )
    rejects = fields.List(
        fields.Nested(RejectedRow),
        required=True,
        metadata={"description": "The first 1,000 rejected rows."},
    )
    reasons = fields.List(
        fields.Nested(RejectReason),
        required=True,
        metadata={
            "description": "Why rows were rejected, the most frequent reason first. Reasons that "
            "differ only in numbers or quoted values are one, with `…` in their place. After the "
            "first 100, the last one counts all others."
        },
    )
    notices = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Such as which sheet of a workbook was read."},
    )
    remarks = fields.Integer(
        required=True,
        metadata={
            "description": "Totals and footers: rows with one filled cell. They count neither in "
            "`rows` nor in `rejected`."
        },
    )
    first_remark = fields.Nested(Remark, required=True, allow_none=True)
